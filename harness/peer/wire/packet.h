// SPDX-License-Identifier: Apache-2.0
/* Synthesised IP and UDP headers for the capture (RFC 791, RFC 8200, RFC 768, RFC 1071). */
#ifndef WIRE_PACKET_H
#define WIRE_PACKET_H

#include "base/address.h"
#include "base/buffer.h"
#include <stddef.h>
#include <stdint.h>

/**
 * Append the packet that carried a datagram: IPv4 or IPv6 header, UDP header, both with correct
 * checksums, and the bytes (at most 65507). `identification` is that of the IPv4 header. 0 or
 * -ENOMEM.
 */
int packet_append(struct buffer *buffer, const struct address *source,
                  const struct address *destination, uint16_t identification, const uint8_t *bytes,
                  size_t length);

/** The length of that packet. */
size_t packet_length(const struct address *source, size_t length);

#endif
