// SPDX-License-Identifier: Apache-2.0
/* Holds what the client sends against the always-on rules, and reports what breaks one. */
#include "roles/talk.h"
#include "rules/rules.h"

static void report(struct talk *talk, uint64_t exchange, const struct rules_found *found,
                   uint64_t t_ns) {
    for (size_t i = 0; i < found->count; i++) {
        const struct rules_breach *breach = &found->items[i];
        struct members *members = talk_members(talk, exchange);
        members_word(members, "rule", rules_name(breach->rule));
        members_word(members, "requirement", rules_requirement(breach->rule));
        members_word(members, "what", breach->what);
        if (breach->length > 0) {
            shown_head(members, "bytes", breach->bytes, breach->length);
        }
        server_report(talk->server, "rule_broken", t_ns, members);
    }
}

enum rules_command watch_command(const struct talk *talk, const struct message *request) {
    return talk->session ? rules_command_of(request) : RULES_NO_COMMAND;
}

void watch_response(struct talk *talk, uint64_t exchange, const struct message *response,
                    enum rules_command command, uint64_t now_ns) {
    struct rules_found found;
    rules_response(&talk->server->lane->rules, response, command, &found);
    report(talk, exchange, &found, talk_time(talk, now_ns));
    if (command == RULES_FINISH && response->code == MESSAGE_CODE(2, 4)) {
        talk->session = false;
    }
}

void watch_request(struct talk *talk, uint64_t exchange, const struct rules_request *request,
                   uint64_t now_ns) {
    struct rules_found found;
    rules_request(&talk->server->lane->rules, request, &found);
    report(talk, exchange, &found, talk_time(talk, now_ns));
}
