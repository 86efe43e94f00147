/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/utf8.h"

/* Length of the character at bytes, 0 if there is none. */
static size_t character(const uint8_t *bytes, size_t left) {
    uint8_t first = bytes[0];
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                    : first >= 0xe0 && first <= 0xef ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (first == 0xe0 && bytes[1] < 0xa0) || (first == 0xf0 && bytes[1] < 0x90);
    bool surrogate = first == 0xed && bytes[1] > 0x9f;
    bool beyond = first == 0xf4 && bytes[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

bool utf8_is_text(const uint8_t *bytes, size_t length, size_t *offset) {
    size_t at = 0;
    while (at < length) {
        size_t step = character(bytes + at, length - at);
        if (step == 0) {
            break;
        }
        at += step;
    }
    if (offset != NULL) {
        *offset = at;
    }
    return at == length;
}
