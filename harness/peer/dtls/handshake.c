// SPDX-License-Identifier: Apache-2.0
/*
 * Who gets which record, and what becomes of handshakes. A ClientHello is taken by the endpoint's
 * listener session until one shows its cookie; that session then belongs to the association and the
 * endpoint gets a new listener, so hellos without a cookie cost no session.
 */
#include "dtls/endpoint_state.h"

#include <stdlib.h>
#include <string.h>

static struct dtls_association *owner_of(const struct session *session) {
    return session_owner(session);
}

static void hook_transmit(void *context, const struct session *session, const uint8_t *bytes,
                          size_t length) {
    struct dtls_endpoint *endpoint = context;
    endpoint->callbacks.transmit(endpoint->context, session_remote(session), bytes, length,
                                 endpoint->now_ns);
}

static void hook_plaintext(void *context, struct session *session, const uint8_t *bytes,
                           size_t length) {
    struct dtls_endpoint *endpoint = context;
    endpoint->callbacks.plaintext(endpoint->context, owner_of(session), bytes, length,
                                  endpoint->t_ns, endpoint->now_ns);
}

static void hook_up(void *context, struct session *session) {
    struct dtls_association *association = owner_of(session);
    if (association->state == ASSOCIATION_IN_HANDSHAKE) {
        endpoint_open(context, association);
    }
}

static bool hook_key_of(void *context, struct session *session, const uint8_t *identity,
                        size_t length, const uint8_t **key, size_t *key_length) {
    struct dtls_endpoint *endpoint = context;
    struct dtls_association *association = owner_of(session);
    free(association->identity);
    association->identity = malloc(length + 1);
    association->identity_length = association->identity == NULL ? 0 : length;
    if (association->identity != NULL) {
        memcpy(association->identity, identity, length);
    }
    bool known = credentials_find(&endpoint->credentials, identity, length) != NULL;
    endpoint->callbacks.identity_offered(endpoint->context, association, identity, length, known,
                                         endpoint->t_ns);
    // Again: the callback may have replaced the credentials.
    const struct dtls_credential *credential =
        credentials_find(&endpoint->credentials, identity, length);
    if (credential == NULL) {
        return false;
    }
    *key = credential->key;
    *key_length = credential->key_length;
    return true;
}

static void hook_secret(void *context, const char *line) {
    struct dtls_endpoint *endpoint = context;
    endpoint->callbacks.secret(endpoint->context, line);
}

static void hook_alert(void *context, const struct session *session, bool sent,
                       struct dtls_alert alert) {
    struct dtls_endpoint *endpoint = context;
    struct dtls_association *association = owner_of(session);
    const struct address *remote = session_remote(session);
    if (!sent) {
        endpoint->callbacks.alert_received(endpoint->context, remote, association, alert,
                                           endpoint->t_ns);
        return;
    }
    if (association != NULL) {
        association->alert_sent = alert.description;
    } else {
        endpoint->listener_alert = alert.description;
    }
    endpoint->callbacks.alert_sent(endpoint->context, remote, association, alert, endpoint->t_ns);
}

const struct session_hooks handshake_hooks = {
    .transmit = hook_transmit,
    .plaintext = hook_plaintext,
    .up = hook_up,
    .key_of = hook_key_of,
    .secret = hook_secret,
    .alert = hook_alert,
};

/** Why a handshake failed that did not go on. */
static const char *failure_of(enum session_outcome outcome, uint8_t alert_sent) {
    switch (outcome) {
    case SESSION_GOT_CLOSE_NOTIFY:
        return "close_notify";
    case SESSION_GOT_ALERT:
        return "alert_received";
    case SESSION_TIMED_OUT:
        return "timeout";
    case SESSION_SENT_ALERT:
        switch (alert_sent) {
        case 20: // bad_record_mac: the Finished does not decrypt
        case 51: // decrypt_error: it does, and does not verify
            return "wrong_key";
        case 40: // handshake_failure
            return "no_common_suite";
        case 115: // unknown_psk_identity
            return "unknown_identity";
        default:
            return "alert_sent";
        }
    case SESSION_GOES_ON:
    case SESSION_ASKED_FOR_COOKIE:
    case SESSION_BROKE:
        break;
    }
    return "error";
}

static void settle_open(struct dtls_endpoint *endpoint, struct dtls_association *association,
                        enum session_outcome outcome) {
    switch (outcome) {
    case SESSION_GOT_CLOSE_NOTIFY:
        session_close_notify(association->session, endpoint->now_ns); // RFC 5246 7.2.1
        endpoint_end(endpoint, association, DTLS_CLOSED_BY_CLOSE_NOTIFY);
        break;
    case SESSION_GOT_ALERT:
    case SESSION_SENT_ALERT:
        endpoint_end(endpoint, association, DTLS_CLOSED_BY_ALERT);
        break;
    case SESSION_ASKED_FOR_COOKIE:
    case SESSION_TIMED_OUT:
    case SESSION_BROKE:
        endpoint_end(endpoint, association, DTLS_CLOSED_BY_ERROR);
        break;
    case SESSION_GOES_ON:
        break;
    }
}

void handshake_settle(struct dtls_endpoint *endpoint, struct dtls_association *association,
                      enum session_outcome outcome) {
    switch (association->state) {
    case ASSOCIATION_GONE:
        break;
    case ASSOCIATION_OPEN:
        timers_unset(&endpoint->timers, &association->timer);
        settle_open(endpoint, association, outcome);
        break;
    case ASSOCIATION_IN_HANDSHAKE:
        if (outcome != SESSION_GOES_ON) {
            association->flow->failed = true;
            endpoint_fail(endpoint, association, failure_of(outcome, association->alert_sent));
        } else if (timers_set(&endpoint->timers, &association->timer,
                              session_deadline(association->session)) < 0) {
            endpoint_fail(endpoint, association, "error");
        }
        break;
    }
}

static void tell_undecodable(struct dtls_endpoint *endpoint, const struct address *remote,
                             const struct dtls_association *association, const char *why,
                             const uint8_t *bytes, size_t length) {
    endpoint->callbacks.undecodable(endpoint->context, remote, association, why, bytes, length,
                                    endpoint->t_ns);
}

static void feed(struct dtls_endpoint *endpoint, struct dtls_association *association,
                 const struct dtls_record *record, const uint8_t *bytes, size_t length) {
    struct session *session = association->session;
    bool was_open = association->state == ASSOCIATION_OPEN;
    uint64_t progress = session_progress(session);
    enum session_outcome outcome = session_feed(session, bytes, length, endpoint->now_ns);
    bool idle = outcome == SESSION_GOES_ON && session_progress(session) == progress;
    if (was_open && idle && record->epoch > 0 && association->state == ASSOCIATION_OPEN &&
        session_cannot_decrypt(session, bytes, length)) {
        tell_undecodable(endpoint, &association->remote, association,
                         "the session cannot decrypt it", bytes, length);
    }
    handshake_settle(endpoint, association, outcome);
}

/** The fatal alert that the server is armed with, in the clear (RFC 5246 7.2). */
static void send_armed_alert(struct dtls_endpoint *endpoint, const struct address *remote,
                             const struct dtls_association *association,
                             const struct dtls_client_hello *hello, uint8_t description) {
    uint8_t record[DTLS_RECORD_HEADER + 2] = {DTLS_CONTENT_ALERT, DTLS_VERSION_1_2 >> 8,
                                              DTLS_VERSION_1_2 & 0xff, 0, 0};
    // The sequence number of the ClientHello, as for a HelloVerifyRequest (RFC 6347 4.2.1).
    for (unsigned int i = 0; i < 6; i++) {
        record[5 + i] = (uint8_t)(hello->record_sequence >> (8 * (5 - i)));
    }
    record[12] = 2;
    record[13] = 2; // fatal
    record[14] = description;
    endpoint->callbacks.transmit(endpoint->context, remote, record, sizeof record,
                                 endpoint->now_ns);
    struct dtls_alert alert = {2, description};
    endpoint->callbacks.alert_sent(endpoint->context, remote, association, alert, endpoint->t_ns);
    endpoint->callbacks.handshake_failed(endpoint->context, remote, NULL, "armed_alert", NULL, 0,
                                         endpoint->t_ns);
}

/** The listener got a ClientHello with its cookie: a handshake is under way. */
static void engage(struct dtls_endpoint *endpoint, struct flow *flow) {
    if (flow->pending != NULL) {
        endpoint_fail(endpoint, flow->pending, "abandoned");
    }
    struct dtls_association *association = endpoint_add(endpoint, flow, endpoint->listener);
    if (association == NULL) {
        return;
    }
    endpoint->listener = NULL;
    handshake_settle(endpoint, association, SESSION_GOES_ON); // sets its timer
}

static void listen_to(struct dtls_endpoint *endpoint, struct flow *flow, const uint8_t *bytes,
                      size_t length) {
    if (endpoint->listener == NULL) {
        endpoint->listener = session_new(endpoint->sessions);
    }
    if (endpoint->listener == NULL || session_begin(endpoint->listener, &flow->remote) < 0) {
        return;
    }
    enum session_outcome outcome =
        session_feed(endpoint->listener, bytes, length, endpoint->now_ns);
    flow->asked_for_cookie = outcome == SESSION_ASKED_FOR_COOKIE;
    if (flow->asked_for_cookie) {
        return;
    }
    if (outcome == SESSION_GOES_ON && session_is_engaged(endpoint->listener)) {
        engage(endpoint, flow);
        return;
    }
    endpoint->callbacks.handshake_failed(endpoint->context, &flow->remote, NULL,
                                         failure_of(outcome, endpoint->listener_alert), NULL, 0,
                                         endpoint->t_ns);
}

static bool is_of(const struct dtls_client_hello *hello,
                  const struct dtls_association *association) {
    return association != NULL && !association->initiated &&
           memcmp(hello->random, association->random, sizeof hello->random) == 0;
}

static void take_client_hello(struct dtls_endpoint *endpoint, const struct address *remote,
                              const struct dtls_client_hello *hello, const uint8_t *bytes,
                              size_t length) {
    struct flow *flow = flows_make(&endpoint->flows, remote);
    if (flow == NULL) {
        return;
    }
    struct dtls_association *at_hand = flow->pending != NULL ? flow->pending : flow->open;
    bool repeats_open = is_of(hello, flow->open);
    endpoint->callbacks.client_hello(endpoint->context, remote, at_hand, hello,
                                     flow->open != NULL && !repeats_open, endpoint->t_ns);
    if (is_of(hello, flow->pending)) {
        struct dtls_record record = {.content_type = DTLS_CONTENT_HANDSHAKE};
        feed(endpoint, flow->pending, &record, bytes, length); // a lost answer is sent again
        return;
    }
    if (repeats_open) {
        return; // came late
    }
    bool same = memcmp(flow->random, hello->random, sizeof flow->random) == 0 ||
                (hello->cookie && flow->asked_for_cookie);
    if (!flow->decided || !same || flow->decided_in != endpoint->policy_generation) {
        flow->policy = endpoint->callbacks.decide(endpoint->context, remote, endpoint->t_ns);
        flow->decided = true;
        flow->decided_in = endpoint->policy_generation;
    }
    memcpy(flow->random, hello->random, sizeof flow->random);
    flow->failed = false;
    switch (flow->policy.decision) {
    case DTLS_SILENCE:
        break;
    case DTLS_ALERT:
        send_armed_alert(endpoint, remote, at_hand, hello, flow->policy.alert);
        break;
    case DTLS_GO_ON:
        listen_to(endpoint, flow, bytes, length);
        break;
    }
}

/**
 * While a successor is in handshake both sessions have an epoch 1: its Finished is a handshake
 * record, all else is of the old session until the new one is up.
 */
static struct dtls_association *addressee(const struct flow *flow,
                                          const struct dtls_record *record) {
    if (flow == NULL) {
        return NULL;
    }
    bool of_handshake = record->epoch == 0 || record->content_type == DTLS_CONTENT_HANDSHAKE;
    struct dtls_association *first = of_handshake ? flow->pending : flow->open;
    struct dtls_association *second = of_handshake ? flow->open : flow->pending;
    return first != NULL ? first : second;
}

/** A record without an association: it is told, unless it is the rest of something known. */
static void take_stray(struct dtls_endpoint *endpoint, const struct address *remote,
                       struct flow *flow, const struct dtls_record *record, const uint8_t *bytes,
                       size_t length) {
    bool is_data = record->content_type == DTLS_CONTENT_APPLICATION_DATA;
    if (flow != NULL && flow->failed && !is_data) {
        return; // the rest of its flight
    }
    if (flow != NULL && flow->closed != NULL && record->content_type == DTLS_CONTENT_ALERT) {
        return; // the answer to our close_notify (RFC 5246 7.2.1)
    }
    tell_undecodable(endpoint, remote, NULL, "there is no session", bytes, length);
    if (flow != NULL && flow->closed != NULL && is_data) {
        session_close_notify(flow->closed, endpoint->now_ns); // again: RFC 6347 4.2.7
    }
}

/** False if it failed its handshake: what follows in the datagram belongs to that. */
static bool take_record(struct dtls_endpoint *endpoint, const struct address *remote,
                        const struct dtls_record *record, const uint8_t *bytes, size_t length) {
    struct dtls_client_hello hello;
    if (dtls_record_client_hello(record, &hello)) {
        take_client_hello(endpoint, remote, &hello, bytes, length);
        return true;
    }
    struct flow *flow = flows_find(&endpoint->flows, remote);
    struct dtls_association *association = addressee(flow, record);
    struct dtls_alert alert;
    if (dtls_record_alert(record, &alert)) {
        endpoint->callbacks.alert_received(endpoint->context, remote, association, alert,
                                           endpoint->t_ns);
        if (association != NULL && association->state == ASSOCIATION_IN_HANDSHAKE) {
            feed(endpoint, association, record, bytes, length);
        }
        return true; // in the clear it must not end an open association (RFC 6347 4.1.2.7)
    }
    if (association == NULL) {
        take_stray(endpoint, remote, flow, record, bytes, length);
        return true;
    }
    bool in_handshake = association->state == ASSOCIATION_IN_HANDSHAKE;
    if (!in_handshake && record->epoch == 0) {
        return true; // a repeated flight; mbedTLS would take some of it for a reconnection
    }
    feed(endpoint, association, record, bytes, length);
    return !in_handshake || association->state != ASSOCIATION_GONE;
}

void handshake_datagram(struct dtls_endpoint *endpoint, const struct address *remote,
                        const uint8_t *bytes, size_t length) {
    if (length == 0) {
        tell_undecodable(endpoint, remote, NULL, "the datagram is empty", bytes, 0);
        return;
    }
    while (length > 0) {
        const uint8_t *start = bytes;
        struct dtls_record record;
        if (!dtls_record_next(&bytes, &length, &record)) {
            const struct flow *flow = flows_find(&endpoint->flows, remote);
            tell_undecodable(endpoint, remote, flow == NULL ? NULL : flow->open,
                             "it is no DTLS record", start, length);
            return;
        }
        if (!take_record(endpoint, remote, &record, start, (size_t)(bytes - start))) {
            return;
        }
    }
}
