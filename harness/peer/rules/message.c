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

/* A copy that the network made comes at once. */
#define COPY_NS (UINT64_C(20) * 1000000)
/* How far a client's clock and a busy machine may bring two messages together. */
#define LEEWAY_NS (UINT64_C(250) * 1000000)

/* The k-th repetition comes ACK_TIMEOUT * (2^k - 1) after the message at the earliest, for the time
 * to it doubles (RFC 7252 4.2). How late it comes says nothing: others may have been lost. */
static void hold_repetition(const struct rules_case *held, struct rules_seen *seen,
                            const struct rules_message *message) {
    unsigned timeout_ms = held->rules->ack_timeout_ms > 0 ? held->rules->ack_timeout_ms
                                                          : (unsigned)RULES_ACK_TIMEOUT_MS;
    unsigned most = held->rules->max_retransmit > 0 ? held->rules->max_retransmit
                                                    : (unsigned)RULES_MAX_RETRANSMIT;
    uint64_t passed_ns = message->t_ns - seen->t_ns;
    if (message->message->type != MESSAGE_CON || message->t_ns - seen->last_ns < COPY_NS) {
        return;
    }
    seen->last_ns = message->t_ns;
    seen->repeated++;
    rules_hold(held, RULE_RETRANSMISSION);
    if (seen->repeated > most) {
        rules_break(held, RULE_RETRANSMISSION, message->bytes, message->length,
                    "a message comes again for the %u. time: MAX_RETRANSMIT is %u", seen->repeated,
                    most);
        return;
    }
    uint64_t least_ns = timeout_ms * UINT64_C(1000000) * ((UINT64_C(1) << seen->repeated) - 1);
    least_ns -= least_ns / 10;
    if (passed_ns + LEEWAY_NS < least_ns) {
        rules_break(held, RULE_RETRANSMISSION, message->bytes, message->length,
                    "repetition %u of a message comes %u ms after it, before %u ms with "
                    "ACK_TIMEOUT %u ms",
                    seen->repeated, (unsigned)(passed_ns / 1000000), (unsigned)(least_ns / 1000000),
                    timeout_ms);
    }
}

/* Where a message of this id was seen that may not be forgotten yet, the same one or another. */
static struct rules_seen *find(struct rules_seen seen[RULES_SEEN_MAX],
                               const struct rules_message *message) {
    struct rules_seen *last = NULL;
    for (size_t i = 0; i < RULES_SEEN_MAX; i++) {
        if (seen[i].used && seen[i].mid == message->message->mid &&
            message->t_ns < seen[i].t_ns + MID_LIFETIME_NS &&
            (last == NULL || seen[i].t_ns >= last->t_ns)) {
            last = &seen[i];
        }
    }
    return last;
}

static struct rules_seen seen_now(const struct rules_message *message) {
    return (struct rules_seen){.used = true,
                               .mid = message->message->mid,
                               .fingerprint = fingerprint(message->bytes, message->length),
                               .length = message->length,
                               .t_ns = message->t_ns,
                               .last_ns = message->t_ns};
}

static bool is_same(const struct rules_seen *one, const struct rules_seen *other) {
    return one->fingerprint == other->fingerprint && one->length == other->length;
}

static void hold_id(const struct rules_case *held, struct rules_association *association,
                    const struct rules_message *message) {
    struct rules_seen now = seen_now(message);
    struct rules_seen *before = find(association->seen, message);
    if (before != NULL && is_same(before, &now)) {
        hold_repetition(held, before, message);
        return;
    }
    rules_hold(held, RULE_MESSAGE_ID);
    if (before != NULL) {
        rules_break(held, RULE_MESSAGE_ID, message->bytes, message->length,
                    "message id %u was that of another message %u s ago", message->message->mid,
                    (unsigned)((message->t_ns - before->t_ns) / 1000000000));
        rules_since(held, before->t_ns);
    }
    association->seen[association->next] = now;
    association->next = (association->next + 1) % RULES_SEEN_MAX;
}

/* Only what answers: an empty ACK may be followed by another one that has the response. */
static void hold_answer(const struct rules_case *held, struct rules_association *association,
                        const struct rules_message *message) {
    struct rules_seen now = seen_now(message);
    const struct rules_seen *before = find(association->answered, message);
    if (message->message->code == 0) {
        return;
    }
    if (before == NULL) {
        association->answered[association->next_answered] = now;
        association->next_answered = (association->next_answered + 1) % RULES_SEEN_MAX;
        return;
    }
    rules_hold(held, RULE_ANSWERED_ALIKE);
    if (!is_same(before, &now)) {
        rules_break(held, RULE_ANSWERED_ALIKE, message->bytes, message->length,
                    "a repetition of message %u is answered otherwise than the first",
                    message->message->mid);
        rules_since(held, before->t_ns);
    }
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
    } else if (type == MESSAGE_ACK) {
        hold_answer(&held, association, message);
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
