// SPDX-License-Identifier: Apache-2.0
/* The inside of a server, for the files of roles only. */
#ifndef ROLES_SERVER_STATE_H
#define ROLES_SERVER_STATE_H

#include "base/timers.h"
#include "roles/flood.h"
#include "roles/registry.h"
#include "roles/server.h"
#include "udp/socket.h"

struct talk;

struct server {
    struct server_lane *lane;
    char *name;
    enum server_role role;
    enum dtls_security security;
    struct address local;
    struct udp_socket *socket;
    struct wire_port *port;
    struct dtls_endpoint *endpoint;
    struct impair *impair_in; // above DTLS
    struct impair *impair_out;
    struct policy policy;
    struct registry registry;
    struct timers timers;    // of the talks
    struct talk *talks;      // of open associations
    struct talk *dead_talks; // to be freed when no callback runs
    struct flood flood;
    struct dtls_association *at_hand; // the one that a message is of: spares looking it up
    bool registered_before;           // a Register or Update has come
    bool overloaded;                  // told once
};

/** The callbacks of the DTLS endpoint that report what it saw (server_dtls.c). */
void server_dtls_callbacks(struct dtls_callbacks *callbacks);

/** Start the members of an event with those that say where: server, and association and remote
 * where they are not NULL. They are the lane's: report one event before starting the next. */
struct members *server_members(const struct server *server,
                               const struct dtls_association *association,
                               const struct address *remote);

void server_report(const struct server *server, const char *name, uint64_t t_ns,
                   const struct members *members);

/** Free the talks whose association is gone. Only where no callback of theirs runs. */
void server_reap(struct server *server);

#endif
