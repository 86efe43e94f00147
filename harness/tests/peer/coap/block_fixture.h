/* SPDX-License-Identifier: Apache-2.0
 *
 * One block layer with its owner, a clock that the tests move, and a client that they play.
 */
#ifndef BOOTCHECK_TESTS_COAP_BLOCK_FIXTURE_H
#define BOOTCHECK_TESTS_COAP_BLOCK_FIXTURE_H

#include "coap/block.h"
#include "owner.h"

extern struct owner owner;
extern struct block_layer *layer;
extern uint64_t now;
extern bool admitted;       /* what the layer is told about each block */
extern uint16_t client_mid; /* of the client's next request */
extern uint8_t body[100000];

/* A block option as the tests write it. */
struct block {
    bool present;
    uint32_t number;
    bool more;
    size_t size;
};
extern const struct block NONE;

void new_layer(void);
void free_layer(void);
void add_block(struct message *m, uint16_t number, struct block b);
void receive(struct message *m);
/* The client answers our last request piggy-backed. */
void client_answers(uint8_t code, struct block block1, struct block block2, const uint8_t *payload,
                    size_t length, const char *etag);
/* The client sends a block of a POST /rd. */
void client_posts(struct block block1, const uint8_t *payload, size_t length);
void client_gets(struct block block2);
void expect_sent_block(uint16_t option, struct block expected, const uint8_t *payload,
                       size_t length);
uint64_t request(uint8_t code, size_t payload_length, size_t block_size);

#endif
