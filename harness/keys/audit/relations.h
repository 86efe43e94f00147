// SPDX-License-Identifier: Apache-2.0
/*
 * What the keys of several devices have to do with each other: equal, a XOR of one secret with each
 * device's own value or with a byte, the same beginning or end.
 */
#ifndef AUDIT_RELATIONS_H
#define AUDIT_RELATIONS_H

#include "audit/targets.h"

/** Hold the keys against each other. 0 or -ENOMEM. */
int relations_find(struct targets *targets);

/**
 * How many bytes two keys of `keys` random ones must have in common so that fewer than one such
 * set in 2^32 has a pair like it.
 */
size_t relations_common_bytes(size_t keys);

#endif
