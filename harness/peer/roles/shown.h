// SPDX-License-Identifier: Apache-2.0
/*
 * How options and payloads are shown in events (docs/peer-protocol.md, Conventions and Events).
 */
#ifndef ROLES_SHOWN_H
#define ROLES_SHOWN_H

#include <stddef.h>
#include <stdint.h>

#include "coap/message.h"
#include "lwm2m/place.h"
#include "roles/members.h"

/** The first 64 bytes of something that could not be read, in hexadecimal. */
void shown_head(struct members *members, const char *name, const uint8_t *bytes, size_t length);

/** The values of every option of that number, as a list of texts. */
void shown_options(struct members *members, const char *name, const struct message_options *options,
                   uint16_t number);

/**
 * What a message carries: content_format, payload, and decoded or decode_error for
 * link format (40), TLV (11542) and text (0). Values of TLV are shown by the type of the resource
 * (objects 0 to 3), or as {"hex": …} where it is unknown or does not fit.
 */
void shown_payload(struct members *members, const struct message *message, struct place place);

#endif
