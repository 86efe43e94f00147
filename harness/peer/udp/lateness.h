// SPDX-License-Identifier: Apache-2.0
/* How late deadlines were served: a histogram with buckets of about 3 % width, in microseconds. */
#ifndef UDP_LATENESS_H
#define UDP_LATENESS_H

#include "udp/loop.h"
#include <stddef.h>
#include <stdint.h>

/** Microseconds below this have a bucket each, powers of two above half as many. */
#define LATENESS_LINEAR 64
#define LATENESS_BUCKETS (LATENESS_LINEAR + 58 * (LATENESS_LINEAR / 2))

/** Zero-initialised it is empty and valid. */
struct lateness {
    uint64_t buckets[LATENESS_BUCKETS];
    uint64_t fired;
    uint64_t max_us;
};

/** Record that a deadline was served `late_ns` after its time. */
void lateness_record(struct lateness *lateness, uint64_t late_ns);

/** The figures; a percentile is the upper edge of its bucket, at most the maximum. */
struct loop_lateness lateness_figures(const struct lateness *lateness);

#endif
