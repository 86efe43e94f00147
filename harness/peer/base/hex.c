// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <errno.h>

void hex_encode(const uint8_t *bytes, size_t length, char *text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
}

static int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

int hex_decode(const char *text, size_t digits, uint8_t *bytes) {
    if (digits % 2 != 0) {
        return -EINVAL;
    }
    for (size_t i = 0; i < digits / 2; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return -EINVAL;
        }
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    return 0;
}
