// SPDX-License-Identifier: Apache-2.0
/* What the TLS library is and can do: version, limits, cipher suites by name. */
#ifndef DTLS_LIBRARY_H
#define DTLS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Used where none are given: what LwM2M makes mandatory (TS 1.0 7.1.7). */
extern const uint16_t dtls_default_suites[2];

/** Longest PSK and identity that credentials may have, in bytes. */
size_t dtls_limit_key(void);
size_t dtls_limit_identity(void);

/** The version of the TLS library ("2.28.3"). */
const char *dtls_library_version(void);

/** The number of a suite by its IANA name ("TLS_PSK_WITH_AES_128_CCM_8"). False if it is not one
 * that the endpoint can do. */
bool dtls_suite_number(const char *name, uint16_t *number);

/** The IANA name of a suite that the endpoint can do, or NULL. */
const char *dtls_suite_name(uint16_t number);

/** The next suite that the endpoint can do; start with 0, which also ends the row. */
uint16_t dtls_suite_after(uint16_t number);

#endif
