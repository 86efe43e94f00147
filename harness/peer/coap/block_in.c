/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of the client's requests (Block1) and of our responses (Block2).
 */
#include "coap/block_internal.h"

#include <errno.h>
#include <stdlib.h>

/* What a client leaves unfinished must not pile up. */
enum { ASSEMBLIES_MAX = 4, PENDING_MAX = 64, STORED_MAX = 4 };

static uint64_t mix(uint64_t hash, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    }
    return hash;
}

/* Blocks belong together by method, path and query (RFC 7959 2.5: endpoint and cache key). */
static uint64_t key_of(const struct message *m) {
    uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), &m->code, 1);
    for (size_t i = 0; i < m->options.count; i++) {
        const struct message_option *o = &m->options.items[i];
        if (o->number == MESSAGE_OPTION_URI_PATH || o->number == MESSAGE_OPTION_URI_QUERY) {
            const uint8_t head[3] = {(uint8_t)o->number, (uint8_t)(o->length >> 8),
                                     (uint8_t)o->length};
            hash = mix(mix(hash, head, sizeof(head)), o->value, o->length);
        }
    }
    return hash;
}

static void free_assembly(struct block_assembly *a) {
    free(a->body.bytes);
    free(a);
}

static void free_stored(struct block_stored *s) {
    message_clear(&s->response);
    free(s);
}

static void drop_assembly(struct block_layer *l, uint64_t key) {
    size_t count = 0;
    struct block_assembly **at = &l->assemblies;
    while (*at != NULL) {
        struct block_assembly *a = *at;
        if (a->key == key || ++count >= ASSEMBLIES_MAX) {
            *at = a->next;
            free_assembly(a);
        } else {
            at = &a->next;
        }
    }
}

static void drop_stored(struct block_layer *l, uint64_t key) {
    size_t count = 0;
    struct block_stored **at = &l->stored;
    while (*at != NULL) {
        struct block_stored *s = *at;
        if (s->key == key || ++count >= STORED_MAX) {
            *at = s->next;
            free_stored(s);
        } else {
            at = &s->next;
        }
    }
}

static void drop_pending(struct block_layer *l, uint64_t exchange) {
    size_t count = 0;
    struct block_pending **at = &l->pending;
    while (*at != NULL) {
        struct block_pending *p = *at;
        if (p->exchange == exchange || ++count >= PENDING_MAX) {
            *at = p->next;
            free(p);
        } else {
            at = &p->next;
        }
    }
}

/* Answers a block ourselves. */
static void reply(struct block_layer *l, uint64_t exchange, uint8_t code,
                  const struct block_option *block1, uint64_t now_ns) {
    struct message_options options = {0};
    if (block1 == NULL || block_internal_add_option(&options, MESSAGE_OPTION_BLOCK1, block1) == 0) {
        const struct exchange_answer answer = {.code = code, .options = &options, .internal = true};
        (void)exchange_respond(l->exchange, exchange, &answer, NULL, now_ns);
    }
    message_options_clear(&options);
}

static struct block_assembly *find_assembly(struct block_layer *l, uint64_t key, uint64_t now_ns) {
    struct block_assembly *a = l->assemblies;
    while (a != NULL && (a->key != key || a->forget_ns <= now_ns)) {
        a = a->next;
    }
    return a;
}

static struct block_assembly *begin_assembly(struct block_layer *l, uint64_t key) {
    drop_assembly(l, key);
    struct block_assembly *a = calloc(1, sizeof(*a));
    if (a != NULL) {
        a->key = key;
        a->next = l->assemblies;
        l->assemblies = a;
    }
    return a;
}

/* Takes a Block1 block. The code that answers it, 2.31 if all is well. */
static uint8_t take_block(struct block_layer *l, uint64_t key, const struct block_option *block,
                          const struct message *request, uint64_t now_ns) {
    struct block_assembly *a =
        block->number == 0 ? begin_assembly(l, key) : find_assembly(l, key, now_ns);
    if (a == NULL || (size_t)block->number * block->size != a->body.length) {
        return MESSAGE_CODE(4, 8);
    }
    if (block->more && request->payload_length != block->size) {
        return MESSAGE_CODE(4, 0);
    }
    if (!block_internal_append(&a->body, request->payload, request->payload_length)) {
        return MESSAGE_CODE(4, 13);
    }
    a->forget_ns = now_ns + l->config.exchange.parameters.exchange_lifetime_ns;
    return MESSAGE_CODE(2, 31);
}

static void tell(struct block_layer *l, uint64_t exchange, uint64_t key,
                 const struct message *request, bool mid_reused, uint64_t now_ns) {
    struct block_pending *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return;
    }
    p->exchange = exchange;
    p->key = key;
    p->has_block1 = block_option_get(&request->options, MESSAGE_OPTION_BLOCK1, &p->block1);
    p->has_block2 = block_option_get(&request->options, MESSAGE_OPTION_BLOCK2, &p->block2);
    drop_pending(l, 0); /* numbers begin at 1: only makes room */
    p->next = l->pending;
    l->pending = p;
    const struct exchange_config *c = &l->config.exchange;
    if (c->callbacks->request != NULL) {
        c->callbacks->request(c->user, exchange, request, mid_reused, now_ns);
    }
}

/* Sends one block of a response, or all of it if it fits. */
static int respond_part(struct block_layer *l, const struct block_pending *p,
                        const struct exchange_answer *answer, enum exchange_how *how,
                        uint64_t now_ns) {
    size_t size = p->has_block2 ? p->block2.size : BLOCK_SIZE_MAX;
    size_t offset = p->has_block2 ? (size_t)p->block2.number * size : 0;
    bool outside = offset > 0 && offset >= answer->payload_length;
    struct exchange_answer part = *answer;
    struct message_options options = {0};
    int error =
        answer->options == NULL || outside ? 0 : message_options_add_all(&options, answer->options);
    if (error == 0 && p->has_block1) {
        error = block_internal_add_option(&options, MESSAGE_OPTION_BLOCK1, &p->block1);
    }
    if (outside) { /* the client asks for what is behind the end */
        part.code = MESSAGE_CODE(4, 0);
        part.payload_length = 0;
    } else if (answer->payload_length > size) {
        size_t left = answer->payload_length - offset;
        const struct block_option block = {
            .number = (uint32_t)(offset / size), .more = left > size, .size = size};
        part.payload = answer->payload + offset;
        part.payload_length = block.more ? size : left;
        if (error == 0) {
            error = block_internal_add_option(&options, MESSAGE_OPTION_BLOCK2, &block);
        }
    }
    part.options = &options;
    if (error == 0) {
        error = exchange_respond(l->exchange, p->exchange, &part, how, now_ns);
    }
    message_options_clear(&options);
    return error;
}

/* True if the request was for a further block of a response of ours. */
static bool continue_response(struct block_layer *l, uint64_t exchange, uint64_t key,
                              const struct message *request, uint64_t now_ns) {
    struct block_pending p = {.exchange = exchange, .key = key};
    p.has_block2 = block_option_get(&request->options, MESSAGE_OPTION_BLOCK2, &p.block2);
    if (!p.has_block2 || p.block2.number == 0) {
        return false;
    }
    for (const struct block_stored *s = l->stored; s != NULL; s = s->next) {
        if (s->key == key && s->forget_ns > now_ns) {
            const struct exchange_answer answer = {
                .code = s->response.code,
                .options = &s->response.options,
                .payload = s->response.payload,
                .payload_length = s->response.payload_length,
                .internal = true,
            };
            (void)respond_part(l, &p, &answer, NULL, now_ns);
            return true;
        }
    }
    return false;
}

void block_in_request(void *user, uint64_t exchange, const struct message *request, bool mid_reused,
                      uint64_t now_ns) {
    struct block_layer *l = user;
    const struct block_config *c = &l->config;
    uint64_t key = key_of(request);
    struct block_option block;
    if (message_options_find(&request->options, MESSAGE_OPTION_BLOCK1) == NULL) {
        if (!continue_response(l, exchange, key, request, now_ns)) {
            tell(l, exchange, key, request, mid_reused, now_ns);
        }
        return;
    }
    if (!block_option_get(&request->options, MESSAGE_OPTION_BLOCK1, &block)) {
        reply(l, exchange, MESSAGE_CODE(4, 0), NULL, now_ns); /* size exponent 7, RFC 7959 2.2 */
        return;
    }
    bool alone = block.number == 0 && !block.more;
    bool admitted = !block.more || c->admit == NULL || c->admit(c->exchange.user, request, now_ns);
    if (alone || !admitted) {
        tell(l, exchange, key, request, mid_reused, now_ns);
        return;
    }
    uint8_t code = take_block(l, key, &block, request, now_ns);
    if (code != MESSAGE_CODE(2, 31) || block.more) {
        reply(l, exchange, code, &block, now_ns);
        return;
    }
    struct block_assembly *a = find_assembly(l, key, now_ns);
    struct message whole = *request; /* borrows options and payload */
    struct block_body body = a->body;
    whole.payload = body.bytes;
    whole.payload_length = body.length;
    a->body = (struct block_body){0};
    drop_assembly(l, key);
    tell(l, exchange, key, &whole, mid_reused, now_ns);
    free(body.bytes);
}

static void store(struct block_layer *l, uint64_t key, const struct exchange_answer *answer,
                  uint64_t now_ns) {
    drop_stored(l, key);
    struct block_stored *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return;
    }
    s->key = key;
    s->response.code = answer->code;
    s->forget_ns = now_ns + l->config.exchange.parameters.exchange_lifetime_ns;
    if ((answer->options != NULL &&
         message_options_add_all(&s->response.options, answer->options) != 0) ||
        message_set_payload(&s->response, answer->payload, answer->payload_length) != 0) {
        free_stored(s);
        return;
    }
    s->next = l->stored;
    l->stored = s;
}

int block_respond(struct block_layer *layer, uint64_t exchange,
                  const struct exchange_answer *answer, enum exchange_how *how, uint64_t now_ns) {
    const struct block_pending *p = layer->pending;
    while (p != NULL && p->exchange != exchange) {
        p = p->next;
    }
    if (p == NULL) {
        return exchange_respond(layer->exchange, exchange, answer, how, now_ns);
    }
    int error = respond_part(layer, p, answer, how, now_ns);
    if (error == 0) {
        size_t size = p->has_block2 ? p->block2.size : BLOCK_SIZE_MAX;
        if (answer->payload_length > size) {
            store(layer, p->key, answer, now_ns);
        }
        drop_pending(layer, exchange);
    }
    return error;
}

void block_in_free(struct block_layer *l) {
    while (l->assemblies != NULL) {
        struct block_assembly *a = l->assemblies;
        l->assemblies = a->next;
        free_assembly(a);
    }
    while (l->pending != NULL) {
        struct block_pending *p = l->pending;
        l->pending = p->next;
        free(p);
    }
    while (l->stored != NULL) {
        struct block_stored *s = l->stored;
        l->stored = s->next;
        free_stored(s);
    }
}
