// SPDX-License-Identifier: Apache-2.0
#include "roles/redact.h"

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
    bool starts[256]; // the first bytes of all forms: most places are no key's by that alone
};

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
    for (size_t form = 0; form < FORMS; form++) {
        if (keys[set->count].forms[form].length > 0) {
            set->starts[keys[set->count].forms[form].bytes[0]] = true;
        }
    }
    set->count++;
    return 0;
}

/* Find the key that starts at `at`. The longest wins, so that a key that is the head of another one
 * leaves no tail of it. */
static int find_at(const struct redact *set, const uint8_t *bytes, size_t total, size_t at,
                   struct redact_hit *hit) {
    *hit = (struct redact_hit){.at = at};
    for (size_t i = 0; i < set->count; i++) {
        for (size_t form = 0; form < FORMS; form++) {
            const struct needle *needle = &set->keys[i].forms[form];
            bool whole = at == 0 && needle->length == total;
            if (needle->length > hit->length && needle->length <= total - at &&
                (whole || needle->length >= REDACT_RUN_MIN) &&
                memcmp(needle->bytes, bytes + at, needle->length) == 0) {
                hit->length = needle->length;
                hit->fingerprint = set->keys[i].fingerprint;
            }
        }
    }
    return hit->length > 0;
}

int redact_find(const struct redact *set, const uint8_t *bytes, size_t length, size_t from,
                struct redact_hit *hit) {
    for (size_t at = from; at < length; at++) {
        if (set->starts[bytes[at]] && find_at(set, bytes, length, at, hit)) {
            return 1;
        }
    }
    return 0;
}
