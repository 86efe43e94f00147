// SPDX-License-Identifier: Apache-2.0
/*
 * Finds a client that sends more than a peer can report: above FLOOD_PER_SECOND datagrams a second
 * for more than a second. A lane with such a client cannot be judged.
 */
#ifndef ROLES_FLOOD_H
#define ROLES_FLOOD_H

#include "base/address.h"
#include <stdbool.h>
#include <stdint.h>

#define FLOOD_PER_SECOND 2000
#define FLOOD_SLOTS 512

/** Zero-initialised it is ready. A slot counts one address; two that share a slot at the same time
 * are not both counted, which only delays the finding. */
struct flood {
    struct {
        struct address remote;
        uint64_t since_ns; // start of the second that is counted; 0: not in use
        uint32_t count;
    } slots[FLOOD_SLOTS];
};

/** Count a datagram; true if its sender floods. */
bool flood_count(struct flood *flood, const struct address *remote, uint64_t now_ns);

#endif
