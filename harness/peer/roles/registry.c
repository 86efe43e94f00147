// SPDX-License-Identifier: Apache-2.0
#include "roles/registry.h"

#include <stdlib.h>
#include <string.h>

static void remove_endpoint(struct registry *registry, const char *endpoint) {
    for (size_t i = 0; endpoint && i < registry->count; i++) {
        const char *other = registry->entries[i].said.endpoint;
        if (other && strcmp(other, endpoint) == 0) {
            registry_remove(registry, &registry->entries[i]);
            return;
        }
    }
}

struct registry_entry *registry_add(struct registry *registry, struct registration *said) {
    remove_endpoint(registry, said->endpoint);
    struct registry_entry *entries =
        realloc(registry->entries, (registry->count + 1) * sizeof *entries);
    if (!entries) {
        return NULL;
    }
    registry->entries = entries;
    struct registry_entry *added = &entries[registry->count];
    added->said = *said;
    *said = (struct registration){0};
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

static void swap_text(char **a, char **b) {
    if (*b) {
        char *text = *a;
        *a = *b;
        *b = text;
    }
}

void registry_update(struct registry_entry *entry, struct registration *said) {
    struct registration *has = &entry->said;
    swap_text(&has->version, &said->version);
    swap_text(&has->binding, &said->binding);
    swap_text(&has->sms, &said->sms);
    if (said->has_lifetime) {
        has->has_lifetime = true;
        has->lifetime_s = said->lifetime_s;
    }
    if (said->has_objects) {
        struct registration old = *has;
        has->has_objects = true;
        has->objects = said->objects;
        has->object_count = said->object_count;
        said->objects = old.objects;
        said->object_count = old.object_count;
    }
}

void registry_remove(struct registry *registry, struct registry_entry *entry) {
    size_t index = (size_t)(entry - registry->entries);
    registration_clear(&entry->said);
    memmove(entry, entry + 1, (registry->count - index - 1) * sizeof *entry);
    registry->count--;
}

void registry_clear(struct registry *registry) {
    for (size_t i = 0; i < registry->count; i++) {
        registration_clear(&registry->entries[i].said);
    }
    free(registry->entries);
    memset(registry, 0, sizeof *registry);
}
