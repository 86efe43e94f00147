// SPDX-License-Identifier: Apache-2.0
#include "make/make.h"

#include <errno.h>
#include <inttypes.h>
#include <mbedtls/md.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dtls/random.h"

enum { SHORT = 16, DIGEST_MAX = 32, TEXT_SIZE = 32, DEVICE_SIZE = 640 };

const char *const key_class_names[KEY_CLASSES] = {"pin",    "password", "serial",  "endpoint",
                                                  "global", "random16", "random32"};

static const char *const passwords[] = {"secret", "password", "device", "sensor",
                                        "admin",  "welcome",  "meter",  "gateway"};

static bool digest(mbedtls_md_type_t type, const char *text, uint8_t bytes[DIGEST_MAX]) {
    return mbedtls_md(mbedtls_md_info_from_type(type), (const unsigned char *)text, strlen(text),
                      bytes) == 0;
}

/* A number that follows from the seed, what it is for, and the strings of the device. */
static bool drawn(const struct key_source *source, const char *use, const char *more,
                  uint8_t bytes[DIGEST_MAX]) {
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    char seed[TEXT_SIZE];
    mbedtls_md_context_t context;
    int length = snprintf(seed, sizeof seed, "%" PRIu64, source->seed);
    mbedtls_md_init(&context);
    bool good = mbedtls_md_setup(&context, sha256, 1) == 0 &&
                mbedtls_md_hmac_starts(&context, (const unsigned char *)seed, (size_t)length) == 0;
    for (const char *const *part = (const char *const[]){use, more, NULL}; good && *part; part++) {
        good =
            mbedtls_md_hmac_update(&context, (const unsigned char *)*part, strlen(*part) + 1) == 0;
    }
    good = good && mbedtls_md_hmac_finish(&context, bytes) == 0;
    mbedtls_md_free(&context);
    return good;
}

static uint32_t number_below(const uint8_t bytes[DIGEST_MAX], uint32_t bound) {
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++) {
        number = number << 8 | bytes[i];
    }
    return (uint32_t)(number % bound);
}

static bool hmac(const void *key, size_t length, const char *message, uint8_t *bytes) {
    return mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, length,
                           (const unsigned char *)message, strlen(message), bytes) == 0;
}

static bool make_pin(const struct key_source *source, const char *device, uint8_t *bytes) {
    char pin[TEXT_SIZE];
    if (!drawn(source, "pin", device, bytes)) {
        return false;
    }
    snprintf(pin, sizeof pin, "%08" PRIu32, number_below(bytes, 100000000));
    return digest(MBEDTLS_MD_SHA256, pin, bytes);
}

static bool make_password(const struct key_source *source, const char *device, uint8_t *bytes) {
    char password[TEXT_SIZE];
    if (!drawn(source, "password", device, bytes)) {
        return false;
    }
    const size_t count = sizeof passwords / sizeof *passwords;
    int length = snprintf(password, sizeof password, "%s%02" PRIu32,
                          passwords[bytes[DIGEST_MAX - 1] % count], number_below(bytes, 100));
    return hmac(password, (size_t)length, "bootstrap", bytes);
}

static bool make_serial(const struct key_source *source, uint8_t *bytes) {
    char serial[TEXT_SIZE];
    if (source->serial) {
        return digest(MBEDTLS_MD_MD5, source->serial, bytes);
    }
    if (!drawn(source, "serial", source->endpoint, bytes)) {
        return false;
    }
    snprintf(serial, sizeof serial, "SN%010" PRIu32, number_below(bytes, UINT32_MAX));
    return digest(MBEDTLS_MD_MD5, serial, bytes);
}

static bool make_global(const struct key_source *source, uint8_t *bytes) {
    uint8_t secret[DIGEST_MAX];
    return drawn(source, "global", "", secret) &&
           hmac(secret, sizeof secret, source->endpoint, bytes);
}

int key_make(enum key_class key_class, const struct key_source *source, uint8_t key[KEY_SIZE_MAX],
             size_t *length) {
    char device[DEVICE_SIZE];
    bool good = false;
    *length = key_class == KEY_RANDOM_32 ? KEY_SIZE_MAX : SHORT;
    snprintf(device, sizeof device, "%.255s/%.255s", source->endpoint, source->label);
    switch (key_class) {
    case KEY_PIN:
        good = make_pin(source, device, key);
        break;
    case KEY_PASSWORD:
        good = make_password(source, device, key);
        break;
    case KEY_SERIAL:
        good = make_serial(source, key);
        break;
    case KEY_ENDPOINT:
        good = digest(MBEDTLS_MD_SHA1, source->endpoint, key);
        break;
    case KEY_GLOBAL:
        good = make_global(source, key);
        break;
    case KEY_RANDOM_16:
    case KEY_RANDOM_32:
        good = random_start() == 0 && random_bytes(NULL, key, *length) == 0;
        break;
    case KEY_CLASSES:
        break;
    }
    return good ? 0 : -EIO;
}
