// SPDX-License-Identifier: Apache-2.0
/* What the requests of a client are held against. */
#include <string.h>

#include "rules/rules_internal.h"

static const char *operation_text(enum operation operation) {
    switch (operation) {
    case OPERATION_BOOTSTRAP_REQUEST:
        return "Bootstrap-Request";
    case OPERATION_BOOTSTRAP_PACK:
        return "Bootstrap-Pack-Request";
    case OPERATION_REGISTER:
        return "Register";
    case OPERATION_UPDATE:
        return "Update";
    case OPERATION_DEREGISTER:
        return "De-register";
    case OPERATION_HANDSHAKE:
    case OPERATION_OTHER:
        break;
    }
    return "request";
}

static void hold_type(const struct rules_case *held, const struct rules_request *request) {
    rules_hold(held, RULE_CONFIRMABLE);
    if (request->message->type != MESSAGE_CON) {
        rules_break(held, RULE_CONFIRMABLE, NULL, 0, "%s is %s", operation_text(request->operation),
                    message_type_text(request->message->type));
    }
}

/* True if the path is that object, or one of its instances. */
static bool is_of_object(const char *path, const char *object) {
    size_t length = strlen(object);
    return strncmp(path, object, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static void hold_list(const struct rules_case *held, const struct rules_request *request,
                      enum rule rule, const char *object) {
    rules_hold(held, rule);
    for (size_t i = 0; i < request->said->object_count; i++) {
        if (is_of_object(request->said->objects[i], object)) {
            rules_break(held, rule, request->message->payload, request->message->payload_length,
                        "the object list of %s has %s", operation_text(request->operation),
                        request->said->objects[i]);
            return;
        }
    }
}

static bool has_object(const struct registration *said, const char *object) {
    for (size_t i = 0; i < said->object_count; i++) {
        if (is_of_object(said->objects[i], object)) {
            return true;
        }
    }
    return false;
}

static void hold_whole(const struct rules_case *held, const struct rules_request *request) {
    static const char *const mandatory[] = {"/1", "/3"};
    rules_hold(held, RULE_OBJECT_LIST_WHOLE);
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++) {
        if (!has_object(request->said, mandatory[i])) {
            rules_break(held, RULE_OBJECT_LIST_WHOLE, request->message->payload,
                        request->message->payload_length, "the object list of Register has no %s",
                        mandatory[i]);
            return;
        }
    }
}

static void hold_lists(const struct rules_case *held, const struct rules_request *request) {
    const struct message *message = request->message;
    rules_hold(held, RULE_OBJECT_LIST_FORMAT);
    if (request->said_wrong & (unsigned)(REGISTRATION_FORMAT | REGISTRATION_LINKS)) {
        rules_break(held, RULE_OBJECT_LIST_FORMAT, message->payload, message->payload_length,
                    "the object list of %s %s", operation_text(request->operation),
                    request->said_wrong & REGISTRATION_LINKS ? "is not link format"
                                                             : "has not Content-Format 40");
    }
    if (request->said->object_count == 0) {
        return; // nothing could be read
    }
    hold_list(held, request, RULE_OBJECT_LIST, "/0");
    hold_list(held, request, RULE_OBJECT_LIST_OSCORE, "/21");
    if (request->operation == OPERATION_REGISTER &&
        !(request->said_wrong & (unsigned)REGISTRATION_PATH)) {
        hold_whole(held, request);
    }
}

static void hold_register(const struct rules_case *held, const struct rules_request *request) {
    const struct registration *said = request->said;
    const char *missing = !said->has_lifetime     ? "lifetime (lt)"
                          : said->version == NULL ? "version (lwm2m)"
                          : !said->has_objects    ? "object list"
                                                  : NULL;
    rules_hold(held, RULE_REGISTER_PARAMETERS);
    if (missing != NULL) {
        rules_break(held, RULE_REGISTER_PARAMETERS, NULL, 0, "a Register says no %s", missing);
    }
    rules_hold(held, RULE_REGISTER_ENDPOINT);
    if (said->endpoint == NULL) {
        rules_break(held, RULE_REGISTER_ENDPOINT, NULL, 0, "a Register says no endpoint (ep)");
    }
}

/* A client may register in another version elsewhere, or after it was refused: the first Register
 * after a Discover is held. */
static void hold_version(const struct rules_case *held, const struct registration *said) {
    const char *discovered = held->rules->discovered;
    if (discovered[0] == '\0' || held->rules->compared || said->version == NULL) {
        return;
    }
    rules_hold(held, RULE_VERSIONS_AGREE);
    if (strcmp(discovered, said->version) != 0) {
        rules_break(held, RULE_VERSIONS_AGREE, (const uint8_t *)discovered, strlen(discovered),
                    "a Register says another version than the Discover before");
    }
    held->rules->compared = true;
}

void rules_request(struct rules *rules, const struct rules_request *request,
                   struct rules_found *found) {
    const struct rules_case held = {rules, found};
    found->count = 0;
    switch (request->operation) {
    case OPERATION_OTHER: // some may be Non-confirmable, and not all are known here
        if (request->at_bootstrap_server) {
            rules_hold_stray(&held, request->message);
        }
        return;
    case OPERATION_BOOTSTRAP_REQUEST:
        rules_hold_bootstrap_request(&held, request->message);
        break;
    case OPERATION_REGISTER:
        hold_register(&held, request);
        hold_version(&held, request->said);
        if (request->is_first) {
            rules_hold_first_register(&held, request->at);
        }
        rules_hold_deleted(&held, request);
        break;
    case OPERATION_UPDATE:
        rules_hold_deleted(&held, request);
        break;
    case OPERATION_BOOTSTRAP_PACK:
    case OPERATION_DEREGISTER:
    case OPERATION_HANDSHAKE:
        break;
    }
    hold_type(&held, request);
    if (request->said != NULL && request->said->has_objects) {
        hold_lists(&held, request);
    }
}
