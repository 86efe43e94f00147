// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include "base/clock.h"
#include "dtls/library.h"
#include "dtls/random.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

const uint8_t fixture_key[16] = "0123456789abcdef";

static void put(struct queue *queue, const struct address *remote, const uint8_t *bytes,
                size_t length) {
    ck_assert_uint_lt(queue->count, FIXTURE_QUEUE);
    ck_assert_uint_le(length, FIXTURE_DATAGRAM);
    size_t at = (queue->first + queue->count++) % FIXTURE_QUEUE;
    queue->items[at].remote = *remote;
    queue->items[at].length = length;
    memcpy(queue->items[at].bytes, bytes, length);
}

static size_t take(struct queue *queue) {
    ck_assert_uint_gt(queue->count, 0);
    size_t at = queue->first;
    queue->first = (queue->first + 1) % FIXTURE_QUEUE;
    queue->count--;
    return at;
}

static char *next_line(struct fixture *fixture) {
    ck_assert_uint_lt(fixture->line_count, FIXTURE_LINES);
    return fixture->lines[fixture->line_count++];
}

#define WRITE_LINE(fixture, ...) (void)snprintf(next_line(fixture), FIXTURE_LINE, __VA_ARGS__)

static unsigned long long number_of(const struct dtls_association *association) {
    return association == NULL ? 0 : dtls_association_number(association);
}

static void on_transmit(void *context, const struct address *remote, const uint8_t *bytes,
                        size_t length, uint64_t now_ns) {
    struct fixture *fixture = context;
    ck_assert_uint_eq(now_ns, fixture->now_ns);
    put(&fixture->to_client, remote, bytes, length);
}

static void on_plaintext(void *context, struct dtls_association *association, const uint8_t *bytes,
                         size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct fixture *fixture = context;
    ck_assert_uint_le(stamp_ns, now_ns);
    WRITE_LINE(fixture, "%llu: data %.*s", number_of(association), (int)length,
               (const char *)bytes);
    if (fixture->echo_in_plaintext) {
        ck_assert_int_eq(
            dtls_endpoint_send(fixture->endpoint, association, bytes, length, fixture->now_ns), 0);
    }
    if (fixture->drop_in_plaintext) {
        dtls_endpoint_drop(fixture->endpoint, false, DTLS_CLOSED_DROPPED, fixture->now_ns);
        ck_assert_int_lt(
            dtls_endpoint_send(fixture->endpoint, association, bytes, length, fixture->now_ns), 0);
    }
}

static void on_secret(void *context, const char *line) {
    struct fixture *fixture = context;
    snprintf(fixture->secret, sizeof fixture->secret, "%s", line);
}

static struct dtls_policy on_decide(void *context, const struct address *remote, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    ck_assert(address_equal(remote, &fixture->remote));
    WRITE_LINE(fixture, "decide");
    return fixture->policy;
}

static void on_client_hello(void *context, const struct address *remote,
                            const struct dtls_association *association,
                            const struct dtls_client_hello *hello, bool successor, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    ck_assert(address_equal(remote, &fixture->remote));
    ck_assert_uint_gt(hello->suite_count, 0);
    WRITE_LINE(fixture, "%llu: hello %04x%s%s", number_of(association), hello->record_version,
               hello->cookie ? " cookie" : "", successor ? " successor" : "");
}

static void on_identity(void *context, const struct dtls_association *association,
                        const uint8_t *identity, size_t length, bool known, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    WRITE_LINE(fixture, "%llu: identity %.*s %s", number_of(association), (int)length,
               (const char *)identity, known ? "known" : "unknown");
    if (fixture->drop_in_identity) {
        dtls_endpoint_drop(fixture->endpoint, true, DTLS_CLOSED_DROPPED, fixture->now_ns);
    }
}

static void on_failed(void *context, const struct address *remote,
                      const struct dtls_association *association, const char *reason,
                      const uint8_t *identity, size_t identity_length, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    ck_assert(address_equal(remote, &fixture->remote));
    WRITE_LINE(fixture, "%llu: failed %s %.*s", number_of(association), reason,
               (int)identity_length, identity == NULL ? "" : (const char *)identity);
}

static void on_opened(void *context, struct dtls_association *association, uint64_t successor_of,
                      uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    size_t length = 0;
    const uint8_t *identity = dtls_association_identity(association, &length);
    const char *suite = dtls_suite_name(dtls_association_suite(association));
    WRITE_LINE(fixture, "%llu: opened %.*s %s after %llu", number_of(association), (int)length,
               identity == NULL ? "" : (const char *)identity, suite == NULL ? "none" : suite,
               (unsigned long long)successor_of);
    ck_assert(address_equal(dtls_association_remote(association), &fixture->remote));
    if (fixture->drop_in_opened) {
        dtls_endpoint_drop(fixture->endpoint, false, DTLS_CLOSED_DROPPED, fixture->now_ns);
    }
}

static void on_closed(void *context, struct dtls_association *association,
                      enum dtls_close_reason reason, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)t_ns;
    WRITE_LINE(fixture, "%llu: closed %s", number_of(association), dtls_close_reason_name(reason));
}

static void on_alert_sent(void *context, const struct address *remote,
                          const struct dtls_association *association, struct dtls_alert alert,
                          uint64_t t_ns) {
    (void)remote;
    (void)t_ns;
    WRITE_LINE(context, "%llu: alert out %u %s", number_of(association), alert.level,
               dtls_alert_name(alert.description));
}

static void on_alert_received(void *context, const struct address *remote,
                              const struct dtls_association *association, struct dtls_alert alert,
                              uint64_t t_ns) {
    (void)remote;
    (void)t_ns;
    WRITE_LINE(context, "%llu: alert in %u %s", number_of(association), alert.level,
               dtls_alert_name(alert.description));
}

static void on_undecodable(void *context, const struct address *remote,
                           const struct dtls_association *association, const char *why,
                           const uint8_t *bytes, size_t length, uint64_t t_ns) {
    struct fixture *fixture = context;
    (void)remote;
    (void)t_ns;
    fixture->undecodable_first = length > 0 ? bytes[0] : 0;
    WRITE_LINE(fixture, "%llu: undecodable: %s", number_of(association), why);
}

void fixture_open(struct fixture *fixture, const struct dtls_options *options) {
    static const struct dtls_callbacks callbacks = {
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
    memset(fixture, 0, sizeof *fixture);
    fixture->now_ns = 1000 * CLOCK_NS_PER_S;
    ck_assert_int_eq(address_parse(&fixture->remote, "192.0.2.7", 40000), 0);
    struct dtls_options own = *options;
    own.last_association = &fixture->last_association;
    ck_assert_int_eq(dtls_endpoint_new(&fixture->endpoint, &own, &callbacks, fixture), 0);
    const struct dtls_credential credential = {(const uint8_t *)FIXTURE_IDENTITY, 4, fixture_key,
                                               sizeof fixture_key};
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture->endpoint, &credential, 1), 0);
}

void fixture_close(struct fixture *fixture) {
    dtls_endpoint_free(fixture->endpoint);
}

const char *fixture_line(struct fixture *fixture) {
    return fixture->lines_read < fixture->line_count ? fixture->lines[fixture->lines_read++] : "";
}

void fixture_expect(struct fixture *fixture, const char *const *lines) {
    for (; *lines != NULL; lines++) {
        ck_assert_str_eq(fixture_line(fixture), *lines);
    }
    ck_assert_str_eq(fixture_line(fixture), "");
}

static int client_transmit(void *context, const unsigned char *bytes, size_t length) {
    struct client *client = context;
    uint8_t copy[FIXTURE_DATAGRAM];
    ck_assert_uint_le(length, sizeof copy);
    memcpy(copy, bytes, length);
    if (client->record_version != 0 && copy[0] == DTLS_CONTENT_HANDSHAKE && copy[13] == 1) {
        copy[1] = (uint8_t)(client->record_version >> 8);
        copy[2] = (uint8_t)client->record_version;
    }
    put(&client->fixture->to_server, &client->fixture->remote, copy, length);
    return (int)length;
}

static int client_receive(void *context, unsigned char *bytes, size_t room) {
    struct client *client = context;
    struct queue *queue = &client->fixture->to_client;
    if (queue->count == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    size_t at = take(queue);
    ck_assert_uint_le(queue->items[at].length, room);
    memcpy(bytes, queue->items[at].bytes, queue->items[at].length);
    return (int)queue->items[at].length;
}

static void client_set_timer(void *context, uint32_t intermediate_ms, uint32_t final_ms) {
    struct client *client = context;
    client->final_ns =
        final_ms == 0 ? CLOCK_NEVER : client->fixture->now_ns + final_ms * CLOCK_NS_PER_MS;
    client->intermediate_ns = client->fixture->now_ns + intermediate_ms * CLOCK_NS_PER_MS;
}

static int client_get_timer(void *context) {
    const struct client *client = context;
    if (client->final_ns == CLOCK_NEVER) {
        return -1;
    }
    if (client->fixture->now_ns >= client->final_ns) {
        return 2;
    }
    return client->fixture->now_ns >= client->intermediate_ns ? 1 : 0;
}

void client_open(struct client *client, struct fixture *fixture, const char *identity,
                 const uint8_t *key, size_t key_length, int suite) {
    memset(client, 0, sizeof *client);
    client->fixture = fixture;
    client->final_ns = CLOCK_NEVER;
    client->suites[0] = suite != 0 ? suite : dtls_default_suites[0];
    client->suites[1] = suite != 0 ? 0 : dtls_default_suites[1];
    ck_assert_int_eq(random_start(), 0);
    mbedtls_ssl_config_init(&client->config);
    mbedtls_ssl_init(&client->ssl);
    ck_assert_int_eq(mbedtls_ssl_config_defaults(&client->config, MBEDTLS_SSL_IS_CLIENT,
                                                 MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    mbedtls_ssl_conf_rng(&client->config, random_bytes, NULL);
    mbedtls_ssl_conf_ciphersuites(&client->config, client->suites);
    compat_dtls_1_2_only(&client->config);
    ck_assert_int_eq(mbedtls_ssl_conf_psk(&client->config, key, key_length,
                                          (const unsigned char *)identity, strlen(identity)),
                     0);
    ck_assert_int_eq(mbedtls_ssl_setup(&client->ssl, &client->config), 0);
    mbedtls_ssl_set_bio(&client->ssl, client, client_transmit, client_receive, NULL);
    mbedtls_ssl_set_timer_cb(&client->ssl, client, client_set_timer, client_get_timer);
}

void client_close(struct client *client) {
    mbedtls_ssl_free(&client->ssl);
    mbedtls_ssl_config_free(&client->config);
}

void client_step(struct client *client) {
    if (!client->up) {
        client->result = mbedtls_ssl_handshake(&client->ssl);
        client->up = client->result == 0;
    }
    while (client->up) {
        client->result = mbedtls_ssl_read(&client->ssl, (unsigned char *)client->received,
                                          sizeof client->received - 1);
        if (client->result < 0) {
            break;
        }
        client->received[client->result] = '\0';
    }
}

void fixture_to_server(struct fixture *fixture) {
    size_t at = take(&fixture->to_server);
    dtls_endpoint_receive(fixture->endpoint, &fixture->to_server.items[at].remote,
                          fixture->to_server.items[at].bytes, fixture->to_server.items[at].length,
                          fixture->now_ns, fixture->now_ns);
}

void fixture_to_client(struct fixture *fixture, struct client *client) {
    if (client == NULL) {
        take(&fixture->to_client);
        return;
    }
    client_step(client); // takes one datagram at a time, all that there are
}

void fixture_lose_to_server(struct fixture *fixture) {
    take(&fixture->to_server);
}

void fixture_pump(struct fixture *fixture, struct client *client) {
    client_step(client);
    for (int i = 0; i < 200 && (fixture->to_server.count > 0 || fixture->to_client.count > 0);
         i++) {
        while (fixture->to_server.count > 0) {
            fixture_to_server(fixture);
        }
        client_step(client);
    }
}

void fixture_jump(struct fixture *fixture, struct client *client) {
    uint64_t server = dtls_endpoint_deadline(fixture->endpoint);
    uint64_t next = client->final_ns < server ? client->final_ns : server;
    ck_assert_uint_ne(next, CLOCK_NEVER);
    fixture->now_ns = next > fixture->now_ns ? next : fixture->now_ns;
    if (server <= fixture->now_ns) {
        dtls_endpoint_advance(fixture->endpoint, fixture->now_ns);
    }
    client_step(client);
}

void client_send(struct client *client, const char *text) {
    ck_assert_int_eq(mbedtls_ssl_write(&client->ssl, (const unsigned char *)text, strlen(text)),
                     (int)strlen(text));
}
