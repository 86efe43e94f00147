// SPDX-License-Identifier: Apache-2.0
/*
 * Where in the object tree a request is about something, as far as its path says so (TS 1.1.1 Core
 * 7.2.1: /object/instance/resource).
 */
#ifndef BOOTCHECK_LWM2M_PLACE_H
#define BOOTCHECK_LWM2M_PLACE_H

#include <stddef.h>
#include <stdint.h>

#include "coap/message.h"

struct place {
    uint16_t ids[3]; // object, instance, resource
    size_t count;
};

/** The place that the Uri-Path of a request names; count 0 if it is none. */
struct place place_of(const struct message_options *options);

/**
 * The same for a client that may have its objects below an alternate path (TS 1.0 5.3.1; TS Core
 * 6.2.1): segments before the first number are passed over.
 */
struct place place_in_device_management(const struct message_options *options);

#endif
