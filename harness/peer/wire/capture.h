// SPDX-License-Identifier: Apache-2.0
/*
 * A capture file in pcapng (draft-ietf-opsawg-pcapng) that tshark decrypts without options.
 *
 * Datagrams get synthesised IPv4 or IPv6 and UDP headers with correct checksums (LINKTYPE_RAW).
 * They are held until capture_flush() at the end of the loop turn, which writes the DTLS secrets
 * (Decryption Secrets Block, NSS key log) ahead of them: a dissector needs the secret before the
 * record. Whole blocks go out in one write(2), so a killed peer leaves a readable file.
 */
#ifndef WIRE_CAPTURE_H
#define WIRE_CAPTURE_H

#include "base/address.h"
#include <stddef.h>
#include <stdint.h>

struct capture;

enum capture_direction { CAPTURE_INBOUND = 1, CAPTURE_OUTBOUND = 2 };

/** Create (and empty) the file; its headers are written at once. NULL with errno on failure. */
struct capture *capture_new(const char *path);

/**
 * Hold a datagram. `t_ns` is monotonic; the file has calendar time, by the offset at capture_new().
 * `comment` (UTF-8, may be NULL) becomes the packet's comment. Both addresses are of one family.
 */
void capture_datagram(struct capture *capture, enum capture_direction direction,
                      const struct address *source, const struct address *destination,
                      const uint8_t *bytes, size_t length, uint64_t t_ns, const char *comment);

/** Hold a line of an NSS key log, without end of line. */
void capture_secret(struct capture *capture, const char *line);

/** Write what is held, secrets first. 0, or the negative errno of the first failure ever. */
int capture_flush(struct capture *capture);

/** Flush, close, free. NULL is allowed. The same result as capture_flush(). */
int capture_close(struct capture *capture);

#endif
