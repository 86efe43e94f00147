/* SPDX-License-Identifier: Apache-2.0
 *
 * Our requests: repeated until acknowledged, matched by message id and token, remembered after
 * their end so that what the client repeats is not taken for something new.
 */
#include "coap/exchange_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_LENGTH = 4 };

static bool is_open(const struct outgoing *o) {
    return o->state == OUTGOING_UNACKNOWLEDGED || o->state == OUTGOING_WAITING;
}

int exchange_request(struct exchange_layer *layer, const struct message *request,
                     uint64_t *exchange, uint64_t now_ns) {
    if (layer->closed) {
        return -EPIPE;
    }
    if (!message_is_request(request) ||
        (request->type != MESSAGE_CON && request->type != MESSAGE_NON)) {
        return -EINVAL;
    }
    struct outgoing *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        return -ENOMEM;
    }
    struct message m = *request; /* borrows options and payload */
    uint32_t token = layer->next_token++;
    m.mid = exchange_internal_mid(layer);
    m.token_length = TOKEN_LENGTH;
    for (unsigned i = 0; i < TOKEN_LENGTH; i++) {
        m.token[i] = (uint8_t)(token >> (8 * i));
    }
    uint8_t *bytes = NULL;
    size_t length = 0;
    int error = message_build(&m, &bytes, &length);
    if (error != 0) {
        free(o);
        return error;
    }
    if (*exchange == 0) {
        *exchange = (*layer->config.next_exchange)++;
    }
    o->exchange = *exchange;
    memcpy(o->token, m.token, sizeof(o->token));
    o->token_length = m.token_length;
    o->transmission.mid = m.mid;
    o->first_sent_ns = now_ns;
    o->give_up_ns = now_ns + layer->config.parameters.response_wait_ns;
    o->state = m.type == MESSAGE_CON ? OUTGOING_UNACKNOWLEDGED : OUTGOING_WAITING;
    o->next = layer->outgoing;
    layer->outgoing = o;
    if (layer->config.callbacks->request_sent != NULL) {
        layer->config.callbacks->request_sent(layer->config.user, o->exchange, &m, now_ns);
    }
    exchange_internal_start(layer, &o->transmission, bytes, length, m.type == MESSAGE_CON, now_ns);
    return 0;
}

static void end(struct exchange_layer *l, struct outgoing *o, enum outgoing_state state,
                uint64_t now_ns) {
    exchange_internal_stop(&o->transmission);
    o->state = state;
    o->forget_ns = now_ns + l->config.parameters.exchange_lifetime_ns;
}

static void fail(struct exchange_layer *l, struct outgoing *o, enum exchange_failure failure,
                 uint64_t now_ns) {
    end(l, o, OUTGOING_FAILED, now_ns);
    if (l->config.callbacks->failed != NULL) {
        l->config.callbacks->failed(l->config.user, o->exchange, failure, o->first_sent_ns, now_ns);
    }
}

static struct outgoing *find_by_mid(const struct exchange_layer *l, uint16_t mid) {
    for (struct outgoing *o = l->outgoing; o != NULL; o = o->next) {
        if (o->transmission.mid == mid) {
            return o;
        }
    }
    return NULL;
}

static bool has_token(const struct outgoing *o, const struct message *m) {
    return o->token_length == m->token_length && memcmp(o->token, m->token, o->token_length) == 0;
}

static struct outgoing *find_by_token(const struct exchange_layer *l, const struct message *m) {
    for (struct outgoing *o = l->outgoing; o != NULL; o = o->next) {
        if (has_token(o, m)) {
            return o;
        }
    }
    return NULL;
}

/* True if the client knows the request, so that it need not be sent again. */
static bool stop_repeating(struct exchange_layer *l, struct outgoing *o, uint64_t now_ns) {
    if (o->state != OUTGOING_UNACKNOWLEDGED) {
        return false;
    }
    exchange_internal_stop(&o->transmission);
    o->state = OUTGOING_WAITING;
    o->give_up_ns = now_ns + l->config.parameters.response_wait_ns;
    return true;
}

void exchange_out_acknowledged(struct exchange_layer *l, uint16_t mid, uint64_t now_ns) {
    struct outgoing *o = find_by_mid(l, mid);
    if (o != NULL && stop_repeating(l, o, now_ns) && l->config.callbacks->acknowledged != NULL) {
        l->config.callbacks->acknowledged(l->config.user, o->exchange, now_ns);
    }
}

void exchange_out_reset(struct exchange_layer *l, uint16_t mid, uint64_t now_ns) {
    struct outgoing *o = find_by_mid(l, mid);
    if (o != NULL && is_open(o)) {
        fail(l, o, EXCHANGE_RESET, now_ns);
    }
}

static void unmatched(struct exchange_layer *l, const struct outgoing *o, const struct message *m,
                      enum exchange_unmatched why, uint64_t now_ns) {
    exchange_internal_reject(l, m, now_ns);
    if (l->config.callbacks->response_unmatched != NULL) {
        l->config.callbacks->response_unmatched(l->config.user, o == NULL ? 0 : o->exchange, m, why,
                                                now_ns);
    }
}

void exchange_out_response(struct exchange_layer *l, const struct message *m, uint64_t now_ns) {
    struct outgoing *o = m->type == MESSAGE_ACK ? find_by_mid(l, m->mid) : find_by_token(l, m);
    if (o == NULL) {
        unmatched(l, NULL, m, EXCHANGE_UNKNOWN, now_ns);
        return;
    }
    if (!has_token(o, m)) {
        (void)stop_repeating(l, o, now_ns); /* it is an ACK of this message all the same */
        unmatched(l, o, m, EXCHANGE_TOKEN_DIFFERS, now_ns);
        return;
    }
    if (o->state == OUTGOING_FAILED) {
        unmatched(l, o, m, EXCHANGE_LATE, now_ns);
        return;
    }
    bool repeated =
        o->state == OUTGOING_ANSWERED && o->answer_type == m->type && o->answer_mid == m->mid;
    if (o->state == OUTGOING_ANSWERED && !repeated) {
        unmatched(l, o, m, EXCHANGE_ANSWERED, now_ns);
        return;
    }
    if (m->type == MESSAGE_CON) {
        exchange_internal_send_empty(l, MESSAGE_ACK, m->mid, now_ns);
    }
    if (repeated) {
        if (l->config.callbacks->response_repeated != NULL) {
            l->config.callbacks->response_repeated(l->config.user, o->exchange, m, now_ns);
        }
        return;
    }
    o->answer_type = m->type;
    o->answer_mid = m->mid;
    end(l, o, OUTGOING_ANSWERED, now_ns);
    if (l->config.callbacks->response != NULL) {
        l->config.callbacks->response(l->config.user, o->exchange, m, o->first_sent_ns, now_ns);
    }
}

void exchange_out_advance(struct exchange_layer *l, uint64_t now_ns) {
    for (struct outgoing *o = l->outgoing; o != NULL; o = o->next) {
        bool exhausted = false;
        if (exchange_internal_repeat(l, &o->transmission, &exhausted, now_ns)) {
            if (l->config.callbacks->request_retransmitted != NULL) {
                l->config.callbacks->request_retransmitted(l->config.user, o->exchange,
                                                           o->transmission.attempt, now_ns);
            }
            exchange_internal_send(l, o->transmission.bytes, o->transmission.length, now_ns);
        } else if (exhausted || (o->state == OUTGOING_WAITING && o->give_up_ns <= now_ns)) {
            fail(l, o, EXCHANGE_TIMEOUT, now_ns);
        }
    }
}

void exchange_out_prune(struct exchange_layer *l, uint64_t now_ns) {
    struct outgoing **at = &l->outgoing;
    while (*at != NULL) {
        struct outgoing *o = *at;
        if (!is_open(o) && o->forget_ns <= now_ns) {
            *at = o->next;
            exchange_internal_stop(&o->transmission);
            free(o);
        } else {
            at = &o->next;
        }
    }
}

void exchange_out_close(struct exchange_layer *l, uint64_t now_ns) {
    for (struct outgoing *o = l->outgoing; o != NULL; o = o->next) {
        if (is_open(o)) {
            fail(l, o, EXCHANGE_CLOSED, now_ns);
        }
    }
}

void exchange_out_free(struct exchange_layer *l) {
    while (l->outgoing != NULL) {
        struct outgoing *o = l->outgoing;
        l->outgoing = o->next;
        exchange_internal_stop(&o->transmission);
        free(o);
    }
}
