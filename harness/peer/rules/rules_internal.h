// SPDX-License-Identifier: Apache-2.0
/* What the files of the rules share. Nobody else includes this. */
#ifndef BOOTCHECK_RULES_RULES_INTERNAL_H
#define BOOTCHECK_RULES_RULES_INTERNAL_H

#include "rules/rules.h"

/** A message that is being held against the rules. */
struct rules_case {
    struct rules *rules;
    struct rules_found *found;
};

/** The rule has a message to judge. */
void rules_hold(const struct rules_case *held, enum rule rule);

/** The message that the rule holds is a breach: `bytes` show where, `format` says what. */
void rules_break(const struct rules_case *held, enum rule rule, const uint8_t *bytes, size_t length,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/** When the message came that the last breach is at odds with. */
void rules_since(const struct rules_case *held, uint64_t earlier_ns);

// session.c

/** A Register, the first one at the server of that URI. */
void rules_hold_first_register(const struct rules_case *held, const char *uri);

/** The length of "coap://HOST:PORT" or "coaps://…" at the start of the bytes; 0: there is none. */
size_t rules_uri_length(const uint8_t *bytes, size_t length);

// deleted.c

/** Remember which accounts a Write makes. */
void rules_account_written(struct rules *rules, const struct message *request);

/** A Register or Update. */
void rules_hold_deleted(const struct rules_case *held, const struct rules_request *request);

// bootstrap_request.c

void rules_hold_bootstrap_request(const struct rules_case *held, const struct message *message);

/** A request to a Bootstrap-Server that says ep like a Bootstrap-Request, but is none. A Register
 * may be sent there where an account was made that of an LwM2M Server. */
void rules_hold_stray(const struct rules_case *held, const struct message *message);

#endif
