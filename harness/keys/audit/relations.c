// SPDX-License-Identifier: Apache-2.0
#include "audit/relations.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/table.h"

enum { ENOUGH_BYTES = 16, KEY_MIN = 8, TEXT_SIZE = 160 };

static int tell(struct targets *targets, size_t index, const char *id, const char *text,
                enum weight weight) {
    struct finding finding = {id, text, weight, false, true};
    return targets_tell(targets, index, &finding);
}

// equal keys

static int find_equal(struct targets *targets) {
    size_t count = targets_count(targets);
    uint32_t *others = calloc(count + 1, sizeof *others);
    int result = others ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && result == 0; i++) {
        others[targets_at(targets, i)->first_equal]++;
    }
    for (size_t i = 0; i < count && result == 0; i++) {
        char text[TEXT_SIZE];
        uint32_t first = targets_at(targets, i)->first_equal;
        if (others[first] > 1) {
            snprintf(
                text, sizeof text, "the same key as %u other device%s, of which one is in line %u",
                others[first] - 1, others[first] > 2 ? "s" : "", targets_at(targets, first)->line);
            if (first == i) {
                snprintf(text, sizeof text, "the same key as %u other device%s", others[first] - 1,
                         others[first] > 2 ? "s" : "");
            }
            result = tell(targets, i, "equal", text, WEIGHT_LOW);
        }
    }
    free(others);
    return result;
}

// XOR

/** How a value is laid over a key before the XOR. */
enum over { OVER_LEFT, OVER_RIGHT, OVER_REPEATED, OVER_FIRST_BYTE, OVERS };

/* The key XOR the value in this way; false when that is nothing of its own. */
static bool without_value(const struct target *target, enum value value, enum over over,
                          uint8_t rest[TARGET_KEY_MAX]) {
    size_t size = target->key_length;
    const uint8_t *bytes = target->data; // OVER_FIRST_BYTE: the key's own first byte
    size_t length = over == OVER_FIRST_BYTE ? 1 : target_value(target, value, &bytes);
    if (size < KEY_MIN || length == 0) {
        return false;
    }
    memcpy(rest, target->data, size);
    for (size_t i = 0; i < size; i++) {
        size_t at = over == OVER_LEFT ? i : over == OVER_RIGHT ? i + length - size : i % length;
        if (at < length) { // before the value's beginning it wraps around
            rest[i] ^= bytes[at];
        }
    }
    // a key that has the value as it is has no secret: the searches of the device's values find it
    size_t covered = length < size ? length : size;
    const uint8_t *part = over == OVER_RIGHT ? rest + size - covered : rest;
    return over == OVER_FIRST_BYTE || memcmp(part, part + 1, covered - 1) != 0;
}

static int tell_xor(struct targets *targets, size_t index, enum value value, enum over over) {
    char id[TEXT_SIZE], text[TEXT_SIZE];
    if (over == OVER_FIRST_BYTE) {
        return tell(targets, index, "xor(byte)",
                    "XOR of another device's key with one byte, repeated", WEIGHT_LOW);
    }
    snprintf(id, sizeof id, "xor(%s)", value_id(value));
    snprintf(text, sizeof text, "XOR of the device's %s with a secret that other devices have too",
             value_name(value));
    return tell(targets, index, id, text, WEIGHT_LOW);
}

/* Keys that become the same one without the value. */
static int find_xor(struct targets *targets, enum value value, enum over over) {
    struct table rests;
    uint8_t rest[TARGET_KEY_MAX], other[TARGET_KEY_MAX];
    int result = 0;
    table_init(&rests);
    for (size_t i = 0; i < targets_count(targets) && result == 0; i++) {
        const struct target *target = targets_at(targets, i);
        if (target->first_equal != i || !without_value(target, value, over, rest)) {
            continue;
        }
        uint64_t number = table_number(rest, target->key_length);
        const struct table_entry *entry = table_first(&rests, number);
        bool found = false;
        if (entry) {
            const struct target *before = targets_at(targets, entry->index);
            found = before->key_length == target->key_length &&
                    without_value(before, value, over, other) &&
                    memcmp(rest, other, target->key_length) == 0;
        }
        if (found) {
            result = tell_xor(targets, entry->index, value, over);
            result = result == 0 ? tell_xor(targets, i, value, over) : result;
        } else {
            result = table_add(&rests, number, (uint32_t)i);
        }
    }
    table_free(&rests);
    return result;
}

// the same beginning or end

static int compare_beginnings(const void *left, const void *right, void *context) {
    const struct target *a = targets_at(context, *(const uint32_t *)left);
    const struct target *b = targets_at(context, *(const uint32_t *)right);
    size_t length = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->data, b->data, length);
    return order ? order : (int)a->key_length - (int)b->key_length;
}

static size_t common(const struct target *a, const struct target *b, bool ends) {
    size_t length = a->key_length < b->key_length ? a->key_length : b->key_length, count = 0;
    while (count < length &&
           (ends ? a->data[a->key_length - 1 - count] == b->data[b->key_length - 1 - count]
                 : a->data[count] == b->data[count])) {
        count++;
    }
    return count;
}

static int compare_ends(const void *left, const void *right, void *context) {
    const struct target *a = targets_at(context, *(const uint32_t *)left);
    const struct target *b = targets_at(context, *(const uint32_t *)right);
    size_t same = common(a, b, true);
    if (same == a->key_length || same == b->key_length) {
        return (int)a->key_length - (int)b->key_length;
    }
    return (int)a->data[a->key_length - 1 - same] - (int)b->data[b->key_length - 1 - same];
}

size_t relations_common_bytes(size_t keys) {
    double pairs = (double)keys * ((double)keys - 1) / 2;
    size_t bytes = 1;
    while (pairs * pow(256.0, -(double)bytes) >= 0x1p-32) {
        bytes++;
    }
    return bytes;
}

/* Padding is the same in many keys, and says nothing of how they belong together. */
static bool is_padding(const struct target *target, size_t bytes, bool ends) {
    const uint8_t *part = target->data + (ends ? target->key_length - bytes : 0);
    return memcmp(part, part + 1, bytes - 1) == 0;
}

static int tell_common(struct targets *targets, size_t index, size_t bytes, bool ends) {
    char text[TEXT_SIZE];
    size_t length = targets_at(targets, index)->key_length;
    snprintf(text, sizeof text, "its %s %zu bytes are those of another device's key too",
             ends ? "last" : "first", bytes);
    return tell(targets, index, ends ? "suffix" : "prefix", text,
                length - bytes < ENOUGH_BYTES ? WEIGHT_LOW : WEIGHT_HINT);
}

static int find_common(struct targets *targets, bool ends) {
    size_t count = 0, least = relations_common_bytes(targets_different(targets));
    uint32_t *order = malloc((targets_different(targets) + 1) * sizeof *order);
    int result = order ? 0 : -ENOMEM;
    for (size_t i = 0; i < targets_count(targets) && order; i++) {
        if (targets_at(targets, i)->first_equal == i) {
            order[count++] = (uint32_t)i;
        }
    }
    if (order) {
        qsort_r(order, count, sizeof *order, ends ? compare_ends : compare_beginnings, targets);
    }
    size_t before = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        size_t after = 0;
        if (i + 1 < count) {
            after = common(targets_at(targets, order[i]), targets_at(targets, order[i + 1]), ends);
        }
        size_t most = before > after ? before : after;
        if (most >= least && !is_padding(targets_at(targets, order[i]), most, ends)) {
            result = tell_common(targets, order[i], most, ends);
        }
        before = after;
    }
    free(order);
    return result;
}

int relations_find(struct targets *targets) {
    int result = find_equal(targets);
    for (enum value value = 0; value < VALUES && result == 0; value++) {
        for (enum over over = OVER_LEFT; over < OVER_FIRST_BYTE && result == 0; over++) {
            result = find_xor(targets, value, over);
        }
    }
    if (result == 0) {
        result = find_xor(targets, VALUES, OVER_FIRST_BYTE);
    }
    if (result == 0) {
        result = find_common(targets, false);
    }
    return result == 0 ? find_common(targets, true) : result;
}
