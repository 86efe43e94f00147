// SPDX-License-Identifier: Apache-2.0
#include "audit/patterns.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/chance.h"
#include "audit/lookup.h"
#include "base/hex.h"

#define LOW_CHANCE 0x1p-32
#define HINT_CHANCE 1e-3

enum { ENOUGH_BITS = 128, TEXT_SIZE = 160, PIN_MAX = 8, STEP_MIN = 2 };

static const char *const hints[HINTS] = {"distinct", "ones", "run", "steps"};

const char *hint_id(enum hint hint) {
    return hints[hint];
}

/** What is to be expected of random keys of one length. */
struct rates {
    double hint[HINTS]; // how many are told of
    double *chances;    // of each value of each hint; NULL: not known yet
};

struct look {
    struct targets *targets;
    struct hint_counts *counts;
    struct rates rates[TARGET_KEY_MAX + 1];
    size_t index;
    const uint8_t *key;
    size_t length;
    int result;
};

static double chance_of(enum hint hint, size_t length, size_t value) {
    switch (hint) {
    case HINT_DISTINCT:
        return chance_distinct(length, value);
    case HINT_ONES:
        return chance_ones(length, value);
    case HINT_RUN:
        return chance_run(length, value);
    case HINT_STEPS: // bytes with the same step in between: so many steps less one
        return length > 1 && value > 1 ? chance_run(length - 1, value - 1) : 1.0;
    case HINTS:
        break;
    }
    return 1.0;
}

/* Values that a hint can have go from 0 to this. */
static size_t values_of(size_t length) {
    return 8 * length;
}

static double chance(const struct look *look, enum hint hint, size_t value) {
    return look->rates[look->length].chances[hint * (values_of(look->length) + 1) + value];
}

/* Once for each length. The rate of a hint is the chance of the least unusual value that is told.
 */
static int learn(struct rates *rates, size_t length) {
    size_t count = values_of(length) + 1;
    rates->chances = malloc(HINTS * count * sizeof *rates->chances);
    if (!rates->chances) {
        return -ENOMEM;
    }
    for (enum hint hint = 0; hint < HINTS; hint++) {
        size_t most = hint == HINT_ONES ? values_of(length) : length;
        for (size_t value = 0; value < count; value++) {
            double found = value <= most ? chance_of(hint, length, value) : 1.0;
            rates->chances[hint * count + value] = found;
            if (found < HINT_CHANCE && found > rates->hint[hint]) {
                rates->hint[hint] = found;
            }
        }
    }
    return 0;
}

static void tell(struct look *look, const char *id, const char *text, enum weight weight) {
    struct finding finding = {id, text, weight, false, false};
    if (look->result == 0) {
        look->result = targets_tell(look->targets, look->index, &finding);
    }
}

static void tell_chance(struct look *look, enum hint hint, size_t value, const char *what) {
    double found = chance(look, hint, value);
    char text[TEXT_SIZE];
    if (found >= HINT_CHANCE) {
        return;
    }
    look->counts->seen[hint]++;
    if (found < LOW_CHANCE) {
        snprintf(text, sizeof text, "%s (of random keys fewer than one in 4,000,000,000)", what);
    } else {
        snprintf(text, sizeof text, "%s (of random keys one in %.0f)", what, 1 / found);
    }
    tell(look, hints[hint], text, found < LOW_CHANCE ? WEIGHT_LOW : WEIGHT_HINT);
}

static void look_at_statistics(struct look *look) {
    bool seen[256] = {false};
    size_t distinct = 0, ones = 0, run = 1, longest = 1, step = 1, steps = 1;
    char text[TEXT_SIZE];
    for (size_t i = 0; i < look->length; i++) {
        uint8_t byte = look->key[i];
        distinct += !seen[byte];
        seen[byte] = true;
        ones += (size_t)__builtin_popcount(byte);
        run = i > 0 && look->key[i - 1] == byte ? run + 1 : 1;
        longest = run > longest ? run : longest;
        bool goes_on = i > 1 && (uint8_t)(byte - look->key[i - 1]) ==
                                    (uint8_t)(look->key[i - 1] - look->key[i - 2]);
        step = goes_on ? step + 1 : (i > 0 ? STEP_MIN : 1);
        steps = step > steps ? step : steps;
    }
    snprintf(text, sizeof text, "only %zu different bytes of %zu", distinct, look->length);
    tell_chance(look, HINT_DISTINCT, distinct, text);
    snprintf(text, sizeof text, "%zu of %zu bits are ones", ones, 8 * look->length);
    tell_chance(look, HINT_ONES, ones, text);
    snprintf(text, sizeof text, "%zu equal bytes in a row", longest);
    tell_chance(look, HINT_RUN, longest, text);
    snprintf(text, sizeof text, "%zu bytes in a row with the same step", steps);
    tell_chance(look, HINT_STEPS, steps, text);
}

/* The smallest usual set of characters that all bytes are of; its size, 0: not printable. */
static size_t character_set(const uint8_t *key, size_t length, const char **name) {
    static const struct {
        const char *name, *characters;
    } sets[] = {
        {"digits", "0123456789"},
        {"hexadecimal digits", "0123456789abcdef"},
        {"hexadecimal digits", "0123456789ABCDEF"},
        {"small letters", "abcdefghijklmnopqrstuvwxyz"},
        {"capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {"letters and digits", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        size_t at = 0;
        while (at < length && key[at] && strchr(sets[i].characters, key[at])) {
            at++;
        }
        if (at == length) {
            *name = sets[i].name;
            return strlen(sets[i].characters);
        }
    }
    *name = "printable characters";
    for (size_t i = 0; i < length; i++) {
        if (key[i] >= 0x80 || !isprint(key[i])) {
            return 0;
        }
    }
    return '~' - ' ' + 1;
}

/* False: the key is text, whose bytes are no sample of all bytes. */
static bool look_at_bits(struct look *look) {
    char text[TEXT_SIZE];
    const char *name;
    size_t set = character_set(look->key, look->length, &name);
    if (8 * look->length < ENOUGH_BITS) {
        snprintf(text, sizeof text, "fewer than %d bits: %zu bytes", ENOUGH_BITS, look->length);
        tell(look, "short", text, WEIGHT_LOW);
    }
    if (set > 0) {
        double bits = (double)look->length * log2((double)set);
        snprintf(text, sizeof text, "text only: %zu %s are at most %.1f bits", look->length, name,
                 bits);
        tell(look, "text", text, bits < ENOUGH_BITS ? WEIGHT_LOW : WEIGHT_HINT);
    }
    return set == 0;
}

static void look_at_repetition(struct look *look) {
    char text[TEXT_SIZE];
    enum { SURE = 4 }; // bytes that are as those before: fewer than one random key in 2^32
    for (size_t period = 1; period + SURE <= look->length; period++) {
        if (memcmp(look->key, look->key + period, look->length - period) == 0) {
            snprintf(text, sizeof text, "the first %zu bytes are repeated", period);
            tell(look, "repeated", text, 8 * period < ENOUGH_BITS ? WEIGHT_LOW : WEIGHT_HINT);
            return;
        }
    }
}

/* A PIN as it is, padded or repeated; `rest`: how many characters must be padding or repetition. */
static bool is_pin(const uint8_t *text, size_t length, size_t rest, size_t *digits) {
    for (enum layout layout = 0; layout < LAYOUTS; layout++) {
        const uint8_t *core;
        size_t left = layout_core(text, length, layout, &core), digit = 0;
        while (digit < left && isdigit(core[digit])) {
            digit++;
        }
        if (left > 0 && left <= PIN_MAX && digit == left && length - left >= rest) {
            *digits = left;
            return true;
        }
    }
    return false;
}

static void look_at_pin(struct look *look) {
    enum { HEX_REST = 8 }; // a short random key may have decimal digits only
    char hex[2 * TARGET_KEY_MAX + 1], text[TEXT_SIZE];
    size_t digits;
    struct finding finding = {"plain(pin)", text, WEIGHT_LOW, true, false};
    hex_encode(look->key, look->length, hex);
    if (is_pin(look->key, look->length, 0, &digits)) {
        snprintf(text, sizeof text, "the key is a PIN of %zu digits, padded or repeated", digits);
    } else if (is_pin((const uint8_t *)hex, 2 * look->length, HEX_REST, &digits)) {
        snprintf(text, sizeof text,
                 "the key is, in its hexadecimal digits, a PIN of %zu digits, padded or repeated",
                 digits);
    } else {
        return;
    }
    if (look->result == 0) {
        look->result = targets_tell(look->targets, look->index, &finding);
    }
}

/* The rates and counts are of keys that are no text. */
static void count_and_look(struct look *look) {
    struct rates *rates = &look->rates[look->length];
    if (!rates->chances && look->result == 0) {
        look->result = learn(rates, look->length);
    }
    if (look->result < 0) {
        return;
    }
    look->counts->keys++;
    for (enum hint hint = 0; hint < HINTS; hint++) {
        look->counts->expected[hint] += rates->hint[hint];
    }
    look_at_statistics(look);
}

static void look_at(struct look *look) {
    if (look_at_bits(look)) {
        count_and_look(look);
    }
    look_at_repetition(look);
    look_at_pin(look);
}

int patterns_find(struct targets *targets, struct hint_counts *counts) {
    struct look look = {.targets = targets, .counts = counts};
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < targets_count(targets) && look.result == 0; i++) {
        const struct target *target = targets_at(targets, i);
        if (target->first_equal == i) {
            look.index = i;
            look.key = target->data;
            look.length = target->key_length;
            look_at(&look);
        }
    }
    for (size_t length = 0; length <= TARGET_KEY_MAX; length++) {
        free(look.rates[length].chances);
    }
    return look.result;
}
