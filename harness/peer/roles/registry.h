// SPDX-License-Identifier: Apache-2.0
/*
 * The registrations of one LwM2M Server (TS Core 1.1, 6.2): location /rd/N, N counted from 1 and
 * not used again.
 */
#ifndef ROLES_REGISTRY_H
#define ROLES_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include "lwm2m/registration.h"

struct registry_entry {
    uint32_t number;
    struct registration said; // by the register and the updates since
};

/** Zero-initialised it is empty and valid. */
struct registry {
    struct registry_entry *entries;
    size_t count;
    uint32_t last; // number
};

/**
 * Add a registration; what was said is moved. One of the same endpoint is replaced (6.2.1: the
 * server removes the old one). NULL without memory. The pointer is valid until the next add or
 * remove.
 */
struct registry_entry *registry_add(struct registry *registry, struct registration *said);

/** That number's, or NULL. */
struct registry_entry *registry_find(struct registry *registry, uint32_t number);

/** Take over what an update says anew; `said` has what it replaces afterwards. */
void registry_update(struct registry_entry *entry, struct registration *said);

void registry_remove(struct registry *registry, struct registry_entry *entry);
void registry_clear(struct registry *registry);

#endif
