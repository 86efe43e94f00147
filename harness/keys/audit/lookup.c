// SPDX-License-Identifier: Apache-2.0
#include "audit/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

enum { INDEX_BITS = 24, FORM_BITS = 4, FILTER_BITS_MIN = 16, FILTER_BITS_MAX = 27 };
enum { FILTER_BITS_PER_KEY = 128 };
enum { BASE64_MIN = 11 }; // characters of 8 bytes

// An entry's index: that of the target, its form, its layout.
static uint32_t packed(size_t target, enum form form, enum layout layout) {
    return (uint32_t)target | (uint32_t)form << INDEX_BITS |
           (uint32_t)layout << (INDEX_BITS + FORM_BITS);
}

static uint32_t target_of(uint32_t packed_index) {
    return packed_index & (TARGETS_MAX - 1);
}

static enum form form_of(uint32_t packed_index) {
    return (enum form)(packed_index >> INDEX_BITS & ((1U << FORM_BITS) - 1));
}

static enum layout layout_of(uint32_t packed_index) {
    return (enum layout)(packed_index >> (INDEX_BITS + FORM_BITS));
}

static uint64_t prefix_number(const uint8_t prefix[LOOKUP_PREFIX]) {
    uint64_t number = 0;
    for (size_t i = 0; i < LOOKUP_PREFIX; i++) {
        number = number << 8 | prefix[i];
    }
    return number;
}

// forms and layouts

static int base64_value(uint8_t digit) {
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    if (digit == '+' || digit == '-') {
        return 62;
    }
    return digit == '/' || digit == '_' ? 63 : -1;
}

/* RFC 4648 4 and 5. */
static size_t base64_decode(const uint8_t *text, size_t length, uint8_t *bytes) {
    size_t count = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    while (length > 0 && text[length - 1] == '=') {
        length--;
    }
    if (length < BASE64_MIN || length % 4 == 1) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return 0;
        }
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[count++] = (uint8_t)(bits >> held);
        }
    }
    return count;
}

size_t form_decode(const uint8_t *key, size_t length, enum form form,
                   uint8_t bytes[TARGET_KEY_MAX]) {
    switch (form) {
    case FORM_BYTES:
        memcpy(bytes, key, length);
        return length;
    case FORM_HEX:
        return hex_decode((const char *)key, length, bytes) == 0 ? length / 2 : 0;
    case FORM_BASE64:
        return base64_decode(key, length, bytes);
    case FORMS:
        break;
    }
    return 0;
}

/* How many bytes of padding there are from `at` on in steps; one byte alone only if it is usual. */
static size_t padding(const uint8_t *bytes, size_t length, size_t at, bool backwards) {
    static const uint8_t usual[] = {0, 0xff, ' ', '0'};
    size_t count = 1;
    while (count < length && bytes[backwards ? at - count : at + count] == bytes[at]) {
        count++;
    }
    return count > 1 || memchr(usual, bytes[at], sizeof usual) ? count : 0;
}

static size_t period(const uint8_t *bytes, size_t length) {
    for (size_t size = LOOKUP_CORE_MIN; size + 2 <= length; size++) {
        if (memcmp(bytes, bytes + size, length - size) == 0) {
            return size;
        }
    }
    return 0;
}

size_t layout_core(const uint8_t *bytes, size_t length, enum layout layout, const uint8_t **core) {
    size_t left = length;
    *core = bytes;
    if (length < LOOKUP_CORE_MIN) {
        return 0;
    }
    switch (layout) {
    case LAYOUT_WHOLE:
        break;
    case LAYOUT_PADDED_RIGHT:
        left = padding(bytes, length, length - 1, true);
        left = left ? length - left : 0;
        break;
    case LAYOUT_PADDED_LEFT:
        left = padding(bytes, length, 0, false);
        *core = bytes + left;
        left = left ? length - left : 0;
        break;
    case LAYOUT_REPEATED:
        left = period(bytes, length);
        break;
    case LAYOUTS:
        left = 0;
        break;
    }
    return left >= LOOKUP_CORE_MIN ? left : 0;
}

// the tables

static int add_target(struct lookup *lookup, size_t index) {
    const struct target *target = targets_at(lookup->targets, index);
    uint8_t bytes[TARGET_KEY_MAX];
    int result = 0;
    for (enum form form = 0; form < FORMS && result == 0; form++) {
        size_t length = form_decode(target->data, target->key_length, form, bytes);
        if (length >= LOOKUP_PREFIX) {
            uint32_t bit = (uint32_t)(prefix_number(bytes) >> 32) >> lookup->filter_shift;
            lookup->filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
            result = table_add(&lookup->prefixes, prefix_number(bytes),
                               packed(index, form, LAYOUT_WHOLE));
        }
        for (enum layout layout = 0; layout < LAYOUTS && result == 0 && length > 0; layout++) {
            const uint8_t *core;
            size_t left = layout_core(bytes, length, layout, &core);
            if (left > 0) {
                result = table_add(&lookup->cores, table_number(core, left),
                                   packed(index, form, layout));
            }
        }
    }
    return result;
}

int lookup_init(struct lookup *lookup, const struct targets *targets) {
    unsigned bits = FILTER_BITS_MIN;
    while (bits < FILTER_BITS_MAX &&
           (size_t)1 << bits < FILTER_BITS_PER_KEY * targets_different(targets)) {
        bits++;
    }
    lookup->targets = targets;
    lookup->filter_shift = 32 - bits;
    table_init(&lookup->prefixes);
    table_init(&lookup->cores);
    lookup->filter = calloc(((size_t)1 << bits) / 64, sizeof *lookup->filter);
    int result = lookup->filter ? 0 : -ENOMEM;
    for (size_t i = 0; i < targets_count(targets) && result == 0; i++) {
        if (targets_at(targets, i)->first_equal == i) {
            result = add_target(lookup, i);
        }
    }
    if (result < 0) {
        lookup_free(lookup);
    }
    return result;
}

void lookup_free(struct lookup *lookup) {
    table_free(&lookup->prefixes);
    table_free(&lookup->cores);
    free(lookup->filter);
    lookup->filter = NULL;
}

void lookup_prefix(const struct lookup *lookup, const uint8_t prefix[LOOKUP_PREFIX],
                   lookup_found found, void *context) {
    const struct table_entry *entry = table_first(&lookup->prefixes, prefix_number(prefix));
    for (; entry; entry = table_next(&lookup->prefixes, entry)) {
        found(context, target_of(entry->index), form_of(entry->index), layout_of(entry->index));
    }
}

void lookup_text(const struct lookup *lookup, const uint8_t *text, size_t length,
                 lookup_found found, void *context) {
    const struct table_entry *entry = table_first(&lookup->cores, table_number(text, length));
    for (; entry; entry = table_next(&lookup->cores, entry)) {
        const struct target *target = targets_at(lookup->targets, target_of(entry->index));
        uint8_t bytes[TARGET_KEY_MAX];
        const uint8_t *core;
        enum form form = form_of(entry->index);
        enum layout layout = layout_of(entry->index);
        size_t decoded = form_decode(target->data, target->key_length, form, bytes);
        size_t left = layout_core(bytes, decoded, layout, &core);
        if (left == length && memcmp(core, text, length) == 0) {
            found(context, target_of(entry->index), form, layout);
        }
    }
}
