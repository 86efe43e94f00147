// SPDX-License-Identifier: Apache-2.0
/*
 * Reads a method's parameters strictly: each reader fails with -32602, naming the member and what
 * is allowed, and does nothing once the error is set, so that a method reads all and tests once.
 */
#ifndef CONTROL_PARAMS_H
#define CONTROL_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/rpc.h"

struct params {
    json_t *object;
    const char *where; // put before a member's name, as "answers[0]."; "" at the top
    struct rpc_error *error;
};

/** A member that may be absent: then the given default is returned. */
#define PARAMS_REQUIRED (-1)

/** Fail if there is a member that is not in the list of `count` names. */
void params_known(struct params params, const char *const *names, size_t count);

/** The member `name`, or NULL if absent. `required` and absent fails. */
json_t *params_get(struct params params, const char *name, bool required);

/** A string without NUL; NULL if absent (or failed). */
const char *params_string(struct params params, const char *name, bool required);

/** An integer from `min` to `max`; `absent` if the member is not there, PARAMS_REQUIRED: fails. */
int64_t params_integer(struct params params, const char *name, int64_t min, int64_t max,
                       int64_t absent);

bool params_bool(struct params params, const char *name, bool absent);

/** One of `count` words: its index; `absent` if the member is not there, PARAMS_REQUIRED: fails. */
int params_word(struct params params, const char *name, const char *const *words, int count,
                int absent);

/** A hexadecimal byte string, to be freed; NULL if absent or failed. An empty one is not NULL. */
uint8_t *params_hex(struct params params, const char *name, bool required, size_t *length);

/** A CoAP code "2.04" as its byte; 0 if absent. */
uint8_t params_code(struct params params, const char *name, bool required);

/** An array, NULL if absent (or failed). */
json_t *params_array(struct params params, const char *name, bool required);

#endif
