// SPDX-License-Identifier: Apache-2.0
/*
 * The process's one random generator for DTLS, seeded once from getrandom(2): mbedTLS's own entropy
 * collection takes longer than several handshakes.
 */
#ifndef DTLS_RANDOM_H
#define DTLS_RANDOM_H

#include <stddef.h>

/** Seed it; further calls do nothing. 0 or -EIO. */
int random_start(void);

/** mbedTLS's f_rng; `context` is ignored. */
int random_bytes(void *context, unsigned char *bytes, size_t length);

#endif
