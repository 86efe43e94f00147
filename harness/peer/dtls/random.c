// SPDX-License-Identifier: Apache-2.0
#include "dtls/random.h"

#include "dtls/compat.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/random.h>

static mbedtls_ctr_drbg_context generator;
static bool started;

static int entropy(void *context, unsigned char *bytes, size_t length) {
    (void)context;
    while (length > 0) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
        }
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}

int random_start(void) {
    if (started) {
        return 0;
    }
    static const unsigned char personal[] = "bootcheck-peer dtls";
    mbedtls_ctr_drbg_init(&generator);
    if (compat_start() != 0 ||
        mbedtls_ctr_drbg_seed(&generator, entropy, NULL, personal, sizeof personal) != 0) {
        mbedtls_ctr_drbg_free(&generator);
        return -EIO;
    }
    started = true;
    return 0;
}

int random_bytes(void *context, unsigned char *bytes, size_t length) {
    (void)context;
    return mbedtls_ctr_drbg_random(&generator, bytes, length);
}
