// SPDX-License-Identifier: Apache-2.0
#include "roles/flood.h"

#include "base/clock.h"

bool flood_count(struct flood *flood, const struct address *remote, uint64_t now_ns) {
    uint32_t slot = address_hash(remote) % FLOOD_SLOTS;
    bool same = flood->slots[slot].since_ns && address_equal(&flood->slots[slot].remote, remote);
    uint64_t age_ns = now_ns - flood->slots[slot].since_ns;
    if (!same && flood->slots[slot].since_ns && age_ns < CLOCK_NS_PER_S) {
        return false;
    }
    if (same && age_ns >= CLOCK_NS_PER_S && age_ns < 2 * CLOCK_NS_PER_S &&
        flood->slots[slot].count > FLOOD_PER_SECOND) {
        return true;
    }
    if (!same || age_ns >= CLOCK_NS_PER_S) {
        flood->slots[slot].remote = *remote;
        flood->slots[slot].since_ns = now_ns;
        flood->slots[slot].count = 0;
    }
    flood->slots[slot].count++;
    return false;
}
