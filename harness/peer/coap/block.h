/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of any size over the exchange layer (RFC 7959): what owners of an association use. Same
 * callbacks and exchange numbers as exchange.h, but a request or response is told once, whole:
 *
 *  - out: a payload longer than the block size goes in Block1 blocks (a smaller size asked for by
 * the client is obeyed); a response that comes in Block2 blocks is fetched and put together. All
 * blocks have the number of one exchange; request_sent, request_retransmitted and acknowledged come
 * for each message, response or failed once, with the time of the very first transmission.
 *  - in: Block1 blocks of the client are put together and answered by 2.31 until the last one,
 * which is told as the request with the whole payload. A response longer than the block size goes
 * out in Block2 blocks; the client's requests for the further ones are answered here.
 *
 * Ownership, units and what callbacks may do: as in exchange.h (all functions but free, close,
 * receive and advance).
 */
#ifndef BOOTCHECK_COAP_BLOCK_H
#define BOOTCHECK_COAP_BLOCK_H

#include "coap/exchange.h"

enum {
    BLOCK_SIZE_MIN = 16,
    BLOCK_SIZE_MAX = 1024,
    BLOCK_BODY_MAX = 65536, /* longer bodies of the client are refused: 4.13, or "incomplete" */
};

struct block_layer;

/* Value of a Block1 or Block2 option (RFC 7959 2.2). */
struct block_option {
    uint32_t number;
    bool more;
    size_t size; /* 16 .. 1024 */
};
/* False if there is none, or it is malformed (more than 3 bytes, or the reserved size exponent 7).
 */
bool block_option_get(const struct message_options *options, uint16_t number,
                      struct block_option *block);

/* May be NULL in the config. Asked for each Block1 block of the client but the last. False: the
 * block is not put together but told as a request of its own with its part of the payload (for a
 * server that plays dead, or that refuses). */
typedef bool (*block_admit)(void *user, const struct message *request, uint64_t now_ns);

struct block_config {
    struct exchange_config exchange; /* callbacks, user, counter, seed, parameters */
    block_admit admit;
};

struct block_layer *block_new(const struct block_config *config);
void block_free(struct block_layer *layer);
void block_close(struct block_layer *layer, uint64_t now_ns);
void block_receive(struct block_layer *layer, const uint8_t *bytes, size_t length, uint64_t now_ns);
uint64_t block_deadline(const struct block_layer *layer);
void block_advance(struct block_layer *layer, uint64_t now_ns);

/* As exchange_request; *exchange is always new. block_size: a power of two of 16 .. 1024, or 0 for
 * the default 1024. With a size that is not 0, a request without payload asks for Block2 blocks of
 * that size. -EINVAL for another size. */
int block_request(struct block_layer *layer, const struct message *request, size_t block_size,
                  uint64_t *exchange, uint64_t now_ns);
/* As exchange_respond and exchange_acknowledge. */
int block_respond(struct block_layer *layer, uint64_t exchange,
                  const struct exchange_answer *answer, enum exchange_how *how, uint64_t now_ns);
int block_acknowledge(struct block_layer *layer, uint64_t exchange, uint64_t now_ns);

#endif
