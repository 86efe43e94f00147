/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Register or Update request says (TS 1.0.2 section 5.3, TS 1.1.1 Core 6.2 and
 * Transport 6.4.3): the query ep, lt, lwm2m, b, sms, Q and the list of objects in the payload.
 * Reading is lenient: what is wrong is told and the rest is still read.
 */
#ifndef BOOTCHECK_LWM2M_REGISTRATION_H
#define BOOTCHECK_LWM2M_REGISTRATION_H

#include "coap/message.h"
#include "lwm2m/link.h"

struct registration {
    char *endpoint; /* the texts are owned, UTF-8, and NULL if absent */
    char *version;  /* lwm2m= */
    char *binding;  /* b= */
    char *sms;
    bool queue_mode; /* Q (1.1 and later) */
    bool has_lifetime;
    uint32_t lifetime_s;
    char *root;             /* the alternate path, "/lwm2m", from rt="oma.lwm2m"; NULL if none */
    bool has_objects;       /* a payload was there */
    struct link_list links; /* the payload as it came */
    char **objects;         /* "/1/0", "/3": objects and instances below the root, in order */
    size_t object_count;
};

/* Bits of what is wrong. */
enum {
    REGISTRATION_QUERY_UNKNOWN = 1 << 0,  /* a parameter of another name */
    REGISTRATION_QUERY_REPEATED = 1 << 1, /* one that occurs twice: the first one counts */
    REGISTRATION_QUERY_MALFORMED = 1
                                   << 2, /* no value, not UTF-8, or a lifetime that is no number */
    REGISTRATION_NO_ENDPOINT = 1 << 3, /* ep is missing (may be lawful: Update, or 1.1 over DTLS) */
    REGISTRATION_FORMAT = 1 << 4,      /* a payload whose Content-Format is absent or not 40 */
    REGISTRATION_LINKS = 1 << 5,       /* the payload is not link format: see link_fault */
    REGISTRATION_PATH = 1 << 6,        /* a target that is not an object, an instance or the root */
    REGISTRATION_MEMORY = 1 << 7,
};

/* Reads the options and payload of a request into *r, which needs no initialisation;
 * registration_clear it in every case. Returns the bits above, 0 if all is well. link_fault and
 * link_offset may be NULL. */
unsigned registration_parse(struct registration *r, const struct message *request,
                            enum link_fault *link_fault, size_t *link_offset);
void registration_clear(struct registration *r);

#endif
