// SPDX-License-Identifier: Apache-2.0
/*
 * An endpoint under test and mbedTLS clients that talk to it without sockets, on a clock that the
 * test moves. What the endpoint tells is written down as one line per callback.
 */
#ifndef TESTS_DTLS_FIXTURE_H
#define TESTS_DTLS_FIXTURE_H

#include "dtls/compat.h"
#include "dtls/endpoint.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIXTURE_LINES = 400, FIXTURE_LINE = 200, FIXTURE_QUEUE = 64, FIXTURE_DATAGRAM = 2048 };

struct queue {
    struct {
        struct address remote;
        uint8_t bytes[FIXTURE_DATAGRAM];
        size_t length;
    } items[FIXTURE_QUEUE];
    size_t first;
    size_t count;
};

struct fixture {
    struct dtls_endpoint *endpoint;
    uint64_t last_association;
    uint64_t now_ns;
    struct address remote; // of the clients
    struct queue to_server;
    struct queue to_client;
    char lines[FIXTURE_LINES][FIXTURE_LINE];
    size_t line_count;
    size_t lines_read;
    char secret[300]; // the last line of the key log
    struct dtls_policy policy;
    // What a callback does, for the tests of re-entrancy.
    bool drop_in_plaintext;
    bool echo_in_plaintext;
    bool drop_in_opened;
    bool drop_in_identity;
    uint8_t undecodable_first; // first byte of the last undecodable datagram
};

struct client {
    struct fixture *fixture;
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    int suites[4];
    uint64_t intermediate_ns;
    uint64_t final_ns;
    uint16_t record_version; // 0: as it is; else put on its ClientHellos
    int result;              // of the last handshake or read
    bool up;
    char received[64]; // the last application data
};

/** The identity and key that the endpoint knows first. */
#define FIXTURE_IDENTITY "good"
extern const uint8_t fixture_key[16];

void fixture_open(struct fixture *fixture, const struct dtls_options *options);
void fixture_close(struct fixture *fixture);

/** The next line that was written down; "" if there is none. */
const char *fixture_line(struct fixture *fixture);

/** The line of the default client's association: its number, and the one before it. */
#define OPENED(number, before) (number ": opened good TLS_PSK_WITH_AES_128_CCM_8 after " before)

/** Fail unless the next lines are these, NULL-terminated, and no more follow. */
void fixture_expect(struct fixture *fixture, const char *const *lines);
#define FIXTURE_EXPECT(fixture, ...)                                                               \
    fixture_expect(fixture, (const char *const[]){__VA_ARGS__, NULL})
#define FIXTURE_EXPECT_NOTHING(fixture) fixture_expect(fixture, (const char *const[]){NULL})

/** A client with a key; suite 0: the endpoint's defaults. */
void client_open(struct client *client, struct fixture *fixture, const char *identity,
                 const uint8_t *key, size_t key_length, int suite);
void client_close(struct client *client);

/** Let the client work: it puts its datagrams into to_server. */
void client_step(struct client *client);

/** Hand the first queued datagram to the server, or to the client (NULL: it is lost). */
void fixture_to_server(struct fixture *fixture);
void fixture_to_client(struct fixture *fixture, struct client *client);
void fixture_lose_to_server(struct fixture *fixture);

/** Carry datagrams both ways until there are none. */
void fixture_pump(struct fixture *fixture, struct client *client);

/** Jump to the next deadline of either side and let both work. */
void fixture_jump(struct fixture *fixture, struct client *client);

void client_send(struct client *client, const char *text);

#endif
