// SPDX-License-Identifier: Apache-2.0
/* Holds what the client sends against the always-on rules, and reports what breaks one. */
#include <stdio.h>

#include "base/clock.h"
#include "roles/talk.h"

enum { URI_SIZE = ADDRESS_TEXT_SIZE + sizeof "coaps://" };

/* `members` say where the message came. */
static void add_breach(struct members *members, const struct rules_breach *breach) {
    members_word(members, "rule", rules_name(breach->rule));
    members_word(members, "requirement", rules_requirement(breach->rule));
    members_word(members, "what", breach->what);
    if (breach->length > 0) {
        shown_head(members, "bytes", breach->bytes, breach->length);
    }
    if (breach->earlier_ns > 0) {
        members_number(members, "earlier_us", (int64_t)(breach->earlier_ns / CLOCK_NS_PER_US));
    }
}

static void report(const struct talk *talk, uint64_t exchange, const struct rules_found *found,
                   uint64_t now_ns) {
    for (size_t i = 0; i < found->count; i++) {
        struct members *members = talk_members(talk, exchange);
        add_breach(members, &found->items[i]);
        server_report(talk->server, "rule_broken", talk_time(talk, now_ns), members);
    }
}

static struct rules *rules_of(const struct talk *talk) {
    return &talk->server->lane->rules;
}

void watch_message(void *user, const struct message *message, const uint8_t *bytes, size_t length,
                   uint64_t now_ns) {
    struct talk *talk = user;
    struct rules_found found;
    const struct rules_message held = {.message = message,
                                       .bytes = bytes,
                                       .length = length,
                                       .t_ns = talk_time(talk, now_ns),
                                       .secure = talk->server->security != DTLS_SECURITY_NONE};
    rules_message(rules_of(talk), &talk->rules, &held, &found);
    report(talk, 0, &found, now_ns);
}

void watch_malformed(struct talk *talk, enum message_fault fault, const uint8_t *bytes,
                     size_t length, uint64_t now_ns) {
    struct rules_found found;
    rules_malformed(rules_of(talk), fault, bytes, length, &found);
    report(talk, 0, &found, now_ns);
}

void watch_undecodable(struct server *server, const struct address *remote, const uint8_t *bytes,
                       size_t length, uint64_t t_ns) {
    struct rules_found found;
    rules_undecodable(&server->lane->rules, bytes, length, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct members *members = server_members(server, NULL, remote);
        add_breach(members, &found.items[i]);
        server_report(server, "rule_broken", t_ns, members);
    }
}

// requests of ours

enum rules_command watch_sent(const struct talk *talk, const struct message *request) {
    enum rules_command command = talk->session ? rules_command_of(request) : RULES_NO_COMMAND;
    if (command == RULES_WRITE) {
        rules_write(rules_of(talk), talk->association, request);
    } else if (command == RULES_FINISH) {
        rules_session_ends(rules_of(talk), talk->association, true);
    }
    return command;
}

void watch_response(struct talk *talk, const struct asked *asked, const struct message *response,
                    uint64_t now_ns) {
    struct rules_found found;
    rules_answer(rules_of(talk), response, asked->non, false, &found);
    report(talk, asked->exchange, &found, now_ns);
    rules_response(rules_of(talk), response, asked->command, &found);
    report(talk, asked->exchange, &found, now_ns);
    if (asked->command == RULES_DELETE && response->code == MESSAGE_CODE(2, 2)) {
        rules_deleted(rules_of(talk), talk->association, &asked->place);
    }
    if (asked->command == RULES_FINISH && response->code == MESSAGE_CODE(2, 4)) {
        rules_finished(rules_of(talk), talk->association, talk_time(talk, now_ns));
        talk->session = false;
    }
}

void watch_token_differs(struct talk *talk, uint64_t exchange, const struct message *response,
                         uint64_t now_ns) {
    struct rules_found found;
    rules_answer(rules_of(talk), response, false, true, &found);
    report(talk, exchange, &found, now_ns);
}

// requests of the client

void watch_request(struct talk *talk, uint64_t exchange, const struct rules_request *request,
                   uint64_t now_ns) {
    struct server *server = talk->server;
    struct rules_request held = *request;
    struct rules_found found;
    char where[ADDRESS_TEXT_SIZE], uri[URI_SIZE];
    // as the control protocol gives it for an account
    (void)snprintf(uri, sizeof uri, "%s://%s",
                   server->security == DTLS_SECURITY_NONE ? "coap" : "coaps",
                   address_format(&server->local, where));
    held.at = uri;
    held.is_first = !server->registered_before;
    held.t_ns = talk_time(talk, now_ns);
    server->registered_before |=
        request->operation == OPERATION_REGISTER || request->operation == OPERATION_UPDATE;
    rules_request(rules_of(talk), &held, &found);
    report(talk, exchange, &found, now_ns);
}
