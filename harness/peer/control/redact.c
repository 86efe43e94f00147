// SPDX-License-Identifier: Apache-2.0
#include "control/redact.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/base64.h>
#include <mbedtls/md.h>

enum { FORMS = 3, FINGERPRINT_BYTES = 4, BINARY = 0 };

struct needle {
    uint8_t *bytes;
    size_t length;
};

struct known_key {
    struct needle forms[FORMS]; // as bytes, base64, base64url; the texts may be absent (length 0)
    char fingerprint[2 * FINGERPRINT_BYTES + 1];
};

struct redact {
    struct known_key *keys;
    size_t count;
};

/* The members of an event that carry bytes from the network. All else is numbers or our own words,
 * and a server called like a key must not lose its name. */
static const char *const carriers[] = {
    "payload", "bytes", "token", "identity", // in hexadecimal
    "decoded", "path",  "query", "location_path", "endpoint", "lwm2m", "binding", "objects",
};
enum { HEX_CARRIERS = 4 };

struct redact *redact_new(void) {
    return calloc(1, sizeof(struct redact));
}

static void key_clear(struct known_key *key) {
    for (size_t i = 0; i < FORMS; i++) {
        free(key->forms[i].bytes);
    }
}

void redact_free(struct redact *set) {
    if (!set) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        key_clear(&set->keys[i]);
    }
    free(set->keys);
    free(set);
}

static int make_base64(struct known_key *key, const uint8_t *bytes, size_t length) {
    size_t size = (length + 2) / 3 * 4 + 1, written = 0;
    uint8_t *plain = malloc(size), *url = malloc(size);
    key->forms[1].bytes = plain;
    key->forms[2].bytes = url;
    if (!plain || !url || mbedtls_base64_encode(plain, size, &written, bytes, length) != 0) {
        return -ENOMEM;
    }
    while (written > 0 && plain[written - 1] == '=') {
        written--;
    }
    for (size_t i = 0; i < written; i++) {
        url[i] = plain[i] == '+' ? '-' : plain[i] == '/' ? '_' : plain[i];
    }
    key->forms[1].length = written;
    key->forms[2].length = memcmp(plain, url, written) == 0 ? 0 : written;
    return 0;
}

static int key_init(struct known_key *key, const uint8_t *bytes, size_t length) {
    uint8_t digest[32];
    *key = (struct known_key){0};
    if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), bytes, length, digest) != 0) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < FINGERPRINT_BYTES; i++) {
        static const char digits[] = "0123456789abcdef";
        key->fingerprint[2 * i] = digits[digest[i] >> 4];
        key->fingerprint[2 * i + 1] = digits[digest[i] & 15];
    }
    key->forms[BINARY].bytes = malloc(length);
    if (!key->forms[BINARY].bytes) {
        return -ENOMEM;
    }
    memcpy(key->forms[BINARY].bytes, bytes, length);
    key->forms[BINARY].length = length;
    return make_base64(key, bytes, length);
}

int redact_add(struct redact *set, const uint8_t *key, size_t length) {
    if (length == 0) {
        return 0;
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct needle *known = &set->keys[i].forms[BINARY];
        if (known->length == length && memcmp(known->bytes, key, length) == 0) {
            return 0;
        }
    }
    struct known_key *keys = realloc(set->keys, (set->count + 1) * sizeof *keys);
    if (!keys) {
        return -ENOMEM;
    }
    set->keys = keys;
    int result = key_init(&keys[set->count], key, length);
    if (result < 0) {
        key_clear(&keys[set->count]);
        return result;
    }
    set->count++;
    return 0;
}

/* A known key that starts at `at`; *length is how many bytes of it there are. The longest wins, so
 * that a key that is the head of another one leaves no tail of it. */
static const struct known_key *key_at(const struct redact *set, const uint8_t *bytes, size_t total,
                                      size_t at, size_t *length) {
    const struct known_key *found = NULL;
    *length = 0;
    for (size_t i = 0; i < set->count; i++) {
        for (size_t form = 0; form < FORMS; form++) {
            const struct needle *needle = &set->keys[i].forms[form];
            bool whole = at == 0 && needle->length == total;
            if (needle->length > *length && needle->length <= total - at &&
                (whole || needle->length >= REDACT_RUN_MIN) &&
                memcmp(needle->bytes, bytes + at, needle->length) == 0) {
                found = &set->keys[i];
                *length = needle->length;
            }
        }
    }
    return found;
}

static json_t *piece(const uint8_t *bytes, size_t length, bool as_hex) {
    if (!as_hex) {
        json_t *text = json_stringn((const char *)bytes, length);
        // a key may end within a character; what is left of it is then not text, and not needed
        return text ? text : json_string("\xef\xbf\xbd");
    }
    char *text = malloc(2 * length + 1);
    if (!text) {
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    json_t *result = json_stringn(text, 2 * length);
    free(text);
    return result;
}

/* The pieces of a byte string, or NULL if no key is in it. *failed tells lack of memory. */
static json_t *split(const struct redact *set, const uint8_t *bytes, size_t total, bool as_hex,
                     bool *failed) {
    json_t *pieces = NULL;
    size_t done = 0;
    for (size_t at = 0; at < total;) {
        size_t length;
        const struct known_key *key = key_at(set, bytes, total, at, &length);
        if (!key) {
            at++;
            continue;
        }
        pieces = pieces ? pieces : json_array();
        *failed |= !pieces ||
                   (at > done &&
                    json_array_append_new(pieces, piece(bytes + done, at - done, as_hex)) < 0) ||
                   json_array_append_new(pieces, json_pack("{s:s}", "redacted", key->fingerprint));
        at += length;
        done = at;
    }
    if (pieces && done < total) {
        *failed |= json_array_append_new(pieces, piece(bytes + done, total - done, as_hex)) < 0;
    }
    return pieces;
}

static int nibble(char digit) {
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* The value to show instead of the string `value`, or NULL if it can stay. */
static json_t *redact_string(const struct redact *set, const json_t *value, bool is_hex,
                             bool *failed) {
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    const uint8_t *bytes = (const uint8_t *)text;
    uint8_t *decoded = NULL;
    if (length == 0) {
        return NULL;
    }
    if (is_hex) {
        decoded = malloc(length);
        if (!decoded) {
            *failed = true;
            return NULL;
        }
        for (size_t i = 0; i + 1 < length; i += 2) {
            decoded[i / 2] = (uint8_t)(nibble(text[i]) * 16 + nibble(text[i + 1]));
        }
        bytes = decoded;
        length /= 2;
    }
    json_t *pieces = split(set, bytes, length, is_hex, failed);
    free(decoded);
    if (pieces && json_array_size(pieces) == 1) {
        json_t *only = json_incref(json_array_get(pieces, 0));
        json_decref(pieces);
        return only;
    }
    return pieces;
}

/* The JSON is at most as deep as TLV and our own wrapping of it. NOLINTNEXTLINE(misc-no-recursion)
 */
static json_t *redact_value(const struct redact *set, json_t *value, bool is_hex, bool *failed) {
    if (json_is_string(value)) {
        return redact_string(set, value, is_hex, failed);
    }
    size_t index;
    const char *name;
    json_t *child, *changed;
    void *next;
    json_array_foreach(value, index, child) {
        changed = redact_value(set, child, is_hex, failed);
        if (changed) {
            *failed |= json_array_set_new(value, index, changed) < 0;
        }
    }
    json_object_foreach_safe(value, next, name, child) {
        bool hex_member = strcmp(name, "hex") == 0;
        if (strcmp(name, "kind") == 0) {
            continue;
        }
        changed = redact_value(set, child, hex_member, failed);
        if (hex_member && json_is_object(changed)) {
            return changed; // {"hex": KEY} is shown as {"redacted": …} itself
        }
        if (changed) {
            *failed |= json_object_set_new(value, name, changed) < 0;
        }
    }
    return NULL;
}

int redact_event(const struct redact *set, json_t *event) {
    bool failed = false;
    if (set->count == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
        json_t *value = json_object_get(event, carriers[i]);
        if (!value) {
            continue;
        }
        bool is_hex = i < HEX_CARRIERS;
        json_t *changed = redact_value(set, value, is_hex, &failed);
        if (changed) {
            failed |= json_object_set_new(event, carriers[i], changed) < 0;
        }
    }
    return failed ? -ENOMEM : 0;
}
