// SPDX-License-Identifier: Apache-2.0
/* Inside the endpoint: its state, shared by endpoint.c (the interface), connect.c (associations
 * that we open) and handshake.c (records). */
#ifndef DTLS_ENDPOINT_STATE_H
#define DTLS_ENDPOINT_STATE_H

#include "base/timers.h"
#include "dtls/credentials.h"
#include "dtls/endpoint.h"
#include "dtls/flows.h"
#include "dtls/session.h"

enum association_state {
    ASSOCIATION_IN_HANDSHAKE,
    ASSOCIATION_OPEN,
    ASSOCIATION_GONE, // told as closed or failed; freed when no callback runs any more
};

struct dtls_association {
    uint64_t number;
    enum association_state state;
    struct flow *flow; // NULL when gone
    struct address remote;
    struct session *session;          // owned; NULL without security
    bool initiated;                   // by us
    struct session_server *as_client; // owned: the session's configuration if we initiated it
    uint8_t random[DTLS_RANDOM_SIZE];
    uint8_t *identity; // owned; NULL: none seen
    size_t identity_length;
    uint8_t alert_sent; // description of the last fatal one
    struct timer timer; // of the session
    void *context;
    struct dtls_association *newer; // in the list of all that are not gone
    struct dtls_association *older; // also links those that are gone
};

struct dtls_endpoint {
    enum dtls_security security;
    struct dtls_callbacks callbacks;
    void *context;
    uint64_t *last_association;
    struct credentials credentials;
    struct session_server *sessions; // NULL without security
    struct session *listener; // takes ClientHellos until one shows its cookie; NULL: none yet
    uint8_t listener_alert;   // description of the last fatal alert that it sent
    uint32_t timeout_min_ms;
    uint32_t timeout_max_ms;
    struct flows flows;
    struct timers timers;
    struct dtls_association *newest;
    struct dtls_association *gone;
    size_t open_count;
    uint64_t policy_generation;
    unsigned int depth; // of calls into the endpoint
    uint64_t t_ns;      // for callbacks: the stamp of the datagram at hand, or now
    uint64_t now_ns;
};

/** Around every call that may call back; the last leave frees what is gone. */
void endpoint_enter(struct dtls_endpoint *endpoint, uint64_t t_ns, uint64_t now_ns);
void endpoint_leave(struct dtls_endpoint *endpoint);

/** A new association in handshake, numbered, in the list and in the flow; NULL without memory.
 * `session` is taken over only on success. */
struct dtls_association *endpoint_add(struct dtls_endpoint *endpoint, struct flow *flow,
                                      struct session *session);

/** The handshake is complete (or there is none): tell, and supersede the old association. */
void endpoint_open(struct dtls_endpoint *endpoint, struct dtls_association *association);

/** Tell that an association is closed, or that its handshake failed, and let it go. Nothing if it
 * is gone. */
void endpoint_end(struct dtls_endpoint *endpoint, struct dtls_association *association,
                  enum dtls_close_reason reason);
void endpoint_fail(struct dtls_endpoint *endpoint, struct dtls_association *association,
                   const char *reason);

/** handshake.c: the records of a datagram; what became of a session; the hooks of sessions. */
void handshake_datagram(struct dtls_endpoint *endpoint, const struct address *remote,
                        const uint8_t *bytes, size_t length);
void handshake_settle(struct dtls_endpoint *endpoint, struct dtls_association *association,
                      enum session_outcome outcome);
extern const struct session_hooks handshake_hooks;

#endif
