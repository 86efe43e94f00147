/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Indexed by method code (RFC 7252 12.1.1, RFC 8132). */
static const char *const METHODS[] = {NULL,     "GET",   "POST",  "PUT",
                                      "DELETE", "FETCH", "PATCH", "IPATCH"};

void message_init(struct message *m, enum message_type type, uint8_t code, uint16_t mid) {
    *m = (struct message){.type = type, .code = code, .mid = mid};
}

void message_clear(struct message *m) {
    message_options_clear(&m->options);
    free(m->payload);
    *m = (struct message){0};
}

/* A copy that free() takes; NULL for length 0. False without memory. */
static bool copy_bytes(uint8_t **out, const void *bytes, size_t length) {
    *out = NULL;
    if (length == 0) {
        return true;
    }
    *out = malloc(length);
    if (*out == NULL) {
        return false;
    }
    memcpy(*out, bytes, length);
    return true;
}

int message_options_add(struct message_options *o, uint16_t number, const void *value,
                        size_t length) {
    if (length > UINT16_MAX) {
        return -EINVAL;
    }
    if (o->count == o->capacity) {
        size_t capacity = o->capacity == 0 ? 8 : 2 * o->capacity;
        struct message_option *items = realloc(o->items, capacity * sizeof(*items));
        if (items == NULL) {
            return -ENOMEM;
        }
        o->items = items;
        o->capacity = capacity;
    }
    struct message_option option = {.number = number, .length = length};
    if (!copy_bytes(&option.value, value, length)) {
        return -ENOMEM;
    }
    size_t at = o->count;
    while (at > 0 && o->items[at - 1].number > number) {
        o->items[at] = o->items[at - 1];
        at--;
    }
    o->items[at] = option;
    o->count++;
    return 0;
}

int message_options_add_uint(struct message_options *o, uint16_t number, uint32_t value) {
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                        (uint8_t)value};
    size_t skip = 0;
    while (skip < sizeof(bytes) && bytes[skip] == 0) {
        skip++;
    }
    return message_options_add(o, number, bytes + skip, sizeof(bytes) - skip);
}

int message_options_add_all(struct message_options *o, const struct message_options *from) {
    for (size_t i = 0; i < from->count; i++) {
        const struct message_option *option = &from->items[i];
        int error = message_options_add(o, option->number, option->value, option->length);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

void message_options_remove(struct message_options *o, uint16_t number) {
    size_t kept = 0;
    for (size_t i = 0; i < o->count; i++) {
        if (o->items[i].number == number) {
            free(o->items[i].value);
        } else {
            o->items[kept++] = o->items[i];
        }
    }
    o->count = kept;
}

void message_options_clear(struct message_options *o) {
    for (size_t i = 0; i < o->count; i++) {
        free(o->items[i].value);
    }
    free(o->items);
    *o = (struct message_options){0};
}

const struct message_option *message_options_find(const struct message_options *o,
                                                  uint16_t number) {
    for (size_t i = 0; i < o->count; i++) {
        if (o->items[i].number == number) {
            return &o->items[i];
        }
    }
    return NULL;
}

bool message_options_get_uint(const struct message_options *o, uint16_t number, uint32_t *value) {
    const struct message_option *option = message_options_find(o, number);
    if (option == NULL || option->length > 4) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < option->length; i++) {
        *value = *value << 8 | option->value[i];
    }
    return true;
}

int message_set_payload(struct message *m, const void *bytes, size_t length) {
    uint8_t *copy = NULL;
    if (!copy_bytes(&copy, bytes, length)) {
        return -ENOMEM;
    }
    free(m->payload);
    m->payload = copy;
    m->payload_length = length;
    return 0;
}

bool message_is_request(const struct message *m) {
    return m->code >= 1 && m->code <= 31;
}

bool message_is_response(const struct message *m) {
    return m->code >= MESSAGE_CODE(2, 0) && m->code <= MESSAGE_CODE(5, 31);
}

void message_code_text(uint8_t code, char text[5]) {
    text[0] = (char)('0' + (code >> 5));
    text[1] = '.';
    text[2] = (char)('0' + (code & 31) / 10);
    text[3] = (char)('0' + (code & 31) % 10);
    text[4] = '\0';
}

int message_code_from_text(const char *text) {
    if (strlen(text) != 4 || text[0] < '0' || text[0] > '7' || text[1] != '.' || text[2] < '0' ||
        text[2] > '3' || text[3] < '0' || text[3] > '9') {
        return -1;
    }
    int detail = 10 * (text[2] - '0') + (text[3] - '0');
    return detail > 31 ? -1 : (text[0] - '0') << 5 | detail;
}

const char *message_method_text(uint8_t code) {
    return code < sizeof(METHODS) / sizeof(METHODS[0]) ? METHODS[code] : NULL;
}

int message_method_from_text(const char *text) {
    for (size_t i = 1; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
        if (strcmp(text, METHODS[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *message_type_text(enum message_type type) {
    switch (type) {
    case MESSAGE_CON:
        return "CON";
    case MESSAGE_NON:
        return "NON";
    case MESSAGE_ACK:
        return "ACK";
    case MESSAGE_RST:
        return "RST";
    }
    return "?";
}

const char *message_fault_text(enum message_fault fault) {
    switch (fault) {
    case MESSAGE_OK:
        return "";
    case MESSAGE_FAULT_TOO_SHORT:
        return "shorter than a CoAP header";
    case MESSAGE_FAULT_VERSION:
        return "version is not 1";
    case MESSAGE_FAULT_TOKEN_LENGTH:
        return "token length above 8";
    case MESSAGE_FAULT_TOKEN_TRUNCATED:
        return "message ends in the token";
    case MESSAGE_FAULT_CODE_RESERVED:
        return "code of a reserved class";
    case MESSAGE_FAULT_EMPTY_NOT_EMPTY:
        return "empty message is not empty";
    case MESSAGE_FAULT_EMPTY_NON:
        return "empty message is non-confirmable";
    case MESSAGE_FAULT_ACK_REQUEST:
        return "acknowledgement carries a request";
    case MESSAGE_FAULT_RST_NOT_EMPTY:
        return "reset carries a code";
    case MESSAGE_FAULT_OPTION_DELTA:
        return "option delta 15";
    case MESSAGE_FAULT_OPTION_LENGTH:
        return "option length 15";
    case MESSAGE_FAULT_OPTION_TRUNCATED:
        return "message ends in an option";
    case MESSAGE_FAULT_OPTION_NUMBER:
        return "option number above 65535";
    case MESSAGE_FAULT_PAYLOAD_MISSING:
        return "payload marker without payload";
    case MESSAGE_FAULT_OPTION_VALUE_CRITICAL:
        return "critical option with a value of forbidden length";
    case MESSAGE_FAULT_OPTION_VALUE_ELECTIVE:
        return "elective option with a value of forbidden length";
    case MESSAGE_FAULT_CODEC:
        return "codecs disagree";
    case MESSAGE_FAULT_MEMORY:
        return "out of memory";
    }
    return "?";
}
