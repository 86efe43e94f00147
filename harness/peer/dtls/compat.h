// SPDX-License-Identifier: Apache-2.0
/*
 * The differences between mbedTLS 2.28 and 3.6, all of them: include this instead of mbedTLS's
 * ssl.h. Two fields are read that 3.x calls private and gives no access to: the handshake's state,
 * and the message just read (for alerts).
 */
#ifndef DTLS_COMPAT_H
#define DTLS_COMPAT_H

// Before the first header of mbedTLS 3.
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif
#include <stdint.h>

/** Told the master secret of a handshake (48 bytes) with the client's random (32 bytes). */
typedef void (*compat_secret_fn)(void *context, const unsigned char *random,
                                 const unsigned char *master_secret);

struct compat_key_log {
    compat_secret_fn secret;
    void *context;
};

#if MBEDTLS_VERSION_NUMBER >= 0x03000000

static inline void compat_export_keys(void *context, mbedtls_ssl_key_export_type type,
                                      const unsigned char *secret, size_t length,
                                      const unsigned char client_random[32],
                                      const unsigned char server_random[32],
                                      mbedtls_tls_prf_types prf) {
    struct compat_key_log *log = context;
    (void)server_random;
    (void)prf;
    if (type == MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET && length == 48) {
        log->secret(log->context, client_random, secret);
    }
}

static inline void compat_log_keys(mbedtls_ssl_config *config, mbedtls_ssl_context *ssl,
                                   struct compat_key_log *log) {
    (void)config;
    mbedtls_ssl_set_export_keys_cb(ssl, compat_export_keys, log);
}

static inline void compat_dtls_1_2_only(mbedtls_ssl_config *config) {
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
}

/** What a build with PSA crypto underneath needs before any other call. */
static inline int compat_start(void) {
#if defined(MBEDTLS_PSA_CRYPTO_C)
    return psa_crypto_init() == PSA_SUCCESS ? 0 : -1;
#else
    return 0;
#endif
}

#else

static inline int compat_export_keys(void *context, const unsigned char *master_secret,
                                     const unsigned char *key_block, size_t mac_length,
                                     size_t key_length, size_t iv_length,
                                     const unsigned char client_random[32],
                                     const unsigned char server_random[32],
                                     mbedtls_tls_prf_types prf) {
    struct compat_key_log *log = context;
    (void)key_block;
    (void)mac_length;
    (void)key_length;
    (void)iv_length;
    (void)server_random;
    (void)prf;
    log->secret(log->context, client_random, master_secret);
    return 0;
}

static inline void compat_log_keys(mbedtls_ssl_config *config, mbedtls_ssl_context *ssl,
                                   struct compat_key_log *log) {
    (void)ssl;
    mbedtls_ssl_conf_export_keys_ext_cb(config, compat_export_keys, log);
}

static inline void compat_dtls_1_2_only(mbedtls_ssl_config *config) {
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
}

static inline int compat_start(void) {
    return 0;
}

#endif
#endif
