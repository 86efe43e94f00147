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

#endif
