// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

START_TEST(bootstrap_request_as_it_should_be_breaks_nothing) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_BOOTSTRAP_REQUEST], 1);
    ck_assert_uint_eq(rules.held[RULE_BOOTSTRAP_ENDPOINT], 1);
    ck_assert_uint_eq(rules.held[RULE_BOOTSTRAP_BARE], 1);
    ck_assert_uint_eq(rules.held[RULE_PREFERRED_FORMAT], 0);
}
END_TEST

START_TEST(endpoint_twice_is_a_breach) {
    arrives(true,
            BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0x04, 'e', 'p', '=', 'b'));
    breaks_only(RULE_BOOTSTRAP_REQUEST);
    ck_assert_str_eq(found.items[0].what, "a Bootstrap-Request says ep twice");
}
END_TEST

START_TEST(empty_endpoint_is_a_breach) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, 0x43, 'e', 'p', '='));
    breaks_only(RULE_BOOTSTRAP_REQUEST);
}
END_TEST

START_TEST(no_endpoint_is_a_breach_of_its_own) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS));
    breaks_only(RULE_BOOTSTRAP_ENDPOINT);
}
END_TEST

START_TEST(request_to_another_path_is_a_breach) {
    arrives(true, BYTES(HEADER_CON, POST, MID, 0xb2, 'B', 'S', QUERY_EP_AFTER_PATH));
    breaks_only(RULE_BOOTSTRAP_REQUEST);
}
END_TEST

START_TEST(request_without_path_is_a_breach) {
    arrives(true, BYTES(HEADER_CON, POST, MID, 0xd4, 0x02, 'e', 'p', '=', 'a'));
    breaks_only(RULE_BOOTSTRAP_REQUEST);
}
END_TEST

START_TEST(register_to_what_was_a_bootstrap_server_is_not_held) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_RD, QUERY_EP_AFTER_PATH));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_BOOTSTRAP_REQUEST], 0);
}
END_TEST

START_TEST(request_that_says_no_endpoint_elsewhere_is_not_held) {
    arrives(true, BYTES(HEADER_CON, POST, MID, 0xb3, 'e', 's', 't'));
    arrives(true, BYTES(HEADER_CON, 0x01, MID, 0xb1, 'x', QUERY_EP_AFTER_PATH)); // GET
    ck_assert_uint_eq(rules.held[RULE_BOOTSTRAP_REQUEST], 0);
}
END_TEST

START_TEST(preferred_format_of_a_write_breaks_nothing) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0x07, 'p', 'c', 't',
                        '=', '1', '1', '2'));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_PREFERRED_FORMAT], 1);
}
END_TEST

START_TEST(preferred_format_that_a_write_cannot_have_is_a_breach) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0x06, 'p', 'c', 't',
                        '=', '4', '0'));
    breaks_only(RULE_PREFERRED_FORMAT);
    rules_start_anew();
    arrives(true,
            BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0x04, 'p', 'c', 't', '='));
    breaks_only(RULE_PREFERRED_FORMAT);
}
END_TEST

START_TEST(payload_is_a_breach) {
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0xff, 'x'));
    breaks_only(RULE_BOOTSTRAP_BARE);
}
END_TEST

START_TEST(critical_option_that_is_not_known_is_a_breach) {
    // option 2053: delta 14 with 15 + 269 + 1769
    arrives(true, BYTES(HEADER_CON, POST, MID, PATH_BS, QUERY_EP_AFTER_PATH, 0xe0, 0x06, 0xe9));
    breaks_only(RULE_BOOTSTRAP_BARE);
    ck_assert_str_eq(found.items[0].what, "a Bootstrap-Request has the critical option 2053");
}
END_TEST

START_TEST(elective_options_host_and_port_are_taken) {
    // Uri-Host "a", Uri-Port 5683, Uri-Path, Uri-Query, option 2054
    arrives(true, BYTES(HEADER_CON, POST, MID, 0x31, 'a', 0x42, 0x16, 0x33, 0x42, 'b', 's',
                        QUERY_EP_AFTER_PATH, 0xe0, 0x06, 0xea));
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: Bootstrap-Request");
    TCase *tcase = tcase_create("requests");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, rules_start_anew, NULL);
    tcase_add_test(tcase, bootstrap_request_as_it_should_be_breaks_nothing);
    tcase_add_test(tcase, endpoint_twice_is_a_breach);
    tcase_add_test(tcase, empty_endpoint_is_a_breach);
    tcase_add_test(tcase, no_endpoint_is_a_breach_of_its_own);
    tcase_add_test(tcase, request_to_another_path_is_a_breach);
    tcase_add_test(tcase, request_without_path_is_a_breach);
    tcase_add_test(tcase, register_to_what_was_a_bootstrap_server_is_not_held);
    tcase_add_test(tcase, request_that_says_no_endpoint_elsewhere_is_not_held);
    tcase_add_test(tcase, preferred_format_of_a_write_breaks_nothing);
    tcase_add_test(tcase, preferred_format_that_a_write_cannot_have_is_a_breach);
    tcase_add_test(tcase, payload_is_a_breach);
    tcase_add_test(tcase, critical_option_that_is_not_known_is_a_breach);
    tcase_add_test(tcase, elective_options_host_and_port_are_taken);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
