// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

static struct rules rules;
static struct rules_found found;

static void start_anew(void) {
    memset(&rules, 0, sizeof rules);
}

/* Holds the request of these bytes, as it comes on a wire, against the rules. */
static void arrives(bool at_bootstrap_server, const uint8_t *bytes, size_t length) {
    struct message message;
    struct registration said = {0};
    uint32_t location;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    struct rules_request request = {.message = &message};
    request.operation = operation_of(&message, at_bootstrap_server, &location);
    if (request.operation == OPERATION_REGISTER || request.operation == OPERATION_UPDATE) {
        (void)registration_parse(&said, &message, NULL, NULL);
        request.said = &said;
    }
    rules_request(&rules, &request, &found);
    for (size_t i = 0; i < found.count; i++) {
        found.items[i].bytes = NULL; // they end with the message
    }
    registration_clear(&said);
    message_clear(&message);
}

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
#define QUERY_EP_AFTER_FORMAT 0x34, 'e', 'p', '=', 'a'

static void breaks_only(enum rule rule) {
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.items[0].rule, rule);
    ck_assert_uint_eq(rules.broken[rule], 1);
}

START_TEST(confirmable_requests_break_nothing) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH));
    ck_assert_uint_eq(found.count, 0);
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_CONFIRMABLE], 2);
}
END_TEST

START_TEST(non_confirmable_bootstrap_request_is_a_breach) {
    arrives(true, BYTES(HEADER_NON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH));
    breaks_only(RULE_CONFIRMABLE);
    ck_assert_str_eq(found.items[0].what, "Bootstrap-Request is NON");
}
END_TEST

START_TEST(non_confirmable_update_is_a_breach) {
    arrives(false, BYTES(HEADER_NON, POST, MID, PATH_LOCATION));
    breaks_only(RULE_CONFIRMABLE);
    ck_assert_str_eq(found.items[0].what, "Update is NON");
}
END_TEST

START_TEST(other_requests_are_not_held) {
    arrives(false, BYTES(HEADER_NON, POST, MID, 0xb2, 'd', 'p')); // Send
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_CONFIRMABLE], 0);
}
END_TEST

START_TEST(object_list_without_security_breaks_nothing) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_EP_AFTER_FORMAT, 0xff,
                         '<', '/', '1', '/', '0', '>', ',', '<', '/', '2', '1', '0', '>'));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST], 1);
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST_OSCORE], 1);
}
END_TEST

START_TEST(object_list_with_security_is_a_breach) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_EP_AFTER_FORMAT, 0xff,
                         '<', '/', '1', '/', '0', '>', ',', '<', '/', '0', '/', '1', '>'));
    breaks_only(RULE_OBJECT_LIST);
    ck_assert_str_eq(found.items[0].what, "the object list of Register has /0/1");
}
END_TEST

START_TEST(object_list_with_oscore_is_a_breach_of_its_own) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION, FORMAT_LINKS, 0xff, '<', '/', '2',
                         '1', '>'));
    breaks_only(RULE_OBJECT_LIST_OSCORE);
    ck_assert_str_eq(found.items[0].what, "the object list of Update has /21");
}
END_TEST

START_TEST(request_without_list_is_not_held_against_the_rules_of_lists) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION));
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST], 0);
}
END_TEST

START_TEST(every_rule_has_a_name_and_a_requirement) {
    for (enum rule rule = 0; rule < RULES; rule++) {
        ck_assert_ptr_nonnull(rules_name(rule));
        ck_assert_ptr_nonnull(rules_requirement(rule));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: requests");
    TCase *tcase = tcase_create("requests");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, start_anew, NULL);
    tcase_add_test(tcase, confirmable_requests_break_nothing);
    tcase_add_test(tcase, non_confirmable_bootstrap_request_is_a_breach);
    tcase_add_test(tcase, non_confirmable_update_is_a_breach);
    tcase_add_test(tcase, other_requests_are_not_held);
    tcase_add_test(tcase, object_list_without_security_breaks_nothing);
    tcase_add_test(tcase, object_list_with_security_is_a_breach);
    tcase_add_test(tcase, object_list_with_oscore_is_a_breach_of_its_own);
    tcase_add_test(tcase, request_without_list_is_not_held_against_the_rules_of_lists);
    tcase_add_test(tcase, every_rule_has_a_name_and_a_requirement);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
