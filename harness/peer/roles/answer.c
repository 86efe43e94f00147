// SPDX-License-Identifier: Apache-2.0
/* The client's requests: what they are, and the answers that the server is armed with. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lwm2m/registration.h"
#include "roles/talk.h"

#define LOCATION_ROOT "rd"

enum { LOCATION_SIZE = 24 };

// which operation a request is (TS Transport 1.1, 6.4.3)

static bool is_text(const struct message_option *option, const char *text) {
    size_t length = strlen(text);
    return option->length == length && memcmp(option->value, text, length) == 0;
}

/* The number N of "rd/N"; 0, which none has, if the segment is no such number. */
static uint32_t location_number(const struct message_option *segment) {
    uint32_t number = 0;
    for (size_t i = 0; i < segment->length; i++) {
        if (segment->length > 9 || segment->value[i] < '0' || segment->value[i] > '9' ||
            (number == 0 && segment->value[i] == '0')) {
            return 0;
        }
        number = number * 10 + (uint32_t)(segment->value[i] - '0');
    }
    return number;
}

static enum operation bootstrap_operation(const struct message *request,
                                          const struct message_option *const path[2],
                                          size_t segments) {
    if (segments == 1 && request->code == MESSAGE_POST && is_text(path[0], "bs")) {
        return OPERATION_BOOTSTRAP_REQUEST;
    }
    if (segments == 1 && request->code == MESSAGE_GET && is_text(path[0], "bspack")) {
        return OPERATION_BOOTSTRAP_PACK;
    }
    return OPERATION_OTHER;
}

static enum operation lwm2m_operation(const struct message *request,
                                      const struct message_option *const path[2], size_t segments,
                                      uint32_t *location) {
    if (segments == 0 || segments > 2 || !is_text(path[0], LOCATION_ROOT)) {
        return OPERATION_OTHER;
    }
    if (segments == 1) {
        return request->code == MESSAGE_POST ? OPERATION_REGISTER : OPERATION_OTHER;
    }
    *location = location_number(path[1]);
    return request->code == MESSAGE_POST     ? OPERATION_UPDATE
           : request->code == MESSAGE_DELETE ? OPERATION_DEREGISTER
                                             : OPERATION_OTHER;
}

static enum operation classify(enum server_role role, const struct message *request,
                               uint32_t *location) {
    const struct message_option *path[2] = {NULL, NULL};
    size_t segments = 0;
    for (size_t i = 0; i < request->options.count; i++) {
        if (request->options.items[i].number == MESSAGE_OPTION_URI_PATH) {
            if (segments < 2) {
                path[segments] = &request->options.items[i];
            }
            segments++;
        }
    }
    *location = 0;
    return role == SERVER_BOOTSTRAP ? bootstrap_operation(request, path, segments)
                                    : lwm2m_operation(request, path, segments, location);
}

// reports

static void add_option(json_t *members, const char *name, const struct message *request,
                       uint16_t number) {
    uint32_t value;
    if (message_options_get_uint(&request->options, number, &value)) {
        json_object_set_new(members, name, json_integer(value));
    }
}

static void report_request(struct talk *talk, uint64_t exchange, enum operation operation,
                           const struct message *request, bool mid_reused, uint64_t now_ns) {
    size_t length = 0;
    const char *method = message_method_text(request->code);
    const uint8_t *identity = talk->link ? dtls_association_identity(talk->link, &length) : NULL;
    char code[5];
    message_code_text(request->code, code);
    json_t *members = talk_members(talk, exchange);
    json_object_set_new(members, "operation", json_string(operation_name(operation)));
    json_object_set_new(members, "type", json_string(message_type_text(request->type)));
    json_object_set_new(members, "mid", json_integer(request->mid));
    json_object_set_new(members, "token", shown_bytes(request->token, request->token_length));
    json_object_set_new(members, "method", json_string(method ? method : code));
    json_object_set_new(members, "path", shown_options(&request->options, MESSAGE_OPTION_URI_PATH));
    json_object_set_new(members, "query",
                        shown_options(&request->options, MESSAGE_OPTION_URI_QUERY));
    add_option(members, "observe", request, MESSAGE_OPTION_OBSERVE);
    add_option(members, "accept", request, MESSAGE_OPTION_ACCEPT);
    shown_add_payload(members, request, shown_place_of(&request->options));
    if (identity) {
        json_object_set_new(members, "identity", shown_bytes(identity, length));
    }
    if (mid_reused) {
        json_object_set_new(members, "mid_reused", json_true());
    }
    server_report(talk->server, "request_received", talk_time(talk, now_ns), members);
}

static void report_withheld(struct talk *talk, const struct pending *request, uint64_t now_ns) {
    json_t *members = talk_members(talk, request->exchange);
    json_object_set_new(members, "action", json_string(answer_action_name(request->answer.action)));
    json_object_set_new(members, "operation", json_string(operation_name(request->operation)));
    server_report(talk->server, "answer_withheld", now_ns, members);
}

static void set_text(json_t *members, const char *name, const char *text) {
    if (text) {
        json_object_set_new(members, name, json_string(text));
    }
}

/* What a register or update says of the registration, as members of its event. */
static json_t *registration_members(const struct message *request) {
    struct registration said;
    json_t *members = json_object();
    // what is wrong with it is the checks' business: they have the request itself
    (void)registration_parse(&said, request, NULL, NULL);
    set_text(members, "endpoint", said.endpoint);
    if (said.has_lifetime) {
        json_object_set_new(members, "lifetime", json_integer(said.lifetime_s));
    }
    set_text(members, "lwm2m", said.version);
    set_text(members, "binding", said.binding);
    if (said.has_objects) {
        json_t *objects = json_array();
        for (size_t i = 0; i < said.object_count; i++) {
            json_array_append_new(objects, json_string(said.objects[i]));
        }
        json_object_set_new(members, "objects", objects);
    }
    registration_clear(&said);
    return members;
}

static void report_registration(struct talk *talk, const char *event, uint64_t exchange,
                                const struct registry_entry *entry, uint64_t now_ns) {
    json_t *members = talk_members(talk, exchange);
    json_object_set_new(members, "location",
                        json_sprintf("/" LOCATION_ROOT "/%" PRIu32, entry->number));
    json_object_update(members, entry->members);
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
static uint32_t apply(struct talk *talk, const struct pending *request, uint64_t now_ns) {
    struct registry *registry = &talk->server->registry;
    struct registry_entry *entry = registry_find(registry, request->registration);
    switch (request->operation) {
    case OPERATION_REGISTER:
        entry = registry_add(registry, request->members);
        if (entry) {
            report_registration(talk, "registered", request->exchange, entry, now_ns);
            return entry->number;
        }
        break;
    case OPERATION_UPDATE:
        if (entry) {
            json_object_update(entry->members, request->members);
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

static int add_location(struct message_options *options, uint32_t number) {
    char text[LOCATION_SIZE];
    int length = snprintf(text, sizeof text, "%" PRIu32, number);
    int result = message_options_add(options, MESSAGE_OPTION_LOCATION_PATH, LOCATION_ROOT,
                                     strlen(LOCATION_ROOT));
    return result < 0
               ? result
               : message_options_add(options, MESSAGE_OPTION_LOCATION_PATH, text, (size_t)length);
}

/* Apply and answer. 0 or as block_respond(). */
static int respond(struct talk *talk, const struct pending *request, uint8_t code,
                   const struct content *content, uint64_t now_ns) {
    struct message_options options = {0};
    enum exchange_how how = EXCHANGE_PIGGYBACKED;
    char text[5];
    uint32_t registered = 0;
    code = decide_code(talk, request, code);
    if (is_success(code)) {
        registered = apply(talk, request, now_ns);
    }
    int result = registered ? add_location(&options, registered) : 0;
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
    json_t *members = talk_members(talk, request->exchange);
    message_code_text(code, text);
    json_object_set_new(members, "code", json_string(text));
    json_object_set_new(members, "how",
                        json_string(how == EXCHANGE_PIGGYBACKED ? "piggybacked" : "separate"));
    if (registered) {
        json_object_set_new(members, "location",
                            json_sprintf("/" LOCATION_ROOT "/%" PRIu32, registered));
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
    request->members = NULL;
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
    item.operation = classify(talk->server->role, request, &item.registration);
    item.answer = policy_next(&talk->server->policy, item.operation);
    if (item.operation == OPERATION_REGISTER || item.operation == OPERATION_UPDATE) {
        item.members = registration_members(request);
    }
    report_request(talk, exchange, item.operation, request, mid_reused, now_ns);
    answer(talk, &item, now_ns);
    json_decref(item.members);
}

bool answer_admit(void *user, const struct message *request, uint64_t now_ns) {
    const struct talk *talk = user;
    uint32_t location;
    (void)now_ns;
    enum operation operation = classify(talk->server->role, request, &location);
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
    json_decref(pending->members);
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
