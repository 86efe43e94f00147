// SPDX-License-Identifier: Apache-2.0
/* How often random keys look as some keys do: exact probabilities, for keys of `length` bytes. */
#ifndef AUDIT_CHANCE_H
#define AUDIT_CHANCE_H

#include <stddef.h>

enum { CHANCE_LENGTH_MAX = 128 };

/** That at most `distinct` different bytes occur. */
double chance_distinct(size_t length, size_t distinct);

/** That the number of ones is as far from the half of all bits, 4 × length, or farther. */
double chance_ones(size_t length, size_t ones);

/** That `run` bytes or more in a row are equal, in `count` of them. */
double chance_run(size_t count, size_t run);

/** That all bytes are of a set of so many. */
double chance_set(size_t length, size_t set);

#endif
