// SPDX-License-Identifier: Apache-2.0
/* When a Confirmable message may come again, and how a repetition of ours is answered. */
#include "fixture.h"

#define MS UINT64_C(1000000)
#define ACK 0x60
#define REQUEST BYTES(HEADER_CON, POST, MID, PATH_BS)

static struct rules_association association;
static uint64_t now;

static void start(void) {
    rules_start_anew();
    memset(&association, 0, sizeof association);
    now = 1000000 * MS;
}

static void comes_after(uint64_t ms, const uint8_t *bytes, size_t length) {
    struct message message;
    now += ms * MS;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    const struct rules_message held = {
        .message = &message, .bytes = bytes, .length = length, .t_ns = now};
    rules_message(&rules, &association, &held, &found);
    message_clear(&message);
}

START_TEST(repetitions_that_back_off_break_nothing) {
    comes_after(0, REQUEST);
    comes_after(2000, REQUEST); // RFC 7252 4.8: the earliest that there is
    comes_after(4000, REQUEST);
    comes_after(8000, REQUEST);
    comes_after(16000, REQUEST);
    ck_assert_uint_eq(rules.held[RULE_RETRANSMISSION], 4);
    ck_assert_uint_eq(rules.broken[RULE_RETRANSMISSION], 0);
}
END_TEST

START_TEST(a_repetition_too_soon_is_a_breach) {
    comes_after(0, REQUEST);
    comes_after(1000, REQUEST);
    breaks_only(RULE_RETRANSMISSION);
    ck_assert_str_eq(found.items[0].what,
                     "repetition 1 of a message comes 1000 ms after it, before "
                     "1800 ms with ACK_TIMEOUT 2000 ms");
}
END_TEST

START_TEST(repetitions_that_do_not_back_off_are_a_breach) {
    comes_after(0, REQUEST);
    comes_after(2000, REQUEST);
    comes_after(2000, REQUEST);
    breaks_only(RULE_RETRANSMISSION);
}
END_TEST

START_TEST(a_fifth_repetition_is_a_breach) {
    comes_after(0, REQUEST);
    for (unsigned i = 0; i < 5; i++) {
        comes_after(30000, REQUEST);
    }
    breaks_only(RULE_RETRANSMISSION);
    ck_assert_uint_eq(rules.held[RULE_RETRANSMISSION], 5);
}
END_TEST

START_TEST(a_client_may_have_parameters_of_its_own) {
    rules.ack_timeout_ms = 500;
    rules.max_retransmit = 1;
    comes_after(0, REQUEST);
    comes_after(500, REQUEST);
    ck_assert_uint_eq(rules.broken[RULE_RETRANSMISSION], 0);
    comes_after(60000, REQUEST);
    breaks_only(RULE_RETRANSMISSION);
}
END_TEST

START_TEST(a_copy_of_the_network_is_no_repetition) {
    comes_after(0, REQUEST);
    comes_after(1, REQUEST);
    ck_assert_uint_eq(rules.held[RULE_RETRANSMISSION], 0);
}
END_TEST

START_TEST(a_non_confirmable_message_may_come_again) {
    comes_after(0, BYTES(HEADER_NON, POST, MID, PATH_BS));
    comes_after(500, BYTES(HEADER_NON, POST, MID, PATH_BS));
    ck_assert_uint_eq(rules.held[RULE_RETRANSMISSION], 0);
}
END_TEST

START_TEST(the_same_answer_to_a_repetition_breaks_nothing) {
    comes_after(0, BYTES(ACK, MESSAGE_CODE(2, 4), MID));
    comes_after(3000, BYTES(ACK, MESSAGE_CODE(2, 4), MID));
    ck_assert_uint_eq(rules.held[RULE_ANSWERED_ALIKE], 1);
    ck_assert_uint_eq(rules.broken[RULE_ANSWERED_ALIKE], 0);
}
END_TEST

START_TEST(another_answer_to_a_repetition_is_a_breach) {
    comes_after(0, BYTES(ACK, MESSAGE_CODE(2, 4), MID));
    comes_after(3000, BYTES(ACK, MESSAGE_CODE(4, 0), MID));
    breaks_only(RULE_ANSWERED_ALIKE);
    ck_assert_uint_eq(found.items[0].earlier_ns, now - 3000 * MS);
}
END_TEST

START_TEST(an_empty_acknowledgement_is_no_answer) {
    comes_after(0, BYTES(ACK, 0x00, MID));
    comes_after(3000, BYTES(ACK, MESSAGE_CODE(2, 4), MID));
    ck_assert_uint_eq(rules.held[RULE_ANSWERED_ALIKE], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: repetition");
    TCase *tcase = tcase_create("repetition");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, start, NULL);
    tcase_add_test(tcase, repetitions_that_back_off_break_nothing);
    tcase_add_test(tcase, a_repetition_too_soon_is_a_breach);
    tcase_add_test(tcase, repetitions_that_do_not_back_off_are_a_breach);
    tcase_add_test(tcase, a_fifth_repetition_is_a_breach);
    tcase_add_test(tcase, a_client_may_have_parameters_of_its_own);
    tcase_add_test(tcase, a_copy_of_the_network_is_no_repetition);
    tcase_add_test(tcase, a_non_confirmable_message_may_come_again);
    tcase_add_test(tcase, the_same_answer_to_a_repetition_breaks_nothing);
    tcase_add_test(tcase, another_answer_to_a_repetition_is_a_breach);
    tcase_add_test(tcase, an_empty_acknowledgement_is_no_answer);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
