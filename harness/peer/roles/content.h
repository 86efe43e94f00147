// SPDX-License-Identifier: Apache-2.0
/* The content of a request as the control protocol gives it, as bytes: see *content* in
 * docs/peer-protocol.md. */
#ifndef ROLES_CONTENT_H
#define ROLES_CONTENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "roles/shown.h"

struct content {
    bool present;
    uint16_t format;
    uint8_t *payload; // owned
    size_t length;
};

#define CONTENT_WHY_SIZE 120

/**
 * Encode {"object", "level", "instances"} as TLV (TS Core 1.1, 7.4.3), by the types of objects 0 to
 * 3. 0, or -EINVAL with the reason in `why`, or -ENOMEM. content_clear() in every case.
 */
int content_encode_tlv(struct content *content, json_t *tlv, char why[CONTENT_WHY_SIZE]);

void content_clear(struct content *content);

/**
 * Call `secret` with each key that a Write of this content to `place` hands to the client: resource
 * 5 of object 0 in TLV, or the whole payload of a Write to /0/x/5.
 */
void content_secrets(const struct content *content, struct place place,
                     void (*secret)(void *context, const uint8_t *key, size_t length),
                     void *context);

#endif
