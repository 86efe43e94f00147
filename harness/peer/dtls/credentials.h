// SPDX-License-Identifier: Apache-2.0
/* The identities that a server accepts, with their keys (RFC 4279). */
#ifndef DTLS_CREDENTIALS_H
#define DTLS_CREDENTIALS_H

#include "dtls/endpoint.h"

/** Zero-initialised it is empty and valid. */
struct credentials {
    struct dtls_credential *list; // points into the two below
    uint8_t **identities;         // owned
    uint8_t **keys;               // owned
    size_t count;
};

/** Replace all, by copies. 0, -ENOMEM, or -EMSGSIZE past the limits of the library (nothing
 * changed). */
int credentials_set(struct credentials *credentials, const struct dtls_credential *list,
                    size_t count);

/** The credential of an identity, or NULL. */
const struct dtls_credential *credentials_find(const struct credentials *credentials,
                                               const uint8_t *identity, size_t length);

/** Wipe and free all. */
void credentials_clear(struct credentials *credentials);

#endif
