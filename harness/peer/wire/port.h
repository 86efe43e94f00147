// SPDX-License-Identifier: Apache-2.0
/*
 * One server's place on the wire: every datagram in and out of its socket passes here, is captured
 * and meets the impairments. Sans-I/O; the owner ties it to a udp_socket below and to DTLS above.
 *
 * Captured is what was on the wire: inbound datagrams with their arrival stamp (a comment tells
 * what was done to them), outbound ones when they are really sent.
 */
#ifndef WIRE_PORT_H
#define WIRE_PORT_H

#include "base/address.h"
#include "wire/capture.h"
#include "wire/impair.h"
#include <stddef.h>
#include <stdint.h>

struct wire_port;

enum wire_direction { WIRE_IN, WIRE_OUT };

struct wire_callbacks {
    /** Send a datagram now (udp_socket_send). 0 or -errno. */
    int (*transmit)(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length);
    /** A datagram for the layer above. */
    void (*deliver)(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length, uint64_t stamp_ns, uint64_t now_ns);
    /** An impairment did something. May be NULL. */
    void (*impaired)(void *context, enum wire_direction direction, enum impair_fault fault,
                     const struct address *remote, uint64_t now_ns);
};

struct wire_counts {
    uint64_t in;     // arrived
    uint64_t out;    // really sent
    uint64_t failed; // transmit said no
};

/** `capture` is borrowed and may be NULL; `callbacks` is copied. NULL without memory. */
struct wire_port *wire_port_new(struct capture *capture, const struct address *local,
                                const struct wire_callbacks *callbacks, void *context);

/** What is delayed is thrown away. NULL is allowed. */
void wire_port_free(struct wire_port *port);

/** A datagram came from the socket. */
void wire_port_receive(struct wire_port *port, const struct address *remote, const uint8_t *bytes,
                       size_t length, uint64_t stamp_ns, uint64_t now_ns);

/** A datagram is to be sent. */
void wire_port_send(struct wire_port *port, const struct address *remote, const uint8_t *bytes,
                    size_t length, uint64_t now_ns);

/** Replace the impairments of a direction. 0 or -ENOMEM. */
int wire_port_impair(struct wire_port *port, enum wire_direction direction,
                     const struct impair_plan *plan);

/** When the next delayed datagram is due, or CLOCK_NEVER. */
uint64_t wire_port_deadline(const struct wire_port *port);

/** Pass on the delayed datagrams that are due. */
void wire_port_advance(struct wire_port *port, uint64_t now_ns);

struct wire_counts wire_port_counts(const struct wire_port *port);

#endif
