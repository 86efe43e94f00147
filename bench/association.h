// SPDX-License-Identifier: Apache-2.0
/*
 * A DTLS 1.2 association of the load client or the bare server: mbedTLS used plainly, on a
 * non-blocking socket whose datagrams the owner reads.
 */
#ifndef BENCH_ASSOCIATION_H
#define BENCH_ASSOCIATION_H

#include "dtls/compat.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** It must not move once it is set up. */
struct association {
    mbedtls_ssl_context ssl;
    int socket;
    struct sockaddr_in remote; // where to send, unless `connected`
    bool connected;
    const uint8_t *input; // the datagram that mbedTLS has not read yet, or NULL
    size_t input_length;
    uint64_t intermediate_ns; // mbedTLS's handshake timer; CLOCK_NEVER: not set
    uint64_t final_ns;
};

/** The bench's credential and suite, DTLS 1.2, the peer's random generator; `end` is
 * MBEDTLS_SSL_IS_CLIENT or _SERVER. False on failure. */
bool association_configure(mbedtls_ssl_config *config, int end);

/** To be freed by association_free(), also on failure (false). */
bool association_setup(struct association *association, const mbedtls_ssl_config *config,
                       int socket);
void association_free(struct association *association);

/** Hand in a datagram: to be read by the next call of mbedTLS, before it goes out of scope. */
void association_give(struct association *association, const uint8_t *bytes, size_t length);

#endif
