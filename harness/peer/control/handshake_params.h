// SPDX-License-Identifier: Apache-2.0
/* Reads the parameters of handshakes: credentials and suites. Their keys are known from then on, so
 * that they are shown in no event. */
#ifndef CONTROL_HANDSHAKE_PARAMS_H
#define CONTROL_HANDSHAKE_PARAMS_H

#include "control/control.h"
#include "dtls/endpoint.h"

enum { HANDSHAKE_SUITES_MAX = 32 };

struct handshake_credentials {
    struct dtls_credential *items;
    uint8_t **owned; // identity and key of each item
    size_t count;
};

/** The list `credentials`, which is to be cleared in every case. */
void handshake_read_credentials(struct control *control, struct params params, bool required,
                                struct handshake_credentials *credentials);

/** The one that `params` is, which is to be cleared in every case. */
void handshake_read_credential(struct control *control, struct params params,
                               struct handshake_credentials *credentials);

void handshake_clear_credentials(struct handshake_credentials *credentials);

/** The list `suites`; how many, 0: absent or failed. */
size_t handshake_read_suites(struct params params, uint16_t suites[HANDSHAKE_SUITES_MAX]);

#endif
