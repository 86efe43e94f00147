// SPDX-License-Identifier: Apache-2.0
/* What the DTLS endpoint tells, as events; associations that the server opens. */
#include <errno.h>

#include "base/clock.h"
#include "dtls/library.h"
#include "roles/server_state.h"
#include "roles/shown.h"
#include "roles/talk.h"

static const char *security_name(enum dtls_security security) {
    return security == DTLS_SECURITY_PSK ? "psk" : "none";
}

static void add_numbers(struct members *members, const char *name, const uint16_t *values,
                        size_t count) {
    members_open_list(members, name);
    for (size_t i = 0; i < count; i++) {
        members_number(members, NULL, values[i]);
    }
    members_close_list(members);
}

static void add_identity(struct members *members, const uint8_t *identity, size_t length) {
    if (identity) {
        members_bytes(members, "identity", identity, length);
    }
}

static void add_initiated(struct members *members, const struct dtls_association *association) {
    if (association && dtls_association_initiated(association)) {
        members_boolean(members, "initiated", true);
    }
}

static void on_secret(void *context, const char *line) {
    struct server *server = context;
    if (server->lane->capture) {
        capture_secret(server->lane->capture, line);
    }
}

static struct dtls_policy on_decide(void *context, const struct address *remote, uint64_t t_ns) {
    struct server *server = context;
    struct answer answer = policy_next(&server->policy, OPERATION_HANDSHAKE);
    struct members *members;
    switch (answer.action) {
    case ANSWER_ALERT:
        return (struct dtls_policy){.decision = DTLS_ALERT, .alert = answer.alert};
    case ANSWER_HOLD: // not accepted by control
    case ANSWER_SILENCE:
        members = server_members(server, NULL, remote);
        members_word(members, "action", "silence");
        members_word(members, "operation", "handshake");
        server_report(server, "answer_withheld", t_ns, members);
        return (struct dtls_policy){.decision = DTLS_SILENCE};
    case ANSWER_RESPOND:
        break;
    }
    return (struct dtls_policy){.decision = DTLS_GO_ON};
}

static void on_client_hello(void *context, const struct address *remote,
                            const struct dtls_association *association,
                            const struct dtls_client_hello *hello, bool successor, uint64_t t_ns) {
    struct server *server = context;
    struct members *members = server_members(server, association, remote);
    members_number(members, "version", hello->version);
    members_number(members, "record_version", hello->record_version);
    add_numbers(members, "suites", hello->suites, hello->suite_count);
    add_numbers(members, "extensions", hello->extensions, hello->extension_count);
    members_boolean(members, "cookie", hello->cookie);
    members_boolean(members, "session_id", hello->session_id);
    members_boolean(members, "successor", successor);
    server_report(server, "client_hello", t_ns, members);
}

static void on_identity_offered(void *context, const struct dtls_association *association,
                                const uint8_t *identity, size_t length, bool known, uint64_t t_ns) {
    struct server *server = context;
    struct members *members =
        server_members(server, association, dtls_association_remote(association));
    members_bytes(members, "identity", identity, length);
    members_boolean(members, "known", known);
    server_report(server, "identity_offered", t_ns, members);
}

static void on_handshake_failed(void *context, const struct address *remote,
                                const struct dtls_association *association, const char *reason,
                                const uint8_t *identity, size_t identity_length, uint64_t t_ns) {
    struct server *server = context;
    struct members *members = server_members(server, association, remote);
    members_word(members, "reason", reason);
    add_identity(members, identity, identity_length);
    add_initiated(members, association);
    server_report(server, "handshake_failed", t_ns, members);
}

static void on_association_opened(void *context, struct dtls_association *association,
                                  uint64_t successor_of, uint64_t t_ns) {
    struct server *server = context;
    size_t length;
    const uint8_t *identity = dtls_association_identity(association, &length);
    uint16_t suite = dtls_association_suite(association);
    struct members *members =
        server_members(server, association, dtls_association_remote(association));
    members_word(members, "security", security_name(server->security));
    add_identity(members, identity, length);
    if (suite) {
        const char *name = dtls_suite_name(suite);
        members_word(members, "suite", name ? name : "unknown");
    }
    if (successor_of) {
        members_number(members, "successor_of", (int64_t)successor_of);
    }
    add_initiated(members, association);
    server_report(server, "association_opened", t_ns, members);
    dtls_association_set_context(association, talk_new(server, association));
}

static void on_association_closed(void *context, struct dtls_association *association,
                                  enum dtls_close_reason reason, uint64_t t_ns) {
    struct server *server = context;
    uint64_t number = dtls_association_number(association);
    struct talk *talk = dtls_association_context(association);
    struct members *members =
        server_members(server, association, dtls_association_remote(association));
    members_word(members, "reason", dtls_close_reason_name(reason));
    server_report(server, "association_closed", t_ns, members);
    impair_forget(server->impair_in, number);
    impair_forget(server->impair_out, number);
    if (talk) {
        talk_bury(talk);
    }
    dtls_association_set_context(association, NULL);
    if (server->at_hand == association) {
        server->at_hand = NULL;
    }
}

static void report_alert(struct server *server, const char *name, const struct address *remote,
                         const struct dtls_association *association, struct dtls_alert alert,
                         uint64_t t_ns) {
    struct members *members = server_members(server, association, remote);
    members_word(members, "level", alert.level == 1 ? "warning" : "fatal");
    members_word(members, "description", dtls_alert_name(alert.description));
    members_number(members, "number", alert.description);
    server_report(server, name, t_ns, members);
}

static void on_alert_sent(void *context, const struct address *remote,
                          const struct dtls_association *association, struct dtls_alert alert,
                          uint64_t t_ns) {
    report_alert(context, "alert_sent", remote, association, alert, t_ns);
}

static void on_alert_received(void *context, const struct address *remote,
                              const struct dtls_association *association, struct dtls_alert alert,
                              uint64_t t_ns) {
    report_alert(context, "alert_received", remote, association, alert, t_ns);
}

static void on_undecodable(void *context, const struct address *remote,
                           const struct dtls_association *association, const char *why,
                           const uint8_t *bytes, size_t length, uint64_t t_ns) {
    struct server *server = context;
    struct members *members = server_members(server, association, remote);
    members_word(members, "why", why);
    shown_head(members, "bytes", bytes, length);
    server_report(server, "datagram_undecodable", t_ns, members);
    watch_undecodable(server, remote, bytes, length, t_ns);
}

int server_connect(struct server *server, const struct server_connection *connection,
                   uint64_t *association) {
    struct dtls_connect how = {.credential = connection->credential,
                               .suites = connection->suites,
                               .suite_count = connection->suite_count};
    if (server->security == DTLS_SECURITY_PSK && !how.credential) {
        how.credential = dtls_endpoint_credential(server->endpoint, connection->index);
        if (!how.credential) {
            return -ENOENT;
        }
    }
    int result = dtls_endpoint_connect(server->endpoint, &connection->remote, &how, clock_now_ns(),
                                       association);
    server_reap(server);
    return result;
}

void server_dtls_callbacks(struct dtls_callbacks *callbacks) {
    callbacks->secret = on_secret;
    callbacks->decide = on_decide;
    callbacks->client_hello = on_client_hello;
    callbacks->identity_offered = on_identity_offered;
    callbacks->handshake_failed = on_handshake_failed;
    callbacks->association_opened = on_association_opened;
    callbacks->association_closed = on_association_closed;
    callbacks->alert_sent = on_alert_sent;
    callbacks->alert_received = on_alert_received;
    callbacks->undecodable = on_undecodable;
}
