// SPDX-License-Identifier: Apache-2.0
/*
 * MD5, SHA-1 and SHA-256, HMAC and PBKDF2 for searches: one block at a time, without allocation and
 * without the set-up that a library's usual calls have. Blocks are done by OpenSSL's libcrypto,
 * which uses the CPU's instructions for it.
 */
#ifndef AUDIT_HASH_H
#define AUDIT_HASH_H

#include <stddef.h>
#include <stdint.h>

enum hash { HASH_MD5, HASH_SHA1, HASH_SHA256, HASHES };

enum { HASH_BLOCK = 64, HASH_MAX = 32, HASH_ONE_BLOCK_MAX = 55 };

/** The chaining value after whole blocks. */
struct hash_state {
    uint32_t words[8];
};

const char *hash_name(enum hash hash); // "SHA-256"
const char *hash_id(enum hash hash);   // "sha256"

/** Bytes of a digest. */
size_t hash_size(enum hash hash);

void hash_init(enum hash hash, struct hash_state *state);

/** Take in one block. */
void hash_block(enum hash hash, struct hash_state *state, const uint8_t block[HASH_BLOCK]);

/** The state as the bytes of a digest, hash_size of them. */
void hash_bytes(enum hash hash, const struct hash_state *state, uint8_t *digest);

/** The first four bytes of the digest, at word `index`, as a big-endian number. */
uint32_t hash_word(enum hash hash, const struct hash_state *state, size_t index);

/**
 * Make the last block: `used` bytes (at most HASH_ONE_BLOCK_MAX) of it are there, of a message of
 * `total` bytes.
 */
void hash_pad(enum hash hash, uint8_t block[HASH_BLOCK], size_t used, uint64_t total);

/** Go on from `state`, which has `before` bytes (whole blocks), with the rest of the message. */
void hash_finish(enum hash hash, struct hash_state state, uint64_t before, const uint8_t *message,
                 size_t length, uint8_t *digest);

/** RFC 1321, FIPS 180-4. */
void hash_digest(enum hash hash, const uint8_t *message, size_t length, uint8_t *digest);

/** A key of HMAC, as the two states that it leads to. */
struct hmac {
    struct hash_state inner, outer;
};

/** RFC 2104. Two blocks; four with a key longer than a block. */
void hmac_start(enum hash hash, struct hmac *hmac, const uint8_t *key, size_t length);
void hmac_finish(enum hash hash, const struct hmac *hmac, const uint8_t *message, size_t length,
                 uint8_t *digest);

enum { PBKDF2_SALT_MAX = 512 };

/** Block `number` (from 1) of PBKDF2, RFC 8018 5.2. The salt has at most PBKDF2_SALT_MAX bytes. */
void pbkdf2_block(enum hash hash, const struct hmac *password, const uint8_t *salt,
                  size_t salt_length, uint32_t iterations, uint32_t number, uint8_t *digest);

#endif
