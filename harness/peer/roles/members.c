// SPDX-License-Identifier: Apache-2.0
#include "roles/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "lwm2m/utf8.h"

void members_begin(struct members *members, const struct redact *keys) {
    buffer_clear(&members->text);
    members->keys = keys;
    members->comma = false;
    members->failed = false;
}

void members_free(struct members *members) {
    buffer_free(&members->text);
}

static inline void put(struct members *members, const void *bytes, size_t length) {
    members->failed |= buffer_append(&members->text, bytes, length) < 0;
}

static void put_string(struct members *members, const char *text) {
    put(members, text, strlen(text));
}

/* A JSON string (RFC 8259 7); `text` is UTF-8. */
static void put_text(struct members *members, const uint8_t *text, size_t length) {
    size_t done = 0;
    if (length == 0) { // then there may be no text to point into
        put(members, "\"\"", 2);
        return;
    }
    put(members, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\' || text[i] < 0x20) {
            char escape[7] = "\\u00";
            hex_encode(&text[i], 1, escape + 4);
            put(members, text + done, i - done);
            put(members, escape, 6);
            done = i + 1;
        }
    }
    put(members, text + done, length - done);
    put(members, "\"", 1);
}

static void put_name(struct members *members, const char *name) {
    if (members->comma) {
        put(members, ",", 1);
    }
    members->comma = true;
    if (name) {
        put_text(members, (const uint8_t *)name, strlen(name));
        put(members, ":", 1);
    }
}

static void put_hex(struct members *members, const uint8_t *bytes, size_t length) {
    put(members, "\"", 1);
    // hex_encode() writes a NUL past the digits, in the place of the closing quote
    if (buffer_reserve(&members->text, 2 * length + 1) < 0) {
        members->failed = true;
        return;
    }
    hex_encode(bytes, length, (char *)members->text.data + members->text.length);
    members->text.length += 2 * length;
    put(members, "\"", 1);
}

static void put_piece(struct members *members, const uint8_t *bytes, size_t length, bool as_hex) {
    if (as_hex) {
        put_hex(members, bytes, length);
    } else if (utf8_is_text(bytes, length, NULL)) {
        put_text(members, bytes, length);
    } else { // the key ended within a character; what is left of it is nobody's need
        put_string(members, "\"\xef\xbf\xbd\"");
    }
}

static void put_redacted(struct members *members, const struct redact_hit *hit) {
    put_string(members, "{\"redacted\":\"");
    put_string(members, hit->fingerprint);
    put_string(members, "\"}");
}

static bool is_whole_key(const struct members *members, const uint8_t *bytes, size_t length,
                         struct redact_hit *hit) {
    return redact_find(members->keys, bytes, length, 0, hit) && hit->length == length;
}

/* The value, or its redaction, or the list of its pieces. */
static void put_value(struct members *members, const uint8_t *bytes, size_t length, bool as_hex) {
    struct redact_hit hit;
    size_t done = 0;
    if (!redact_find(members->keys, bytes, length, 0, &hit)) {
        put_piece(members, bytes, length, as_hex);
        return;
    }
    if (hit.length == length) {
        put_redacted(members, &hit);
        return;
    }
    put(members, "[", 1);
    do {
        if (done > 0) {
            put(members, ",", 1);
        }
        if (hit.at > done) {
            put_piece(members, bytes + done, hit.at - done, as_hex);
            put(members, ",", 1);
        }
        put_redacted(members, &hit);
        done = hit.at + hit.length;
    } while (redact_find(members->keys, bytes, length, done, &hit));
    if (done < length) {
        put(members, ",", 1);
        put_piece(members, bytes + done, length - done, as_hex);
    }
    put(members, "]", 1);
}

void members_word(struct members *members, const char *name, const char *word) {
    put_name(members, name);
    put_text(members, (const uint8_t *)word, strlen(word));
}

void members_number(struct members *members, const char *name, int64_t value) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    put_name(members, name);
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    put(members, digits + at, sizeof digits - at);
}

void members_boolean(struct members *members, const char *name, bool value) {
    put_name(members, name);
    put_string(members, value ? "true" : "false");
}

void members_null(struct members *members, const char *name) {
    put_name(members, name);
    put_string(members, "null");
}

void members_bytes(struct members *members, const char *name, const uint8_t *bytes, size_t length) {
    put_name(members, name);
    put_value(members, bytes, length, true);
}

void members_opaque(struct members *members, const char *name, const uint8_t *bytes,
                    size_t length) {
    struct redact_hit hit;
    put_name(members, name);
    if (is_whole_key(members, bytes, length, &hit)) {
        put_redacted(members, &hit);
        return;
    }
    put_string(members, "{\"hex\":");
    put_value(members, bytes, length, true);
    put(members, "}", 1);
}

void members_text(struct members *members, const char *name, const uint8_t *bytes, size_t length) {
    if (utf8_is_text(bytes, length, NULL)) {
        put_name(members, name);
        put_value(members, bytes, length, false);
    } else {
        members_opaque(members, name, bytes, length);
    }
}

void members_open_object(struct members *members, const char *name) {
    put_name(members, name);
    put(members, "{", 1);
    members->comma = false;
}

void members_open_list(struct members *members, const char *name) {
    put_name(members, name);
    put(members, "[", 1);
    members->comma = false;
}

void members_close_object(struct members *members) {
    put(members, "}", 1);
    members->comma = true;
}

void members_close_list(struct members *members) {
    put(members, "]", 1);
    members->comma = true;
}

void members_splice(struct members *members, json_t *object) {
    char *text = json_dumps(object, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    if (length > 2) {
        put_name(members, NULL);
        put(members, text + 1, length - 2);
    }
    members->failed |= !text;
    free(text);
    json_decref(object);
}
