// SPDX-License-Identifier: Apache-2.0
/*
 * What every message of a client is held against, whatever the scenario: the always-on rules. A
 * rule that a message comes under *holds* it; a message that is not as the rule has it is a
 * *breach*. Both are counted, so that a rule that never held anything says nothing. These are
 * facts: which edition a rule is of, and what a breach means, is the driver's business.
 *
 * Sans-I/O: messages go in as they were received or sent, breaches come out. The caller reports
 * them. Where it is not certain that a message must obey, it is not held.
 */
#ifndef BOOTCHECK_RULES_RULES_H
#define BOOTCHECK_RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coap/message.h"
#include "lwm2m/operation.h"
#include "lwm2m/place.h"
#include "lwm2m/registration.h"

enum rule {
    RULE_CONFIRMABLE,         // requests of the client are Confirmable
    RULE_OBJECT_LIST,         // no /0 in the object list of Register and Update
    RULE_OBJECT_LIST_OSCORE,  // no /21 in it
    RULE_OBJECT_LIST_FORMAT,  // object lists are link format
    RULE_OBJECT_LIST_WHOLE,   // the object list of Register has /1 and /3
    RULE_REGISTER_PARAMETERS, // a Register says lifetime, version and objects
    RULE_REGISTER_ENDPOINT,   // and the endpoint
    RULE_BOOTSTRAP_REQUEST,   // POST /bs with one ep at most, which says something
    RULE_BOOTSTRAP_ENDPOINT,  // with one ep at least
    RULE_PREFERRED_FORMAT,    // pct is one of the formats that a Write may have
    RULE_BOOTSTRAP_BARE,      // a Bootstrap-Request has no payload and no unknown critical option
    RULE_WRITE_CODES,         // the codes that answer each command of a Bootstrap-Server
    RULE_DELETE_CODES,
    RULE_DISCOVER_CODES,
    RULE_READ_CODES,
    RULE_FINISH_CODES,
    RULE_DISCOVER_FORMAT,       // what a Discover gives is link format
    RULE_DISCOVER_VERSION,      // and has the version of the enabler
    RULE_VERSIONS_AGREE,        // which is that of the next Register
    RULE_REGISTER_AFTER_FINISH, // the first Register to an account that a session wrote
    RULE_MESSAGE_FORMAT,        // messages are CoAP
    RULE_MESSAGE_ID,            // and have ids of their own
    RULE_TOKEN,                 // responses have the token of the request
    RULE_NON_NOT_ACKNOWLEDGED,  // a Non-confirmable request gets no ACK
    RULE_RETRANSMISSION,        // a Confirmable message comes again neither too soon nor too often
    RULE_ANSWERED_ALIKE,        // a repetition of ours is answered as before
    RULE_DELETED_SERVER,        // nothing goes to a server whose account a session deleted
    RULE_NOTHING_IN_THE_CLEAR,  // to a server with security
    RULES
};

/** As in the control protocol: "confirmable". */
const char *rules_name(enum rule rule);
/** The row of the catalogue: "SEQ-20". */
const char *rules_requirement(enum rule rule);

enum {
    RULES_URI_SIZE = 64,
    RULES_WRITTEN_MAX = 32,
    RULES_SEEN_MAX = 64,
    RULES_ACCOUNTS_MAX = 16,
    RULES_ACK_TIMEOUT_MS = 2000, // RFC 7252 4.8
    RULES_MAX_RETRANSMIT = 4,
};

/** A URI that a session wrote. */
struct rules_written {
    uint64_t association; // of the session; 0: the entry is not in use
    bool finished;        // the Finish was sent
    char uri[RULES_URI_SIZE];
};

/** The account of an LwM2M Server that a session wrote to an instance of /0. */
struct rules_account {
    bool used;
    uint16_t instance;
    char uri[RULES_URI_SIZE];
    uint64_t deleted_in; // the association of a session that deleted it, and goes on; 0: none
    uint64_t gone_ns;    // when that session succeeded; 0: the account is there
};

/** What the rules of a lane remember. Zero-initialised it is valid and owns nothing. */
struct rules {
    uint64_t held[RULES];
    uint64_t broken[RULES];
    bool discovers;      // a Discover was answered
    bool compared;       // its version, with that of a Register
    char discovered[16]; // version that the last one gave; "" if it gave none
    struct rules_written written[RULES_WRITTEN_MAX]; // a ring
    size_t next_written;
    bool no_security_written;                          // an account was given the mode NoSec
    struct rules_account accounts[RULES_ACCOUNTS_MAX]; // a ring
    size_t next_account;
    unsigned ack_timeout_ms; // the client's transmission parameters; 0: those of RFC 7252 4.8
    unsigned max_retransmit;
};

struct rules_seen {
    bool used;
    uint16_t mid;
    uint64_t fingerprint;
    size_t length;
    uint64_t t_ns;
    uint64_t last_ns;  // of its last repetition
    unsigned repeated; // so often
};

/** What they remember of an association: the messages of the client that have ids of its own, and
 * its acknowledgements that answer something. Zero-initialised it is valid and owns nothing. */
struct rules_association {
    struct rules_seen seen[RULES_SEEN_MAX];     // a ring
    struct rules_seen answered[RULES_SEEN_MAX]; // a ring
    size_t next, next_answered;
};

enum { RULES_FOUND_MAX = 8, RULES_WHAT_SIZE = 120 };

struct rules_breach {
    enum rule rule;
    char what[RULES_WHAT_SIZE]; // words of ours: nothing from the network is in it
    const uint8_t *bytes;       // of the message in question, or NULL
    size_t length;
    uint64_t earlier_ns; // when the message came that this one is at odds with; 0: there is none
};

/** The breaches of one message; more than RULES_FOUND_MAX are only counted. */
struct rules_found {
    struct rules_breach items[RULES_FOUND_MAX];
    size_t count;
};

/** A whole request of the client, once (not its repetitions). */
struct rules_request {
    const struct message *message;
    enum operation operation;
    bool at_bootstrap_server;
    const struct registration *said; // of a Register or Update, else NULL
    unsigned said_wrong;             // what registration_parse() gave for it
    const char *at;                  // the URI of the server
    bool is_first;                   // the first Register or Update that the server gets
    uint64_t t_ns;                   // when it came
};

/** A message that could be read, repetitions too. */
struct rules_message {
    const struct message *message;
    const uint8_t *bytes;
    size_t length;
    uint64_t t_ns;
    bool secure; // by the DTLS session that it came in
};

/** What a Bootstrap-Server asks for. */
enum rules_command {
    RULES_NO_COMMAND, // of an LwM2M Server, outside of a session, or not one of the texts
    RULES_WRITE,
    RULES_DELETE,
    RULES_DISCOVER,
    RULES_READ,
    RULES_FINISH,
};

/** The command that a request of a Bootstrap-Server is, if it is sent in a session. */
enum rules_command rules_command_of(const struct message *request);

/** Each sets *found, which needs no initialisation. */
void rules_request(struct rules *rules, const struct rules_request *request,
                   struct rules_found *found);
/** The whole response to a command. */
void rules_response(struct rules *rules, const struct message *response, enum rules_command command,
                    struct rules_found *found);

void rules_message(struct rules *rules, struct rules_association *association,
                   const struct rules_message *message, struct rules_found *found);
/** One that could not be read. */
void rules_malformed(struct rules *rules, enum message_fault fault, const uint8_t *bytes,
                     size_t length, struct rules_found *found);
/** A response to a request of ours, found by its message id or token. */
void rules_answer(struct rules *rules, const struct message *response, bool to_non,
                  bool token_differs, struct rules_found *found);
/** A datagram to a server with security that is not of its DTLS. */
void rules_undecodable(struct rules *rules, const uint8_t *bytes, size_t length,
                       struct rules_found *found);

/** A Write was sent in a session. */
void rules_write(struct rules *rules, uint64_t association, const struct message *request);
/** A Delete of that place was answered by 2.02 in a session. */
void rules_deleted(struct rules *rules, uint64_t association, const struct place *place);
/** A Finish was answered by 2.04. */
void rules_finished(struct rules *rules, uint64_t association, uint64_t t_ns);
/** A session ends: by the Finish that is being sent, or with its association. */
void rules_session_ends(struct rules *rules, uint64_t association, bool by_finish);

#endif
