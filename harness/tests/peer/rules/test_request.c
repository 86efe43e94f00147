// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

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
    arrives(false,
            BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_AFTER_FORMAT, 0xff, '<', '/',
                  '1', '/', '0', '>', ',', '<', '/', '3', '>', ',', '<', '/', '2', '1', '0', '>'));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST], 1);
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST_OSCORE], 1);
}
END_TEST

START_TEST(object_list_with_security_is_a_breach) {
    arrives(false,
            BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_AFTER_FORMAT, 0xff, '<', '/',
                  '1', '/', '0', '>', ',', '<', '/', '3', '>', ',', '<', '/', '0', '/', '1', '>'));
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

START_TEST(list_that_is_not_said_to_be_link_format_is_a_breach) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION, 0x10, 0xff, LIST)); // format 0
    breaks_only(RULE_OBJECT_LIST_FORMAT);
    ck_assert_str_eq(found.items[0].what, "the object list of Update has not Content-Format 40");
}
END_TEST

START_TEST(list_that_is_no_link_format_is_a_breach_and_held_against_nothing_else) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION, FORMAT_LINKS, 0xff, '<', '/', '0'));
    breaks_only(RULE_OBJECT_LIST_FORMAT);
    ck_assert_str_eq(found.items[0].what, "the object list of Update is not link format");
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST], 0);
}
END_TEST

START_TEST(list_of_register_without_device_is_a_breach_that_of_update_is_not) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_LOCATION, FORMAT_LINKS, 0xff, '<', '/', '1',
                         '/', '0', '>'));
    ck_assert_uint_eq(found.count, 0);
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_AFTER_FORMAT, 0xff,
                         '<', '/', '1', '/', '0', '>'));
    breaks_only(RULE_OBJECT_LIST_WHOLE);
    ck_assert_str_eq(found.items[0].what, "the object list of Register has no /3");
}
END_TEST

START_TEST(list_below_an_alternate_path_is_whole) {
    // </l>;rt="oma.lwm2m",</l/1/0>,</l/3/0>
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_AFTER_FORMAT, 0xff,
                         '<', '/', 'l', '>', ';', 'r', 't', '=', '"', 'o', 'm', 'a', '.', 'l', 'w',
                         'm', '2', 'm', '"', ',', '<', '/', 'l', '/', '1', '/', '0', '>', ',', '<',
                         '/', 'l', '/', '3', '/', '0', '>'));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_OBJECT_LIST_WHOLE], 1);
}
END_TEST

START_TEST(register_without_lifetime_is_a_breach) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, 0x34, 'e', 'p', '=', 'a',
                         0x09, 'l', 'w', 'm', '2', 'm', '=', '1', '.', '1', 0xff, LIST));
    breaks_only(RULE_REGISTER_PARAMETERS);
    ck_assert_str_eq(found.items[0].what, "a Register says no lifetime (lt)");
}
END_TEST

START_TEST(register_without_endpoint_is_a_breach_of_its_own) {
    arrives(false, BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, 0x34, 'l', 't', '=', '9',
                         0x09, 'l', 'w', 'm', '2', 'm', '=', '1', '.', '1', 0xff, LIST));
    breaks_only(RULE_REGISTER_ENDPOINT);
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
    tcase_add_checked_fixture(tcase, rules_start_anew, NULL);
    tcase_add_test(tcase, confirmable_requests_break_nothing);
    tcase_add_test(tcase, non_confirmable_bootstrap_request_is_a_breach);
    tcase_add_test(tcase, non_confirmable_update_is_a_breach);
    tcase_add_test(tcase, other_requests_are_not_held);
    tcase_add_test(tcase, object_list_without_security_breaks_nothing);
    tcase_add_test(tcase, object_list_with_security_is_a_breach);
    tcase_add_test(tcase, object_list_with_oscore_is_a_breach_of_its_own);
    tcase_add_test(tcase, request_without_list_is_not_held_against_the_rules_of_lists);
    tcase_add_test(tcase, list_that_is_not_said_to_be_link_format_is_a_breach);
    tcase_add_test(tcase, list_that_is_no_link_format_is_a_breach_and_held_against_nothing_else);
    tcase_add_test(tcase, list_of_register_without_device_is_a_breach_that_of_update_is_not);
    tcase_add_test(tcase, list_below_an_alternate_path_is_whole);
    tcase_add_test(tcase, register_without_lifetime_is_a_breach);
    tcase_add_test(tcase, register_without_endpoint_is_a_breach_of_its_own);
    tcase_add_test(tcase, every_rule_has_a_name_and_a_requirement);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
