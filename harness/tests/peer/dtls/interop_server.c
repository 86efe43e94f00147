// SPDX-License-Identifier: Apache-2.0
#include "interop_server.h"

#include "base/clock.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const uint8_t interop_key[16] = "interop-key-0001";

/* POST /bs?ep=x, Confirmable, and its 2.04 (RFC 7252 3). */
const uint8_t interop_request[INTEROP_REQUEST] = {
    0x41, 0x02, 0x12, 0x34, 0x77, // CON, POST, message id, token
    0xb2, 'b',  's',              // Uri-Path
    0x44, 'e',  'p',  '=',  'x',  // Uri-Query
};
static const uint8_t response[] = {0x61, 0x44, 0x12, 0x34, 0x77};

static void on_datagram(void *context, const struct address *remote, const uint8_t *bytes,
                        size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *s = context;
    wire_port_receive(s->port, remote, bytes, length, stamp_ns, now_ns);
}

static int on_port_transmit(void *context, const struct address *remote, const uint8_t *bytes,
                            size_t length) {
    struct server *s = context;
    return udp_socket_send(s->socket, remote, bytes, length);
}

static void on_port_deliver(void *context, const struct address *remote, const uint8_t *bytes,
                            size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *s = context;
    dtls_endpoint_receive(s->endpoint, remote, bytes, length, stamp_ns, now_ns);
}

static void on_transmit(void *context, const struct address *remote, const uint8_t *bytes,
                        size_t length, uint64_t now_ns) {
    struct server *s = context;
    (void)now_ns;
    wire_port_send(s->port, remote, bytes, length, clock_now_ns());
}

static void on_plaintext(void *context, struct dtls_association *association, const uint8_t *bytes,
                         size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *s = context;
    ck_assert_uint_le(stamp_ns, now_ns);
    ck_assert_uint_eq(length, sizeof interop_request);
    ck_assert_mem_eq(bytes, interop_request, length);
    s->requests++;
    ck_assert_int_eq(
        dtls_endpoint_send(s->endpoint, association, response, sizeof response, now_ns), 0);
}

static void on_secret(void *context, const char *line) {
    struct server *s = context;
    capture_secret(s->capture, line);
}

static struct dtls_policy on_decide(void *context, const struct address *remote, uint64_t t_ns) {
    (void)context;
    (void)remote;
    (void)t_ns;
    return (struct dtls_policy){.decision = DTLS_GO_ON};
}

static void on_client_hello(void *context, const struct address *remote,
                            const struct dtls_association *association,
                            const struct dtls_client_hello *hello, bool successor, uint64_t t_ns) {
    (void)context;
    (void)remote;
    (void)association;
    (void)hello;
    (void)successor;
    (void)t_ns;
}

static void on_identity(void *context, const struct dtls_association *association,
                        const uint8_t *identity, size_t length, bool known, uint64_t t_ns) {
    (void)context;
    (void)association;
    (void)identity;
    (void)length;
    (void)known;
    (void)t_ns;
}

static void on_failed(void *context, const struct address *remote,
                      const struct dtls_association *association, const char *reason,
                      const uint8_t *identity, size_t identity_length, uint64_t t_ns) {
    struct server *s = context;
    (void)remote;
    (void)association;
    (void)identity;
    (void)identity_length;
    (void)t_ns;
    snprintf(s->reason, sizeof s->reason, "%s", reason);
    s->failed++;
}

static void on_opened(void *context, struct dtls_association *association, uint64_t successor_of,
                      uint64_t t_ns) {
    struct server *s = context;
    (void)association;
    (void)t_ns;
    s->opened++;
    s->successor_of = successor_of;
}

static void on_closed(void *context, struct dtls_association *association,
                      enum dtls_close_reason reason, uint64_t t_ns) {
    struct server *s = context;
    (void)association;
    (void)t_ns;
    snprintf(s->reason, sizeof s->reason, "%s", dtls_close_reason_name(reason));
    s->closed++;
}

static void on_alert_sent(void *context, const struct address *remote,
                          const struct dtls_association *association, struct dtls_alert alert,
                          uint64_t t_ns) {
    struct server *s = context;
    (void)remote;
    (void)association;
    (void)t_ns;
    s->alerts_sent++;
    s->alert_sent = alert;
}

static void on_alert_received(void *context, const struct address *remote,
                              const struct dtls_association *association, struct dtls_alert alert,
                              uint64_t t_ns) {
    struct server *s = context;
    (void)remote;
    (void)association;
    (void)t_ns;
    s->alerts_received++;
    s->alert_received = alert;
}

static void on_undecodable(void *context, const struct address *remote,
                           const struct dtls_association *association, const char *why,
                           const uint8_t *bytes, size_t length, uint64_t t_ns) {
    (void)context;
    (void)remote;
    (void)association;
    (void)bytes;
    (void)length;
    (void)t_ns;
    ck_abort_msg("undecodable: %s", why);
}

static uint64_t deadline(void *context) {
    return dtls_endpoint_deadline(((struct server *)context)->endpoint);
}

static void advance(void *context, uint64_t now_ns) {
    dtls_endpoint_advance(((struct server *)context)->endpoint, now_ns);
}

static void end_of_turn(void *context) {
    ck_assert_int_eq(capture_flush(((struct server *)context)->capture), 0);
}

static void open_layers(struct server *s, const struct address *local) {
    static const struct udp_callbacks udp_callbacks = {on_datagram, NULL};
    static const struct wire_callbacks wire_callbacks = {on_port_transmit, on_port_deliver, NULL};
    static const struct dtls_callbacks dtls_callbacks = {
        .transmit = on_transmit,
        .plaintext = on_plaintext,
        .secret = on_secret,
        .decide = on_decide,
        .client_hello = on_client_hello,
        .identity_offered = on_identity,
        .handshake_failed = on_failed,
        .association_opened = on_opened,
        .association_closed = on_closed,
        .alert_sent = on_alert_sent,
        .alert_received = on_alert_received,
        .undecodable = on_undecodable,
    };
    struct dtls_options options = {.security = DTLS_SECURITY_PSK,
                                   .last_association = &s->last_association};
    struct dtls_credential credential = {(const uint8_t *)"good", 4, interop_key,
                                         sizeof interop_key};
    ck_assert_int_eq(udp_socket_open(&s->socket, s->loop, local, &udp_callbacks, s), 0);
    s->port = wire_port_new(s->capture, local, &wire_callbacks, s);
    ck_assert_ptr_nonnull(s->port);
    ck_assert_int_eq(dtls_endpoint_new(&s->endpoint, &options, &dtls_callbacks, s), 0);
    ck_assert_int_eq(dtls_endpoint_set_credentials(s->endpoint, &credential, 1), 0);
    ck_assert_int_eq(loop_add_timed(s->loop, deadline, advance, s), 0);
    ck_assert_int_eq(loop_add_end_of_turn(s->loop, end_of_turn, s), 0);
}

void interop_open(struct server *s) {
    struct address local;
    memset(s, 0, sizeof *s);
    // An address of this process's own, and the standard port: tshark knows it.
    int pid = (int)getpid();
    snprintf(s->host, sizeof s->host, "127.84.%d.%d", pid >> 8 & 255, pid & 255);
    ck_assert_int_eq(address_parse(&local, s->host, 5684), 0);
    snprintf(s->capture_path, sizeof s->capture_path, P_tmpdir "/bootcheck-interop-XXXXXX");
    int fd = mkstemp(s->capture_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    s->loop = loop_new();
    s->capture = capture_new(s->capture_path);
    ck_assert_ptr_nonnull(s->loop);
    ck_assert_ptr_nonnull(s->capture);
    open_layers(s, &local);
}

void interop_close(struct server *s) {
    dtls_endpoint_free(s->endpoint);
    wire_port_free(s->port);
    udp_socket_close(s->socket);
    loop_free(s->loop);
    ck_assert_int_eq(capture_close(s->capture), 0);
    unlink(s->capture_path);
}
