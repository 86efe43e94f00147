// SPDX-License-Identifier: Apache-2.0
#include "roles/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int policy_arm(struct policy *policy, enum operation operation, const struct answer *answers,
               size_t count) {
    struct answer *copy = NULL;
    if (count > 0) {
        copy = malloc(count * sizeof *copy);
        if (!copy) {
            return -ENOMEM;
        }
        memcpy(copy, answers, count * sizeof *copy);
    }
    free(policy->queues[operation].answers);
    policy->queues[operation].answers = copy;
    policy->queues[operation].count = count;
    policy->queues[operation].next = 0;
    policy->queues[operation].used = 0;
    return 0;
}

struct answer policy_peek(const struct policy *policy, enum operation operation) {
    size_t next = policy->queues[operation].next;
    return next == policy->queues[operation].count ? (struct answer){.action = ANSWER_RESPOND}
                                                   : policy->queues[operation].answers[next];
}

struct answer policy_next(struct policy *policy, enum operation operation) {
    struct answer answer = policy_peek(policy, operation);
    if (policy->queues[operation].next == policy->queues[operation].count) {
        return answer;
    }
    policy->queues[operation].used++;
    if (answer.times > 0 && policy->queues[operation].used == answer.times) {
        policy->queues[operation].next++;
        policy->queues[operation].used = 0;
    }
    return answer;
}

void policy_clear(struct policy *policy) {
    for (size_t i = 0; i < OPERATIONS; i++) {
        free(policy->queues[i].answers);
    }
    memset(policy, 0, sizeof *policy);
}

uint8_t operation_success(enum operation operation) {
    switch (operation) {
    case OPERATION_HANDSHAKE:
        return 0;
    case OPERATION_BOOTSTRAP_REQUEST:
    case OPERATION_UPDATE:
        return 0x44; // 2.04 Changed
    case OPERATION_REGISTER:
        return 0x41; // 2.01 Created
    case OPERATION_DEREGISTER:
        return 0x42; // 2.02 Deleted
    case OPERATION_BOOTSTRAP_PACK:
    case OPERATION_OTHER:
        return 0x84; // 4.04 Not Found: there is no pack, and nothing else either
    }
    return 0;
}

static const char *const names[OPERATIONS] = {
    "handshake", "bootstrap_request", "bootstrap_pack", "register", "update", "deregister", "other",
};

const char *operation_name(enum operation operation) {
    return names[operation];
}

bool operation_parse(const char *name, enum operation *operation) {
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *operation = (enum operation)i;
            return true;
        }
    }
    return false;
}

const char *answer_action_name(enum answer_action action) {
    switch (action) {
    case ANSWER_RESPOND:
        return "respond";
    case ANSWER_HOLD:
        return "hold";
    case ANSWER_SILENCE:
        return "silence";
    case ANSWER_ALERT:
        return "alert";
    }
    return "?";
}
