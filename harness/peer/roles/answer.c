// SPDX-License-Identifier: Apache-2.0
/* The client's requests: what they are, and the answers that the server is armed with. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lwm2m/operation.h"
#include "lwm2m/registration.h"
#include "roles/talk.h"

enum { LOCATION_SIZE = 24 };

// reports

static void add_option(struct members *members, const char *name, const struct message *request,
                       uint16_t number) {
    uint32_t value;
    if (message_options_get_uint(&request->options, number, &value)) {
        members_number(members, name, value);
    }
}

static void report_request(struct talk *talk, uint64_t exchange, enum operation operation,
                           const struct message *request, bool mid_reused, uint64_t now_ns) {
    size_t length = 0;
    const char *method = message_method_text(request->code);
    const uint8_t *identity = talk->link ? dtls_association_identity(talk->link, &length) : NULL;
    char code[5];
    message_code_text(request->code, code);
    struct members *members = talk_members(talk, exchange);
    members_word(members, "operation", operation_name(operation));
    members_word(members, "type", message_type_text(request->type));
    members_number(members, "mid", request->mid);
    members_bytes(members, "token", request->token, request->token_length);
    members_word(members, "method", method ? method : code);
    shown_options(members, "path", &request->options, MESSAGE_OPTION_URI_PATH);
    shown_options(members, "query", &request->options, MESSAGE_OPTION_URI_QUERY);
    add_option(members, "observe", request, MESSAGE_OPTION_OBSERVE);
    add_option(members, "accept", request, MESSAGE_OPTION_ACCEPT);
    shown_payload(members, request, place_of(&request->options));
    if (identity) {
        members_bytes(members, "identity", identity, length);
    }
    if (mid_reused) {
        members_boolean(members, "mid_reused", true);
    }
    server_report(talk->server, "request_received", talk_time(talk, now_ns), members);
}

static void report_withheld(struct talk *talk, const struct pending *request, uint64_t now_ns) {
    struct members *members = talk_members(talk, request->exchange);
    members_word(members, "action", answer_action_name(request->answer.action));
    members_word(members, "operation", operation_name(request->operation));
    server_report(talk->server, "answer_withheld", now_ns, members);
}

static void add_text(struct members *members, const char *name, const char *text) {
    if (text) {
        members_text(members, name, (const uint8_t *)text, strlen(text));
    }
}

static void add_location(struct members *members, uint32_t number) {
    char text[LOCATION_SIZE];
    snprintf(text, sizeof text, "/" OPERATION_LOCATION_ROOT "/%" PRIu32, number);
    members_word(members, "location", text);
}

static void report_registration(struct talk *talk, const char *event, uint64_t exchange,
                                const struct registry_entry *entry, uint64_t now_ns) {
    struct members *members = talk_members(talk, exchange);
    const struct registration *said = &entry->said;
    add_location(members, entry->number);
    add_text(members, "endpoint", said->endpoint);
    if (said->has_lifetime) {
        members_number(members, "lifetime", said->lifetime_s);
    }
    add_text(members, "lwm2m", said->version);
    add_text(members, "binding", said->binding);
    if (said->has_objects) {
        members_open_list(members, "objects");
        for (size_t i = 0; i < said->object_count; i++) {
            add_text(members, NULL, said->objects[i]);
        }
        members_close_list(members);
    }
    server_report(talk->server, event, talk_time(talk, now_ns), members);
}

// answers

static bool is_success(uint8_t code) {
    return code >> 5 == 2;
}

/* The code that the request gets: no success for a registration that is not there. */
static uint8_t decide_code(struct talk *talk, const struct pending *request, uint8_t code) {
    bool of_location =
        request->operation == OPERATION_UPDATE || request->operation == OPERATION_DEREGISTER;
    code = code ? code : operation_success(request->operation);
    if (of_location && is_success(code) &&
        !registry_find(&talk->server->registry, request->registration)) {
        return MESSAGE_CODE(4, 4);
    }
    return code;
}

/* Do what an accepted request asks for. The new registration's number, or 0. */
static uint32_t apply(struct talk *talk, struct pending *request, uint64_t now_ns) {
    struct registry *registry = &talk->server->registry;
    struct registry_entry *entry = registry_find(registry, request->registration);
    switch (request->operation) {
    case OPERATION_REGISTER:
        entry = registry_add(registry, &request->said);
        if (entry) {
            report_registration(talk, "registered", request->exchange, entry, now_ns);
            return entry->number;
        }
        break;
    case OPERATION_UPDATE:
        if (entry) {
            registry_update(entry, &request->said);
            report_registration(talk, "updated", request->exchange, entry, now_ns);
        }
        break;
    case OPERATION_DEREGISTER:
        if (entry) {
            report_registration(talk, "deregistered", request->exchange, entry, now_ns);
            registry_remove(registry, entry);
        }
        break;
    case OPERATION_HANDSHAKE:
    case OPERATION_BOOTSTRAP_REQUEST:
    case OPERATION_BOOTSTRAP_PACK:
    case OPERATION_OTHER:
        break;
    }
    return 0;
}

static int add_location_path(struct message_options *options, uint32_t number) {
    char text[LOCATION_SIZE];
    int length = snprintf(text, sizeof text, "%" PRIu32, number);
    int result = message_options_add(options, MESSAGE_OPTION_LOCATION_PATH, OPERATION_LOCATION_ROOT,
                                     strlen(OPERATION_LOCATION_ROOT));
    return result < 0
               ? result
               : message_options_add(options, MESSAGE_OPTION_LOCATION_PATH, text, (size_t)length);
}

/* Apply and answer. 0 or as block_respond(). */
static int respond(struct talk *talk, struct pending *request, uint8_t code,
                   const struct content *content, uint64_t now_ns) {
    struct message_options options = {0};
    enum exchange_how how = EXCHANGE_PIGGYBACKED;
    char text[5];
    uint32_t registered = 0;
    code = decide_code(talk, request, code);
    if (is_success(code)) {
        registered = apply(talk, request, now_ns);
        talk->session |= request->operation == OPERATION_BOOTSTRAP_REQUEST;
    }
    int result = registered ? add_location_path(&options, registered) : 0;
    struct exchange_answer answer = {
        .code = code, .options = &options, .separate = request->answer.separate};
    if (result == 0 && content && content->present) {
        answer.payload = content->payload;
        answer.payload_length = content->length;
        result = message_options_add_uint(&options, MESSAGE_OPTION_CONTENT_FORMAT, content->format);
    }
    if (result == 0) {
        result = block_respond(talk->layer, request->exchange, &answer, &how, now_ns);
    }
    message_options_clear(&options);
    if (result < 0) {
        return result;
    }
    struct members *members = talk_members(talk, request->exchange);
    message_code_text(code, text);
    members_word(members, "code", text);
    members_word(members, "how", how == EXCHANGE_PIGGYBACKED ? "piggybacked" : "separate");
    if (registered) {
        add_location(members, registered);
    }
    server_report(talk->server, "response_sent", now_ns, members);
    return 0;
}

/* Keep a request for later; it takes over what `request` owns. */
static void keep(struct talk *talk, struct pending *request, uint64_t due_ns) {
    struct pending *kept = malloc(sizeof *kept);
    if (!kept) {
        return; // it stays unanswered
    }
    *kept = *request;
    kept->due_ns = due_ns;
    kept->next = talk->pending;
    talk->pending = kept;
    request->said = (struct registration){0};
}

static void answer(struct talk *talk, struct pending *request, uint64_t now_ns) {
    switch (request->answer.action) {
    case ANSWER_SILENCE:
        report_withheld(talk, request, now_ns);
        break;
    case ANSWER_HOLD:
        (void)block_acknowledge(talk->layer, request->exchange, now_ns);
        report_withheld(talk, request, now_ns);
        keep(talk, request, CLOCK_NEVER);
        break;
    case ANSWER_ALERT: // not accepted by control for a request
    case ANSWER_RESPOND:
        if (request->answer.separate) {
            (void)block_acknowledge(talk->layer, request->exchange, now_ns);
        }
        if (request->answer.delay_ns > 0) {
            // counted from the arrival, so that the peer's own lateness does not add to it
            keep(talk, request, talk_time(talk, now_ns) + request->answer.delay_ns);
        } else {
            (void)respond(talk, request, request->answer.code, NULL, now_ns);
        }
        break;
    }
}

void answer_request(void *user, uint64_t exchange, const struct message *request, bool mid_reused,
                    uint64_t now_ns) {
    struct talk *talk = user;
    struct pending item = {.exchange = exchange};
    struct rules_request held = {.message = request,
                                 .at_bootstrap_server = talk->server->role == SERVER_BOOTSTRAP};
    item.operation =
        operation_of(request, talk->server->role == SERVER_BOOTSTRAP, &item.registration);
    item.answer = policy_next(&talk->server->policy, item.operation);
    if (item.operation == OPERATION_REGISTER || item.operation == OPERATION_UPDATE) {
        // what is wrong with it is the checks' business: they have the request itself
        held.said_wrong = registration_parse(&item.said, request, NULL, NULL);
        held.said = &item.said;
    }
    report_request(talk, exchange, item.operation, request, mid_reused, now_ns);
    held.operation = item.operation;
    watch_request(talk, exchange, &held, now_ns);
    answer(talk, &item, now_ns);
    registration_clear(&item.said);
}

bool answer_admit(void *user, const struct message *request, uint64_t now_ns) {
    const struct talk *talk = user;
    uint32_t location;
    (void)now_ns;
    enum operation operation =
        operation_of(request, talk->server->role == SERVER_BOOTSTRAP, &location);
    return policy_peek(&talk->server->policy, operation).action != ANSWER_SILENCE;
}

/* Take the first request that is due out of those that wait. */
static struct pending *take_due(struct talk *talk, uint64_t now_ns) {
    for (struct pending **at = &talk->pending; *at; at = &(*at)->next) {
        if ((*at)->due_ns <= now_ns) {
            struct pending *taken = *at;
            *at = taken->next;
            return taken;
        }
    }
    return NULL;
}

static struct pending *take_held(struct talk *talk, uint64_t exchange) {
    for (struct pending **at = &talk->pending; *at; at = &(*at)->next) {
        if ((*at)->exchange == exchange && (*at)->due_ns == CLOCK_NEVER) {
            struct pending *taken = *at;
            *at = taken->next;
            return taken;
        }
    }
    return NULL;
}

static void discard(struct pending *pending) {
    registration_clear(&pending->said);
    free(pending);
}

void answer_advance(struct talk *talk, uint64_t now_ns) {
    struct pending *due;
    while ((due = take_due(talk, now_ns)) != NULL) {
        (void)respond(talk, due, due->answer.code, NULL, now_ns);
        discard(due);
    }
}

int answer_release(struct talk *talk, uint64_t exchange, uint8_t code,
                   const struct content *content, uint64_t now_ns) {
    struct pending *held = take_held(talk, exchange);
    if (!held) {
        return -ENOENT;
    }
    int result = respond(talk, held, code, content, now_ns);
    discard(held);
    return result;
}

void answer_forget(struct talk *talk) {
    while (talk->pending) {
        struct pending *pending = talk->pending;
        talk->pending = pending->next;
        discard(pending);
    }
}
