// SPDX-License-Identifier: Apache-2.0
/*
 * Keeps keys out of the event log: a set of known keys, and a walk over an event that replaces each
 * run of bytes equal to one by {"redacted": "<first 8 hex digits of the key's SHA-256>"}.
 *
 * A key is found as its bytes and as its base64 text (RFC 4648 4 and 5, without padding), which is
 * how CoAP text formats and SenML JSON carry opaque values. A key of less than REDACT_RUN_MIN bytes
 * is only found as a whole value: as a run it would hit everything.
 */
#ifndef CONTROL_REDACT_H
#define CONTROL_REDACT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define REDACT_RUN_MIN 4

struct redact;

/** A new empty set, or NULL without memory. */
struct redact *redact_new(void);
void redact_free(struct redact *set);

/** Remember a key (copied; known and empty ones are ignored). 0 or -ENOMEM. */
int redact_add(struct redact *set, const uint8_t *key, size_t length);

/**
 * Replace keys in the members of `event` that carry bytes from the network. A value that is a key
 * becomes the object; a value that has keys in it becomes an array of its pieces.
 * 0, or -ENOMEM: then the event must not be shown.
 */
int redact_event(const struct redact *set, json_t *event);

#endif
