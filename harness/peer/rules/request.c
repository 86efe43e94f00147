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

void rules_request(struct rules *rules, const struct rules_request *request,
                   struct rules_found *found) {
    const struct rules_case held = {rules, found};
    found->count = 0;
    if (request->operation == OPERATION_OTHER) {
        return; // some may be Non-confirmable, and not all are known here
    }
    hold_type(&held, request);
    if (request->said != NULL && request->said->object_count > 0) {
        hold_list(&held, request, RULE_OBJECT_LIST, "/0");
        hold_list(&held, request, RULE_OBJECT_LIST_OSCORE, "/21");
    }
}
