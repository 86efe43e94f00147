// SPDX-License-Identifier: Apache-2.0
/* Where the roles report what happened: docs/peer-protocol.md, Events. */
#ifndef ROLES_REPORT_H
#define ROLES_REPORT_H

#include <jansson.h>
#include <stdint.h>

struct report {
    /** `members` is taken over, and NULL if there was no memory for it. */
    void (*event)(void *context, const char *name, uint64_t t_ns, json_t *members);
    /** The lane cannot be judged any more: the process is to end. `why` is only valid in the call.
     */
    void (*overloaded)(void *context, const char *server, const char *why, uint64_t t_ns);
    void *context;
};

#endif
