// SPDX-License-Identifier: Apache-2.0
/* The rules of one lane, and messages as they come on a wire. */
#ifndef BOOTCHECK_TESTS_RULES_FIXTURE_H
#define BOOTCHECK_TESTS_RULES_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

extern struct rules rules;
extern struct rules_found found; // of the last message

void rules_start_anew(void);

/* Holds the request of these bytes against the rules. */
void arrives(bool at_bootstrap_server, const uint8_t *bytes, size_t length);

/* The last message broke that rule, for the first time, and no other. */
void breaks_only(enum rule rule);

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})
#define HEADER_CON 0x40 /* version 1, CON, no token */
#define HEADER_NON 0x50
#define POST 0x02
#define MID 0x12, 0x34
#define PATH_BS 0xb2, 'b', 's'                       /* Uri-Path */
#define PATH_RD 0xb2, 'r', 'd'                       /* Uri-Path */
#define PATH_LOCATION 0xb2, 'r', 'd', 0x01, '1'      /* Uri-Path rd, 1 */
#define FORMAT_LINKS 0x11, 0x28                      /* Content-Format after Uri-Path: 40 */
#define QUERY_EP_AFTER_PATH 0x44, 'e', 'p', '=', 'a' /* Uri-Query after Uri-Path */
#define QUERY_AFTER_FORMAT                           /* Uri-Query ep=a, lt=9, lwm2m=1.1 */         \
    0x34, 'e', 'p', '=', 'a', 0x04, 'l', 't', '=', '9', 0x09, 'l', 'w', 'm', '2', 'm', '=', '1',   \
        '.', '1'
#define LIST '<', '/', '1', '/', '0', '>', ',', '<', '/', '3', '>' /* </1/0>,</3> */

#endif
