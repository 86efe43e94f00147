/* SPDX-License-Identifier: Apache-2.0
 *
 * The owner of a layer as the tests play it: it writes down every callback as one line of text and
 * keeps the last message sent, so that a test reads as a list of what happened.
 */
#ifndef BOOTCHECK_TESTS_COAP_OWNER_H
#define BOOTCHECK_TESTS_COAP_OWNER_H

#include "coap/exchange.h"

#define SECOND UINT64_C(1000000000)

struct owner {
    char log[8192]; /* lines since owner_take */
    uint8_t sent[2048];
    size_t sent_length;
    unsigned sent_count;
    uint64_t exchange; /* of the last request of the client */
    uint8_t payload[70000];
    size_t payload_length; /* of the last request or response told */
    uint64_t first_sent_ns;
    uint64_t next_exchange;
};

extern const struct exchange_callbacks OWNER_CALLBACKS;

/* Fails the test if the log is not as expected; then empties it. */
void owner_expect(struct owner *o, const char *expected);
/* The last message sent, parsed: message_clear it. */
struct message owner_sent(const struct owner *o);

#endif
