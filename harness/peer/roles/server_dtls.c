// SPDX-License-Identifier: Apache-2.0
/* What the DTLS endpoint tells, as events. */
#include "dtls/library.h"
#include "roles/server_state.h"
#include "roles/shown.h"
#include "roles/talk.h"

static const char *security_name(enum dtls_security security) {
    return security == DTLS_SECURITY_PSK ? "psk" : "none";
}

static json_t *numbers(const uint16_t *values, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_integer(values[i]));
    }
    return list;
}

static void add_identity(json_t *members, const uint8_t *identity, size_t length) {
    if (identity) {
        json_object_set_new(members, "identity", shown_bytes(identity, length));
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
    json_t *members;
    switch (answer.action) {
    case ANSWER_ALERT:
        return (struct dtls_policy){.decision = DTLS_ALERT, .alert = answer.alert};
    case ANSWER_HOLD: // not accepted by control
    case ANSWER_SILENCE:
        members = server_members(server, NULL, remote);
        json_object_set_new(members, "action", json_string("silence"));
        json_object_set_new(members, "operation", json_string("handshake"));
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
    json_t *members = server_members(server, association, remote);
    json_object_set_new(members, "version", json_integer(hello->version));
    json_object_set_new(members, "record_version", json_integer(hello->record_version));
    json_object_set_new(members, "suites", numbers(hello->suites, hello->suite_count));
    json_object_set_new(members, "extensions", numbers(hello->extensions, hello->extension_count));
    json_object_set_new(members, "cookie", json_boolean(hello->cookie));
    json_object_set_new(members, "session_id", json_boolean(hello->session_id));
    json_object_set_new(members, "successor", json_boolean(successor));
    server_report(server, "client_hello", t_ns, members);
}

static void on_identity_offered(void *context, const struct dtls_association *association,
                                const uint8_t *identity, size_t length, bool known, uint64_t t_ns) {
    struct server *server = context;
    json_t *members = server_members(server, association, dtls_association_remote(association));
    json_object_set_new(members, "identity", shown_bytes(identity, length));
    json_object_set_new(members, "known", json_boolean(known));
    server_report(server, "identity_offered", t_ns, members);
}

static void on_handshake_failed(void *context, const struct address *remote,
                                const struct dtls_association *association, const char *reason,
                                const uint8_t *identity, size_t identity_length, uint64_t t_ns) {
    struct server *server = context;
    json_t *members = server_members(server, association, remote);
    json_object_set_new(members, "reason", json_string(reason));
    add_identity(members, identity, identity_length);
    server_report(server, "handshake_failed", t_ns, members);
}

static void on_association_opened(void *context, struct dtls_association *association,
                                  uint64_t successor_of, uint64_t t_ns) {
    struct server *server = context;
    size_t length;
    const uint8_t *identity = dtls_association_identity(association, &length);
    uint16_t suite = dtls_association_suite(association);
    json_t *members = server_members(server, association, dtls_association_remote(association));
    json_object_set_new(members, "security", json_string(security_name(server->security)));
    add_identity(members, identity, length);
    if (suite) {
        const char *name = dtls_suite_name(suite);
        json_object_set_new(members, "suite",
                            name ? json_string(name) : json_sprintf("%04x", suite));
    }
    if (successor_of) {
        json_object_set_new(members, "successor_of", json_integer((json_int_t)successor_of));
    }
    server_report(server, "association_opened", t_ns, members);
    dtls_association_set_context(association, talk_new(server, association));
}

static void on_association_closed(void *context, struct dtls_association *association,
                                  enum dtls_close_reason reason, uint64_t t_ns) {
    struct server *server = context;
    uint64_t number = dtls_association_number(association);
    struct talk *talk = dtls_association_context(association);
    json_t *members = server_members(server, association, dtls_association_remote(association));
    json_object_set_new(members, "reason", json_string(dtls_close_reason_name(reason)));
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
    json_t *members = server_members(server, association, remote);
    json_object_set_new(members, "level", json_string(alert.level == 1 ? "warning" : "fatal"));
    json_object_set_new(members, "description", json_string(dtls_alert_name(alert.description)));
    json_object_set_new(members, "number", json_integer(alert.description));
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
    json_t *members = server_members(server, association, remote);
    json_object_set_new(members, "why", json_string(why));
    json_object_set_new(members, "bytes", shown_head(bytes, length));
    server_report(server, "datagram_undecodable", t_ns, members);
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
