// SPDX-License-Identifier: Apache-2.0
#include "audit/device_texts.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/hex.h"

struct texts {
    struct device_text *items;
    size_t count;
};

static void add(struct texts *texts, enum value value, const char *how, const uint8_t *bytes,
                size_t length) {
    if (length == 0 || texts->count == DEVICE_TEXTS_MAX) {
        return;
    }
    for (size_t i = 0; i < texts->count; i++) {
        if (texts->items[i].length == length && memcmp(texts->items[i].bytes, bytes, length) == 0) {
            return;
        }
    }
    struct device_text *text = &texts->items[texts->count++];
    text->value = value;
    text->how = how;
    text->length = length;
    memcpy(text->bytes, bytes, length);
}

static void add_cases(struct texts *texts, enum value value, const char *const how[2],
                      const uint8_t *bytes, size_t length) {
    uint8_t changed[TARGET_VALUE_MAX];
    for (int lower = 0; lower < 2; lower++) {
        for (size_t i = 0; i < length; i++) {
            changed[i] = (uint8_t)(lower ? tolower(bytes[i]) : toupper(bytes[i]));
        }
        add(texts, value, how[lower], changed, length);
    }
}

static void add_value(struct texts *texts, enum value value, const uint8_t *bytes, size_t length) {
    static const char *const cases[] = {", in capitals", ", in small letters"};
    static const char *const joined_cases[] = {", without separators, in capitals",
                                               ", without separators, in small letters"};
    uint8_t joined[TARGET_VALUE_MAX], binary[TARGET_VALUE_MAX];
    size_t joined_length = 0, last = 0;
    add(texts, value, "", bytes, length);
    add_cases(texts, value, cases, bytes, length);
    for (size_t i = 0; i < length; i++) {
        if (!strchr(":-._ /", bytes[i]) || bytes[i] == 0) {
            joined[joined_length++] = bytes[i];
        } else if (bytes[i] == ':') {
            last = i + 1;
        }
    }
    add(texts, value, ", without separators", joined, joined_length);
    add_cases(texts, value, joined_cases, joined, joined_length);
    if (hex_decode((const char *)joined, joined_length, binary) == 0) {
        add(texts, value, ", as the bytes of its digits", binary, joined_length / 2);
    }
    if (last > 0 && value == VALUE_ENDPOINT) { // urn:imei:…, urn:dev:mac:…
        add(texts, value, ", what follows its last colon", bytes + last, length - last);
    }
}

size_t device_texts(const struct target *target, struct device_text texts[DEVICE_TEXTS_MAX]) {
    struct texts all = {texts, 0};
    for (enum value value = 0; value < VALUES; value++) {
        const uint8_t *bytes;
        size_t length = target_value(target, value, &bytes);
        if (length > 0) {
            add_value(&all, value, bytes, length);
        }
    }
    return all.count;
}
