// SPDX-License-Identifier: Apache-2.0
/*
 * The registrations of one LwM2M Server (TS Core 1.1, 6.2): location /rd/N, N counted from 1 and
 * not used again. What is known of a registration is kept as the members of its events.
 */
#ifndef ROLES_REGISTRY_H
#define ROLES_REGISTRY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct registry_entry {
    uint32_t number;
    json_t *members; // endpoint, lifetime, lwm2m, binding, objects as far as the client said them
};

/** Zero-initialised it is empty and valid. */
struct registry {
    struct registry_entry *entries;
    size_t count;
    uint32_t last; // number
};

/**
 * Add a registration; `members` is copied. One of the same endpoint is replaced (6.2.1: the server
 * removes the old one). NULL without memory. The pointer is valid until the next add or remove.
 */
struct registry_entry *registry_add(struct registry *registry, json_t *members);

/** That number's, or NULL. */
struct registry_entry *registry_find(struct registry *registry, uint32_t number);

void registry_remove(struct registry *registry, struct registry_entry *entry);
void registry_clear(struct registry *registry);

#endif
