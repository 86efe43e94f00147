/* SPDX-License-Identifier: Apache-2.0
 *
 * The message layer and the request/response matching of CoAP over UDP or DTLS (RFC 7252 sections 4
 * and 5) for one association: retransmission, de-duplication, piggy-backed and separate responses
 * both ways, Reset, ping. One message an exchange: owners that want bodies of any size use block.h,
 * which has the same callbacks.
 *
 * Sans-I/O: received bytes and `now` go in; bytes to send, callbacks and the next deadline come
 * out. Times are nanoseconds of the monotonic clock. A new association (a new DTLS session) gets a
 * new layer.
 *
 * Exchange numbers: requests of both directions are numbered from one counter of the owner, so that
 * a number is unique over all layers that share the counter.
 *
 * Callbacks may call every function of this header but exchange_free, exchange_close,
 * exchange_receive and exchange_advance of the same layer. Pointers given to a callback are valid
 * during the call.
 */
#ifndef BOOTCHECK_COAP_EXCHANGE_H
#define BOOTCHECK_COAP_EXCHANGE_H

#include "coap/message.h"

struct exchange_layer;

/* Transmission parameters (RFC 7252 4.8). exchange_default_parameters has the RFC's defaults. */
struct exchange_parameters {
    uint64_t ack_timeout_ns;       /* ACK_TIMEOUT, 2 s */
    uint32_t ack_random_permille;  /* ACK_RANDOM_FACTOR * 1000: 1500; 1000 makes timeouts exact */
    uint32_t max_retransmit;       /* MAX_RETRANSMIT, 4 */
    uint64_t exchange_lifetime_ns; /* EXCHANGE_LIFETIME, 247 s: de-duplication of CON */
    uint64_t non_lifetime_ns;      /* NON_LIFETIME, 145 s: de-duplication of NON */
    uint64_t response_wait_ns; /* from an empty ACK, or a sent NON, to the response: 247 s; the RFC
                                  names no bound, EXCHANGE_LIFETIME is ours */
};
struct exchange_parameters exchange_default_parameters(void);

enum exchange_failure {
    EXCHANGE_TIMEOUT,    /* no ACK or response in time */
    EXCHANGE_RESET,      /* the client sent a Reset */
    EXCHANGE_CLOSED,     /* exchange_close: the association is gone */
    EXCHANGE_INCOMPLETE, /* block.h only: the blocks of the response do not fit together */
};
/* "timeout", "reset", "association_closed", "incomplete". */
const char *exchange_failure_text(enum exchange_failure failure);

/* Why a response is not that of a waiting request. */
enum exchange_unmatched {
    EXCHANGE_UNKNOWN,       /* neither message id nor token are of a request of ours */
    EXCHANGE_LATE,          /* the request had failed already */
    EXCHANGE_ANSWERED,      /* the request has its response already (another message id) */
    EXCHANGE_TOKEN_DIFFERS, /* an ACK with the message id of a request but another token */
};

/* NULL members are allowed, except send. `user` is that of exchange_new. */
struct exchange_callbacks {
    /* Put one CoAP message on the association. */
    void (*send)(void *user, const uint8_t *bytes, size_t length, uint64_t now_ns);

    /* Every message of the client that can be read, repetitions too, before what it leads to. */
    void (*arrived)(void *user, const struct message *message, const uint8_t *bytes, size_t length,
                    uint64_t now_ns);

    /* A request of the client, once: repetitions come as request_repeated. `mid_reused`: its
     * message id was that of a different request less than EXCHANGE_LIFETIME ago (RFC 7252 4.4
     * forbids it). Answer it now or later by exchange_respond, exchange_acknowledge, or not at all.
     */
    void (*request)(void *user, uint64_t exchange, const struct message *request, bool mid_reused,
                    uint64_t now_ns);
    void (*request_repeated)(void *user, uint64_t exchange, uint64_t now_ns);
    /* A separate response was acknowledged (failed false), or reset or timed out. */
    void (*response_settled)(void *user, uint64_t exchange, bool failed,
                             enum exchange_failure failure, uint64_t now_ns);

    /* Our request as it goes out for the first time, with type, message id and token. */
    void (*request_sent)(void *user, uint64_t exchange, const struct message *request,
                         uint64_t now_ns);
    void (*request_retransmitted)(void *user, uint64_t exchange, unsigned attempt, uint64_t now_ns);
    /* An empty ACK: the response will be separate. */
    void (*acknowledged)(void *user, uint64_t exchange, uint64_t now_ns);
    /* The outcome of our request: exactly one of the next two. first_sent_ns: its first
     * transmission. */
    void (*response)(void *user, uint64_t exchange, const struct message *response,
                     uint64_t first_sent_ns, uint64_t now_ns);
    void (*failed)(void *user, uint64_t exchange, enum exchange_failure failure,
                   uint64_t first_sent_ns, uint64_t now_ns);

    /* The same response once more, by its type and message id; its code may be another one. */
    void (*response_repeated)(void *user, uint64_t exchange, const struct message *response,
                              uint64_t now_ns);
    /* Not errors: a Confirmable one has been rejected by a Reset. exchange: 0 if unknown. */
    void (*response_unmatched)(void *user, uint64_t exchange, const struct message *response,
                               enum exchange_unmatched why, uint64_t now_ns);
    /* CoAP ping (empty CON), answered by a Reset. */
    void (*ping)(void *user, uint64_t now_ns);
    /* What cannot be read. A malformed CON of version 1 has been rejected by a Reset, a request
     * with a malformed critical option by 4.02; one with a malformed elective option goes on
     * without it. */
    void (*malformed)(void *user, enum message_fault fault, const uint8_t *bytes, size_t length,
                      uint64_t now_ns);
};

struct exchange_config {
    struct exchange_parameters parameters;
    const struct exchange_callbacks *callbacks; /* must outlive the layer */
    void *user;
    uint64_t
        *next_exchange; /* the owner's counter: the next number to give; must outlive the layer */
    uint64_t seed;      /* message ids, tokens and timeouts follow from it; one per association */
};

/* NULL without memory. */
struct exchange_layer *exchange_new(const struct exchange_config *config);
/* Frees at once and tells nobody. NULL is allowed. */
void exchange_free(struct exchange_layer *layer);
/* The association is gone: every waiting request fails with EXCHANGE_CLOSED. Nothing is sent any
 * more. */
void exchange_close(struct exchange_layer *layer, uint64_t now_ns);

/* One datagram of the client. */
void exchange_receive(struct exchange_layer *layer, const uint8_t *bytes, size_t length,
                      uint64_t now_ns);

/* When exchange_advance must be called: UINT64_MAX if nothing waits. */
uint64_t exchange_deadline(const struct exchange_layer *layer);
/* Retransmits, fails and forgets what is due at now. */
void exchange_advance(struct exchange_layer *layer, uint64_t now_ns);

/* Sends a request: of the message only type (CON or NON), code, options and payload count. Message
 * id and token are chosen here. *exchange: 0 asks for a new number and receives it, another number
 * is used as it is. The callbacks send and request_sent come from inside. 0, -EINVAL (cannot be
 * expressed), -ENOMEM, -EPIPE (closed). */
int exchange_request(struct exchange_layer *layer, const struct message *request,
                     uint64_t *exchange, uint64_t now_ns);

/* What an answer to a request of the client consists of. */
struct exchange_answer {
    uint8_t code;
    const struct message_options *options; /* or NULL */
    const uint8_t *payload;
    size_t payload_length;
    bool separate; /* CON with its own message id, even if no ACK was sent yet (one is then sent
                      first) */
    bool internal; /* of a layer above: repetitions of the request are not told by request_repeated
                    */
};
enum exchange_how { EXCHANGE_PIGGYBACKED, EXCHANGE_SEPARATE, EXCHANGE_NON_RESPONSE };

/* Answers a request of the client, once. A Confirmable request not yet acknowledged gets a
 * piggy-backed response, an acknowledged one a separate CON; a NON request gets a NON unless
 * `separate`. The answer to a Confirmable request is repeated for each repetition of the request.
 * *how may be NULL. 0, -ENOENT (unknown or forgotten), -EALREADY (answered), -EINVAL, -ENOMEM,
 * -EPIPE. */
int exchange_respond(struct exchange_layer *layer, uint64_t exchange,
                     const struct exchange_answer *answer, enum exchange_how *how, uint64_t now_ns);
/* Sends an empty ACK; the response comes later by exchange_respond. Nothing happens for a NON
 * request or if an ACK was sent. Errors as exchange_respond. */
int exchange_acknowledge(struct exchange_layer *layer, uint64_t exchange, uint64_t now_ns);

#endif
