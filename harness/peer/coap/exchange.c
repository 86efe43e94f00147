/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/exchange_internal.h"

#include <stdlib.h>

#define SECOND_NS UINT64_C(1000000000)

struct exchange_parameters exchange_default_parameters(void) {
    return (struct exchange_parameters){
        .ack_timeout_ns = 2 * SECOND_NS,
        .ack_random_permille = 1500,
        .max_retransmit = 4,
        .exchange_lifetime_ns = 247 * SECOND_NS,
        .non_lifetime_ns = 145 * SECOND_NS,
        .response_wait_ns = 247 * SECOND_NS,
    };
}

const char *exchange_failure_text(enum exchange_failure failure) {
    switch (failure) {
    case EXCHANGE_TIMEOUT:
        return "timeout";
    case EXCHANGE_RESET:
        return "reset";
    case EXCHANGE_CLOSED:
        return "association_closed";
    case EXCHANGE_INCOMPLETE:
        return "incomplete";
    }
    return "?";
}

/* SplitMix64: small, seeded, and no secrets depend on it. */
static uint64_t next_random(struct exchange_layer *l) {
    uint64_t z = (l->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct exchange_layer *exchange_new(const struct exchange_config *config) {
    struct exchange_layer *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return NULL;
    }
    l->config = *config;
    l->random = config->seed;
    l->next_mid = (uint16_t)next_random(l);
    l->next_token = (uint32_t)next_random(l);
    return l;
}

void exchange_free(struct exchange_layer *layer) {
    if (layer == NULL) {
        return;
    }
    exchange_in_free(layer);
    exchange_out_free(layer);
    free(layer);
}

void exchange_close(struct exchange_layer *layer, uint64_t now_ns) {
    if (layer->closed) {
        return;
    }
    layer->closed = true;
    exchange_out_close(layer, now_ns);
    exchange_in_close(layer, now_ns);
}

void exchange_internal_send(struct exchange_layer *l, const uint8_t *bytes, size_t length,
                            uint64_t now_ns) {
    if (!l->closed) {
        l->config.callbacks->send(l->config.user, bytes, length, now_ns);
    }
}

void exchange_internal_send_empty(struct exchange_layer *l, enum message_type type, uint16_t mid,
                                  uint64_t now_ns) {
    const uint8_t bytes[4] = {(uint8_t)(0x40 | (unsigned)type << 4), MESSAGE_EMPTY,
                              (uint8_t)(mid >> 8), (uint8_t)mid};
    exchange_internal_send(l, bytes, sizeof(bytes), now_ns);
}

void exchange_internal_reject(struct exchange_layer *l, const struct message *m, uint64_t now_ns) {
    if (m->type == MESSAGE_CON) {
        exchange_internal_send_empty(l, MESSAGE_RST, m->mid, now_ns);
    }
}

static bool mid_is_live(const struct exchange_layer *l, uint16_t mid) {
    for (const struct outgoing *o = l->outgoing; o != NULL; o = o->next) {
        if (o->transmission.mid == mid) {
            return true;
        }
    }
    for (const struct incoming *i = l->incoming; i != NULL; i = i->next) {
        if (i->separate.running && i->separate.mid == mid) {
            return true;
        }
    }
    return false;
}

uint16_t exchange_internal_mid(struct exchange_layer *l) {
    for (unsigned tries = 0; tries < UINT16_MAX && mid_is_live(l, l->next_mid); tries++) {
        l->next_mid++;
    }
    return l->next_mid++;
}

void exchange_internal_start(struct exchange_layer *l, struct transmission *t, uint8_t *bytes,
                             size_t length, bool repeat, uint64_t now_ns) {
    const struct exchange_parameters *p = &l->config.parameters;
    uint64_t spread = p->ack_random_permille > 1000 ? p->ack_random_permille - 1000U : 0;
    t->bytes = bytes;
    t->length = length;
    t->running = repeat;
    t->attempt = 0;
    t->timeout_ns = p->ack_timeout_ns / 1000 * (1000 + next_random(l) % (spread + 1));
    t->due_ns = now_ns + t->timeout_ns;
    exchange_internal_send(l, bytes, length, now_ns);
}

void exchange_internal_stop(struct transmission *t) {
    free(t->bytes);
    t->bytes = NULL;
    t->length = 0;
    t->running = false;
}

bool exchange_internal_repeat(struct exchange_layer *l, struct transmission *t, bool *exhausted,
                              uint64_t now_ns) {
    *exhausted = false;
    if (!t->running || t->due_ns > now_ns) {
        return false;
    }
    if (t->attempt >= l->config.parameters.max_retransmit) {
        *exhausted = true;
        return false;
    }
    t->attempt++;
    t->timeout_ns *= 2;
    t->due_ns = now_ns + t->timeout_ns;
    return true;
}

uint64_t exchange_deadline(const struct exchange_layer *layer) {
    uint64_t deadline_ns = UINT64_MAX;
    if (layer->closed) {
        return deadline_ns;
    }
    /* Forgetting needs no wake-up: it is done on the way of the next datagram. */
    for (const struct outgoing *o = layer->outgoing; o != NULL; o = o->next) {
        uint64_t due_ns = o->state == OUTGOING_UNACKNOWLEDGED ? o->transmission.due_ns
                          : o->state == OUTGOING_WAITING      ? o->give_up_ns
                                                              : UINT64_MAX;
        deadline_ns = due_ns < deadline_ns ? due_ns : deadline_ns;
    }
    for (const struct incoming *i = layer->incoming; i != NULL; i = i->next) {
        if (i->separate.running && i->separate.due_ns < deadline_ns) {
            deadline_ns = i->separate.due_ns;
        }
    }
    return deadline_ns;
}

void exchange_advance(struct exchange_layer *layer, uint64_t now_ns) {
    if (layer->closed) {
        return;
    }
    exchange_out_prune(layer, now_ns);
    exchange_in_prune(layer, now_ns);
    exchange_out_advance(layer, now_ns);
    exchange_in_advance(layer, now_ns);
}

static void receive_empty(struct exchange_layer *l, const struct message *m, uint64_t now_ns) {
    if (m->type == MESSAGE_CON) {
        exchange_internal_reject(l, m, now_ns); /* ping, RFC 7252 4.3 */
        if (l->config.callbacks->ping != NULL) {
            l->config.callbacks->ping(l->config.user, now_ns);
        }
    } else if (!exchange_in_settle(l, m->mid, m->type == MESSAGE_RST, now_ns)) {
        if (m->type == MESSAGE_RST) {
            exchange_out_reset(l, m->mid, now_ns);
        } else {
            exchange_out_acknowledged(l, m->mid, now_ns);
        }
    }
}

/* True if the message can be used in spite of the fault. */
static bool receive_malformed(struct exchange_layer *l, enum message_fault fault,
                              const struct message *m, const uint8_t *bytes, size_t length,
                              uint64_t now_ns) {
    if (l->config.callbacks->malformed != NULL) {
        l->config.callbacks->malformed(l->config.user, fault, bytes, length, now_ns);
    }
    if (fault == MESSAGE_FAULT_OPTION_VALUE_ELECTIVE ||
        (fault == MESSAGE_FAULT_OPTION_VALUE_CRITICAL && message_is_request(m))) {
        return true;
    }
    if (fault != MESSAGE_FAULT_TOO_SHORT && fault != MESSAGE_FAULT_VERSION &&
        fault != MESSAGE_FAULT_MEMORY) {
        exchange_internal_reject(l, m, now_ns);
    }
    return false;
}

void exchange_receive(struct exchange_layer *layer, const uint8_t *bytes, size_t length,
                      uint64_t now_ns) {
    if (layer->closed) {
        return;
    }
    exchange_out_prune(layer, now_ns);
    exchange_in_prune(layer, now_ns);
    struct message m;
    enum message_fault fault = message_parse(&m, bytes, length);
    if (fault == MESSAGE_OK || receive_malformed(layer, fault, &m, bytes, length, now_ns)) {
        if (fault == MESSAGE_OK && layer->config.callbacks->arrived != NULL) {
            layer->config.callbacks->arrived(layer->config.user, &m, bytes, length, now_ns);
        }
        if (m.code == MESSAGE_EMPTY) {
            receive_empty(layer, &m, now_ns);
        } else if (message_is_request(&m)) {
            exchange_in_request(layer, &m, bytes, length,
                                fault == MESSAGE_FAULT_OPTION_VALUE_CRITICAL, now_ns);
        } else {
            exchange_out_response(layer, &m, now_ns);
        }
    }
    message_clear(&m);
}
