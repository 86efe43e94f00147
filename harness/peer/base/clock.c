// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * CLOCK_NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t clock_now_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_realtime_offset_ns(void) {
    // Between two looks at the monotonic clock: the closest of a few, in case the process was
    // preempted.
    uint64_t narrowest = UINT64_MAX;
    int64_t offset = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t before = read_clock(CLOCK_MONOTONIC);
        uint64_t real = read_clock(CLOCK_REALTIME);
        uint64_t after = read_clock(CLOCK_MONOTONIC);
        if (after - before < narrowest) {
            narrowest = after - before;
            offset = (int64_t)(real - (before + narrowest / 2));
        }
    }
    return offset;
}
