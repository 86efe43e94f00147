// SPDX-License-Identifier: Apache-2.0
/*
 * What a key shows by itself, without a search: too short, text, repeated, sequential, few
 * different bytes, a PIN or a small number as it is.
 *
 * It says low where at most 128 bits can be in the key, or where fewer than one random key in 2^32
 * looks so; up to one in 1,000 it is told as a hint, with the rate.
 */
#ifndef AUDIT_PATTERNS_H
#define AUDIT_PATTERNS_H

#include "audit/targets.h"

/** Hints whose rate among random keys is counted. */
enum hint { HINT_DISTINCT, HINT_ONES, HINT_RUN, HINT_STEPS, HINTS };

struct hint_counts {
    size_t keys;
    double expected[HINTS]; // of random keys of these lengths
    size_t seen[HINTS];
};

const char *hint_id(enum hint hint); // "run"

/** Look at each key once. 0 or -ENOMEM. */
int patterns_find(struct targets *targets, struct hint_counts *counts);

#endif
