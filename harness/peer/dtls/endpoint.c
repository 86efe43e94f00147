// SPDX-License-Identifier: Apache-2.0
#include "dtls/endpoint_state.h"

#include "base/clock.h"
#include "dtls/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT_MIN_MS = 1000, // RFC 6347 4.2.4.1
    TIMEOUT_MAX_MS = 60000,
};

static void unlink_association(struct dtls_endpoint *endpoint,
                               struct dtls_association *association) {
    if (association->newer != NULL) {
        association->newer->older = association->older;
    } else {
        endpoint->newest = association->older;
    }
    if (association->older != NULL) {
        association->older->newer = association->newer;
    }
    association->newer = NULL;
    association->older = NULL;
}

static void link_newest(struct dtls_endpoint *endpoint, struct dtls_association *association) {
    association->newer = NULL;
    association->older = endpoint->newest;
    if (endpoint->newest != NULL) {
        endpoint->newest->newer = association;
    }
    endpoint->newest = association;
}

static void free_association(struct dtls_association *association) {
    session_free(association->session);
    session_server_free(association->as_client);
    free(association->identity);
    free(association);
}

void endpoint_enter(struct dtls_endpoint *endpoint, uint64_t t_ns, uint64_t now_ns) {
    if (endpoint->depth++ == 0) {
        endpoint->t_ns = t_ns;
        endpoint->now_ns = now_ns;
    }
}

void endpoint_leave(struct dtls_endpoint *endpoint) {
    if (--endpoint->depth > 0) {
        return;
    }
    while (endpoint->gone != NULL) {
        struct dtls_association *association = endpoint->gone;
        endpoint->gone = association->older;
        free_association(association);
    }
}

struct dtls_association *endpoint_add(struct dtls_endpoint *endpoint, struct flow *flow,
                                      struct session *session) {
    struct dtls_association *association = calloc(1, sizeof *association);
    if (association == NULL) {
        return NULL;
    }
    association->number = ++*endpoint->last_association;
    association->state = ASSOCIATION_IN_HANDSHAKE;
    association->flow = flow;
    association->remote = flow->remote;
    association->session = session;
    association->timer.owner = association;
    memcpy(association->random, flow->random, sizeof association->random);
    if (session != NULL) {
        session_set_owner(session, association);
    }
    flow->pending = association;
    link_newest(endpoint, association);
    return association;
}

void endpoint_open(struct dtls_endpoint *endpoint, struct dtls_association *association) {
    struct flow *flow = association->flow;
    struct dtls_association *old = flow->open;
    session_free(flow->closed);
    flow->closed = NULL;
    flow->pending = NULL;
    flow->open = association;
    association->state = ASSOCIATION_OPEN;
    endpoint->open_count++;
    unlink_association(endpoint, association);
    link_newest(endpoint, association); // newest is who opened last
    endpoint->callbacks.association_opened(endpoint->context, association,
                                           old == NULL ? 0 : old->number, endpoint->t_ns);
    if (old != NULL) {
        endpoint_end(endpoint, old, DTLS_CLOSED_SUPERSEDED);
    }
}

/** Take an association out of everything; it is freed when the last call leaves. */
static void let_go(struct dtls_endpoint *endpoint, struct dtls_association *association) {
    struct flow *flow = association->flow;
    if (flow->open == association) {
        flow->open = NULL;
    }
    if (flow->pending == association) {
        flow->pending = NULL;
    }
    if (association->state == ASSOCIATION_OPEN) {
        endpoint->open_count--;
    }
    association->state = ASSOCIATION_GONE;
    association->flow = NULL;
    timers_unset(&endpoint->timers, &association->timer);
    if (association->session != NULL) {
        session_abandon(association->session);
    }
    unlink_association(endpoint, association);
    association->older = endpoint->gone;
    endpoint->gone = association;
}

void endpoint_end(struct dtls_endpoint *endpoint, struct dtls_association *association,
                  enum dtls_close_reason reason) {
    if (association->state != ASSOCIATION_OPEN) {
        return;
    }
    let_go(endpoint, association);
    endpoint->callbacks.association_closed(endpoint->context, association, reason, endpoint->t_ns);
}

void endpoint_fail(struct dtls_endpoint *endpoint, struct dtls_association *association,
                   const char *reason) {
    if (association->state != ASSOCIATION_IN_HANDSHAKE) {
        return;
    }
    let_go(endpoint, association);
    endpoint->callbacks.handshake_failed(endpoint->context, &association->remote, association,
                                         reason, association->identity,
                                         association->identity_length, endpoint->t_ns);
}

static int start_sessions(struct dtls_endpoint *endpoint, const struct dtls_options *options) {
    bool given = options->suites != NULL && options->suite_count > 0;
    struct session_settings settings = {
        .suites = given ? options->suites : dtls_default_suites,
        .suite_count = given ? options->suite_count
                             : sizeof dtls_default_suites / sizeof dtls_default_suites[0],
        .timeout_min_ms = endpoint->timeout_min_ms,
        .timeout_max_ms = endpoint->timeout_max_ms,
    };
    return session_server_new(&endpoint->sessions, &settings, &handshake_hooks, endpoint);
}

int dtls_endpoint_new(struct dtls_endpoint **made, const struct dtls_options *options,
                      const struct dtls_callbacks *callbacks, void *context) {
    struct dtls_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL) {
        return -ENOMEM;
    }
    endpoint->security = options->security;
    endpoint->callbacks = *callbacks;
    endpoint->context = context;
    endpoint->last_association = options->last_association;
    uint64_t min_ms = options->handshake_timeout_min_ns / CLOCK_NS_PER_MS;
    uint64_t max_ms = options->handshake_timeout_max_ns / CLOCK_NS_PER_MS;
    endpoint->timeout_min_ms = min_ms == 0 ? TIMEOUT_MIN_MS : (uint32_t)min_ms;
    endpoint->timeout_max_ms = max_ms == 0 ? TIMEOUT_MAX_MS : (uint32_t)max_ms;
    if (options->security == DTLS_SECURITY_PSK) {
        int result = start_sessions(endpoint, options);
        if (result < 0) {
            dtls_endpoint_free(endpoint);
            return result;
        }
    }
    *made = endpoint;
    return 0;
}

void dtls_endpoint_free(struct dtls_endpoint *endpoint) {
    if (endpoint == NULL) {
        return;
    }
    while (endpoint->newest != NULL) {
        struct dtls_association *association = endpoint->newest;
        endpoint->newest = association->older;
        free_association(association);
    }
    session_free(endpoint->listener);
    flows_clear(&endpoint->flows);
    session_server_free(endpoint->sessions);
    timers_free(&endpoint->timers);
    credentials_clear(&endpoint->credentials);
    free(endpoint);
}

int dtls_endpoint_set_credentials(struct dtls_endpoint *endpoint,
                                  const struct dtls_credential *credentials, size_t count) {
    return credentials_set(&endpoint->credentials, credentials, count);
}

void dtls_endpoint_reconsider(struct dtls_endpoint *endpoint) {
    endpoint->policy_generation++;
}

/** Without security an association is no more than the address. */
static void receive_plain(struct dtls_endpoint *endpoint, const struct address *remote,
                          const uint8_t *bytes, size_t length) {
    struct flow *flow = flows_make(&endpoint->flows, remote);
    if (flow == NULL) {
        return;
    }
    if (flow->open == NULL) {
        struct dtls_association *association = endpoint_add(endpoint, flow, NULL);
        if (association == NULL) {
            return;
        }
        endpoint_open(endpoint, association);
    }
    if (flow->open != NULL) {
        endpoint->callbacks.plaintext(endpoint->context, flow->open, bytes, length, endpoint->t_ns,
                                      endpoint->now_ns);
    }
}

void dtls_endpoint_receive(struct dtls_endpoint *endpoint, const struct address *remote,
                           const uint8_t *bytes, size_t length, uint64_t stamp_ns,
                           uint64_t now_ns) {
    endpoint_enter(endpoint, stamp_ns, now_ns);
    if (endpoint->security == DTLS_SECURITY_NONE) {
        receive_plain(endpoint, remote, bytes, length);
    } else {
        handshake_datagram(endpoint, remote, bytes, length);
    }
    endpoint_leave(endpoint);
}

int dtls_endpoint_send(struct dtls_endpoint *endpoint, struct dtls_association *association,
                       const uint8_t *bytes, size_t length, uint64_t now_ns) {
    if (association->state != ASSOCIATION_OPEN) {
        return -ENOTCONN;
    }
    endpoint_enter(endpoint, now_ns, now_ns);
    int result = 0;
    if (association->session == NULL) {
        endpoint->callbacks.transmit(endpoint->context, &association->remote, bytes, length,
                                     endpoint->now_ns);
    } else {
        result = session_send(association->session, bytes, length, endpoint->now_ns);
    }
    endpoint_leave(endpoint);
    return result;
}

uint64_t dtls_endpoint_deadline(const struct dtls_endpoint *endpoint) {
    return timers_next(&endpoint->timers);
}

void dtls_endpoint_advance(struct dtls_endpoint *endpoint, uint64_t now_ns) {
    endpoint_enter(endpoint, now_ns, now_ns);
    struct dtls_association *association = NULL;
    while ((association = timers_due(&endpoint->timers, now_ns)) != NULL) {
        handshake_settle(endpoint, association, session_advance(association->session, now_ns));
    }
    endpoint_leave(endpoint);
}

/**
 * A client that missed the close_notify, or had no use for it then, may go on in the session: its
 * keys are kept to tell it again. (One that we opened has a configuration of its own, which goes.)
 */
static void keep_closed(struct flow *flow, struct dtls_association *association) {
    session_free(flow->closed);
    flow->closed = association->session;
    session_set_owner(flow->closed, NULL);
    association->session = NULL;
}

void dtls_endpoint_close(struct dtls_endpoint *endpoint, struct dtls_association *association,
                         bool notify, enum dtls_close_reason reason, uint64_t now_ns) {
    endpoint_enter(endpoint, now_ns, now_ns);
    if (association->state == ASSOCIATION_IN_HANDSHAKE) {
        endpoint_fail(endpoint, association, dtls_close_reason_name(reason));
    } else if (association->state == ASSOCIATION_OPEN) {
        struct flow *flow = association->flow;
        bool told = notify && association->session != NULL;
        if (told) {
            session_close_notify(association->session, endpoint->now_ns);
        }
        endpoint_end(endpoint, association, reason);
        if (told && !association->initiated) {
            keep_closed(flow, association);
        }
    }
    endpoint_leave(endpoint);
}

size_t dtls_endpoint_drop(struct dtls_endpoint *endpoint, bool notify,
                          enum dtls_close_reason reason, uint64_t now_ns) {
    size_t dropped = endpoint->open_count;
    endpoint_enter(endpoint, now_ns, now_ns);
    while (endpoint->newest != NULL) {
        dtls_endpoint_close(endpoint, endpoint->newest, notify, reason, now_ns);
    }
    endpoint_leave(endpoint);
    return dropped;
}

struct dtls_association *dtls_endpoint_find(const struct dtls_endpoint *endpoint, uint64_t number) {
    struct dtls_association *association = endpoint->newest;
    while (association != NULL &&
           (association->number != number || association->state != ASSOCIATION_OPEN)) {
        association = association->older;
    }
    return association;
}

struct dtls_association *dtls_endpoint_newest(const struct dtls_endpoint *endpoint) {
    struct dtls_association *association = endpoint->newest;
    while (association != NULL && association->state != ASSOCIATION_OPEN) {
        association = association->older;
    }
    return association;
}

size_t dtls_endpoint_count(const struct dtls_endpoint *endpoint) {
    return endpoint->open_count;
}

uint64_t dtls_association_number(const struct dtls_association *association) {
    return association->number;
}

const struct address *dtls_association_remote(const struct dtls_association *association) {
    return &association->remote;
}

const uint8_t *dtls_association_identity(const struct dtls_association *association,
                                         size_t *length) {
    *length = association->identity_length;
    return association->identity;
}

bool dtls_association_initiated(const struct dtls_association *association) {
    return association->initiated;
}

uint16_t dtls_association_suite(const struct dtls_association *association) {
    return association->session == NULL ? 0 : session_suite(association->session);
}

void dtls_association_set_context(struct dtls_association *association, void *context) {
    association->context = context;
}

void *dtls_association_context(const struct dtls_association *association) {
    return association->context;
}

const char *dtls_close_reason_name(enum dtls_close_reason reason) {
    switch (reason) {
    case DTLS_CLOSED_BY_CLOSE_NOTIFY:
        return "close_notify";
    case DTLS_CLOSED_BY_ALERT:
        return "alert";
    case DTLS_CLOSED_DROPPED:
        return "dropped";
    case DTLS_CLOSED_SUPERSEDED:
        return "superseded";
    case DTLS_CLOSED_SERVER_CLOSED:
        return "server_closed";
    case DTLS_CLOSED_BY_ERROR:
        return "error";
    }
    return "error";
}
