// SPDX-License-Identifier: Apache-2.0
#include "audit/derivation.h"

#include <stdio.h>
#include <string.h>

#include "audit/lookup.h"

uint64_t derivation_blocks(const struct derivation *derivation, bool label_hmac_ready) {
    switch (derivation->mode) {
    case MODE_PLAIN:
    case MODE_DIGEST:
        return 1;
    case MODE_HMAC_OF_SECRET:
        return label_hmac_ready ? 2 : 4;
    case MODE_HMAC_BY_SECRET:
        return 4;
    case MODE_PBKDF2:
        return 2 + 2 * (uint64_t)derivation->iterations;
    }
    return 1;
}

/* Block `number` of what it gives; only PBKDF2 has more than the first. */
static size_t block_of(const struct derivation *derivation, const struct input *input,
                       uint32_t number, uint8_t *bytes) {
    enum hash hash = derivation->hash;
    struct hmac hmac;
    switch (derivation->mode) {
    case MODE_PLAIN:
        return 0;
    case MODE_DIGEST:
        hash_digest(hash, input->secret, input->secret_length, bytes);
        break;
    case MODE_HMAC_OF_SECRET:
        if (!input->label_hmac) {
            hmac_start(hash, &hmac, input->label, input->label_length);
        }
        hmac_finish(hash, input->label_hmac ? input->label_hmac : &hmac, input->secret,
                    input->secret_length, bytes);
        break;
    case MODE_HMAC_BY_SECRET:
        hmac_start(hash, &hmac, input->secret, input->secret_length);
        hmac_finish(hash, &hmac, input->label, input->label_length, bytes);
        break;
    case MODE_PBKDF2:
        hmac_start(hash, &hmac, input->secret, input->secret_length);
        pbkdf2_block(hash, &hmac, input->label, input->label_length, derivation->iterations, number,
                     bytes);
        break;
    }
    return hash_size(hash);
}

size_t derivation_first(const struct derivation *derivation, const struct input *input,
                        uint8_t bytes[HASH_MAX]) {
    return block_of(derivation, input, 1, bytes);
}

/* Whether what follows the derived bytes is them again, or zeros. */
static enum part rest_of(const uint8_t *key, size_t length, size_t size) {
    if (memcmp(key, key + size, length - size) == 0) {
        return PART_REPEATED;
    }
    for (size_t i = size; i < length; i++) {
        if (key[i] != 0) {
            return PART_NONE;
        }
    }
    return PART_PADDED;
}

static enum part part_of_longer(const struct derivation *derivation, const struct input *input,
                                const uint8_t *key, size_t length) {
    size_t size = hash_size(derivation->hash);
    enum part part = rest_of(key, length, size);
    if (part != PART_NONE || derivation->mode != MODE_PBKDF2) {
        return part;
    }
    for (size_t at = size; at < length; at += size) {
        uint8_t more[HASH_MAX];
        block_of(derivation, input, (uint32_t)(at / size + 1), more);
        if (memcmp(more, key + at, length - at < size ? length - at : size) != 0) {
            return PART_NONE;
        }
    }
    return PART_WHOLE;
}

enum part derivation_part(const struct derivation *derivation, const struct input *input,
                          const uint8_t first[HASH_MAX], const uint8_t *key, size_t length) {
    size_t size = hash_size(derivation->hash);
    bool ends = derivation->mode != MODE_PBKDF2; // PBKDF2 gives as much as is asked for
    if (length < LOOKUP_PREFIX) {
        return PART_NONE;
    }
    if (memcmp(first, key, length < size ? length : size) == 0) {
        if (length > size) {
            return part_of_longer(derivation, input, key, length);
        }
        return length == size || !ends ? PART_WHOLE : PART_FIRST;
    }
    if (ends && length < size && memcmp(first + size - length, key, length) == 0) {
        return PART_LAST;
    }
    return PART_NONE;
}

void derivation_id(const struct derivation *derivation, char *text, size_t size) {
    const char *hash = hash_id(derivation->hash);
    switch (derivation->mode) {
    case MODE_PLAIN:
        snprintf(text, size, "plain");
        break;
    case MODE_DIGEST:
        snprintf(text, size, "%s", hash);
        break;
    case MODE_HMAC_OF_SECRET:
        snprintf(text, size, "hmac-%s", hash);
        break;
    case MODE_HMAC_BY_SECRET:
        snprintf(text, size, "hmac-%s-by-secret", hash);
        break;
    case MODE_PBKDF2:
        snprintf(text, size, "pbkdf2-%s-%u", hash, derivation->iterations);
        break;
    }
}

void derivation_text(const struct derivation *derivation, const char *label, char *text,
                     size_t size) {
    const char *hash = hash_name(derivation->hash);
    switch (derivation->mode) {
    case MODE_PLAIN:
        snprintf(text, size, "the key is");
        break;
    case MODE_DIGEST:
        snprintf(text, size, "%s of", hash);
        break;
    case MODE_HMAC_OF_SECRET:
        snprintf(text, size, "HMAC-%s, key %s, of", hash, label);
        break;
    case MODE_HMAC_BY_SECRET:
        snprintf(text, size, "HMAC-%s of %s, the key being", hash, label);
        break;
    case MODE_PBKDF2:
        snprintf(text, size, "PBKDF2-HMAC-%s, %u iterations, salt %s, of", hash,
                 derivation->iterations, label);
        break;
    }
}

void part_text(enum part part, size_t length, char *text, size_t size) {
    switch (part) {
    case PART_NONE:
    case PART_WHOLE:
        snprintf(text, size, "%s", "");
        break;
    case PART_FIRST:
        snprintf(text, size, ", first %zu bytes", length);
        break;
    case PART_LAST:
        snprintf(text, size, ", last %zu bytes", length);
        break;
    case PART_REPEATED:
        snprintf(text, size, ", repeated");
        break;
    case PART_PADDED:
        snprintf(text, size, ", padded with zeros");
        break;
    }
}
