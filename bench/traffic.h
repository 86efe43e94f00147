// SPDX-License-Identifier: Apache-2.0
/*
 * One bootstrap as the bench plays it: the account, and what the server says after the client's
 * Bootstrap-Request (TS Core 1.1, 5.2.7). The same bytes for every server that is measured.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

/** The account of every client. Its key is no secret: it is only used on the loopback interface. */
extern const char traffic_identity[];
enum { TRAFFIC_KEY_SIZE = 16 };
extern const uint8_t traffic_key[TRAFFIC_KEY_SIZE];

/** TLS_PSK_WITH_AES_128_CCM_8 (RFC 6655). */
enum { TRAFFIC_SUITE = 0xc0a8 };

enum { TRAFFIC_NONE = -1, TRAFFIC_LINK_FORMAT = 40, TRAFFIC_TLV = 11542 };

/** A request of the server. */
struct traffic_request {
    uint8_t code; // BRIEF_GET …
    const char *method;
    const char *path[2]; // NULL: one segment
    int accept;          // or TRAFFIC_NONE
    int content_format;  // or TRAFFIC_NONE: no payload
    const uint8_t *payload;
    size_t length;
    const char *content; // the payload as the control protocol's `content`, JSON; or NULL
};

/** A Bootstrap-Discover, two Bootstrap-Writes and the Bootstrap-Finish, each sent when the one
 * before was answered. */
enum { TRAFFIC_REQUESTS = 4 };
extern const struct traffic_request traffic_requests[TRAFFIC_REQUESTS];

/** The client's answer to the Bootstrap-Discover, in link format. */
extern const char traffic_objects[];

#endif
