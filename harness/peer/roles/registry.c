// SPDX-License-Identifier: Apache-2.0
#include "roles/registry.h"

#include <stdlib.h>
#include <string.h>

static void remove_endpoint(struct registry *registry, const json_t *endpoint) {
    for (size_t i = 0; endpoint && i < registry->count; i++) {
        if (json_equal(json_object_get(registry->entries[i].members, "endpoint"), endpoint)) {
            registry_remove(registry, &registry->entries[i]);
            return;
        }
    }
}

struct registry_entry *registry_add(struct registry *registry, json_t *members) {
    remove_endpoint(registry, json_object_get(members, "endpoint"));
    struct registry_entry *entries =
        realloc(registry->entries, (registry->count + 1) * sizeof *entries);
    if (!entries) {
        return NULL;
    }
    registry->entries = entries;
    struct registry_entry *added = &entries[registry->count];
    added->members = json_copy(members);
    if (!added->members) {
        return NULL;
    }
    added->number = ++registry->last;
    registry->count++;
    return added;
}

struct registry_entry *registry_find(struct registry *registry, uint32_t number) {
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->entries[i].number == number) {
            return &registry->entries[i];
        }
    }
    return NULL;
}

void registry_remove(struct registry *registry, struct registry_entry *entry) {
    size_t index = (size_t)(entry - registry->entries);
    json_decref(entry->members);
    memmove(entry, entry + 1, (registry->count - index - 1) * sizeof *entry);
    registry->count--;
}

void registry_clear(struct registry *registry) {
    for (size_t i = 0; i < registry->count; i++) {
        json_decref(registry->entries[i].members);
    }
    free(registry->entries);
    memset(registry, 0, sizeof *registry);
}
