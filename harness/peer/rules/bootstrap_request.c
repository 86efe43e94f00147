// SPDX-License-Identifier: Apache-2.0
/* What a Bootstrap-Request is held against, and what looks like one. */
#include <string.h>

#include "rules/rules_internal.h"

static bool is_parameter(const struct message_option *option, const char *name) {
    size_t length = strlen(name);
    return option->number == MESSAGE_OPTION_URI_QUERY && option->length >= length &&
           memcmp(option->value, name, length) == 0;
}

static void hold_endpoint(const struct rules_case *held, const struct message *message) {
    const struct message_option *first = NULL;
    rules_hold(held, RULE_BOOTSTRAP_REQUEST);
    rules_hold(held, RULE_BOOTSTRAP_ENDPOINT);
    for (size_t i = 0; i < message->options.count; i++) {
        const struct message_option *option = &message->options.items[i];
        if (!is_parameter(option, "ep=")) {
            continue;
        }
        if (first != NULL || option->length == strlen("ep=")) {
            rules_break(held, RULE_BOOTSTRAP_REQUEST, option->value, option->length, "%s",
                        first != NULL ? "a Bootstrap-Request says ep twice"
                                      : "a Bootstrap-Request has an ep that is empty");
        }
        first = option;
    }
    if (first == NULL) {
        rules_break(held, RULE_BOOTSTRAP_ENDPOINT, NULL, 0, "a Bootstrap-Request says no ep");
    }
}

void rules_hold_stray(const struct rules_case *held, const struct message *message) {
    const struct message_option *path =
        message_options_find(&message->options, MESSAGE_OPTION_URI_PATH);
    if (message->code != MESSAGE_POST || (path != NULL && path->length == strlen("rd") &&
                                          memcmp(path->value, "rd", path->length) == 0)) {
        return;
    }
    for (size_t i = 0; i < message->options.count; i++) {
        if (is_parameter(&message->options.items[i], "ep=")) {
            rules_hold(held, RULE_BOOTSTRAP_REQUEST);
            rules_break(held, RULE_BOOTSTRAP_REQUEST, path != NULL ? path->value : NULL,
                        path != NULL ? path->length : 0,
                        "a POST with ep comes to a Bootstrap-Server, but not to /bs");
            return;
        }
    }
}

/* TLV, SenML JSON and CBOR; LwM2M CBOR from 1.2 on. */
static bool is_format(const uint8_t *text, size_t length) {
    static const char *const formats[] = {"11542", "110", "112", "11544"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (length == strlen(formats[i]) && memcmp(text, formats[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static void hold_preferred_format(const struct rules_case *held, const struct message *message) {
    for (size_t i = 0; i < message->options.count; i++) {
        const struct message_option *option = &message->options.items[i];
        if (!is_parameter(option, "pct=")) {
            continue;
        }
        rules_hold(held, RULE_PREFERRED_FORMAT);
        if (!is_format(option->value + strlen("pct="), option->length - strlen("pct="))) {
            rules_break(held, RULE_PREFERRED_FORMAT, option->value, option->length,
                        "the preferred content format (pct) is none that a Write may have");
        }
    }
}

/* Critical options (RFC 7252 5.4.1: odd numbers) that a request without payload may well have. */
static bool is_understood(uint16_t number) {
    enum { OPTION_OSCORE = 9 };
    return number % 2 == 0 || number == MESSAGE_OPTION_URI_HOST ||
           number == MESSAGE_OPTION_URI_PORT || number == MESSAGE_OPTION_URI_PATH ||
           number == MESSAGE_OPTION_URI_QUERY || number == MESSAGE_OPTION_ACCEPT ||
           number == MESSAGE_OPTION_BLOCK1 || number == MESSAGE_OPTION_BLOCK2 ||
           number == OPTION_OSCORE;
}

static void hold_bare(const struct rules_case *held, const struct message *message) {
    rules_hold(held, RULE_BOOTSTRAP_BARE);
    if (message->payload_length > 0) {
        rules_break(held, RULE_BOOTSTRAP_BARE, message->payload, message->payload_length,
                    "a Bootstrap-Request has a payload");
    }
    for (size_t i = 0; i < message->options.count; i++) {
        const struct message_option *option = &message->options.items[i];
        if (!is_understood(option->number)) {
            rules_break(held, RULE_BOOTSTRAP_BARE, option->value, option->length,
                        "a Bootstrap-Request has the critical option %u", option->number);
            return;
        }
    }
}

void rules_hold_bootstrap_request(const struct rules_case *held, const struct message *message) {
    hold_endpoint(held, message);
    hold_preferred_format(held, message);
    hold_bare(held, message);
}
