// SPDX-License-Identifier: Apache-2.0
/*
 * How options and payloads are shown in events (docs/peer-protocol.md, Conventions and Events).
 */
#ifndef ROLES_SHOWN_H
#define ROLES_SHOWN_H

#include <stddef.h>
#include <stdint.h>

#include "coap/message.h"
#include "roles/members.h"

/** Where in the object tree a payload belongs, as far as the path says so. */
struct shown_place {
    uint16_t ids[3]; // object, instance, resource
    size_t count;
};

/** The first 64 bytes of something that could not be read, in hexadecimal. */
void shown_head(struct members *members, const char *name, const uint8_t *bytes, size_t length);

/** The values of every option of that number, as a list of texts. */
void shown_options(struct members *members, const char *name, const struct message_options *options,
                   uint16_t number);

/** The place that the Uri-Path of a request names; count 0 if it is none. */
struct shown_place shown_place_of(const struct message_options *options);

/**
 * What a message carries: content_format, payload, and decoded or decode_error for
 * link format (40), TLV (11542) and text (0). Values of TLV are shown by the type of the resource
 * (objects 0 to 3), or as {"hex": …} where it is unknown or does not fit.
 */
void shown_payload(struct members *members, const struct message *message,
                   struct shown_place place);

#endif
