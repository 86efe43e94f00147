// SPDX-License-Identifier: Apache-2.0
/*
 * What an endpoint knows of each remote address: its open association, a handshake in progress, and
 * what was decided about its last ClientHello. A growing hash table of flows that do not move.
 */
#ifndef DTLS_FLOWS_H
#define DTLS_FLOWS_H

#include "base/address.h"
#include "dtls/endpoint.h"
#include "dtls/session.h"

struct flow {
    struct address remote;
    struct dtls_association *open;
    struct dtls_association *pending; // in handshake: the first one or the successor of `open`
    struct session *closed;           // owned: we ended it by close_notify, and say so again
    bool decided;
    bool asked_for_cookie; // the answer to the last ClientHello
    bool failed;           // the last handshake did; the rest of its flight is still to come
    uint8_t random[DTLS_RANDOM_SIZE];
    struct dtls_policy policy;
    uint64_t decided_in; // generation of the endpoint's policy
    struct flow *next;   // in its bucket
};

/** Zero-initialised it is empty and valid. */
struct flows {
    struct flow **buckets;
    size_t bucket_count;
    size_t count;
};

/** The flow of a remote, or NULL. */
struct flow *flows_find(const struct flows *flows, const struct address *remote);

/**
 * The flow of a remote, made if there is none; NULL without memory. Making one may free flows
 * without associations, so that a flood of ClientHellos from forged addresses costs no memory.
 */
struct flow *flows_make(struct flows *flows, const struct address *remote);

/** Free all flows with their closed sessions; associations belong to the endpoint. */
void flows_clear(struct flows *flows);

#endif
