// SPDX-License-Identifier: Apache-2.0
#include "wire/impair.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct positions {
    uint64_t *list; // owned
    size_t count;
};

struct delayed {
    struct impair_item item; // its bytes stand behind this
    uint64_t due_ns;
    bool copy;
    struct delayed *next;
    uint8_t bytes[];
};

struct impair {
    struct impair_callbacks callbacks;
    void *context;
    struct positions drop;
    struct positions duplicate;
    uint64_t delay_ns;
    uint64_t position;     // of the next item
    struct delayed *first; // by due time, then by arrival
};

struct impair *impair_new(const struct impair_callbacks *callbacks, void *context) {
    struct impair *impair = calloc(1, sizeof *impair);
    if (impair != NULL) {
        impair->callbacks = *callbacks;
        impair->context = context;
    }
    return impair;
}

void impair_free(struct impair *impair) {
    if (impair == NULL) {
        return;
    }
    while (impair->first != NULL) {
        struct delayed *delayed = impair->first;
        impair->first = delayed->next;
        free(delayed);
    }
    free(impair->drop.list);
    free(impair->duplicate.list);
    free(impair);
}

static int copy_positions(struct positions *copy, const uint64_t *list, size_t count) {
    copy->count = count;
    copy->list = malloc((count + 1) * sizeof *list);
    if (copy->list == NULL) {
        return -ENOMEM;
    }
    if (count > 0) {
        memcpy(copy->list, list, count * sizeof *list);
    }
    return 0;
}

int impair_set(struct impair *impair, const struct impair_plan *plan) {
    struct positions drop = {0};
    struct positions duplicate = {0};
    if (copy_positions(&drop, plan->drop, plan->drop_count) < 0 ||
        copy_positions(&duplicate, plan->duplicate, plan->duplicate_count) < 0) {
        free(drop.list);
        return -ENOMEM;
    }
    free(impair->drop.list);
    free(impair->duplicate.list);
    impair->drop = drop;
    impair->duplicate = duplicate;
    impair->delay_ns = plan->delay_ns;
    impair->position = 0;
    return 0;
}

static bool contains(const struct positions *positions, uint64_t position) {
    for (size_t i = 0; i < positions->count; i++) {
        if (positions->list[i] == position) {
            return true;
        }
    }
    return false;
}

static void tell(struct impair *impair, enum impair_fault fault, const struct impair_item *item,
                 uint64_t now_ns) {
    if (impair->callbacks.met != NULL) {
        impair->callbacks.met(impair->context, fault, item, now_ns);
    }
}

/** Keep an item for later; without memory it goes on at once. */
static void hold(struct impair *impair, const struct impair_item *item, uint64_t delay_ns,
                 bool copy, uint64_t now_ns) {
    struct delayed *delayed = malloc(sizeof *delayed + item->length);
    if (delayed == NULL) {
        impair->callbacks.pass(impair->context, item, copy, now_ns);
        return;
    }
    delayed->item = *item;
    delayed->item.bytes = delayed->bytes;
    delayed->due_ns = now_ns + delay_ns;
    delayed->copy = copy;
    if (item->length > 0) {
        memcpy(delayed->bytes, item->bytes, item->length);
    }
    struct delayed **link = &impair->first;
    while (*link != NULL && (*link)->due_ns <= delayed->due_ns) {
        link = &(*link)->next;
    }
    delayed->next = *link;
    *link = delayed;
}

void impair_put(struct impair *impair, const struct impair_item *item, uint64_t now_ns) {
    struct impair_item marked = *item;
    uint64_t position = impair->position++;
    uint64_t delay_ns = impair->delay_ns;
    bool drop = contains(&impair->drop, position);
    bool duplicate = !drop && contains(&impair->duplicate, position);
    bool delay = !drop && delay_ns > 0;
    marked.faults = (unsigned int)drop << IMPAIR_DROP |
                    (unsigned int)duplicate << IMPAIR_DUPLICATE |
                    (unsigned int)delay << IMPAIR_DELAY;
    if (drop) {
        tell(impair, IMPAIR_DROP, &marked, now_ns);
        return;
    }
    if (duplicate) {
        tell(impair, IMPAIR_DUPLICATE, &marked, now_ns);
    }
    if (delay) {
        tell(impair, IMPAIR_DELAY, &marked, now_ns);
    }
    for (int i = 0; i < (duplicate ? 2 : 1); i++) {
        if (delay) {
            hold(impair, &marked, delay_ns, i == 1, now_ns);
        } else {
            impair->callbacks.pass(impair->context, &marked, i == 1, now_ns);
        }
    }
}

uint64_t impair_deadline(const struct impair *impair) {
    return impair->first == NULL ? CLOCK_NEVER : impair->first->due_ns;
}

void impair_advance(struct impair *impair, uint64_t now_ns) {
    while (impair->first != NULL && impair->first->due_ns <= now_ns) {
        struct delayed *delayed = impair->first;
        impair->first = delayed->next;
        impair->callbacks.pass(impair->context, &delayed->item, delayed->copy, now_ns);
        free(delayed);
    }
}

void impair_forget(struct impair *impair, uint64_t association) {
    for (struct delayed **link = &impair->first; *link != NULL;) {
        struct delayed *delayed = *link;
        if (delayed->item.association == association) {
            *link = delayed->next;
            free(delayed);
        } else {
            link = &delayed->next;
        }
    }
}

const char *impair_fault_name(enum impair_fault fault) {
    switch (fault) {
    case IMPAIR_DROP:
        return "drop";
    case IMPAIR_DUPLICATE:
        return "duplicate";
    case IMPAIR_DELAY:
        return "delay";
    }
    return "drop";
}
