// SPDX-License-Identifier: Apache-2.0
/* The layers udp, wire and dtls tied together as a small server on a loopback address of its own.
 */
#ifndef TESTS_DTLS_INTEROP_SERVER_H
#define TESTS_DTLS_INTEROP_SERVER_H

#include "dtls/endpoint.h"
#include "udp/loop.h"
#include "udp/socket.h"
#include "wire/capture.h"
#include "wire/port.h"

enum { INTEROP_REQUEST = 13 };

/** The key of the identity "good". */
extern const uint8_t interop_key[16];

/** The one request that the server expects and answers by 2.04. */
extern const uint8_t interop_request[INTEROP_REQUEST];

struct server {
    struct loop *loop;
    struct udp_socket *socket;
    struct capture *capture;
    struct wire_port *port;
    struct dtls_endpoint *endpoint;
    uint64_t last_association;
    char host[ADDRESS_TEXT_SIZE];
    char capture_path[64];
    int opened;
    int closed;
    int requests;
    int failed;
    char reason[32];
    int alerts_sent;
    struct dtls_alert alert_sent;
    int alerts_received;
    struct dtls_alert alert_received;
    uint64_t successor_of;
};

void interop_open(struct server *s);
void interop_close(struct server *s);

#endif
