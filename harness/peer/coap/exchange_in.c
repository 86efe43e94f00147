/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of the client: told once, answered as often as they are repeated.
 */
#include "coap/exchange_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A client that floods us must not fill our memory: the oldest records go first. */
enum { INCOMING_MAX = 1024 };

/* FNV-1a */
static uint64_t fingerprint(const uint8_t *bytes, size_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void free_incoming(struct incoming *i) {
    exchange_internal_stop(&i->separate);
    free(i->reply);
    free(i);
}

static struct incoming *find_by_mid(const struct exchange_layer *l, uint16_t mid, uint64_t now_ns) {
    for (struct incoming *i = l->incoming; i != NULL; i = i->next) {
        if (i->mid == mid && i->forget_ns > now_ns) {
            return i;
        }
    }
    return NULL;
}

static struct incoming *find_by_exchange(const struct exchange_layer *l, uint64_t exchange) {
    for (struct incoming *i = l->incoming; i != NULL; i = i->next) {
        if (i->exchange == exchange) {
            return i;
        }
    }
    return NULL;
}

void exchange_in_prune(struct exchange_layer *l, uint64_t now_ns) {
    struct incoming **at = &l->incoming;
    while (*at != NULL) {
        struct incoming *i = *at;
        bool awaited = (i->held && !i->answered) || i->separate.running;
        if (i->forget_ns <= now_ns && !awaited) {
            *at = i->next;
            free_incoming(i);
            l->incoming_count--;
        } else {
            at = &i->next;
        }
    }
}

static void make_room(struct exchange_layer *l) {
    if (l->incoming == NULL || l->incoming_count < INCOMING_MAX) {
        return;
    }
    struct incoming **at = &l->incoming;
    while ((*at)->next != NULL) {
        at = &(*at)->next;
    }
    free_incoming(*at);
    *at = NULL;
    l->incoming_count--;
}

static struct incoming *remember(struct exchange_layer *l, const struct message *m,
                                 const uint8_t *bytes, size_t length, uint64_t now_ns) {
    make_room(l);
    struct incoming *i = calloc(1, sizeof(*i));
    if (i == NULL) {
        return NULL;
    }
    const struct exchange_parameters *p = &l->config.parameters;
    i->exchange = (*l->config.next_exchange)++;
    i->mid = m->mid;
    i->type = m->type;
    memcpy(i->token, m->token, sizeof(i->token));
    i->token_length = m->token_length;
    i->fingerprint = fingerprint(bytes, length);
    i->size = length;
    i->forget_ns = now_ns + (m->type == MESSAGE_CON ? p->exchange_lifetime_ns : p->non_lifetime_ns);
    i->next = l->incoming;
    l->incoming = i;
    l->incoming_count++;
    return i;
}

static void repeat(struct exchange_layer *l, const struct incoming *i, uint64_t now_ns) {
    if (!i->internal && l->config.callbacks->request_repeated != NULL) {
        l->config.callbacks->request_repeated(l->config.user, i->exchange, now_ns);
    }
    if (i->reply != NULL) {
        exchange_internal_send(l, i->reply, i->reply_length, now_ns);
    }
}

void exchange_in_request(struct exchange_layer *l, const struct message *m, const uint8_t *bytes,
                         size_t length, bool bad_option, uint64_t now_ns) {
    const struct incoming *before = find_by_mid(l, m->mid, now_ns);
    if (before != NULL && before->size == length &&
        before->fingerprint == fingerprint(bytes, length)) {
        repeat(l, before, now_ns);
        return;
    }
    bool mid_reused = before != NULL;
    struct incoming *i = remember(l, m, bytes, length, now_ns);
    if (i == NULL) {
        return;
    }
    if (bad_option) {
        i->internal = true;
        if (m->type == MESSAGE_CON) { /* RFC 7252 5.4.1 */
            const struct exchange_answer answer = {.code = MESSAGE_CODE(4, 2), .internal = true};
            (void)exchange_respond(l, i->exchange, &answer, NULL, now_ns);
        }
        return;
    }
    if (l->config.callbacks->request != NULL) {
        l->config.callbacks->request(l->config.user, i->exchange, m, mid_reused, now_ns);
    }
}

static int build_answer(const struct incoming *i, const struct exchange_answer *answer,
                        enum message_type type, uint16_t mid, uint8_t **bytes, size_t *length) {
    struct message m;
    message_init(&m, type, answer->code, mid);
    memcpy(m.token, i->token, sizeof(m.token));
    m.token_length = i->token_length;
    int error = answer->options == NULL ? 0 : message_options_add_all(&m.options, answer->options);
    if (error == 0) {
        error = message_set_payload(&m, answer->payload, answer->payload_length);
    }
    if (error == 0) {
        error = message_build(&m, bytes, length);
    }
    message_clear(&m);
    return error;
}

static int acknowledge(struct exchange_layer *l, struct incoming *i, uint64_t now_ns) {
    if (i->type == MESSAGE_CON && i->reply == NULL) {
        struct message m;
        message_init(&m, MESSAGE_ACK, MESSAGE_EMPTY, i->mid);
        int error = message_build(&m, &i->reply, &i->reply_length);
        if (error != 0) {
            return error;
        }
        exchange_internal_send(l, i->reply, i->reply_length, now_ns);
    }
    i->held = true;
    return 0;
}

int exchange_acknowledge(struct exchange_layer *layer, uint64_t exchange, uint64_t now_ns) {
    struct incoming *i = find_by_exchange(layer, exchange);
    if (layer->closed) {
        return -EPIPE;
    }
    if (i == NULL) {
        return -ENOENT;
    }
    return i->answered ? -EALREADY : acknowledge(layer, i, now_ns);
}

int exchange_respond(struct exchange_layer *layer, uint64_t exchange,
                     const struct exchange_answer *answer, enum exchange_how *how,
                     uint64_t now_ns) {
    struct incoming *i = find_by_exchange(layer, exchange);
    if (layer->closed) {
        return -EPIPE;
    }
    if (i == NULL) {
        return -ENOENT;
    }
    if (i->answered) {
        return -EALREADY;
    }
    bool piggybacked = i->type == MESSAGE_CON && i->reply == NULL && !answer->separate;
    bool confirmable = !piggybacked && (i->type == MESSAGE_CON || answer->separate);
    enum message_type type = piggybacked ? MESSAGE_ACK : confirmable ? MESSAGE_CON : MESSAGE_NON;
    uint16_t mid = piggybacked ? i->mid : exchange_internal_mid(layer);
    uint8_t *bytes = NULL;
    size_t length = 0;
    int error = build_answer(i, answer, type, mid, &bytes, &length);
    if (error == 0 && confirmable) {
        error = acknowledge(layer, i, now_ns);
    }
    if (error != 0) {
        free(bytes);
        return error;
    }
    i->answered = true;
    i->internal = answer->internal;
    if (how != NULL) {
        *how = piggybacked   ? EXCHANGE_PIGGYBACKED
               : confirmable ? EXCHANGE_SEPARATE
                             : EXCHANGE_NON_RESPONSE;
    }
    if (piggybacked) {
        i->reply = bytes;
        i->reply_length = length;
        exchange_internal_send(layer, bytes, length, now_ns);
    } else {
        i->separate.mid = mid;
        exchange_internal_start(layer, &i->separate, bytes, length, confirmable, now_ns);
    }
    return 0;
}

static void settle(struct exchange_layer *l, struct incoming *i, bool failed,
                   enum exchange_failure failure, uint64_t now_ns) {
    exchange_internal_stop(&i->separate);
    if (!i->internal && l->config.callbacks->response_settled != NULL) {
        l->config.callbacks->response_settled(l->config.user, i->exchange, failed, failure, now_ns);
    }
}

bool exchange_in_settle(struct exchange_layer *l, uint16_t mid, bool reset, uint64_t now_ns) {
    for (struct incoming *i = l->incoming; i != NULL; i = i->next) {
        if (i->separate.running && i->separate.mid == mid) {
            settle(l, i, reset, EXCHANGE_RESET, now_ns);
            return true;
        }
    }
    return false;
}

void exchange_in_advance(struct exchange_layer *l, uint64_t now_ns) {
    for (struct incoming *i = l->incoming; i != NULL; i = i->next) {
        bool exhausted = false;
        if (exchange_internal_repeat(l, &i->separate, &exhausted, now_ns)) {
            exchange_internal_send(l, i->separate.bytes, i->separate.length, now_ns);
        } else if (exhausted) {
            settle(l, i, true, EXCHANGE_TIMEOUT, now_ns);
        }
    }
}

void exchange_in_close(struct exchange_layer *l, uint64_t now_ns) {
    for (struct incoming *i = l->incoming; i != NULL; i = i->next) {
        if (i->separate.running) {
            settle(l, i, true, EXCHANGE_CLOSED, now_ns);
        }
    }
}

void exchange_in_free(struct exchange_layer *l) {
    while (l->incoming != NULL) {
        struct incoming *i = l->incoming;
        l->incoming = i->next;
        free_incoming(i);
    }
}
