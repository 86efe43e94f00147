// SPDX-License-Identifier: Apache-2.0
#include "dtls/library.h"

#include "dtls/compat.h"

#include <string.h>

const uint16_t dtls_default_suites[2] = {0xc0a8, 0x00ae};

/** PSK suites of RFC 4279, 5487, 5489 and 6655 that tshark can decrypt. */
static const struct {
    uint16_t number;
    const char *name;
} suites[] = {
    {0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8"},
    {0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256"},
    {0xc0a9, "TLS_PSK_WITH_AES_256_CCM_8"},
    {0xc0a4, "TLS_PSK_WITH_AES_128_CCM"},
    {0xc0a5, "TLS_PSK_WITH_AES_256_CCM"},
    {0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256"},
    {0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384"},
    {0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384"},
    {0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA"},
    {0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"},
    {0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"},
};
enum { SUITES = sizeof suites / sizeof suites[0] };

/** Longer ones are lawful (RFC 4279 5.3: up to 65535), but no LwM2M client has them. */
enum { IDENTITY_MAX = 1024 };

static bool can_do(size_t index) {
    return mbedtls_ssl_ciphersuite_from_id(suites[index].number) != NULL;
}

size_t dtls_limit_key(void) {
    return MBEDTLS_PSK_MAX_LEN;
}

size_t dtls_limit_identity(void) {
    return IDENTITY_MAX;
}

const char *dtls_library_version(void) {
    static char version[16];
    mbedtls_version_get_string(version);
    return version;
}

bool dtls_suite_number(const char *name, uint16_t *number) {
    for (size_t i = 0; i < SUITES; i++) {
        if (strcmp(suites[i].name, name) == 0 && can_do(i)) {
            *number = suites[i].number;
            return true;
        }
    }
    return false;
}

const char *dtls_suite_name(uint16_t number) {
    for (size_t i = 0; i < SUITES; i++) {
        if (suites[i].number == number && can_do(i)) {
            return suites[i].name;
        }
    }
    return NULL;
}

uint16_t dtls_suite_after(uint16_t number) {
    bool found = number == 0;
    for (size_t i = 0; i < SUITES; i++) {
        if (found && can_do(i)) {
            return suites[i].number;
        }
        found = found || suites[i].number == number;
    }
    return 0;
}
