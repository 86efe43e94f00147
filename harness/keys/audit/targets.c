// SPDX-License-Identifier: Apache-2.0
#include "audit/targets.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit/table.h"

enum { ARENA_SIZE = 1 << 20, FIRST_SPACE = 256 };

#define NONE UINT32_MAX

struct arena {
    struct arena *before;
    size_t used;
    uint8_t bytes[ARENA_SIZE];
};

/** A finding with memory of its own. */
struct stored {
    struct finding finding;
    char *id, *text;
};

/** That a target has a finding. */
struct evidence {
    uint32_t finding;
    uint32_t next;
};

struct targets {
    struct target *items;
    size_t count, space, different, open;
    struct arena *arena;
    struct table by_key, by_name, by_finding;
    struct stored *findings;
    size_t finding_count, finding_space;
    struct evidence *evidence;
    size_t evidence_count, evidence_space;
    pthread_mutex_t lock;
    targets_told told;
    void *context;
};

static const struct {
    const char *id, *name;
} values[VALUES] = {
    [VALUE_IDENTITY] = {"identity", "identity"},
    [VALUE_ENDPOINT] = {"endpoint", "endpoint"},
    [VALUE_SERIAL] = {"serial", "serial number"},
    [VALUE_MAC] = {"mac", "MAC address"},
    [VALUE_IMEI] = {"imei", "IMEI"},
};

const char *value_id(enum value value) {
    return values[value].id;
}

const char *value_name(enum value value) {
    return values[value].name;
}

struct targets *targets_new(void) {
    struct targets *targets = calloc(1, sizeof *targets);
    if (targets && pthread_mutex_init(&targets->lock, NULL) != 0) {
        free(targets);
        return NULL;
    }
    return targets;
}

void targets_free(struct targets *targets) {
    if (!targets) {
        return;
    }
    for (struct arena *arena = targets->arena; arena;) {
        struct arena *before = arena->before;
        free(arena);
        arena = before;
    }
    for (size_t i = 0; i < targets->finding_count; i++) {
        free(targets->findings[i].id);
        free(targets->findings[i].text);
    }
    table_free(&targets->by_key);
    table_free(&targets->by_name);
    table_free(&targets->by_finding);
    free(targets->items);
    free(targets->findings);
    free(targets->evidence);
    pthread_mutex_destroy(&targets->lock);
    free(targets);
}

/* Room for one more item of `size` bytes: the array, moved if need be, or NULL. */
static void *with_room(void *items, size_t count, size_t *space, size_t size) {
    if (count < *space) {
        return items;
    }
    size_t wanted = *space ? 2 * *space : FIRST_SPACE;
    void *moved = realloc(items, wanted * size);
    if (moved) {
        *space = wanted;
    }
    return moved;
}

static uint8_t *arena_room(struct targets *targets, size_t length) {
    if (!targets->arena || ARENA_SIZE - targets->arena->used < length) {
        struct arena *arena = malloc(sizeof *arena);
        if (!arena) {
            return NULL;
        }
        arena->before = targets->arena;
        arena->used = 0;
        targets->arena = arena;
    }
    uint8_t *room = targets->arena->bytes + targets->arena->used;
    targets->arena->used += length;
    return room;
}

size_t target_value(const struct target *target, enum value value, const uint8_t **bytes) {
    const uint8_t *at = target->data + target->key_length;
    for (enum value before = 0; before < value; before++) {
        at += target->value_lengths[before];
    }
    *bytes = at;
    return target->value_lengths[value];
}

enum value target_name(const struct target *target) {
    if (target->value_lengths[VALUE_ENDPOINT]) {
        return VALUE_ENDPOINT;
    }
    return target->value_lengths[VALUE_SERIAL] ? VALUE_SERIAL : VALUE_IDENTITY;
}

static int64_t with_name(const struct targets *targets, const struct target *wanted) {
    const uint8_t *name, *other;
    enum value kind = target_name(wanted);
    size_t length = target_value(wanted, kind, &name);
    const struct table_entry *entry = table_first(&targets->by_name, table_number(name, length));
    for (; entry; entry = table_next(&targets->by_name, entry)) {
        const struct target *target = &targets->items[entry->index];
        if (target_name(target) == kind && target->value_lengths[kind] == length) {
            target_value(target, kind, &other);
            if (memcmp(name, other, length) == 0) {
                return entry->index;
            }
        }
    }
    return -ENOENT;
}

int64_t targets_with_key(const struct targets *targets, const uint8_t *key, size_t length) {
    const struct table_entry *entry = table_first(&targets->by_key, table_number(key, length));
    for (; entry; entry = table_next(&targets->by_key, entry)) {
        const struct target *target = &targets->items[entry->index];
        if (target->key_length == length && memcmp(target->data, key, length) == 0) {
            return entry->index;
        }
    }
    return -ENOENT;
}

/* The target's data in the arena; 0 or an error. */
static int copy_device(struct targets *targets, const struct device *device,
                       struct target *target) {
    size_t length = device->key_length;
    if (length == 0 || length > TARGET_KEY_MAX) {
        return -E2BIG;
    }
    for (enum value value = 0; value < VALUES; value++) {
        if (device->value_lengths[value] > TARGET_VALUE_MAX) {
            return -E2BIG;
        }
        target->value_lengths[value] = (uint8_t)device->value_lengths[value];
        length += device->value_lengths[value];
    }
    uint8_t *at = arena_room(targets, length);
    if (!at) {
        return -ENOMEM;
    }
    target->data = at;
    target->key_length = (uint8_t)device->key_length;
    memcpy(at, device->key, device->key_length);
    at += device->key_length;
    for (enum value value = 0; value < VALUES; value++) {
        if (device->value_lengths[value] > 0) {
            memcpy(at, device->values[value], device->value_lengths[value]);
            at += device->value_lengths[value];
        }
    }
    return 0;
}

int targets_add(struct targets *targets, const struct device *device, uint32_t *line) {
    struct target target = {.line = device->line, .evidence = NONE};
    if (targets->count >= TARGETS_MAX) {
        return -E2BIG;
    }
    struct target *items =
        with_room(targets->items, targets->count, &targets->space, sizeof *items);
    if (!items) {
        return -ENOMEM;
    }
    targets->items = items;
    int result = copy_device(targets, device, &target);
    if (result < 0) {
        return result;
    }
    int64_t before = with_name(targets, &target);
    if (before >= 0) {
        *line = targets->items[before].line;
        return -EEXIST;
    }
    uint32_t index = (uint32_t)targets->count;
    const uint8_t *name;
    size_t length = target_value(&target, target_name(&target), &name);
    int64_t equal = targets_with_key(targets, target.data, target.key_length);
    target.first_equal = equal >= 0 ? (uint32_t)equal : index;
    result = table_add(&targets->by_name, table_number(name, length), index);
    if (result == 0 && equal < 0) {
        result = table_add(&targets->by_key, table_number(target.data, target.key_length), index);
        targets->different++;
        targets->open++;
    }
    if (result == 0) {
        targets->items[targets->count++] = target;
    }
    return result;
}

size_t targets_count(const struct targets *targets) {
    return targets->count;
}

const struct target *targets_at(const struct targets *targets, size_t index) {
    return &targets->items[index];
}

size_t targets_different(const struct targets *targets) {
    return targets->different;
}

bool target_is_derived(const struct target *target) {
    return __atomic_load_n(&target->derived, __ATOMIC_RELAXED);
}

size_t targets_open(const struct targets *targets) {
    return __atomic_load_n(&targets->open, __ATOMIC_RELAXED);
}

void targets_on_told(struct targets *targets, targets_told told, void *context) {
    targets->told = told;
    targets->context = context;
}

// findings

/* The number of a finding, a new one if need be; -ENOMEM. */
static int64_t finding_number(struct targets *targets, const struct finding *finding) {
    uint64_t key = table_number((const uint8_t *)finding->text, strlen(finding->text));
    const struct table_entry *entry = table_first(&targets->by_finding, key);
    for (; entry; entry = table_next(&targets->by_finding, entry)) {
        if (strcmp(targets->findings[entry->index].text, finding->text) == 0) {
            return entry->index;
        }
    }
    struct stored *findings = with_room(targets->findings, targets->finding_count,
                                        &targets->finding_space, sizeof *findings);
    if (!findings) {
        return -ENOMEM;
    }
    targets->findings = findings;
    struct stored made = {*finding, strdup(finding->id), strdup(finding->text)};
    if (!made.id || !made.text ||
        table_add(&targets->by_finding, key, (uint32_t)targets->finding_count) < 0) {
        free(made.id);
        free(made.text);
        return -ENOMEM;
    }
    made.finding.id = made.id;
    made.finding.text = made.text;
    findings[targets->finding_count] = made;
    return (int64_t)targets->finding_count++;
}

static bool has(const struct targets *targets, const struct target *target, uint32_t finding) {
    for (uint32_t at = target->evidence; at != NONE; at = targets->evidence[at].next) {
        if (targets->evidence[at].finding == finding) {
            return true;
        }
    }
    return false;
}

static int tell(struct targets *targets, size_t index, const struct finding *finding) {
    struct target *target = &targets->items[index];
    int64_t number = finding_number(targets, finding);
    if (number < 0) {
        return -ENOMEM;
    }
    if (has(targets, target, (uint32_t)number)) {
        return 0;
    }
    struct evidence *evidence = with_room(targets->evidence, targets->evidence_count,
                                          &targets->evidence_space, sizeof *evidence);
    if (!evidence) {
        return -ENOMEM;
    }
    targets->evidence = evidence;
    evidence[targets->evidence_count] = (struct evidence){(uint32_t)number, target->evidence};
    target->evidence = (uint32_t)targets->evidence_count++;
    if (finding->derivation) {
        __atomic_store_n(&target->derived, true, __ATOMIC_RELAXED);
        __atomic_store_n(&targets->items[target->first_equal].derived, true, __ATOMIC_RELAXED);
    }
    if (targets->told) {
        targets->told(targets->context, index, &targets->findings[number].finding);
    }
    return 0;
}

int targets_tell(struct targets *targets, size_t index, const struct finding *finding) {
    pthread_mutex_lock(&targets->lock);
    bool open = !targets->items[targets->items[index].first_equal].derived;
    int result = tell(targets, index, finding);
    if (open && targets->items[targets->items[index].first_equal].derived) {
        __atomic_fetch_sub(&targets->open, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&targets->lock);
    return result;
}

const struct finding *targets_next_finding(const struct targets *targets, size_t index,
                                           uint64_t *place) {
    // a place is the evidence that was last given, counted from 1; the high half: of the first
    // equal
    const struct target *target = &targets->items[index];
    bool of_first = *place >> 32 != 0;
    uint32_t at = (uint32_t)*place;
    at = at == 0 ? target->evidence : targets->evidence[at - 1].next;
    for (;;) {
        if (at == NONE) {
            if (of_first || target->first_equal == index) {
                return NULL;
            }
            of_first = true;
            at = targets->items[target->first_equal].evidence;
            continue;
        }
        const struct finding *finding = &targets->findings[targets->evidence[at].finding].finding;
        if (!of_first ||
            (!finding->of_device && !has(targets, target, targets->evidence[at].finding))) {
            *place = (uint64_t)of_first << 32 | (at + 1);
            return finding;
        }
        at = targets->evidence[at].next;
    }
}
