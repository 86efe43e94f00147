// SPDX-License-Identifier: Apache-2.0
#include "brief.h"

#include <string.h>

enum { HEADER = 4, TOKEN_MAX = 8, PAYLOAD_MARKER = 0xff, EXTENDED = 13 };

/* A delta or length that starts in a nibble of an option's first byte; false if it is too long. */
static bool read_extended(size_t *value, const uint8_t **at, const uint8_t *end) {
    if (*value == EXTENDED && *at < end) {
        *value = (size_t)EXTENDED + *(*at)++;
        return true;
    }
    return *value < EXTENDED;
}

static bool read_options(struct brief *message, const uint8_t *at, const uint8_t *end) {
    size_t number = 0;
    while (at < end && *at != PAYLOAD_MARKER) {
        size_t delta = *at >> 4;
        size_t length = *at & 15;
        at++;
        if (!read_extended(&delta, &at, end) || !read_extended(&length, &at, end) ||
            length > (size_t)(end - at)) {
            return false;
        }
        number += delta;
        if (number == BRIEF_URI_PATH && message->first_path == NULL) {
            message->first_path = at;
            message->first_path_length = length;
        }
        at += length;
    }
    return true;
}

bool brief_read(struct brief *message, const uint8_t *bytes, size_t length) {
    if (length < HEADER || bytes[0] >> 6 != 1) {
        return false;
    }
    *message = (struct brief){
        .type = (bytes[0] >> 4) & 3,
        .code = bytes[1],
        .mid = (uint16_t)(bytes[2] << 8 | bytes[3]),
        .token = bytes + HEADER,
        .token_length = bytes[0] & 15,
    };
    return message->token_length <= TOKEN_MAX && length >= HEADER + message->token_length &&
           read_options(message, bytes + HEADER + message->token_length, bytes + length);
}

static void append(struct brief_writer *writer, const void *bytes, size_t length) {
    if (length > sizeof writer->bytes - writer->length) {
        writer->full = true;
    } else if (length > 0) {
        memcpy(writer->bytes + writer->length, bytes, length);
        writer->length += length;
    }
}

void brief_begin(struct brief_writer *writer, uint8_t type, uint8_t code, uint16_t mid,
                 const uint8_t *token, size_t token_length) {
    const uint8_t header[HEADER] = {(uint8_t)(1 << 6 | type << 4 | (int)token_length), code,
                                    (uint8_t)(mid >> 8), (uint8_t)mid};
    writer->length = 0;
    writer->option = 0;
    writer->full = false;
    append(writer, header, sizeof header);
    append(writer, token, token_length);
}

void brief_option(struct brief_writer *writer, uint16_t number, const void *value, size_t length) {
    size_t delta = (size_t)(number - writer->option);
    uint8_t head[3];
    size_t used = 1;
    head[0] = (uint8_t)((delta < EXTENDED ? delta : EXTENDED) << 4 |
                        (length < EXTENDED ? length : EXTENDED));
    if (delta >= EXTENDED) {
        head[used++] = (uint8_t)(delta - EXTENDED);
    }
    if (length >= EXTENDED) {
        head[used++] = (uint8_t)(length - EXTENDED);
    }
    append(writer, head, used);
    append(writer, value, length);
    writer->option = number;
}

void brief_option_uint(struct brief_writer *writer, uint16_t number, uint16_t value) {
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    size_t length = value > UINT8_MAX ? 2 : value > 0 ? 1 : 0;
    brief_option(writer, number, bytes + sizeof bytes - length, length);
}

void brief_payload(struct brief_writer *writer, const void *bytes, size_t length) {
    const uint8_t marker = PAYLOAD_MARKER;
    append(writer, &marker, 1);
    append(writer, bytes, length);
}
