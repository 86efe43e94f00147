// SPDX-License-Identifier: Apache-2.0
/*
 * One unconnected UDP socket, IPv4 or IPv6, on a loop.
 *
 * Arriving datagrams carry the kernel's receive stamp (SO_TIMESTAMPNS), converted to
 * CLOCK_MONOTONIC; stamps of one socket never go back. ICMP errors (IP_RECVERR, IPV6_RECVERR) are
 * told with the address the failed datagram went to. A wake-up reads at most 64 datagrams, so that
 * timers and other descriptors are not starved.
 */
#ifndef UDP_SOCKET_H
#define UDP_SOCKET_H

#include "base/address.h"
#include "udp/loop.h"
#include <stddef.h>
#include <stdint.h>

struct udp_socket;

struct udp_callbacks {
    /** A datagram came; `bytes` are valid during the call. `stamp_ns` <= `now_ns`. */
    void (*datagram)(void *context, const struct address *remote, const uint8_t *bytes,
                     size_t length, uint64_t stamp_ns, uint64_t now_ns);
    /** An ICMP error (RFC 792, RFC 4443) came back for a datagram to `remote`. May be NULL. */
    void (*icmp_error)(void *context, const struct address *remote, uint8_t type, uint8_t code,
                       uint64_t now_ns);
};

/**
 * Open, bind and watch a socket. `callbacks` is copied, `context` handed to it. A port of 0 lets
 * the system choose. 0, -EADDRINUSE, -EADDRNOTAVAIL, -EACCES or another negative errno; `*opened`
 * is set only on success.
 */
int udp_socket_open(struct udp_socket **opened, struct loop *loop, const struct address *local,
                    const struct udp_callbacks *callbacks, void *context);

/** The address it is bound to, with the port that the system chose. */
const struct address *udp_socket_local(const struct udp_socket *socket);

/**
 * Send one datagram. 0 or -errno (-EAGAIN: the send buffer is full, the datagram is lost as on a
 * busy network). A pending ICMP error of another remote does not fail it.
 */
int udp_socket_send(struct udp_socket *socket, const struct address *remote, const uint8_t *bytes,
                    size_t length);

/** Stop watching and close; later datagrams draw ICMP port unreachable. May be called from a
 * callback. */
void udp_socket_close(struct udp_socket *socket);

#endif
