/* SPDX-License-Identifier: Apache-2.0
 *
 * One CoAP message (RFC 7252 section 3) as a plain value, read and written with libcoap's PDU
 * codec.
 *
 * Reading is done twice: a lenient walk of our own says *what* is malformed, which a codec that
 * only accepts or rejects cannot tell, and what the walk finds well-formed must read alike in the
 * codec. Messages that are malformed on purpose are not built here: send raw bytes.
 *
 * Ownership: a struct message owns its options and payload; message_clear releases them and leaves
 * a value that can be used again. A zeroed struct is a valid empty message. Not thread-safe.
 */
#ifndef BOOTCHECK_COAP_MESSAGE_H
#define BOOTCHECK_COAP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_TOKEN_MAX = 8 };

enum message_type { MESSAGE_CON = 0, MESSAGE_NON = 1, MESSAGE_ACK = 2, MESSAGE_RST = 3 };

/* Code of class c and detail d: MESSAGE_CODE(2, 4) is 2.04 Changed. */
#define MESSAGE_CODE(c, d) ((uint8_t)(((c) << 5) | (d)))

enum {
    MESSAGE_EMPTY = 0,
    MESSAGE_GET = 1,
    MESSAGE_POST = 2,
    MESSAGE_PUT = 3,
    MESSAGE_DELETE = 4,
    MESSAGE_FETCH = 5,
    MESSAGE_PATCH = 6,
    MESSAGE_IPATCH = 7,
};

/* Option numbers (RFC 7252 5.10, RFC 7641, RFC 7959). */
enum {
    MESSAGE_OPTION_IF_MATCH = 1,
    MESSAGE_OPTION_URI_HOST = 3,
    MESSAGE_OPTION_ETAG = 4,
    MESSAGE_OPTION_IF_NONE_MATCH = 5,
    MESSAGE_OPTION_OBSERVE = 6,
    MESSAGE_OPTION_URI_PORT = 7,
    MESSAGE_OPTION_LOCATION_PATH = 8,
    MESSAGE_OPTION_URI_PATH = 11,
    MESSAGE_OPTION_CONTENT_FORMAT = 12,
    MESSAGE_OPTION_MAX_AGE = 14,
    MESSAGE_OPTION_URI_QUERY = 15,
    MESSAGE_OPTION_ACCEPT = 17,
    MESSAGE_OPTION_LOCATION_QUERY = 20,
    MESSAGE_OPTION_BLOCK2 = 23,
    MESSAGE_OPTION_BLOCK1 = 27,
    MESSAGE_OPTION_SIZE2 = 28,
    MESSAGE_OPTION_PROXY_URI = 35,
    MESSAGE_OPTION_PROXY_SCHEME = 39,
    MESSAGE_OPTION_SIZE1 = 60,
};

struct message_option {
    uint16_t number;
    size_t length;
    uint8_t *value; /* owned; NULL if length is 0 */
};

/* A list of options in ascending order of number; equal numbers keep the order of their addition.
 */
struct message_options {
    struct message_option *items;
    size_t count;
    size_t capacity;
};

struct message {
    enum message_type type;
    uint8_t code;
    uint16_t mid;
    uint8_t token[MESSAGE_TOKEN_MAX];
    size_t token_length;
    struct message_options options;
    uint8_t *payload; /* owned; NULL if there is none */
    size_t payload_length;
};

/* What is wrong with received bytes. */
enum message_fault {
    MESSAGE_OK = 0,
    MESSAGE_FAULT_TOO_SHORT,             /* fewer than the 4 bytes of the header */
    MESSAGE_FAULT_VERSION,               /* version is not 1 (RFC 7252 3: to be ignored) */
    MESSAGE_FAULT_TOKEN_LENGTH,          /* token length 9..15 */
    MESSAGE_FAULT_TOKEN_TRUNCATED,       /* the message ends in the token */
    MESSAGE_FAULT_CODE_RESERVED,         /* code class 1, 6 or 7 */
    MESSAGE_FAULT_EMPTY_NOT_EMPTY,       /* code 0.00 with token, options or payload */
    MESSAGE_FAULT_EMPTY_NON,             /* a Non-confirmable message must not be Empty (4.3) */
    MESSAGE_FAULT_ACK_REQUEST,           /* an Acknowledgement that carries a request (4.2) */
    MESSAGE_FAULT_RST_NOT_EMPTY,         /* a Reset that carries a code (4.2) */
    MESSAGE_FAULT_OPTION_DELTA,          /* option delta 15 */
    MESSAGE_FAULT_OPTION_LENGTH,         /* option length 15 */
    MESSAGE_FAULT_OPTION_TRUNCATED,      /* the message ends in an option */
    MESSAGE_FAULT_OPTION_NUMBER,         /* option number above 65535 */
    MESSAGE_FAULT_PAYLOAD_MISSING,       /* a payload marker and nothing behind it */
    MESSAGE_FAULT_OPTION_VALUE_CRITICAL, /* length of a critical option's value not allowed (5.4.3)
                                          */
    MESSAGE_FAULT_OPTION_VALUE_ELECTIVE, /* the same of an elective option: it is left out */
    MESSAGE_FAULT_CODEC,                 /* the codec and the walk disagree */
    MESSAGE_FAULT_MEMORY,
};

/* What is wrong, in a phrase for people; "" for MESSAGE_OK. */
const char *message_fault_text(enum message_fault fault);

/* Reads one datagram's worth of CoAP into *m, which needs no initialisation; message_clear it in
 * every case. With a fault, *m holds what could be told (type, code, mid, from TOO_SHORT nothing).
 * With the two OPTION_VALUE faults the message is otherwise complete; wrong elective options are
 * left out. */
enum message_fault message_parse(struct message *m, const uint8_t *bytes, size_t length);

/* The bytes of the message through the codec. *out is malloc'ed and becomes the caller's.
 * 0, -EINVAL if the codec cannot express it, -ENOMEM. */
int message_build(const struct message *m, uint8_t **out, size_t *length);

/* A new message without token, options and payload. */
void message_init(struct message *m, enum message_type type, uint8_t code, uint16_t mid);
void message_clear(struct message *m);

/* Copies value. 0, -EINVAL if length is above 65535, -ENOMEM. */
int message_options_add(struct message_options *o, uint16_t number, const void *value,
                        size_t length);
/* In the shortest form (RFC 7252 3.2). */
int message_options_add_uint(struct message_options *o, uint16_t number, uint32_t value);
/* Adds copies of all options of `from`. */
int message_options_add_all(struct message_options *o, const struct message_options *from);
/* Removes every option of this number. */
void message_options_remove(struct message_options *o, uint16_t number);
void message_options_clear(struct message_options *o);

/* The first option of this number, or NULL. */
const struct message_option *message_options_find(const struct message_options *o, uint16_t number);
/* The first option of this number as an unsigned integer of at most 4 bytes; false if there is
 * none. */
bool message_options_get_uint(const struct message_options *o, uint16_t number, uint32_t *value);

/* Copies bytes; length 0 removes the payload. 0 or -ENOMEM. */
int message_set_payload(struct message *m, const void *bytes, size_t length);

bool message_is_request(const struct message *m);  /* code 0.01 .. 0.31 */
bool message_is_response(const struct message *m); /* code class 2 .. 5 */

/* "2.04" into text, and back: -1 if text is not of the form c.dd with c <= 7 and dd <= 31. */
void message_code_text(uint8_t code, char text[5]);
int message_code_from_text(const char *text);
/* "GET" .. "IPATCH", or NULL for other codes; and back: -1 if unknown. */
const char *message_method_text(uint8_t code);
int message_method_from_text(const char *text);
/* "CON", "NON", "ACK", "RST". */
const char *message_type_text(enum message_type type);

#endif
