// SPDX-License-Identifier: Apache-2.0
/* Where the roles report what happened: docs/peer-protocol.md, Events. */
#ifndef ROLES_REPORT_H
#define ROLES_REPORT_H

#include <stdint.h>

#include "roles/members.h"

struct report {
    /** `members` are only read. */
    void (*event)(void *context, const char *name, uint64_t t_ns, const struct members *members);
    /** The lane cannot be judged any more: the process is to end. `why` is only valid in the call.
     */
    void (*overloaded)(void *context, const char *server, const char *why, uint64_t t_ns);
    void *context;
    const struct redact *keys; // that are not to be shown
};

#endif
