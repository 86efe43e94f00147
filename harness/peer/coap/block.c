/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/block_internal.h"

#include <stdlib.h>
#include <string.h>

bool block_option_get(const struct message_options *options, uint16_t number,
                      struct block_option *block) {
    uint32_t value = 0;
    const struct message_option *option = message_options_find(options, number);
    if (option == NULL || option->length > 3 ||
        !message_options_get_uint(options, number, &value) || (value & 7U) == 7) {
        return false;
    }
    *block = (struct block_option){
        .number = value >> 4, .more = (value & 8U) != 0, .size = (size_t)16 << (value & 7U)};
    return true;
}

int block_internal_add_option(struct message_options *options, uint16_t number,
                              const struct block_option *block) {
    uint32_t exponent = 0;
    while ((size_t)16 << exponent < block->size) {
        exponent++;
    }
    message_options_remove(options, number);
    return message_options_add_uint(options, number,
                                    block->number << 4 | (block->more ? 8U : 0U) | exponent);
}

bool block_internal_append(struct block_body *body, const uint8_t *bytes, size_t length) {
    if (length == 0) {
        return true;
    }
    if (length > BLOCK_BODY_MAX || body->length > BLOCK_BODY_MAX - length) {
        return false;
    }
    uint8_t *grown = realloc(body->bytes, body->length + length);
    if (grown == NULL) {
        return false;
    }
    memcpy(grown + body->length, bytes, length);
    body->bytes = grown;
    body->length += length;
    return true;
}

/* The exchange layer calls us as its user; what we do not change is handed on. */
static void on_send(void *user, const uint8_t *bytes, size_t length, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    c->callbacks->send(c->user, bytes, length, now_ns);
}

static void on_arrived(void *user, const struct message *message, const uint8_t *bytes,
                       size_t length, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->arrived != NULL) {
        c->callbacks->arrived(c->user, message, bytes, length, now_ns);
    }
}

static void on_request_repeated(void *user, uint64_t exchange, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->request_repeated != NULL) {
        c->callbacks->request_repeated(c->user, exchange, now_ns);
    }
}

static void on_response_settled(void *user, uint64_t exchange, bool failed,
                                enum exchange_failure failure, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->response_settled != NULL) {
        c->callbacks->response_settled(c->user, exchange, failed, failure, now_ns);
    }
}

static void on_request_sent(void *user, uint64_t exchange, const struct message *request,
                            uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->request_sent != NULL) {
        c->callbacks->request_sent(c->user, exchange, request, now_ns);
    }
}

static void on_request_retransmitted(void *user, uint64_t exchange, unsigned attempt,
                                     uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->request_retransmitted != NULL) {
        c->callbacks->request_retransmitted(c->user, exchange, attempt, now_ns);
    }
}

static void on_acknowledged(void *user, uint64_t exchange, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->acknowledged != NULL) {
        c->callbacks->acknowledged(c->user, exchange, now_ns);
    }
}

static void on_response_repeated(void *user, uint64_t exchange, const struct message *response,
                                 uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->response_repeated != NULL) {
        c->callbacks->response_repeated(c->user, exchange, response, now_ns);
    }
}

static void on_response_unmatched(void *user, uint64_t exchange, const struct message *response,
                                  enum exchange_unmatched why, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->response_unmatched != NULL) {
        c->callbacks->response_unmatched(c->user, exchange, response, why, now_ns);
    }
}

static void on_ping(void *user, uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->ping != NULL) {
        c->callbacks->ping(c->user, now_ns);
    }
}

static void on_malformed(void *user, enum message_fault fault, const uint8_t *bytes, size_t length,
                         uint64_t now_ns) {
    const struct exchange_config *c = &((struct block_layer *)user)->config.exchange;
    if (c->callbacks->malformed != NULL) {
        c->callbacks->malformed(c->user, fault, bytes, length, now_ns);
    }
}

struct block_layer *block_new(const struct block_config *config) {
    struct block_layer *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return NULL;
    }
    l->config = *config;
    l->inner = (struct exchange_callbacks){
        .send = on_send,
        .arrived = on_arrived,
        .request = block_in_request,
        .request_repeated = on_request_repeated,
        .response_settled = on_response_settled,
        .request_sent = on_request_sent,
        .request_retransmitted = on_request_retransmitted,
        .acknowledged = on_acknowledged,
        .response = block_out_response,
        .failed = block_out_failed,
        .response_repeated = on_response_repeated,
        .response_unmatched = on_response_unmatched,
        .ping = on_ping,
        .malformed = on_malformed,
    };
    struct exchange_config inner = config->exchange;
    inner.callbacks = &l->inner;
    inner.user = l;
    l->exchange = exchange_new(&inner);
    if (l->exchange == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

void block_free(struct block_layer *layer) {
    if (layer == NULL) {
        return;
    }
    exchange_free(layer->exchange);
    block_in_free(layer);
    block_out_free(layer);
    free(layer);
}

void block_close(struct block_layer *layer, uint64_t now_ns) {
    exchange_close(layer->exchange, now_ns);
}

void block_receive(struct block_layer *layer, const uint8_t *bytes, size_t length,
                   uint64_t now_ns) {
    exchange_receive(layer->exchange, bytes, length, now_ns);
}

uint64_t block_deadline(const struct block_layer *layer) {
    return exchange_deadline(layer->exchange);
}

void block_advance(struct block_layer *layer, uint64_t now_ns) {
    exchange_advance(layer->exchange, now_ns);
}

int block_acknowledge(struct block_layer *layer, uint64_t exchange, uint64_t now_ns) {
    return exchange_acknowledge(layer->exchange, exchange, now_ns);
}
