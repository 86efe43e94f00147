// SPDX-License-Identifier: Apache-2.0
#include "udp/lateness.h"

#include "base/clock.h"

#define HALF (LATENESS_LINEAR / 2)

static size_t bucket_of(uint64_t us) {
    unsigned int shift = 0;
    while ((us >> shift) >= LATENESS_LINEAR) {
        shift++;
    }
    return shift == 0 ? (size_t)us
                      : LATENESS_LINEAR + (shift - 1) * HALF + (size_t)(us >> shift) - HALF;
}

static uint64_t bucket_last(size_t bucket) {
    if (bucket < LATENESS_LINEAR) {
        return bucket;
    }
    size_t shift = (bucket - LATENESS_LINEAR) / HALF + 1;
    uint64_t step = (bucket - LATENESS_LINEAR) % HALF + HALF + 1;
    return (step << shift) - 1;
}

void lateness_record(struct lateness *lateness, uint64_t late_ns) {
    uint64_t us = late_ns / CLOCK_NS_PER_US;
    lateness->buckets[bucket_of(us)]++;
    lateness->fired++;
    if (us > lateness->max_us) {
        lateness->max_us = us;
    }
}

static uint64_t percentile(const struct lateness *lateness, uint64_t thousandths) {
    // The smallest value that at least so many thousandths of all do not exceed.
    uint64_t rank = lateness->fired - lateness->fired * (1000 - thousandths) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < LATENESS_BUCKETS; i++) {
        seen += lateness->buckets[i];
        if (seen >= rank) {
            uint64_t last = bucket_last(i);
            return last < lateness->max_us ? last : lateness->max_us;
        }
    }
    return lateness->max_us;
}

struct loop_lateness lateness_figures(const struct lateness *lateness) {
    struct loop_lateness figures = {.fired = lateness->fired, .max_us = lateness->max_us};
    if (lateness->fired != 0) {
        figures.p50_us = percentile(lateness, 500);
        figures.p999_us = percentile(lateness, 999);
    }
    return figures;
}
