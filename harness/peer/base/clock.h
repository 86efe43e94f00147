// SPDX-License-Identifier: Apache-2.0
/* The system's clocks in nanoseconds. All times in the peer are CLOCK_MONOTONIC unless said
 * otherwise. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/** A deadline that never comes. */
#define CLOCK_NEVER UINT64_MAX

#define CLOCK_NS_PER_S 1000000000ULL
#define CLOCK_NS_PER_MS 1000000ULL
#define CLOCK_NS_PER_US 1000ULL

/** Now, on CLOCK_MONOTONIC. */
uint64_t clock_now_ns(void);

/** Nanoseconds since 1970 at CLOCK_MONOTONIC 0: add it to a monotonic time to get a calendar time.
 */
int64_t clock_realtime_offset_ns(void);

#endif
