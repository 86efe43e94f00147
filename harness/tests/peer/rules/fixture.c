// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

struct rules rules;
struct rules_found found;

void rules_start_anew(void) {
    memset(&rules, 0, sizeof rules);
}

/* Holds the request of these bytes, as it comes on a wire, against the rules. */
void arrives(bool at_bootstrap_server, const uint8_t *bytes, size_t length) {
    struct message message;
    struct registration said = {0};
    uint32_t location;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    struct rules_request request = {.message = &message,
                                    .at_bootstrap_server = at_bootstrap_server};
    request.operation = operation_of(&message, at_bootstrap_server, &location);
    if (request.operation == OPERATION_REGISTER || request.operation == OPERATION_UPDATE) {
        request.said_wrong = registration_parse(&said, &message, NULL, NULL);
        request.said = &said;
    }
    rules_request(&rules, &request, &found);
    for (size_t i = 0; i < found.count; i++) {
        found.items[i].bytes = NULL; // they end with the message
    }
    registration_clear(&said);
    message_clear(&message);
}

void breaks_only(enum rule rule) {
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.items[0].rule, rule);
    ck_assert_uint_eq(rules.broken[rule], 1);
}
