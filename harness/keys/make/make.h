// SPDX-License-Identifier: Apache-2.0
/*
 * Makes factory keys of each class of entropy (CR 5.2.2.3 step 4): the low ones from a seed, so
 * that they are the same again, the random ones (RFC 4086) from the system and never the same.
 */
#ifndef MAKE_MAKE_H
#define MAKE_MAKE_H

#include <stddef.h>
#include <stdint.h>

enum key_class {
    KEY_PIN,       // SHA-256 of a PIN of 8 digits, first 16 bytes
    KEY_PASSWORD,  // HMAC-SHA-256 of "bootstrap" by a word with 2 digits, first 16 bytes
    KEY_SERIAL,    // MD5 of the serial number
    KEY_ENDPOINT,  // SHA-1 of the endpoint, first 16 bytes
    KEY_GLOBAL,    // HMAC-SHA-256 of the endpoint by a secret of the seed, first 16 bytes
    KEY_RANDOM_16, // 16 bytes of the random generator
    KEY_RANDOM_32, // 32 bytes of it
    KEY_CLASSES
};

enum { KEY_SIZE_MAX = 32 };

/** What low keys are made from. Strings end in NUL; the random classes use none of it. */
struct key_source {
    uint64_t seed;        // of the run: the global secret is the same for all its devices
    const char *label;    // which account of the device
    const char *endpoint; // of the device
    const char *serial;   // of the device; NULL: one that follows from seed and endpoint
};

/** "pin", "password", "serial", "endpoint", "global", "random16", "random32". */
extern const char *const key_class_names[KEY_CLASSES];

/** Make a key; its length in *length. 0, or -EIO when the library fails. */
int key_make(enum key_class key_class, const struct key_source *source, uint8_t key[KEY_SIZE_MAX],
             size_t *length);

#endif
