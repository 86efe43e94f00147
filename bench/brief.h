// SPDX-License-Identifier: Apache-2.0
/*
 * CoAP messages (RFC 7252 3) in as few instructions as will do, for the load client and the bare
 * server: the other end of a comparison must not share the peer's codec. Only for bytes that the
 * bench itself has made; other bytes are refused, not explained.
 */
#ifndef BENCH_BRIEF_H
#define BENCH_BRIEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BRIEF_CON = 0, BRIEF_ACK = 2 };
enum { BRIEF_GET = 1, BRIEF_POST = 2, BRIEF_PUT = 3 };
enum { BRIEF_CHANGED = 2 << 5 | 4, BRIEF_CONTENT = 2 << 5 | 5 };
enum {
    BRIEF_URI_PATH = 11,
    BRIEF_CONTENT_FORMAT = 12,
    BRIEF_URI_QUERY = 15,
    BRIEF_ACCEPT = 17,
};
enum { BRIEF_SIZE = 512 };

/** A message that was read; pointers are into its bytes. */
struct brief {
    uint8_t type;
    uint8_t code;
    uint16_t mid;
    const uint8_t *token;
    size_t token_length;
    const uint8_t *first_path; // segment of the path, NULL if there is none
    size_t first_path_length;
};

/** A message that is being written: options in ascending order, then the payload. */
struct brief_writer {
    uint8_t bytes[BRIEF_SIZE];
    size_t length;
    uint16_t option; // the last one's number
    bool full;       // something did not fit
};

/** False if the bytes are no message. */
bool brief_read(struct brief *message, const uint8_t *bytes, size_t length);

void brief_begin(struct brief_writer *writer, uint8_t type, uint8_t code, uint16_t mid,
                 const uint8_t *token, size_t token_length);

/** A value shorter than 269 bytes; the number at most 268 above the last one. */
void brief_option(struct brief_writer *writer, uint16_t number, const void *value, size_t length);

/** The same with a number in the shortest form (RFC 7252 3.2). */
void brief_option_uint(struct brief_writer *writer, uint16_t number, uint16_t value);

void brief_payload(struct brief_writer *writer, const void *bytes, size_t length);

#endif
