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
    RULE_DISCOVER_FORMAT,  // what a Discover gives is link format
    RULE_DISCOVER_VERSION, // and has the version of the enabler
    RULE_VERSIONS_AGREE,   // which is that of the next Register
    RULES
};

/** As in the control protocol: "confirmable". */
const char *rules_name(enum rule rule);
/** The row of the catalogue: "SEQ-20". */
const char *rules_requirement(enum rule rule);

/** What the rules of a lane remember. Zero-initialised it is valid and owns nothing. */
struct rules {
    uint64_t held[RULES];
    uint64_t broken[RULES];
    bool discovers;      // a Discover was answered
    char discovered[16]; // version that the last one gave; "" once it was compared
};

enum { RULES_FOUND_MAX = 8, RULES_WHAT_SIZE = 120 };

struct rules_breach {
    enum rule rule;
    char what[RULES_WHAT_SIZE]; // words of ours: nothing from the network is in it
    const uint8_t *bytes;       // of the message in question, or NULL
    size_t length;
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

#endif
