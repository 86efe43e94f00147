// SPDX-License-Identifier: Apache-2.0
/* A growable run of bytes. Zero-initialised it is empty and valid. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    uint8_t *data; // owned; NULL while nothing was ever put in
    size_t length;
    size_t capacity;
};

/** Make room for `more` bytes past the length. 0 or -ENOMEM (the contents stay). */
int buffer_reserve(struct buffer *buffer, size_t more);

/** Add bytes at the end. 0 or -ENOMEM (the contents stay). */
static inline int buffer_append(struct buffer *buffer, const void *bytes, size_t length) {
    // inline: events are built of very many very short pieces
    if (length > buffer->capacity - buffer->length && buffer_reserve(buffer, length) < 0) {
        return -ENOMEM;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, bytes, length);
        buffer->length += length;
    }
    return 0;
}

/** Take the first `length` bytes away (at most all). */
void buffer_consume(struct buffer *buffer, size_t length);

/** Make it empty and keep the memory. */
void buffer_clear(struct buffer *buffer);

/** Free the memory; the buffer is empty and valid again. */
void buffer_free(struct buffer *buffer);

#endif
