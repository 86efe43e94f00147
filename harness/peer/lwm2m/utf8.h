/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOOTCHECK_LWM2M_UTF8_H
#define BOOTCHECK_LWM2M_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if all bytes are UTF-8 (RFC 3629: shortest form, no surrogates) without control characters
 * (U+0000 .. U+001F, U+007F). *offset (may be NULL): the first byte that is not. */
bool utf8_is_text(const uint8_t *bytes, size_t length, size_t *offset);

#endif
