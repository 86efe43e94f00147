/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of our requests (Block1) and of the client's responses (Block2).
 */
#include "coap/block_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_transfer(struct block_transfer *t) {
    message_clear(&t->request);
    free(t->body.bytes);
    free(t);
}

static struct block_transfer *find(const struct block_layer *l, uint64_t exchange) {
    struct block_transfer *t = l->transfers;
    while (t != NULL && t->exchange != exchange) {
        t = t->next;
    }
    return t;
}

static void unlink_transfer(struct block_layer *l, const struct block_transfer *t) {
    struct block_transfer **at = &l->transfers;
    while (*at != t) {
        at = &(*at)->next;
    }
    *at = t->next;
}

/* Sends the request with these bytes of its payload and an optional block option. */
static int send_part(struct block_layer *l, struct block_transfer *t, uint16_t number,
                     const struct block_option *block, size_t offset, size_t length,
                     uint64_t now_ns) {
    struct message m;
    message_init(&m, t->request.type, t->request.code, 0);
    int error = message_options_add_all(&m.options, &t->request.options);
    if (error == 0 && block != NULL) {
        error = block_internal_add_option(&m.options, number, block);
    }
    if (error == 0 && length > 0) {
        error = message_set_payload(&m, t->request.payload + offset, length);
    }
    if (error == 0) {
        error = exchange_request(l->exchange, &m, &t->exchange, now_ns);
    }
    message_clear(&m);
    return error;
}

static int send_upload(struct block_layer *l, struct block_transfer *t, uint64_t now_ns) {
    size_t total = t->request.payload_length;
    if (total <= t->size) {
        const struct block_option early = {.size = t->wanted};
        return send_part(l, t, MESSAGE_OPTION_BLOCK2, t->wanted != 0 ? &early : NULL, 0, total,
                         now_ns);
    }
    size_t left = total - t->offset;
    const struct block_option block = {
        .number = (uint32_t)(t->offset / t->size), .more = left > t->size, .size = t->size};
    return send_part(l, t, MESSAGE_OPTION_BLOCK1, &block, t->offset, block.more ? t->size : left,
                     now_ns);
}

int block_request(struct block_layer *layer, const struct message *request, size_t block_size,
                  uint64_t *exchange, uint64_t now_ns) {
    bool fits = block_size >= BLOCK_SIZE_MIN && block_size <= BLOCK_SIZE_MAX &&
                (block_size & (block_size - 1)) == 0;
    if (block_size != 0 && !fits) {
        return -EINVAL;
    }
    struct block_transfer *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    message_init(&t->request, request->type, request->code, 0);
    t->size = block_size == 0 ? BLOCK_SIZE_MAX : block_size;
    t->wanted = request->payload_length == 0 ? block_size : 0;
    t->first_sent_ns = now_ns;
    int error = message_options_add_all(&t->request.options, &request->options);
    if (error == 0) {
        error = message_set_payload(&t->request, request->payload, request->payload_length);
    }
    t->next = layer->transfers; /* callbacks may come from inside the sending */
    layer->transfers = t;
    if (error == 0) {
        error = send_upload(layer, t, now_ns);
    }
    if (error != 0) {
        unlink_transfer(layer, t);
        free_transfer(t);
        return error;
    }
    *exchange = t->exchange;
    return 0;
}

static void tell_failure(struct block_layer *l, struct block_transfer *t,
                         enum exchange_failure failure, uint64_t now_ns) {
    const struct exchange_config *c = &l->config.exchange;
    unlink_transfer(l, t);
    if (c->callbacks->failed != NULL) {
        c->callbacks->failed(c->user, t->exchange, failure, t->first_sent_ns, now_ns);
    }
    free_transfer(t);
}

static void tell_response(struct block_layer *l, struct block_transfer *t,
                          const struct message *response, bool whole, uint64_t now_ns) {
    const struct exchange_config *c = &l->config.exchange;
    struct message m = *response; /* borrows options and payload */
    if (whole) {
        m.payload = t->body.bytes;
        m.payload_length = t->body.length;
    }
    unlink_transfer(l, t);
    if (c->callbacks->response != NULL) {
        c->callbacks->response(c->user, t->exchange, &m, t->first_sent_ns, now_ns);
    }
    free_transfer(t);
}

/* Whether the upload goes on after this response; if so, the next block is prepared. */
static bool upload_goes_on(struct block_transfer *t, const struct message *response) {
    struct block_option block;
    bool has_block = block_option_get(&response->options, MESSAGE_OPTION_BLOCK1, &block);
    bool smaller = has_block && block.size < t->size;
    if (response->code == MESSAGE_CODE(2, 31) && t->request.payload_length > t->size &&
        t->offset + t->size < t->request.payload_length) {
        t->offset += t->size; /* the block was taken whole, RFC 7959 figure 8 */
        t->size = smaller ? block.size : t->size;
        return true;
    }
    if (response->code == MESSAGE_CODE(4, 13) && smaller && t->offset == 0 &&
        t->request.payload_length > block.size) {
        t->size = block.size; /* RFC 7959 2.9.3: too large, and what would do */
        return true;
    }
    return false;
}

enum download { DOWNLOAD_NONE, DOWNLOAD_MORE, DOWNLOAD_WHOLE, DOWNLOAD_BROKEN };

static bool same_etag(struct block_transfer *t, const struct message *response) {
    const struct message_option *etag =
        message_options_find(&response->options, MESSAGE_OPTION_ETAG);
    size_t length = etag == NULL ? 0 : etag->length;
    if (length > sizeof(t->etag)) {
        return false;
    }
    if (t->body.length == 0) {
        t->etag_length = length;
        if (length > 0) {
            memcpy(t->etag, etag->value, length);
        }
        return true;
    }
    return length == t->etag_length && (length == 0 || memcmp(etag->value, t->etag, length) == 0);
}

static enum download take_block(struct block_transfer *t, const struct message *response,
                                struct block_option *next) {
    struct block_option block;
    if (response->code >> 5 != 2) {
        return DOWNLOAD_NONE; /* an error is told as it is */
    }
    if (!block_option_get(&response->options, MESSAGE_OPTION_BLOCK2, &block)) {
        return t->body.length == 0 ? DOWNLOAD_NONE : DOWNLOAD_BROKEN;
    }
    if ((size_t)block.number * block.size != t->body.length ||
        (block.more && response->payload_length != block.size) || !same_etag(t, response) ||
        !block_internal_append(&t->body, response->payload, response->payload_length)) {
        return DOWNLOAD_BROKEN;
    }
    *next = (struct block_option){.number = block.number + 1, .size = block.size};
    return block.more ? DOWNLOAD_MORE : DOWNLOAD_WHOLE;
}

void block_out_response(void *user, uint64_t exchange, const struct message *response,
                        uint64_t first_sent_ns, uint64_t now_ns) {
    struct block_layer *l = user;
    struct block_transfer *t = find(l, exchange);
    struct block_option next;
    (void)first_sent_ns; /* of the last block: the transfer knows that of the first */
    if (t == NULL) {
        return;
    }
    if (t->body.length == 0 && upload_goes_on(t, response)) {
        if (send_upload(l, t, now_ns) != 0) {
            tell_failure(l, t, EXCHANGE_INCOMPLETE, now_ns);
        }
        return;
    }
    switch (take_block(t, response, &next)) {
    case DOWNLOAD_NONE:
        tell_response(l, t, response, false, now_ns);
        break;
    case DOWNLOAD_WHOLE:
        tell_response(l, t, response, true, now_ns);
        break;
    case DOWNLOAD_MORE:
        if (send_part(l, t, MESSAGE_OPTION_BLOCK2, &next, 0, 0, now_ns) != 0) {
            tell_failure(l, t, EXCHANGE_INCOMPLETE, now_ns);
        }
        break;
    case DOWNLOAD_BROKEN:
        tell_failure(l, t, EXCHANGE_INCOMPLETE, now_ns);
        break;
    }
}

void block_out_failed(void *user, uint64_t exchange, enum exchange_failure failure,
                      uint64_t first_sent_ns, uint64_t now_ns) {
    struct block_layer *l = user;
    struct block_transfer *t = find(l, exchange);
    (void)first_sent_ns;
    if (t != NULL) {
        tell_failure(l, t, failure, now_ns);
    }
}

void block_out_free(struct block_layer *l) {
    while (l->transfers != NULL) {
        struct block_transfer *t = l->transfers;
        l->transfers = t->next;
        free_transfer(t);
    }
}
