// SPDX-License-Identifier: Apache-2.0
/*
 * Finds a key by what a search has computed, among all keys at once.
 *
 * A key is found as its bytes, and as the bytes of which it is the text: 32 hexadecimal digits
 * stand for 16 bytes. What a key holds plainly is found by its core: the key without padding, or
 * the piece that it repeats.
 */
#ifndef AUDIT_LOOKUP_H
#define AUDIT_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/table.h"
#include "audit/targets.h"

/** How the bytes that a search finds are written in the key. */
enum form { FORM_BYTES, FORM_HEX, FORM_BASE64, FORMS };

/** How a text stands in a key. */
enum layout { LAYOUT_WHOLE, LAYOUT_PADDED_RIGHT, LAYOUT_PADDED_LEFT, LAYOUT_REPEATED, LAYOUTS };

enum {
    LOOKUP_PREFIX = 8,   // bytes of which a key must have as many to be found as computed bytes
    LOOKUP_CORE_MIN = 3, // and to be found as a text
};

struct lookup {
    const struct targets *targets;
    struct table prefixes, cores;
    uint64_t *filter; // a bit for each value of the upper bits of a first word
    unsigned filter_shift;
};

/** A place where a key may be. */
typedef void (*lookup_found)(void *context, uint32_t target, enum form form, enum layout layout);

/** Make the tables. 0 or -ENOMEM (then there is nothing to free). */
int lookup_init(struct lookup *lookup, const struct targets *targets);
void lookup_free(struct lookup *lookup);

/** Whether a key may begin with these four bytes, a big-endian number: fast, seldom wrongly true.
 */
static inline bool lookup_may_begin(const struct lookup *lookup, uint32_t word) {
    uint32_t bit = word >> lookup->filter_shift;
    return (lookup->filter[bit >> 6] >> (bit & 63)) & 1;
}

/** Have what lookup_may_begin needs in the cache soon. */
static inline void lookup_prefetch(const struct lookup *lookup, uint32_t word) {
    __builtin_prefetch(&lookup->filter[word >> lookup->filter_shift >> 6]);
}

/** All keys that begin so, in some form. */
void lookup_prefix(const struct lookup *lookup, const uint8_t prefix[LOOKUP_PREFIX],
                   lookup_found found, void *context);

/** All keys that hold this text as their core. */
void lookup_text(const struct lookup *lookup, const uint8_t *text, size_t length,
                 lookup_found found, void *context);

/** The bytes that a key stands for in a form; their number, 0 if it is no such text. */
size_t form_decode(const uint8_t *key, size_t length, enum form form,
                   uint8_t bytes[TARGET_KEY_MAX]);

/** The part of the bytes without padding or repetition; its length, 0 if there is none. */
size_t layout_core(const uint8_t *bytes, size_t length, enum layout layout, const uint8_t **core);

#endif
