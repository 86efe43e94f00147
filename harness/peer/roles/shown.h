// SPDX-License-Identifier: Apache-2.0
/*
 * How bytes, texts and payloads are shown in events (docs/peer-protocol.md, Conventions and
 * Events). Each function returns a new reference, or NULL without memory.
 */
#ifndef ROLES_SHOWN_H
#define ROLES_SHOWN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "coap/message.h"

/** Where in the object tree a payload belongs, as far as the path says so. */
struct shown_place {
    uint16_t ids[3]; // object, instance, resource
    size_t count;
};

/** Lower-case hexadecimal. */
json_t *shown_bytes(const uint8_t *bytes, size_t length);

/** The first 64 bytes of something that could not be read, in hexadecimal. */
json_t *shown_head(const uint8_t *bytes, size_t length);

/** A JSON string, or {"hex": …} if it is not UTF-8. */
json_t *shown_text(const uint8_t *bytes, size_t length);

/** The values of every option of that number, as texts. */
json_t *shown_options(const struct message_options *options, uint16_t number);

/** The place that the Uri-Path of a request names; count 0 if it is none. */
struct shown_place shown_place_of(const struct message_options *options);

/**
 * Add what a message carries to an event: content_format, payload, and decoded or decode_error for
 * link format (40), TLV (11542) and text (0). Values of TLV are shown by the type of the resource
 * (objects 0 to 3), or as {"hex": …} where it is unknown or does not fit.
 */
void shown_add_payload(json_t *event, const struct message *message, struct shown_place place);

#endif
