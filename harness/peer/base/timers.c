// SPDX-License-Identifier: Apache-2.0
#include "base/timers.h"

#include <errno.h>
#include <stdlib.h>

static void place(struct timers *timers, struct timer *timer, size_t at) {
    timers->heap[at - 1] = timer;
    timer->place = at;
}

static void sift_up(struct timers *timers, struct timer *timer, size_t at) {
    while (at > 1 && timers->heap[at / 2 - 1]->deadline_ns > timer->deadline_ns) {
        place(timers, timers->heap[at / 2 - 1], at);
        at /= 2;
    }
    place(timers, timer, at);
}

static void sift_down(struct timers *timers, struct timer *timer, size_t at) {
    for (;;) {
        size_t child = 2 * at;
        if (child > timers->count) {
            break;
        }
        if (child < timers->count &&
            timers->heap[child]->deadline_ns < timers->heap[child - 1]->deadline_ns) {
            child++;
        }
        if (timers->heap[child - 1]->deadline_ns >= timer->deadline_ns) {
            break;
        }
        place(timers, timers->heap[child - 1], at);
        at = child;
    }
    place(timers, timer, at);
}

static void settle(struct timers *timers, struct timer *timer, size_t at) {
    sift_up(timers, timer, at);
    sift_down(timers, timer, timer->place);
}

int timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns) {
    if (deadline_ns == UINT64_MAX) {
        timers_unset(timers, timer);
        return 0;
    }
    timer->deadline_ns = deadline_ns;
    if (timer->place != 0) {
        settle(timers, timer, timer->place);
        return 0;
    }
    if (timers->count == timers->capacity) {
        size_t capacity = timers->capacity == 0 ? 16 : timers->capacity * 2;
        struct timer **heap = realloc(timers->heap, capacity * sizeof(struct timer *));
        if (heap == NULL) {
            return -ENOMEM;
        }
        timers->heap = heap;
        timers->capacity = capacity;
    }
    timers->count++;
    settle(timers, timer, timers->count);
    return 0;
}

void timers_unset(struct timers *timers, struct timer *timer) {
    size_t at = timer->place;
    if (at == 0) {
        return;
    }
    struct timer *last = timers->heap[timers->count - 1];
    timers->count--;
    timer->place = 0;
    if (last != timer) {
        settle(timers, last, at);
    }
}

uint64_t timers_next(const struct timers *timers) {
    return timers->count == 0 ? UINT64_MAX : timers->heap[0]->deadline_ns;
}

void *timers_due(struct timers *timers, uint64_t now_ns) {
    if (timers_next(timers) > now_ns || timers->count == 0) {
        return NULL;
    }
    struct timer *timer = timers->heap[0];
    timers_unset(timers, timer);
    return timer->owner;
}

void timers_free(struct timers *timers) {
    free(timers->heap);
    *timers = (struct timers){0};
}
