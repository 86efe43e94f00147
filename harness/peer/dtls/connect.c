// SPDX-License-Identifier: Apache-2.0
/* Associations that the endpoint opens itself, over DTLS as client. */
#include "dtls/endpoint_state.h"
#include "dtls/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct dtls_association *add(struct dtls_endpoint *endpoint, struct flow *flow,
                                    struct session *session, uint64_t *number) {
    struct dtls_association *association = endpoint_add(endpoint, flow, session);
    if (association != NULL) {
        association->initiated = true;
        *number = association->number;
    }
    return association;
}

static int open_plain(struct dtls_endpoint *endpoint, struct flow *flow, uint64_t *number) {
    struct dtls_association *association = add(endpoint, flow, NULL, number);
    if (association == NULL) {
        return -ENOMEM;
    }
    endpoint_open(endpoint, association);
    return 0;
}

/** A client session of its own configuration, which it must not outlive. */
static int new_session(struct dtls_endpoint *endpoint, const struct address *remote,
                       const struct dtls_connect *how, struct session_server **configuration,
                       struct session **session) {
    bool given = how->suites != NULL && how->suite_count > 0;
    struct session_settings settings = {
        .suites = given ? how->suites : dtls_default_suites,
        .suite_count =
            given ? how->suite_count : sizeof dtls_default_suites / sizeof dtls_default_suites[0],
        .timeout_min_ms = endpoint->timeout_min_ms,
        .timeout_max_ms = endpoint->timeout_max_ms,
        .as_client = how->credential,
    };
    int result = session_server_new(configuration, &settings, &handshake_hooks, endpoint);
    if (result < 0) {
        return result;
    }
    *session = session_new(*configuration);
    return *session == NULL ? -ENOMEM : session_begin(*session, remote);
}

static int shake_hands(struct dtls_endpoint *endpoint, struct flow *flow,
                       const struct dtls_connect *how, uint64_t *number) {
    const struct dtls_credential *credential = how->credential;
    // mbedTLS's client counts an empty identity as none.
    if (credential == NULL || credential->identity_length == 0 || credential->key_length == 0 ||
        credential->identity_length > dtls_limit_identity() ||
        credential->key_length > dtls_limit_key()) {
        return -EMSGSIZE;
    }
    struct session_server *configuration = NULL;
    struct session *session = NULL;
    uint8_t *identity = malloc(credential->identity_length);
    int result = new_session(endpoint, &flow->remote, how, &configuration, &session);
    struct dtls_association *association =
        result < 0 || identity == NULL ? NULL : add(endpoint, flow, session, number);
    if (association == NULL) {
        free(identity);
        session_free(session);
        session_server_free(configuration);
        return result < 0 ? result : -ENOMEM;
    }
    memcpy(identity, credential->identity, credential->identity_length);
    association->identity = identity;
    association->identity_length = credential->identity_length;
    association->as_client = configuration;
    flow->failed = false;
    handshake_settle(endpoint, association, session_advance(session, endpoint->now_ns));
    return 0;
}

int dtls_endpoint_connect(struct dtls_endpoint *endpoint, const struct address *remote,
                          const struct dtls_connect *how, uint64_t now_ns, uint64_t *number) {
    struct flow *flow = flows_make(&endpoint->flows, remote);
    if (flow == NULL) {
        return -ENOMEM;
    }
    if (flow->pending != NULL) {
        return -EALREADY;
    }
    endpoint_enter(endpoint, now_ns, now_ns);
    int result = endpoint->security == DTLS_SECURITY_NONE
                     ? open_plain(endpoint, flow, number)
                     : shake_hands(endpoint, flow, how, number);
    endpoint_leave(endpoint);
    return result;
}

const struct dtls_credential *dtls_endpoint_credential(const struct dtls_endpoint *endpoint,
                                                       size_t index) {
    const struct credentials *known = &endpoint->credentials;
    return index < known->count ? &known->list[index] : NULL;
}
