/* SPDX-License-Identifier: Apache-2.0
 *
 * One exchange layer with its owner and a clock that the tests move.
 */
#ifndef BOOTCHECK_TESTS_COAP_FIXTURE_H
#define BOOTCHECK_TESTS_COAP_FIXTURE_H

#include "owner.h"

#define START (UINT64_C(1000) * SECOND)

extern struct owner owner;
extern struct exchange_layer *layer;
extern uint64_t now;

/* Timeouts are of exactly 2, 4, 8 ... s. */
void new_layer(void);
void free_layer(void);

#define RECEIVE(...)                                                                               \
    exchange_receive(layer, (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}), now)

/* CON POST /bs, message id 0x0101, token 0xaa */
#define BOOTSTRAP_REQUEST 0x41, 0x02, 0x01, 0x01, 0xaa, 0xb2, 'b', 's'

/* Sends a DELETE of ours; its exchange number. */
uint64_t send_request(enum message_type type);
/* A message of the client with the token, or none, of the last message that we sent. */
void client_sends(enum message_type type, uint8_t code, uint16_t mid, bool with_token);
uint16_t sent_mid(void);
/* Answers the last request of the client. */
void respond(uint8_t code, bool separate, enum exchange_how expected);

#endif
