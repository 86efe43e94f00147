// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#define ACK_NO_TOKEN 0x60
#define CODE(c, d) MESSAGE_CODE(c, d)
#define LINKS_IN_RESPONSE 0xc1, 0x28 /* Content-Format: 40 */
#define PATH_INSTANCE 0xb1, '0', 0x01, '1'
#define ACCEPT_LINKS_AFTER_PATH 0x61, 0x28 /* Accept after Uri-Path: 40 */
#define VERSION_1_0 'l', 'w', 'm', '2', 'm', '=', '"', '1', '.', '0', '"'
#define VERSION_1_1 '<', '/', '>', ';', 'l', 'w', 'm', '2', 'm', '=', '1', '.', '1'

static enum rules_command command(const uint8_t *bytes, size_t length) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    enum rules_command found_command = rules_command_of(&message);
    message_clear(&message);
    return found_command;
}

static void answers(enum rules_command to, const uint8_t *bytes, size_t length) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    rules_response(&rules, &message, to, &found);
    message_clear(&message);
}

static void answers_code(enum rules_command to, uint8_t code) {
    answers(to, BYTES(ACK_NO_TOKEN, code, MID));
}

START_TEST(commands_are_told_apart) {
    ck_assert_int_eq(command(BYTES(HEADER_CON, 0x03, MID, PATH_INSTANCE)), RULES_WRITE);
    ck_assert_int_eq(command(BYTES(HEADER_CON, 0x04, MID)), RULES_DELETE);
    ck_assert_int_eq(command(BYTES(HEADER_CON, 0x01, MID, PATH_INSTANCE)), RULES_READ);
    ck_assert_int_eq(command(BYTES(HEADER_CON, 0x01, MID, PATH_INSTANCE, ACCEPT_LINKS_AFTER_PATH)),
                     RULES_DISCOVER);
    ck_assert_int_eq(command(BYTES(HEADER_CON, 0x01, MID)), RULES_NO_COMMAND);
    ck_assert_int_eq(command(BYTES(HEADER_CON, POST, MID, PATH_BS)), RULES_FINISH);
    ck_assert_int_eq(command(BYTES(HEADER_CON, POST, MID, PATH_BS, 0xff, 'x')), RULES_NO_COMMAND);
    ck_assert_int_eq(command(BYTES(HEADER_CON, POST, MID, PATH_INSTANCE)), RULES_NO_COMMAND);
}
END_TEST

static const struct {
    enum rules_command command;
    uint8_t code;
} lawful[] =
    {
        {RULES_WRITE, CODE(2, 4)},  {RULES_WRITE, CODE(4, 0)},    {RULES_WRITE, CODE(4, 15)},
        {RULES_WRITE, CODE(5, 0)},  {RULES_WRITE, CODE(4, 13)},   {RULES_WRITE, CODE(4, 2)},
        {RULES_DELETE, CODE(2, 2)}, {RULES_DELETE, CODE(4, 0)},   {RULES_FINISH, CODE(2, 4)},
        {RULES_FINISH, CODE(4, 6)}, {RULES_DISCOVER, CODE(4, 5)}, /* it has no Discover */
        {RULES_READ, CODE(4, 1)},   {RULES_READ, CODE(4, 6)},     {RULES_NO_COMMAND, CODE(4, 29)},
},
  breaches[] = {
      {RULES_WRITE, CODE(2, 1)},    {RULES_WRITE, CODE(4, 5)},  {RULES_DELETE, CODE(2, 4)},
      {RULES_DELETE, CODE(4, 5)},   {RULES_FINISH, CODE(4, 4)}, {RULES_FINISH, CODE(4, 15)},
      {RULES_DISCOVER, CODE(2, 4)}, {RULES_READ, CODE(4, 3)},   {RULES_READ, CODE(2, 4)},
};

START_TEST(code_that_the_texts_have_breaks_nothing) {
    answers_code(lawful[_i].command, lawful[_i].code);
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(code_that_no_text_has_is_a_breach) {
    answers_code(breaches[_i].command, breaches[_i].code);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_uint_eq(rules.held[found.items[0].rule], 1);
}
END_TEST

START_TEST(breach_says_command_and_code) {
    answers_code(RULES_FINISH, CODE(4, 4));
    breaks_only(RULE_FINISH_CODES);
    ck_assert_str_eq(found.items[0].what, "a Finish is answered by 4.04");
}
END_TEST

START_TEST(client_that_has_discover_refuses_it_by_its_codes) {
    answers(RULES_DISCOVER, BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff,
                                  VERSION_1_0, ',', '<', '/', '0', '>'));
    ck_assert_uint_eq(found.count, 0);
    answers_code(RULES_DISCOVER, CODE(4, 5));
    breaks_only(RULE_DISCOVER_CODES);
}
END_TEST

START_TEST(discovered_list_in_both_forms_of_the_version_breaks_nothing) {
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, VERSION_1_0));
    ck_assert_str_eq(rules.discovered, "1.0");
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, VERSION_1_1));
    ck_assert_str_eq(rules.discovered, "1.1");
    ck_assert_uint_eq(rules.held[RULE_DISCOVER_FORMAT], 2);
    ck_assert_uint_eq(rules.broken[RULE_DISCOVER_FORMAT], 0);
    ck_assert_uint_eq(rules.broken[RULE_DISCOVER_VERSION], 0);
}
END_TEST

START_TEST(discovered_list_that_is_not_said_to_be_one_is_a_breach) {
    answers(RULES_DISCOVER, BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, 0xff, VERSION_1_1));
    breaks_only(RULE_DISCOVER_FORMAT);
}
END_TEST

START_TEST(discovered_list_that_cannot_be_read_is_a_breach) {
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, '<', '/', '0'));
    breaks_only(RULE_DISCOVER_FORMAT);
    ck_assert_uint_eq(rules.held[RULE_DISCOVER_VERSION], 0);
}
END_TEST

START_TEST(discovered_list_without_version_is_a_breach) {
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, '<', '/', '0', '>'));
    breaks_only(RULE_DISCOVER_VERSION);
}
END_TEST

#define REGISTER BYTES(HEADER_CON, POST, MID, PATH_RD, FORMAT_LINKS, QUERY_AFTER_FORMAT, 0xff, LIST)

START_TEST(register_in_the_version_of_the_discover_breaks_nothing) {
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, VERSION_1_1));
    arrives(false, REGISTER);
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_VERSIONS_AGREE], 1);
}
END_TEST

START_TEST(register_in_another_version_than_the_discover_is_a_breach_once) {
    answers(RULES_DISCOVER,
            BYTES(ACK_NO_TOKEN, CODE(2, 5), MID, LINKS_IN_RESPONSE, 0xff, VERSION_1_0));
    arrives(false, REGISTER);
    breaks_only(RULE_VERSIONS_AGREE);
    arrives(false, REGISTER);
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(register_without_discover_is_not_held) {
    arrives(false, REGISTER);
    ck_assert_uint_eq(rules.held[RULE_VERSIONS_AGREE], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: responses");
    TCase *tcase = tcase_create("responses");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, rules_start_anew, NULL);
    tcase_add_test(tcase, commands_are_told_apart);
    tcase_add_loop_test(tcase, code_that_the_texts_have_breaks_nothing, 0,
                        sizeof lawful / sizeof *lawful);
    tcase_add_loop_test(tcase, code_that_no_text_has_is_a_breach, 0,
                        sizeof breaches / sizeof *breaches);
    tcase_add_test(tcase, breach_says_command_and_code);
    tcase_add_test(tcase, client_that_has_discover_refuses_it_by_its_codes);
    tcase_add_test(tcase, discovered_list_in_both_forms_of_the_version_breaks_nothing);
    tcase_add_test(tcase, discovered_list_that_is_not_said_to_be_one_is_a_breach);
    tcase_add_test(tcase, discovered_list_that_cannot_be_read_is_a_breach);
    tcase_add_test(tcase, discovered_list_without_version_is_a_breach);
    tcase_add_test(tcase, register_in_the_version_of_the_discover_breaks_nothing);
    tcase_add_test(tcase, register_in_another_version_than_the_discover_is_a_breach_once);
    tcase_add_test(tcase, register_without_discover_is_not_held);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
