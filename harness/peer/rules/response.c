// SPDX-License-Identifier: Apache-2.0
/* What the answers of a client to a Bootstrap-Server are held against. */
#include <stdio.h>
#include <string.h>

#include "lwm2m/link.h"
#include "rules/rules_internal.h"

enum { FORMAT_LINKS = 40, CODES_MAX = 6 };

static bool path_is(const struct message_options *options, const char *segment) {
    size_t segments = 0;
    bool same = false;
    for (size_t i = 0; i < options->count; i++) {
        const struct message_option *option = &options->items[i];
        if (option->number == MESSAGE_OPTION_URI_PATH) {
            segments++;
            same = option->length == strlen(segment) &&
                   memcmp(option->value, segment, option->length) == 0;
        }
    }
    return segments == 1 && same;
}

enum rules_command rules_command_of(const struct message *request) {
    uint32_t format;
    bool has_accept = message_options_get_uint(&request->options, MESSAGE_OPTION_ACCEPT, &format);
    switch (request->code) {
    case MESSAGE_PUT:
        return RULES_WRITE;
    case MESSAGE_DELETE:
        return RULES_DELETE;
    case MESSAGE_GET:
        if (has_accept && format == FORMAT_LINKS) {
            return RULES_DISCOVER;
        }
        // without Accept a GET of / may be taken for either
        return has_accept || message_options_find(&request->options, MESSAGE_OPTION_URI_PATH)
                   ? RULES_READ
                   : RULES_NO_COMMAND;
    case MESSAGE_POST:
        return path_is(&request->options, "bs") && request->payload_length == 0 ? RULES_FINISH
                                                                                : RULES_NO_COMMAND;
    default:
        return RULES_NO_COMMAND;
    }
}

/* The codes that the texts have for each command (TS 1.0 8.5, TS Transport 1.1 and 1.2 6.7), past
 * those that CoAP itself may give. */
static const struct {
    enum rule rule;
    const char *name;
    uint8_t codes[CODES_MAX];
} commands[] = {
    [RULES_WRITE] = {RULE_WRITE_CODES,
                     "Write",
                     {MESSAGE_CODE(2, 4), MESSAGE_CODE(4, 0), MESSAGE_CODE(4, 15)}},
    [RULES_DELETE] = {RULE_DELETE_CODES, "Delete", {MESSAGE_CODE(2, 2), MESSAGE_CODE(4, 0)}},
    [RULES_DISCOVER] = {RULE_DISCOVER_CODES,
                        "Discover",
                        {MESSAGE_CODE(2, 5), MESSAGE_CODE(4, 0), MESSAGE_CODE(4, 4)}},
    [RULES_READ] = {RULE_READ_CODES,
                    "Read",
                    {MESSAGE_CODE(2, 5), MESSAGE_CODE(4, 0), MESSAGE_CODE(4, 1), MESSAGE_CODE(4, 4),
                     MESSAGE_CODE(4, 5), MESSAGE_CODE(4, 6)}},
    [RULES_FINISH] = {RULE_FINISH_CODES,
                      "Finish",
                      {MESSAGE_CODE(2, 4), MESSAGE_CODE(4, 0), MESSAGE_CODE(4, 6)}},
};

/* Of CoAP, whatever the operation: Bad Option (RFC 7252 5.4.1), block-wise transfer (RFC 7959
 * 2.9), and every error of the server, which the texts ask for where no other code fits. */
static bool is_of_coap(uint8_t code) {
    return code == MESSAGE_CODE(4, 2) || code == MESSAGE_CODE(4, 8) ||
           code == MESSAGE_CODE(4, 13) || code >> 5 == 5;
}

static void hold_code(const struct rules_case *held, enum rules_command command, uint8_t code) {
    char text[5];
    rules_hold(held, commands[command].rule);
    for (size_t i = 0; i < CODES_MAX; i++) {
        if (code == commands[command].codes[i]) {
            return;
        }
    }
    if (!is_of_coap(code)) {
        message_code_text(code, text);
        rules_break(held, commands[command].rule, NULL, 0, "a %s is answered by %s",
                    commands[command].name, text);
    }
}

static const struct link_attribute *find_version(const struct link_list *links) {
    for (size_t i = 0; i < links->count; i++) {
        const struct link_attribute *version = link_find(&links->items[i], "lwm2m");
        if (version != NULL && version->value != NULL) {
            return version;
        }
    }
    return NULL;
}

static void hold_discovered(const struct rules_case *held, const struct message *message) {
    uint32_t format;
    struct link_list links;
    bool is_links =
        message_options_get_uint(&message->options, MESSAGE_OPTION_CONTENT_FORMAT, &format) &&
        format == FORMAT_LINKS;
    enum link_fault fault = link_parse(&links, message->payload, message->payload_length, NULL);
    if (fault == LINK_FAULT_MEMORY) {
        return;
    }
    rules_hold(held, RULE_DISCOVER_FORMAT);
    if (!is_links || fault != LINK_OK) {
        rules_break(held, RULE_DISCOVER_FORMAT, message->payload, message->payload_length,
                    fault != LINK_OK ? "the answer to a Discover is not link format: %s"
                                     : "the answer to a Discover has not Content-Format 40%s",
                    link_fault_text(fault));
    }
    if (fault != LINK_OK) {
        return;
    }
    const struct link_attribute *version = find_version(&links);
    rules_hold(held, RULE_DISCOVER_VERSION);
    if (version == NULL) {
        rules_break(held, RULE_DISCOVER_VERSION, message->payload, message->payload_length,
                    "the answer to a Discover has no version of the enabler (lwm2m)");
    }
    held->rules->compared = false;
    (void)snprintf(held->rules->discovered, sizeof held->rules->discovered, "%s",
                   version != NULL ? version->value : "");
    link_clear(&links);
}

void rules_response(struct rules *rules, const struct message *response, enum rules_command command,
                    struct rules_found *found) {
    const struct rules_case held = {rules, found};
    found->count = 0;
    if (command == RULES_NO_COMMAND) {
        return;
    }
    if (command == RULES_DISCOVER && response->code == MESSAGE_CODE(2, 5)) {
        rules->discovers = true;
        hold_discovered(&held, response);
    }
    // a client need not have Discover at all, and may refuse it as it likes then
    if (command != RULES_DISCOVER || rules->discovers || response->code >> 5 == 2) {
        hold_code(&held, command, response->code);
    }
}
