// SPDX-License-Identifier: Apache-2.0
/*
 * The layers udp, wire and dtls together on a loopback address of their own: OpenSSL's client does
 * the handshakes and tshark reads the capture, with no options. A test whose program is not
 * installed says so and passes.
 */
#include "base/clock.h"
#include "base/hex.h"
#include "dtls/endpoint.h"
#include "udp/loop.h"
#include "udp/socket.h"
#include "wire/capture.h"
#include "wire/port.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const uint8_t key[16] = "interop-key-0001";

/* POST /bs?ep=x, Confirmable, and its 2.04 (RFC 7252 3). */
static const uint8_t request[] = {
    0x41, 0x02, 0x12, 0x34, 0x77, // CON, POST, message id, token
    0xb2, 'b',  's',              // Uri-Path
    0x44, 'e',  'p',  '=',  'x',  // Uri-Query
};
static const uint8_t response[] = {0x61, 0x44, 0x12, 0x34, 0x77};

struct server {
    struct loop *loop;
    struct udp_socket *socket;
    struct capture *capture;
    struct wire_port *port;
    struct dtls_endpoint *endpoint;
    uint64_t last_association;
    char host[ADDRESS_TEXT_SIZE];
    char capture_path[64];
    int opened;
    int closed;
    int requests;
    int failed;
    char reason[32];
    int alerts_sent;
    struct dtls_alert alert_sent;
    int alerts_received;
    struct dtls_alert alert_received;
    uint64_t successor_of;
};

static struct server server;

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
    ck_assert_uint_eq(length, sizeof request);
    ck_assert_mem_eq(bytes, request, length);
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
    struct dtls_credential credential = {(const uint8_t *)"good", 4, key, sizeof key};
    ck_assert_int_eq(udp_socket_open(&s->socket, s->loop, local, &udp_callbacks, s), 0);
    s->port = wire_port_new(s->capture, local, &wire_callbacks, s);
    ck_assert_ptr_nonnull(s->port);
    ck_assert_int_eq(dtls_endpoint_new(&s->endpoint, &options, &dtls_callbacks, s), 0);
    ck_assert_int_eq(dtls_endpoint_set_credentials(s->endpoint, &credential, 1), 0);
    ck_assert_int_eq(loop_add_timed(s->loop, deadline, advance, s), 0);
    ck_assert_int_eq(loop_add_end_of_turn(s->loop, end_of_turn, s), 0);
}

static void set_up(void) {
    struct address local;
    memset(&server, 0, sizeof server);
    // An address of this process's own, and the standard port: tshark knows it.
    int pid = (int)getpid();
    snprintf(server.host, sizeof server.host, "127.84.%d.%d", pid >> 8 & 255, pid & 255);
    ck_assert_int_eq(address_parse(&local, server.host, 5684), 0);
    snprintf(server.capture_path, sizeof server.capture_path, "/tmp/bootcheck-interop-XXXXXX");
    int fd = mkstemp(server.capture_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    server.loop = loop_new();
    server.capture = capture_new(server.capture_path);
    ck_assert_ptr_nonnull(server.loop);
    ck_assert_ptr_nonnull(server.capture);
    open_layers(&server, &local);
}

static void tear_down(void) {
    dtls_endpoint_free(server.endpoint);
    wire_port_free(server.port);
    udp_socket_close(server.socket);
    loop_free(server.loop);
    ck_assert_int_eq(capture_close(server.capture), 0);
    unlink(server.capture_path);
}

static bool installed(const char *program) {
    char path[64];
    snprintf(path, sizeof path, "/usr/bin/%s", program);
    if (access(path, X_OK) == 0) {
        return true;
    }
    printf("%s is not installed: not tested\n", program);
    return false;
}

/** Run turns until a counter is reached; fails after ten seconds. */
static void turns_until(const int *counter, int target) {
    uint64_t end = clock_now_ns() + 10 * CLOCK_NS_PER_S;
    while (*counter < target && clock_now_ns() < end) {
        ck_assert_int_eq(loop_turn(server.loop, end), 0);
    }
    ck_assert_int_ge(*counter, target);
}

struct openssl {
    pid_t pid;
    int input; // its standard input
};

/** OpenSSL's client with an identity, a key and a cipher; what it prints goes nowhere. */
static struct openssl start_openssl(const char *identity, const uint8_t *psk, const char *cipher,
                                    const char *bind) {
    char connect[ADDRESS_TEXT_SIZE + 8];
    char hex[65];
    int ends[2];
    struct openssl started;
    snprintf(connect, sizeof connect, "%s:5684", server.host);
    hex_encode(psk, 16, hex);
    // clang-format off
    const char *arguments[] = {
        "openssl", "s_client", "-dtls1_2", "-quiet", "-no_ign_eof", // ends with its input
        "-connect", connect, "-bind", bind, "-cipher", cipher,
        "-psk", hex, "-psk_identity", identity, NULL};
    // clang-format on
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ck_assert_int_eq(
        posix_spawnp(&started.pid, "openssl", &actions, NULL, (char *const *)arguments, environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    started.input = ends[1];
    return started;
}

/** As in a power cut: it says nothing more. */
static void stop_openssl(const struct openssl *openssl) {
    kill(openssl->pid, SIGKILL);
    waitpid(openssl->pid, NULL, 0);
}

/** What tshark prints of the capture, its line ends replaced by blanks. */
static void read_with_tshark(const char *options, char *text, size_t size) {
    char command[300];
    snprintf(command, sizeof command, "tshark -r %s %s 2>/dev/null", server.capture_path, options);
    FILE *output = popen(command, "r"); // NOLINT(cert-env33-c): fixed words and our own path
    ck_assert_ptr_nonnull(output);
    size_t length = fread(text, 1, size - 1, output);
    ck_assert_int_eq(pclose(output), 0);
    text[length] = '\0';
    for (char *at = text; *at != '\0'; at++) {
        *at = (char)(*at == '\n' ? ' ' : *at);
    }
}

static void expect_decrypted(const char *expected) {
    char text[4000];
    if (!installed("tshark")) {
        return;
    }
    read_with_tshark("-Y coap -T fields -e coap.code -e coap.opt.uri_query", text, sizeof text);
    ck_assert_str_eq(text, expected);
    read_with_tshark("-o udp.check_checksum:TRUE -o ip.check_checksum:TRUE "
                     "-Y 'udp.checksum.status != 1 || ip.checksum.status != 1'",
                     text, sizeof text);
    ck_assert_str_eq(text, "");
}

#define ANY_PORT "127.0.0.1:0"

static void exchange_with(const char *cipher) {
    struct openssl openssl = start_openssl("good", key, cipher, ANY_PORT);
    turns_until(&server.opened, 1);
    ck_assert_int_eq(write(openssl.input, request, sizeof request), sizeof request);
    turns_until(&server.requests, 1);
    expect_decrypted("2\tep=x 68\t "); // the file is still open: as after SIGKILL
    close(openssl.input);              // then it says close_notify, and gets one
    turns_until(&server.closed, 1);
    ck_assert_str_eq(server.reason, "close_notify");
    ck_assert_uint_eq(server.alert_received.level, 1);
    ck_assert_uint_eq(server.alert_received.description, 0);
    ck_assert_int_eq(server.alerts_sent, 1);
    ck_assert_uint_eq(server.alert_sent.description, 0);
    stop_openssl(&openssl);
}

START_TEST(openssl_with_ccm_8_is_served_and_tshark_decrypts_it) {
    if (installed("openssl")) {
        exchange_with("PSK-AES128-CCM8@SECLEVEL=0");
    }
}
END_TEST

START_TEST(openssl_with_cbc_sha256_is_served_and_tshark_decrypts_it) {
    if (installed("openssl")) {
        exchange_with("PSK-AES128-CBC-SHA256");
    }
}
END_TEST

START_TEST(openssl_with_a_wrong_key_draws_alert_20) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl =
        start_openssl("good", (const uint8_t *)"interop-key-0002", "PSK", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "wrong_key");
    ck_assert_uint_eq(server.alert_sent.description, 20);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(openssl_with_an_unknown_identity_draws_alert_115) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl = start_openssl("stranger", key, "PSK", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "unknown_identity");
    ck_assert_uint_eq(server.alert_sent.description, 115);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(openssl_without_a_common_suite_draws_alert_40) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl = start_openssl("good", key, "PSK-AES256-GCM-SHA384", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "no_common_suite");
    ck_assert_uint_eq(server.alert_sent.description, 40);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(a_new_process_on_the_same_port_makes_a_successor) {
    if (!installed("openssl")) {
        return;
    }
    char bind[32];
    snprintf(bind, sizeof bind, "127.0.0.1:%d", 20000 + (int)getpid() % 10000);
    struct openssl first = start_openssl("good", key, "PSK", bind);
    turns_until(&server.opened, 1);
    stop_openssl(&first);
    ck_assert_int_eq(server.closed, 0);
    struct openssl second = start_openssl("good", key, "PSK", bind);
    turns_until(&server.opened, 2);
    ck_assert_uint_eq(server.successor_of, 1);
    ck_assert_int_eq(server.closed, 1);
    ck_assert_str_eq(server.reason, "superseded");
    ck_assert_int_eq(write(second.input, request, sizeof request), sizeof request);
    turns_until(&server.requests, 1);
    expect_decrypted("2\tep=x 68\t ");
    stop_openssl(&second);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("interop");
    TCase *tests = tcase_create("interop");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, openssl_with_ccm_8_is_served_and_tshark_decrypts_it);
    tcase_add_test(tests, openssl_with_cbc_sha256_is_served_and_tshark_decrypts_it);
    tcase_add_test(tests, openssl_with_a_wrong_key_draws_alert_20);
    tcase_add_test(tests, openssl_with_an_unknown_identity_draws_alert_115);
    tcase_add_test(tests, openssl_without_a_common_suite_draws_alert_40);
    tcase_add_test(tests, a_new_process_on_the_same_port_makes_a_successor);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
