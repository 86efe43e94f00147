// SPDX-License-Identifier: Apache-2.0
/* How keys are commonly made of a secret: as it is, through a hash, HMAC or PBKDF2. */
#ifndef AUDIT_DERIVATION_H
#define AUDIT_DERIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/hash.h"

enum mode {
    MODE_PLAIN,
    MODE_DIGEST,
    MODE_HMAC_OF_SECRET, // the label is the key, the secret the message
    MODE_HMAC_BY_SECRET, // the secret is the key, the label the message
    MODE_PBKDF2,         // the secret is the password, the label the salt
};

/** What a derivation is applied to. */
struct input {
    const uint8_t *secret;
    size_t secret_length;
    const uint8_t *label; // at most PBKDF2_SALT_MAX bytes
    size_t label_length;
    const struct hmac *label_hmac; // the label as a key of HMAC where that is ready, else NULL
};

struct derivation {
    enum mode mode;
    enum hash hash;
    uint32_t iterations; // of PBKDF2
};

/** Which part of the derived bytes a key is. */
enum part {
    PART_NONE,
    PART_WHOLE,
    PART_FIRST,
    PART_LAST,
    PART_REPEATED,
    PART_PADDED,
};

/** How many blocks it hashes to make the first bytes, with a secret and label of usual lengths. */
uint64_t derivation_blocks(const struct derivation *derivation, bool label_hmac_ready);

/** The first bytes that it gives: their number (the size of the hash) in `bytes`. Not MODE_PLAIN.
 */
size_t derivation_first(const struct derivation *derivation, const struct input *input,
                        uint8_t bytes[HASH_MAX]);

/**
 * Which part of what is derived `key` is, given the first bytes. Fewer than 8 bytes are none:
 * too many things would be them.
 */
enum part derivation_part(const struct derivation *derivation, const struct input *input,
                          const uint8_t first[HASH_MAX], const uint8_t *key, size_t length);

/** "sha256", "hmac-md5", "hmac-md5-by-secret", "pbkdf2-sha1-1000", "plain". */
void derivation_id(const struct derivation *derivation, char *text, size_t size);

/** "SHA-256 of", "HMAC-SHA-256 with key LABEL of": what goes before the name of the secret. */
void derivation_text(const struct derivation *derivation, const char *label, char *text,
                     size_t size);

/** ", first 16 bytes" and the like. */
void part_text(enum part part, size_t length, char *text, size_t size);

#endif
