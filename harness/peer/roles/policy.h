// SPDX-License-Identifier: Apache-2.0
/*
 * The answers that a server is armed with before the client starts: per operation a queue. An
 * answer with `times` is used so often, one without for ever; past the end the operation's success
 * is back.
 */
#ifndef ROLES_POLICY_H
#define ROLES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwm2m/operation.h"

enum answer_action { ANSWER_RESPOND, ANSWER_HOLD, ANSWER_SILENCE, ANSWER_ALERT };

struct answer {
    enum answer_action action;
    uint8_t code; // of the response; 0: the default of the operation
    bool separate;
    uint8_t alert; // RFC 5246 7.2
    uint64_t delay_ns;
    uint64_t times; // 0: for ever
};

struct policy {
    struct {
        struct answer *answers;
        size_t count;
        size_t next;   // the answer in use
        uint64_t used; // how often it was used
    } queues[OPERATIONS];
};

/** Replace what was armed for an operation; the answers are copied. 0 or -ENOMEM (nothing changed).
 */
int policy_arm(struct policy *policy, enum operation operation, const struct answer *answers,
               size_t count);

/** The answer to the next request of an operation, and count it as used. */
struct answer policy_next(struct policy *policy, enum operation operation);

/** The same without counting it. */
struct answer policy_peek(const struct policy *policy, enum operation operation);

void policy_clear(struct policy *policy);

/** The code of an operation's success, as a CoAP code byte (RFC 7252 12.1); 0 for a handshake. */
uint8_t operation_success(enum operation operation);

/** The operation's name in the control protocol. */
const char *operation_name(enum operation operation);

/** The operation of that name; false if there is none. */
bool operation_parse(const char *name, enum operation *operation);

const char *answer_action_name(enum answer_action action);

#endif
