// SPDX-License-Identifier: Apache-2.0
/* What every message of a client is held against, whatever it says: RFC 7252 3, 4.3, 4.4, 5.3.2,
 * and that nothing is said in the clear to a server with security. */
#include <string.h>

#include "rules/rules_internal.h"

/* For how long a message id is not to be used again: EXCHANGE_LIFETIME is 2 * MAX_LATENCY and more,
 * whatever the transmission parameters are (RFC 7252 4.8.2). */
#define MID_LIFETIME_NS (UINT64_C(200) * 1000000000)

/* FNV-1a */
static uint64_t fingerprint(const uint8_t *bytes, size_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void hold_id(const struct rules_case *held, struct rules_association *association,
                    const struct rules_message *message) {
    uint64_t hash = fingerprint(message->bytes, message->length);
    const struct rules_seen *before = NULL;
    for (size_t i = 0; i < RULES_SEEN_MAX; i++) {
        const struct rules_seen *seen = &association->seen[i];
        if (seen->used && seen->mid == message->message->mid &&
            message->t_ns < seen->t_ns + MID_LIFETIME_NS) {
            if (seen->fingerprint == hash && seen->length == message->length) {
                return; // a repetition
            }
            before = seen;
        }
    }
    rules_hold(held, RULE_MESSAGE_ID);
    if (before != NULL) {
        rules_break(held, RULE_MESSAGE_ID, message->bytes, message->length,
                    "message id %u was that of another message %u s ago", message->message->mid,
                    (unsigned)((message->t_ns - before->t_ns) / 1000000000));
        held->found->items[held->found->count - 1].earlier_ns = before->t_ns;
    }
    association->seen[association->next] = (struct rules_seen){.used = true,
                                                               .mid = message->message->mid,
                                                               .fingerprint = hash,
                                                               .length = message->length,
                                                               .t_ns = message->t_ns};
    association->next = (association->next + 1) % RULES_SEEN_MAX;
}

void rules_message(struct rules *rules, struct rules_association *association,
                   const struct rules_message *message, struct rules_found *found) {
    const struct rules_case held = {rules, found};
    enum message_type type = message->message->type;
    found->count = 0;
    rules_hold(&held, RULE_MESSAGE_FORMAT);
    if (message->secure) {
        rules_hold(&held, RULE_NOTHING_IN_THE_CLEAR);
    }
    if (type == MESSAGE_CON || type == MESSAGE_NON) { // ACK and RST have ids of ours
        hold_id(&held, association, message);
    }
}

void rules_malformed(struct rules *rules, enum message_fault fault, const uint8_t *bytes,
                     size_t length, struct rules_found *found) {
    const struct rules_case held = {rules, found};
    found->count = 0;
    // what is not version 1 may be no CoAP at all, and what only the codec rejects is not certain
    if (fault == MESSAGE_FAULT_VERSION || fault == MESSAGE_FAULT_CODEC ||
        fault == MESSAGE_FAULT_MEMORY || fault == MESSAGE_OK) {
        return;
    }
    rules_hold(&held, RULE_MESSAGE_FORMAT);
    rules_break(&held, RULE_MESSAGE_FORMAT, bytes, length, "%s", message_fault_text(fault));
}

void rules_answer(struct rules *rules, const struct message *response, bool to_non,
                  bool token_differs, struct rules_found *found) {
    const struct rules_case held = {rules, found};
    found->count = 0;
    rules_hold(&held, RULE_TOKEN);
    if (token_differs) {
        rules_break(&held, RULE_TOKEN, response->token, response->token_length,
                    "a response has another token than the request of its message id");
    }
    if (to_non) {
        rules_hold(&held, RULE_NON_NOT_ACKNOWLEDGED);
        if (response->type == MESSAGE_ACK) {
            rules_break(&held, RULE_NON_NOT_ACKNOWLEDGED, NULL, 0,
                        "a Non-confirmable request is acknowledged");
        }
    }
}

void rules_undecodable(struct rules *rules, const uint8_t *bytes, size_t length,
                       struct rules_found *found) {
    const struct rules_case held = {rules, found};
    struct message message;
    found->count = 0;
    // no record of DTLS begins like CoAP: its first byte is 20 to 63
    if (message_parse(&message, bytes, length) == MESSAGE_OK && message_is_request(&message) &&
        !rules->no_security_written) {
        rules_hold(&held, RULE_NOTHING_IN_THE_CLEAR);
        rules_break(&held, RULE_NOTHING_IN_THE_CLEAR, bytes, length,
                    "a %s comes in the clear to a server with security",
                    message_method_text(message.code) ? message_method_text(message.code)
                                                      : "request");
    }
    message_clear(&message);
}
