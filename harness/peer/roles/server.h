// SPDX-License-Identifier: Apache-2.0
/*
 * One emulated server, a Bootstrap-Server or an LwM2M Server: a socket, its DTLS endpoint, the
 * conversation with each client, and the answers it is armed with. What happens is reported by the
 * lane's report; members and meaning of the events are in docs/peer-protocol.md.
 *
 * A server lives on the lane's loop and works by itself. All functions are called from outside of
 * its callbacks (from the control connection). Times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef ROLES_SERVER_H
#define ROLES_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "coap/message.h"
#include "dtls/endpoint.h"
#include "roles/content.h"
#include "roles/policy.h"
#include "roles/report.h"
#include "rules/rules.h"
#include "udp/loop.h"
#include "wire/capture.h"
#include "wire/port.h"

struct server;

/** What the servers of a peer share. It must outlive them. */
struct server_lane {
    struct loop *loop;
    struct capture *capture; // may be NULL
    struct report report;
    struct members members;    // of the event that is being reported; zeroed at first
    struct rules rules;        // what the clients are held against; zeroed at first
    uint64_t seed;             // message ids, tokens and timeouts follow from it
    uint64_t last_association; // numbers that were given; 0 at first
    uint64_t next_exchange;    // 1 at first
};

enum server_role { SERVER_BOOTSTRAP, SERVER_LWM2M };

/** All is copied. */
struct server_options {
    const char *name;
    enum server_role role;
    struct address local;
    enum dtls_security security;
    const struct dtls_credential *credentials;
    size_t credential_count;
    const uint16_t *suites; // NULL: the default ones
    size_t suite_count;
};

/** 0, -EADDRINUSE, -EADDRNOTAVAIL, -EMSGSIZE (a credential past the limits), or another -errno. */
int server_open(struct server **opened, struct server_lane *lane,
                const struct server_options *options);

/** Close all associations (`notify`: with close_notify) and the socket, and free the server. */
void server_close(struct server *server, bool notify);

const char *server_name(const struct server *server);
const struct address *server_local(const struct server *server);
enum dtls_security server_security(const struct server *server);
size_t server_associations(const struct server *server);
struct wire_counts server_counts(const struct server *server);

/** As dtls_endpoint_set_credentials(). */
int server_set_credentials(struct server *server, const struct dtls_credential *credentials,
                           size_t count);

/** Forget all DTLS sessions and message-layer state; registrations stay. How many were open. */
size_t server_drop_associations(struct server *server, bool notify);

/** Replace the answers to an operation. 0 or -ENOMEM. */
int server_arm(struct server *server, enum operation operation, const struct answer *answers,
               size_t count);

/** Answer a held request. 0, -ENOENT (not held), or as block_respond(). */
int server_release(struct server *server, uint64_t exchange, uint8_t code,
                   const struct content *content);

/** An association that the server is to open. */
struct server_connection {
    struct address remote;
    const struct dtls_credential *credential; // NULL: of those that it accepts, the one at `index`
    size_t index;
    const uint16_t *suites; // NULL: the default ones
    size_t suite_count;
};

/** As dtls_endpoint_connect(); -ENOENT: there is no credential at that place. */
int server_connect(struct server *server, const struct server_connection *connection,
                   uint64_t *association);

/** The open association of that number, or the newest one for 0; 0 if there is none. */
uint64_t server_association(const struct server *server, uint64_t number);

/** Send a request on an association that server_association() has found; its course comes as
 * events. 0, -ENOTCONN (no such association), or as block_request(). */
int server_request(struct server *server, uint64_t association, const struct message *request,
                   size_t block_size, uint64_t *exchange);

/** Send bytes as they are, above DTLS or (`wire`) below it. 0 or -errno. */
int server_send_raw(struct server *server, uint64_t association, const uint8_t *bytes,
                    size_t length, bool wire);

/** Replace an impairment, below DTLS (`wire`) or above it. 0 or -ENOMEM. */
int server_impair(struct server *server, enum wire_direction direction, bool wire,
                  const struct impair_plan *plan);

#endif
