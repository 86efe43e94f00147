/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the block layer share: block.c (life, options), block_in.c (bodies of the
 * client's requests and of our responses), block_out.c (bodies of our requests and of the client's
 * responses). Nobody else includes this.
 */
#ifndef BOOTCHECK_COAP_BLOCK_INTERNAL_H
#define BOOTCHECK_COAP_BLOCK_INTERNAL_H

#include "coap/block.h"

/* A growing body; its owner frees bytes. */
struct block_body {
    uint8_t *bytes;
    size_t length;
};

/* A request of ours until its outcome. */
struct block_transfer {
    struct block_transfer *next;
    uint64_t exchange;
    struct message request; /* owned; whole payload, no block options */
    size_t size;            /* of Block1 blocks */
    size_t offset;          /* of the block that is under way */
    size_t wanted;          /* of Block2 blocks, 0: as the client likes */
    uint64_t first_sent_ns;
    struct block_body body; /* of the response */
    uint8_t etag[8];
    size_t etag_length;
};

/* A body that the client sends. */
struct block_assembly {
    struct block_assembly *next;
    uint64_t key;
    struct block_body body;
    uint64_t forget_ns;
};

/* A request that was told to the owner and is not answered yet: what the answer needs to know of
 * it. */
struct block_pending {
    struct block_pending *next;
    uint64_t exchange;
    uint64_t key;
    bool has_block1;
    struct block_option block1;
    bool has_block2;
    struct block_option block2;
};

/* A long response that the client fetches in blocks. */
struct block_stored {
    struct block_stored *next;
    uint64_t key;
    struct message response; /* owned; code, options and whole payload */
    uint64_t forget_ns;
};

struct block_layer {
    struct block_config config;
    struct exchange_callbacks inner; /* what the exchange layer calls */
    struct exchange_layer *exchange;
    struct block_transfer *transfers;
    struct block_assembly
        *assemblies; /* these three: newest first, the oldest go when there are many */
    struct block_pending *pending;
    struct block_stored *stored;
};

/* False without memory or beyond BLOCK_BODY_MAX; the body is then as before. */
bool block_internal_append(struct block_body *body, const uint8_t *bytes, size_t length);
int block_internal_add_option(struct message_options *options, uint16_t number,
                              const struct block_option *block);

void block_in_request(void *user, uint64_t exchange, const struct message *request, bool mid_reused,
                      uint64_t now_ns);
void block_in_free(struct block_layer *l);
void block_out_response(void *user, uint64_t exchange, const struct message *response,
                        uint64_t first_sent_ns, uint64_t now_ns);
void block_out_failed(void *user, uint64_t exchange, enum exchange_failure failure,
                      uint64_t first_sent_ns, uint64_t now_ns);
void block_out_free(struct block_layer *l);

#endif
