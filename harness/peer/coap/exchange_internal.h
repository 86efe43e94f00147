/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the exchange layer share: exchange.c (life, timers, the entrance),
 * exchange_in.c (requests of the client), exchange_out.c (our requests). Nobody else includes this.
 *
 * Records are freed only by prune and make_room, at the start of exchange_receive and
 * exchange_advance, which callbacks must not call: so a record stays valid over a callback.
 */
#ifndef BOOTCHECK_COAP_EXCHANGE_INTERNAL_H
#define BOOTCHECK_COAP_EXCHANGE_INTERNAL_H

#include "coap/exchange.h"

/* A message of ours that is repeated until something stops it (RFC 7252 4.2). */
struct transmission {
    uint8_t *bytes; /* owned */
    size_t length;
    uint16_t mid;
    bool running;
    unsigned attempt; /* retransmissions so far */
    uint64_t due_ns;
    uint64_t timeout_ns;
};

enum outgoing_state {
    OUTGOING_UNACKNOWLEDGED, /* a CON is being retransmitted */
    OUTGOING_WAITING,        /* acknowledged, or NON: until give_up_ns */
    OUTGOING_ANSWERED,
    OUTGOING_FAILED,
};

struct outgoing {
    struct outgoing *next;
    uint64_t exchange;
    struct transmission transmission;
    uint8_t token[MESSAGE_TOKEN_MAX];
    size_t token_length;
    enum outgoing_state state;
    uint64_t first_sent_ns;
    uint64_t give_up_ns;
    uint64_t forget_ns; /* of the two final states */
    enum message_type answer_type;
    uint16_t answer_mid;
};

struct incoming {
    struct incoming *next;
    uint64_t exchange;
    uint16_t mid;
    enum message_type type;
    uint8_t token[MESSAGE_TOKEN_MAX];
    size_t token_length;
    uint64_t fingerprint; /* of the whole message: a repetition is the same bytes */
    size_t size;
    bool held; /* acknowledged: an answer is to come, however late */
    bool answered;
    bool internal;
    uint8_t *reply; /* owned: the ACK, empty or not, to repeat; NULL if none was sent */
    size_t reply_length;
    struct transmission separate;
    uint64_t forget_ns;
};

struct exchange_layer {
    struct exchange_config config;
    struct outgoing *outgoing; /* newest first */
    struct incoming *incoming; /* newest first */
    size_t incoming_count;
    uint64_t random;
    uint16_t next_mid;
    uint32_t next_token;
    bool closed;
};

void exchange_internal_send(struct exchange_layer *l, const uint8_t *bytes, size_t length,
                            uint64_t now_ns);
/* Sends an ACK or RST without content. */
void exchange_internal_send_empty(struct exchange_layer *l, enum message_type type, uint16_t mid,
                                  uint64_t now_ns);
/* RST for a CON, nothing for the rest (RFC 7252 4.2, 4.3). */
void exchange_internal_reject(struct exchange_layer *l, const struct message *m, uint64_t now_ns);
/* A message id that no live message of ours has. */
uint16_t exchange_internal_mid(struct exchange_layer *l);
/* Takes bytes, sends them for the first time and, if `repeat`, starts the timer. */
void exchange_internal_start(struct exchange_layer *l, struct transmission *t, uint8_t *bytes,
                             size_t length, bool repeat, uint64_t now_ns);
void exchange_internal_stop(struct transmission *t);
/* If it is due: sends again (true) or, after the last attempt, sets *exhausted. */
bool exchange_internal_repeat(struct exchange_layer *l, struct transmission *t, bool *exhausted,
                              uint64_t now_ns);

void exchange_in_request(struct exchange_layer *l, const struct message *m, const uint8_t *bytes,
                         size_t length, bool bad_option, uint64_t now_ns);
/* An empty ACK or RST: true if it was for a separate response. */
bool exchange_in_settle(struct exchange_layer *l, uint16_t mid, bool reset, uint64_t now_ns);
void exchange_in_advance(struct exchange_layer *l, uint64_t now_ns);
void exchange_in_prune(struct exchange_layer *l, uint64_t now_ns);
void exchange_in_close(struct exchange_layer *l, uint64_t now_ns);
void exchange_in_free(struct exchange_layer *l);

void exchange_out_response(struct exchange_layer *l, const struct message *m, uint64_t now_ns);
void exchange_out_acknowledged(struct exchange_layer *l, uint16_t mid, uint64_t now_ns);
void exchange_out_reset(struct exchange_layer *l, uint16_t mid, uint64_t now_ns);
void exchange_out_advance(struct exchange_layer *l, uint64_t now_ns);
void exchange_out_prune(struct exchange_layer *l, uint64_t now_ns);
void exchange_out_close(struct exchange_layer *l, uint64_t now_ns);
void exchange_out_free(struct exchange_layer *l);

#endif
