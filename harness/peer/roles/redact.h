// SPDX-License-Identifier: Apache-2.0
/*
 * The keys that are known, to keep them out of events: finds them in bytes.
 *
 * A key is found as its bytes and as its base64 text (RFC 4648 4 and 5, without padding), which is
 * how CoAP text formats and SenML JSON carry opaque values. A key of less than REDACT_RUN_MIN bytes
 * is only found as a whole value: as a run it would hit everything.
 */
#ifndef ROLES_REDACT_H
#define ROLES_REDACT_H

#include <stddef.h>
#include <stdint.h>

#define REDACT_RUN_MIN 4

struct redact;

/** A place in bytes where a key is. */
struct redact_hit {
    size_t at;
    size_t length;
    const char *fingerprint; // the first 8 hexadecimal digits of the key's SHA-256
};

/** A new empty set, or NULL without memory. */
struct redact *redact_new(void);
void redact_free(struct redact *set);

/** Remember a key (copied; known and empty ones are ignored). 0 or -ENOMEM. */
int redact_add(struct redact *set, const uint8_t *key, size_t length);

/** The first key in `bytes` from `from` on, the longest if several start there. 1 and *hit, or 0.
 */
int redact_find(const struct redact *set, const uint8_t *bytes, size_t length, size_t from,
                struct redact_hit *hit);

#endif
