// SPDX-License-Identifier: Apache-2.0
// The block functions are deprecated in OpenSSL 3, for no fault of theirs: EVP has none.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

static const struct {
    const char *name, *id;
    size_t size;
    uint32_t start[8];
} known[HASHES] = {
    [HASH_MD5] = {"MD5", "md5", 16, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}},
    [HASH_SHA1] = {"SHA-1",
                   "sha1",
                   20,
                   {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}},
    [HASH_SHA256] = {"SHA-256",
                     "sha256",
                     32,
                     {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                      0x1f83d9ab, 0x5be0cd19}},
};

const char *hash_name(enum hash hash) {
    return known[hash].name;
}

const char *hash_id(enum hash hash) {
    return known[hash].id;
}

size_t hash_size(enum hash hash) {
    return known[hash].size;
}

void hash_init(enum hash hash, struct hash_state *state) {
    memcpy(state->words, known[hash].start, sizeof state->words);
}

void hash_block(enum hash hash, struct hash_state *state, const uint8_t block[HASH_BLOCK]) {
    uint32_t *words = state->words;
    switch (hash) {
    case HASH_MD5: {
        MD5_CTX md5;
        md5.A = words[0], md5.B = words[1], md5.C = words[2], md5.D = words[3];
        MD5_Transform(&md5, block);
        words[0] = md5.A, words[1] = md5.B, words[2] = md5.C, words[3] = md5.D;
        break;
    }
    case HASH_SHA1: {
        SHA_CTX sha;
        sha.h0 = words[0], sha.h1 = words[1], sha.h2 = words[2], sha.h3 = words[3];
        sha.h4 = words[4];
        SHA1_Transform(&sha, block);
        words[0] = sha.h0, words[1] = sha.h1, words[2] = sha.h2, words[3] = sha.h3;
        words[4] = sha.h4;
        break;
    }
    case HASH_SHA256: {
        SHA256_CTX sha;
        memcpy(sha.h, words, sizeof sha.h);
        SHA256_Transform(&sha, block);
        memcpy(words, sha.h, sizeof sha.h);
        break;
    }
    case HASHES:
        break;
    }
}

uint32_t hash_word(enum hash hash, const struct hash_state *state, size_t index) {
    uint32_t word = state->words[index];
    return hash == HASH_MD5 ? __builtin_bswap32(word) : word; // MD5 is little-endian
}

void hash_bytes(enum hash hash, const struct hash_state *state, uint8_t *digest) {
    for (size_t i = 0; i < hash_size(hash) / 4; i++) {
        uint32_t word = hash_word(hash, state, i);
        digest[4 * i] = (uint8_t)(word >> 24);
        digest[4 * i + 1] = (uint8_t)(word >> 16);
        digest[4 * i + 2] = (uint8_t)(word >> 8);
        digest[4 * i + 3] = (uint8_t)word;
    }
}

void hash_pad(enum hash hash, uint8_t block[HASH_BLOCK], size_t used, uint64_t total) {
    uint64_t bits = total * 8;
    block[used] = 0x80;
    memset(block + used + 1, 0, HASH_BLOCK - 8 - used - 1);
    for (size_t i = 0; i < 8; i++) {
        unsigned shift = (unsigned)(hash == HASH_MD5 ? i : 7 - i) * 8;
        block[HASH_BLOCK - 8 + i] = (uint8_t)(bits >> shift);
    }
}

void hash_finish(enum hash hash, struct hash_state state, uint64_t before, const uint8_t *message,
                 size_t length, uint8_t *digest) {
    uint8_t block[HASH_BLOCK];
    uint64_t total = before + length;
    while (length >= HASH_BLOCK) {
        hash_block(hash, &state, message);
        message += HASH_BLOCK;
        length -= HASH_BLOCK;
    }
    if (length > 0) {
        memcpy(block, message, length);
    }
    if (length > HASH_ONE_BLOCK_MAX) {
        block[length] = 0x80;
        memset(block + length + 1, 0, HASH_BLOCK - length - 1);
        hash_block(hash, &state, block);
        hash_pad(hash, block, 0, total);
        block[0] = 0; // the 0x80 is in the block before
    } else {
        hash_pad(hash, block, length, total);
    }
    hash_block(hash, &state, block);
    hash_bytes(hash, &state, digest);
}

void hash_digest(enum hash hash, const uint8_t *message, size_t length, uint8_t *digest) {
    struct hash_state state;
    hash_init(hash, &state);
    hash_finish(hash, state, 0, message, length, digest);
}

void hmac_start(enum hash hash, struct hmac *hmac, const uint8_t *key, size_t length) {
    uint8_t digest[HASH_MAX], inner[HASH_BLOCK], outer[HASH_BLOCK];
    if (length > HASH_BLOCK) {
        hash_digest(hash, key, length, digest);
        key = digest;
        length = hash_size(hash);
    }
    memset(inner, 0x36, sizeof inner);
    memset(outer, 0x5c, sizeof outer);
    for (size_t i = 0; i < length; i++) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    hash_init(hash, &hmac->inner);
    hash_init(hash, &hmac->outer);
    hash_block(hash, &hmac->inner, inner);
    hash_block(hash, &hmac->outer, outer);
}

void hmac_finish(enum hash hash, const struct hmac *hmac, const uint8_t *message, size_t length,
                 uint8_t *digest) {
    uint8_t inner[HASH_MAX];
    hash_finish(hash, hmac->inner, HASH_BLOCK, message, length, inner);
    hash_finish(hash, hmac->outer, HASH_BLOCK, inner, hash_size(hash), digest);
}

static uint32_t read_word(enum hash hash, const uint8_t *bytes) {
    uint32_t word = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                    (uint32_t)bytes[3];
    return hash == HASH_MD5 ? __builtin_bswap32(word) : word;
}

void pbkdf2_block(enum hash hash, const struct hmac *password, const uint8_t *salt,
                  size_t salt_length, uint32_t iterations, uint32_t number, uint8_t *digest) {
    uint8_t message[PBKDF2_SALT_MAX + 4], block[HASH_BLOCK];
    size_t size = hash_size(hash), words = size / 4;
    struct hash_state sum, state;
    if (salt_length > 0) {
        memcpy(message, salt, salt_length);
    }
    for (size_t i = 0; i < 4; i++) {
        message[salt_length + i] = (uint8_t)(number >> (8 * (3 - i)));
    }
    hmac_finish(hash, password, message, salt_length + 4, block);
    hash_pad(hash, block, size, HASH_BLOCK + size);
    memset(&sum, 0, sizeof sum);
    for (size_t i = 0; i < words; i++) { // the first value, as words
        sum.words[i] = read_word(hash, block + 4 * i);
    }
    for (uint32_t done = 1; done < iterations; done++) {
        state = password->inner;
        hash_block(hash, &state, block);
        hash_bytes(hash, &state, block);
        state = password->outer;
        hash_block(hash, &state, block);
        hash_bytes(hash, &state, block);
        for (size_t i = 0; i < words; i++) {
            sum.words[i] ^= state.words[i];
        }
    }
    hash_bytes(hash, &sum, digest);
}
