// SPDX-License-Identifier: Apache-2.0
/*
 * Deadlines of many things, the earliest first: a binary heap of timers that live in their owners.
 * It knows no clock; times are whatever the owner says, nanoseconds here.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One timer. Zero-initialised it is not set. It must not move while it is set. */
struct timer {
    uint64_t deadline_ns;
    size_t place; // 1-based place in the heap; 0: not set
    void *owner;  // what timers_due() hands back
};

/** Zero-initialised it is empty and valid. */
struct timers {
    struct timer **heap;
    size_t count;
    size_t capacity;
};

/** Set or move a timer. 0 or -ENOMEM (it is not set then). CLOCK_NEVER unsets it. */
int timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns);

/** Unset a timer; nothing if it is not set. */
void timers_unset(struct timers *timers, struct timer *timer);

/** The earliest deadline, or CLOCK_NEVER. */
uint64_t timers_next(const struct timers *timers);

/** Unset and return the owner of the earliest timer that is due at `now_ns`; NULL if none is. */
void *timers_due(struct timers *timers, uint64_t now_ns);

/** Free the heap; timers that were set are forgotten and must not be used again. */
void timers_free(struct timers *timers);

#endif
