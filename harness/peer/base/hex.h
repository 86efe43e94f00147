// SPDX-License-Identifier: Apache-2.0
/* Bytes as lower-case hexadecimal digits and back. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/** Write 2 × `length` digits and a NUL to `text`, which must have room for them. */
void hex_encode(const uint8_t *bytes, size_t length, char *text);

/**
 * Read `digits` hexadecimal digits (either case) into `bytes`, which has room for `digits` / 2.
 * 0, or -EINVAL if the count is odd or a character is not a digit (what was written is undefined).
 */
int hex_decode(const char *text, size_t digits, uint8_t *bytes);

#endif
