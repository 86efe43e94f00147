// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#define SECOND UINT64_C(1000000000)
#define NON_RESPONSE 0x50, MESSAGE_CODE(2, 5)

static struct rules_association association;
static uint64_t now;

static void start(void) {
    rules_start_anew();
    memset(&association, 0, sizeof association);
    now = 1000 * SECOND;
}

static void comes(bool secure, const uint8_t *bytes, size_t length) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    const struct rules_message held = {
        .message = &message, .bytes = bytes, .length = length, .t_ns = now, .secure = secure};
    rules_message(&rules, &association, &held, &found);
    message_clear(&message);
}

START_TEST(messages_with_ids_of_their_own_break_nothing) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x02, PATH_BS));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_MESSAGE_ID], 2);
    ck_assert_uint_eq(rules.held[RULE_MESSAGE_FORMAT], 2);
}
END_TEST

START_TEST(repetition_is_not_held_again) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    now += 3 * SECOND;
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_MESSAGE_ID], 1);
}
END_TEST

START_TEST(id_of_another_message_is_a_breach_that_says_when_that_came) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    now += 3 * SECOND;
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_RD));
    breaks_only(RULE_MESSAGE_ID);
    ck_assert_str_eq(found.items[0].what, "message id 1 was that of another message 3 s ago");
    ck_assert_uint_eq(found.items[0].earlier_ns, 1000 * SECOND);
}
END_TEST

START_TEST(id_of_a_request_in_a_response_of_the_client_s_own_is_a_breach) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    comes(false, BYTES(NON_RESPONSE, 0x00, 0x01));
    breaks_only(RULE_MESSAGE_ID);
}
END_TEST

START_TEST(id_may_come_again_after_exchange_lifetime) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    now += 247 * SECOND;
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_RD));
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(acknowledgements_and_resets_have_ids_of_the_server) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    comes(false, BYTES(0x60, MESSAGE_CODE(2, 4), 0x00, 0x01));
    comes(false, BYTES(0x70, 0x00, 0x00, 0x01));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_MESSAGE_ID], 1);
}
END_TEST

START_TEST(another_association_has_ids_of_its_own) {
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_BS));
    memset(&association, 0, sizeof association);
    comes(false, BYTES(HEADER_CON, POST, 0x00, 0x01, PATH_RD));
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(more_messages_than_are_remembered_break_nothing) {
    for (unsigned i = 0; i < 3 * RULES_SEEN_MAX; i++) {
        comes(false, BYTES(HEADER_CON, POST, (uint8_t)(i >> 8), (uint8_t)i, PATH_BS));
        ck_assert_uint_eq(found.count, 0);
    }
}
END_TEST

START_TEST(malformed_message_is_a_breach) {
    const uint8_t bytes[] = {HEADER_CON, POST, MID, 0xff}; // a payload marker and no payload
    rules_malformed(&rules, MESSAGE_FAULT_PAYLOAD_MISSING, bytes, sizeof bytes, &found);
    breaks_only(RULE_MESSAGE_FORMAT);
}
END_TEST

START_TEST(what_may_be_no_coap_or_is_not_certain_is_not_held) {
    const uint8_t bytes[] = {0x16, 0xfe, 0xfd, 0x00};
    rules_malformed(&rules, MESSAGE_FAULT_VERSION, bytes, sizeof bytes, &found);
    rules_malformed(&rules, MESSAGE_FAULT_CODEC, bytes, sizeof bytes, &found);
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(rules.held[RULE_MESSAGE_FORMAT], 0);
}
END_TEST

static void answers(bool to_non, bool token_differs, const uint8_t *bytes, size_t length) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    rules_answer(&rules, &message, to_non, token_differs, &found);
    message_clear(&message);
}

START_TEST(response_of_another_token_is_a_breach) {
    answers(false, false, BYTES(0x61, MESSAGE_CODE(2, 4), MID, 0xaa));
    ck_assert_uint_eq(found.count, 0);
    answers(false, true, BYTES(0x61, MESSAGE_CODE(2, 4), MID, 0xab));
    breaks_only(RULE_TOKEN);
    ck_assert_uint_eq(rules.held[RULE_TOKEN], 2);
}
END_TEST

START_TEST(acknowledgement_of_a_non_confirmable_request_is_a_breach) {
    answers(true, false, BYTES(NON_RESPONSE, MID));
    ck_assert_uint_eq(found.count, 0);
    answers(true, false, BYTES(0x60, MESSAGE_CODE(2, 5), MID));
    breaks_only(RULE_NON_NOT_ACKNOWLEDGED);
    ck_assert_uint_eq(rules.held[RULE_NON_NOT_ACKNOWLEDGED], 2);
}
END_TEST

// in the clear

static void strays(const uint8_t *bytes, size_t length) {
    rules_undecodable(&rules, bytes, length, &found);
}

START_TEST(request_in_the_clear_is_a_breach) {
    comes(true, BYTES(HEADER_CON, POST, MID, PATH_BS));
    ck_assert_uint_eq(rules.held[RULE_NOTHING_IN_THE_CLEAR], 1);
    strays(BYTES(HEADER_CON, POST, MID, PATH_BS));
    breaks_only(RULE_NOTHING_IN_THE_CLEAR);
}
END_TEST

START_TEST(messages_without_security_are_not_held) {
    comes(false, BYTES(HEADER_CON, POST, MID, PATH_BS));
    ck_assert_uint_eq(rules.held[RULE_NOTHING_IN_THE_CLEAR], 0);
}
END_TEST

START_TEST(records_and_garbage_are_not_taken_for_requests) {
    strays(BYTES(0x17, 0xfe, 0xfd, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00));
    strays(BYTES(0xff, 0xff, 0xff));
    strays(BYTES(0x70, 0x00, 0x00, 0x01)); // Reset
    ck_assert_uint_eq(rules.held[RULE_NOTHING_IN_THE_CLEAR], 0);
}
END_TEST

// sessions

enum { SESSION = 7 };

static void writes(const uint8_t *payload, size_t length) {
    struct message message;
    message_init(&message, MESSAGE_CON, MESSAGE_PUT, 1);
    ck_assert_int_eq(message_set_payload(&message, payload, length), 0);
    rules_write(&rules, SESSION, &message);
    message_clear(&message);
}

/* TLV of /0/x: server URI, security mode */
#define URI 0xc8, 0x00, 0x0c, 'c', 'o', 'a', 'p', ':', '/', '/', '[', ':', ':', '1', ']'
#define MODE_PSK 0xc1, 0x02, 0x00
#define MODE_NOSEC 0xc1, 0x02, 0x03

static void registers_at(const char *uri) {
    const struct registration said = {.has_lifetime = true, .has_objects = false};
    struct message message;
    message_init(&message, MESSAGE_CON, MESSAGE_POST, 1);
    const struct rules_request request = {.message = &message,
                                          .operation = OPERATION_REGISTER,
                                          .said = &said,
                                          .at = uri,
                                          .is_first = true};
    rules_request(&rules, &request, &found);
    message_clear(&message);
}

START_TEST(register_before_the_finish_is_a_breach) {
    writes(BYTES(URI, MODE_PSK));
    registers_at("coap://[::1]");
    ck_assert_uint_eq(rules.broken[RULE_REGISTER_AFTER_FINISH], 1);
}
END_TEST

START_TEST(register_after_the_finish_breaks_nothing) {
    writes(BYTES(URI, MODE_PSK));
    rules_session_ends(&rules, SESSION, true);
    registers_at("coap://[::1]");
    ck_assert_uint_eq(rules.held[RULE_REGISTER_AFTER_FINISH], 1);
    ck_assert_uint_eq(rules.broken[RULE_REGISTER_AFTER_FINISH], 0);
}
END_TEST

START_TEST(register_elsewhere_or_after_a_session_that_broke_off_is_not_held) {
    writes(BYTES(URI, MODE_PSK));
    registers_at("coap://[::2]");
    registers_at("coap://[::1]:99");
    rules_session_ends(&rules, SESSION, false);
    registers_at("coap://[::1]");
    ck_assert_uint_eq(rules.held[RULE_REGISTER_AFTER_FINISH], 0);
}
END_TEST

START_TEST(of_two_sessions_the_later_one_counts) {
    writes(BYTES(URI, MODE_PSK));
    rules_session_ends(&rules, SESSION, true);
    writes(BYTES(URI, MODE_PSK));
    registers_at("coap://[::1]");
    ck_assert_uint_eq(rules.broken[RULE_REGISTER_AFTER_FINISH], 1);
}
END_TEST

START_TEST(client_that_was_told_to_use_no_security_may_speak_in_the_clear) {
    writes(BYTES(URI, MODE_NOSEC));
    strays(BYTES(HEADER_CON, POST, MID, PATH_BS));
    ck_assert_uint_eq(rules.held[RULE_NOTHING_IN_THE_CLEAR], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: messages");
    TCase *tcase = tcase_create("messages");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, start, NULL);
    tcase_add_test(tcase, messages_with_ids_of_their_own_break_nothing);
    tcase_add_test(tcase, repetition_is_not_held_again);
    tcase_add_test(tcase, id_of_another_message_is_a_breach_that_says_when_that_came);
    tcase_add_test(tcase, id_of_a_request_in_a_response_of_the_client_s_own_is_a_breach);
    tcase_add_test(tcase, id_may_come_again_after_exchange_lifetime);
    tcase_add_test(tcase, acknowledgements_and_resets_have_ids_of_the_server);
    tcase_add_test(tcase, another_association_has_ids_of_its_own);
    tcase_add_test(tcase, more_messages_than_are_remembered_break_nothing);
    tcase_add_test(tcase, malformed_message_is_a_breach);
    tcase_add_test(tcase, what_may_be_no_coap_or_is_not_certain_is_not_held);
    tcase_add_test(tcase, response_of_another_token_is_a_breach);
    tcase_add_test(tcase, acknowledgement_of_a_non_confirmable_request_is_a_breach);
    tcase_add_test(tcase, request_in_the_clear_is_a_breach);
    tcase_add_test(tcase, messages_without_security_are_not_held);
    tcase_add_test(tcase, records_and_garbage_are_not_taken_for_requests);
    tcase_add_test(tcase, register_before_the_finish_is_a_breach);
    tcase_add_test(tcase, register_after_the_finish_breaks_nothing);
    tcase_add_test(tcase, register_elsewhere_or_after_a_session_that_broke_off_is_not_held);
    tcase_add_test(tcase, of_two_sessions_the_later_one_counts);
    tcase_add_test(tcase, client_that_was_told_to_use_no_security_may_speak_in_the_clear);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
