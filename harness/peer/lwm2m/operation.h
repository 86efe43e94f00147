// SPDX-License-Identifier: Apache-2.0
/* Which operation a request of a client is (TS 1.0 8.2.3 and 8.2.4, TS Transport 1.1 6.4.2 and
 * 6.4.3). */
#ifndef BOOTCHECK_LWM2M_OPERATION_H
#define BOOTCHECK_LWM2M_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "coap/message.h"

enum operation {
    OPERATION_HANDSHAKE, // not a request: what a server may be armed for beside requests
    OPERATION_BOOTSTRAP_REQUEST,
    OPERATION_BOOTSTRAP_PACK,
    OPERATION_REGISTER,
    OPERATION_UPDATE,
    OPERATION_DEREGISTER,
    OPERATION_OTHER,
};
enum { OPERATIONS = OPERATION_OTHER + 1 };

#define OPERATION_LOCATION_ROOT "rd" // registrations are at /rd/N

/** The operation of a request to a server. *location: N of an Update or De-register at /rd/N; 0,
 * which none has, if the segment is no such number, and for other operations. */
enum operation operation_of(const struct message *request, bool at_bootstrap_server,
                            uint32_t *location);

#endif
