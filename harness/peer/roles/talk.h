// SPDX-License-Identifier: Apache-2.0
/*
 * What is said on one association: the CoAP layers, the client's requests that wait for their
 * answer, and our requests that wait for theirs. For the files of roles only.
 */
#ifndef ROLES_TALK_H
#define ROLES_TALK_H

#include "base/timers.h"
#include "coap/block.h"
#include "lwm2m/registration.h"
#include "roles/server_state.h"
#include "roles/shown.h"
#include "rules/rules.h"

/** A request of the client that is to be answered later. */
struct pending {
    struct pending *next;
    uint64_t exchange;
    enum operation operation;
    struct answer answer;
    uint64_t due_ns;          // CLOCK_NEVER: held until released
    uint32_t registration;    // of an update or deregister
    struct registration said; // of a register or update; zeroed for others
};

/** Our request, until its outcome: a response is shown by where the request went. */
struct asked {
    struct asked *next;
    uint64_t exchange;
    struct place place;
    enum rules_command command; // in a session of a bootstrap
    bool non;                   // it is Non-confirmable
};

struct talk {
    struct server *server;
    struct talk *next; // among the server's talks, or its dead ones
    struct talk *previous;
    uint64_t association;
    struct dtls_association *link; // NULL once the association is gone
    struct address remote;
    struct block_layer *layer;
    struct timer timer;
    struct rules_association rules;
    bool session;      // the Bootstrap-Request was accepted, and no Finish since
    uint64_t stamp_ns; // arrival of what is being received; 0: nothing is
    struct pending *pending;
    struct asked *asked;
};

/** For an association that just opened; NULL without memory. The server owns it. */
struct talk *talk_new(struct server *server, struct dtls_association *association);

/** The association is gone: nothing is sent any more, and server_reap() ends and frees the talk. */
void talk_bury(struct talk *talk);

/** End what still waits, telling so, and free. */
void talk_free(struct talk *talk, uint64_t now_ns);

/** A CoAP message came. */
void talk_receive(struct talk *talk, const uint8_t *bytes, size_t length, uint64_t stamp_ns,
                  uint64_t now_ns);

void talk_advance(struct talk *talk, uint64_t now_ns);

/** Set the timer to what is due next, after anything was done with the layer. */
void talk_schedule(struct talk *talk);

/** server_members() of the talk with an exchange (0: none). */
struct members *talk_members(const struct talk *talk, uint64_t exchange);

/** When what is being told happened: the arrival of the datagram that it comes from, or now. */
uint64_t talk_time(const struct talk *talk, uint64_t now_ns);

// answer.c: the client's requests

/** exchange_callbacks.request */
void answer_request(void *user, uint64_t exchange, const struct message *request, bool mid_reused,
                    uint64_t now_ns);

/** block_config.admit: blocks of a request that is not to be answered are not answered either. */
bool answer_admit(void *user, const struct message *request, uint64_t now_ns);

/** Give the answers that are due. */
void answer_advance(struct talk *talk, uint64_t now_ns);

/** Give a held request its answer. 0, -ENOENT or as block_respond(). */
int answer_release(struct talk *talk, uint64_t exchange, uint8_t code,
                   const struct content *content, uint64_t now_ns);

void answer_forget(struct talk *talk);

// watch.c: the always-on rules

/** A request of ours is being sent: the command that it is, where its answer is to be held against
 * them. */
enum rules_command watch_sent(const struct talk *talk, const struct message *request);

/** Hold the whole answer to it against them. */
void watch_response(struct talk *talk, const struct asked *asked, const struct message *response,
                    uint64_t now_ns);

/** exchange_callbacks.arrived */
void watch_message(void *user, const struct message *message, const uint8_t *bytes, size_t length,
                   uint64_t now_ns);

/** Hold against them a message that cannot be read, a response of another token, a datagram that is
 * not of the DTLS of its server. */
void watch_malformed(struct talk *talk, enum message_fault fault, const uint8_t *bytes,
                     size_t length, uint64_t now_ns);
void watch_token_differs(struct talk *talk, uint64_t exchange, const struct message *response,
                         uint64_t now_ns);
void watch_undecodable(struct server *server, const struct address *remote, const uint8_t *bytes,
                       size_t length, uint64_t t_ns);

/** Hold a request of the client against them. */
void watch_request(struct talk *talk, uint64_t exchange, const struct rules_request *request,
                   uint64_t now_ns);

#endif
