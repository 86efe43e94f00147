// SPDX-License-Identifier: Apache-2.0
/*
 * Deliberate faults of one direction of a path: drop and duplicate by position, delay. Used below
 * DTLS (by wire/port.h) and above it (by roles), where a duplicate is not swallowed by anti-replay.
 * Sans-I/O: what is delayed comes out of impair_advance().
 */
#ifndef WIRE_IMPAIR_H
#define WIRE_IMPAIR_H

#include "base/address.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct impair;

enum impair_fault { IMPAIR_DROP, IMPAIR_DUPLICATE, IMPAIR_DELAY };

/** What goes through: bytes and where they belong. Members an owner does not need stay zero. */
struct impair_item {
    struct address remote;
    uint64_t association;
    uint64_t stamp_ns; // when it arrived, or was to be sent
    const uint8_t *bytes;
    size_t length;
    unsigned int faults; // that it met: bits 1 << enum impair_fault; set by impair_put()
};

struct impair_callbacks {
    /** An item goes on; its bytes are valid during the call. `copy`: it is the second of a
     * duplicate. */
    void (*pass)(void *context, const struct impair_item *item, bool copy, uint64_t now_ns);
    /** An item met a fault; called before pass (for a delay: when it is put in). May be NULL. */
    void (*met)(void *context, enum impair_fault fault, const struct impair_item *item,
                uint64_t now_ns);
};

/** Positions count items from 0, from impair_set() on. */
struct impair_plan {
    const uint64_t *drop;
    size_t drop_count;
    const uint64_t *duplicate;
    size_t duplicate_count;
    uint64_t delay_ns; // of every item that is not dropped
};

/** NULL without memory. */
struct impair *impair_new(const struct impair_callbacks *callbacks, void *context);

/** What is delayed is thrown away. NULL is allowed. */
void impair_free(struct impair *impair);

/** Replace the plan (copied); an all-zero one ends it. What is delayed already comes when it was
 * due. 0 or -ENOMEM. */
int impair_set(struct impair *impair, const struct impair_plan *plan);

/** Put an item in; without a fault it is passed on before this returns. */
void impair_put(struct impair *impair, const struct impair_item *item, uint64_t now_ns);

/** When the next delayed item is due, or CLOCK_NEVER. */
uint64_t impair_deadline(const struct impair *impair);

/** Pass on what is due. */
void impair_advance(struct impair *impair, uint64_t now_ns);

/** Throw away the delayed items of an association (their session is gone). */
void impair_forget(struct impair *impair, uint64_t association);

/** "drop", "duplicate", "delay". */
const char *impair_fault_name(enum impair_fault fault);

#endif
