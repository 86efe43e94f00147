/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/exchange.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

START_TEST(request_is_told_and_answered_piggybacked) {
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_PIGGYBACKED);
    owner_expect(&owner, "request POST\nsend ACK 2.04\n");
    const uint8_t expected[] = {0x61, 0x44, 0x01, 0x01, 0xaa}; /* its message id and token */
    ck_assert_uint_eq(owner.sent_length, sizeof(expected));
    ck_assert_mem_eq(owner.sent, expected, sizeof(expected));
    ck_assert_uint_eq(exchange_deadline(layer), UINT64_MAX);
}
END_TEST

START_TEST(duplicate_request_is_answered_again_but_told_once) {
    RECEIVE(BOOTSTRAP_REQUEST);
    RECEIVE(BOOTSTRAP_REQUEST); /* not answered yet: nothing to repeat */
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_PIGGYBACKED);
    now += 246 * SECOND;
    RECEIVE(BOOTSTRAP_REQUEST);
    owner_expect(&owner, "request POST\nrepeated 1\nsend ACK 2.04\nrepeated 1\nsend ACK 2.04\n");
}
END_TEST

START_TEST(request_after_exchange_lifetime_is_a_new_one) {
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_PIGGYBACKED);
    now += 247 * SECOND;
    RECEIVE(BOOTSTRAP_REQUEST);
    owner_expect(&owner, "request POST\nsend ACK 2.04\nrequest POST\n");
    ck_assert_uint_eq(owner.exchange, 2);
}
END_TEST

START_TEST(message_id_reused_for_another_request_is_told_as_such) {
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_PIGGYBACKED);
    RECEIVE(0x41, 0x02, 0x01, 0x01, 0xab, 0xb2, 'b', 's'); /* another token */
    respond(MESSAGE_CODE(4, 0), false, EXCHANGE_PIGGYBACKED);
    RECEIVE(0x41, 0x02, 0x01, 0x01, 0xab, 0xb2, 'b', 's');
    owner_expect(&owner, "request POST\nsend ACK 2.04\nrequest POST mid reused\nsend ACK 4.00\n"
                         "repeated 2\nsend ACK 4.00\n");
}
END_TEST

START_TEST(requests_with_empty_and_equal_tokens_are_answered_by_message_id) {
    RECEIVE(0x40, 0x02, 0x00, 0x01, 0xb2, 'b', 's');
    uint64_t first = owner.exchange;
    RECEIVE(0x40, 0x02, 0x00, 0x02, 0xb2, 'r', 'd');
    uint64_t second = owner.exchange;
    const struct exchange_answer answer = {.code = MESSAGE_CODE(2, 4)};
    ck_assert_int_eq(exchange_respond(layer, second, &answer, NULL, now), 0);
    ck_assert_uint_eq(sent_mid(), 2);
    ck_assert_int_eq(exchange_respond(layer, first, &answer, NULL, now), 0);
    ck_assert_uint_eq(sent_mid(), 1);
}
END_TEST

START_TEST(separate_response_is_repeated_until_acknowledged) {
    RECEIVE(BOOTSTRAP_REQUEST);
    ck_assert_int_eq(exchange_acknowledge(layer, owner.exchange, now), 0);
    now += 5 * SECOND;
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_SEPARATE);
    owner_expect(&owner, "request POST\nsend ACK 0.00\nsend CON 2.04\n");
    ck_assert_uint_eq(exchange_deadline(layer), now + 2 * SECOND);
    now += 2 * SECOND - 1;
    exchange_advance(layer, now);
    owner_expect(&owner, "");
    now += 1;
    exchange_advance(layer, now);
    owner_expect(&owner, "send CON 2.04\n");
    ck_assert_uint_eq(exchange_deadline(layer), now + 4 * SECOND);
    client_sends(MESSAGE_ACK, MESSAGE_EMPTY, sent_mid(), false);
    owner_expect(&owner, "settled 1 well\n");
    ck_assert_uint_eq(exchange_deadline(layer), UINT64_MAX);
    RECEIVE(BOOTSTRAP_REQUEST); /* our first ACK was lost: repeated empty */
    owner_expect(&owner, "repeated 1\nsend ACK 0.00\n");
}
END_TEST

START_TEST(answer_asked_to_be_separate_sends_the_ack_first) {
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), true, EXCHANGE_SEPARATE);
    owner_expect(&owner, "request POST\nsend ACK 0.00\nsend CON 2.04\n");
    struct message m = owner_sent(&owner);
    ck_assert_uint_eq(m.token_length, 1);
    ck_assert_uint_eq(m.token[0], 0xaa);
    message_clear(&m);
}
END_TEST

START_TEST(separate_response_that_is_reset_or_never_acknowledged_is_told) {
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), true, EXCHANGE_SEPARATE);
    client_sends(MESSAGE_RST, MESSAGE_EMPTY, sent_mid(), false);
    RECEIVE(0x41, 0x02, 0x01, 0x02, 0xaa, 0xb2, 'b', 's');
    respond(MESSAGE_CODE(2, 4), true, EXCHANGE_SEPARATE);
    for (int i = 0; i < 5; i++) {
        now = exchange_deadline(layer);
        exchange_advance(layer, now);
    }
    owner_expect(&owner, "request POST\nsend ACK 0.00\nsend CON 2.04\nsettled 1 reset\n"
                         "request POST\nsend ACK 0.00\nsend CON 2.04\n"
                         "send CON 2.04\nsend CON 2.04\nsend CON 2.04\nsend CON 2.04\n"
                         "settled 2 timeout\n");
}
END_TEST

START_TEST(held_request_can_be_answered_however_late) {
    RECEIVE(BOOTSTRAP_REQUEST);
    ck_assert_int_eq(exchange_acknowledge(layer, owner.exchange, now), 0);
    now += 1000 * SECOND;
    exchange_advance(layer, now);
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_SEPARATE);
}
END_TEST

START_TEST(held_request_is_no_duplicate_after_exchange_lifetime) {
    RECEIVE(BOOTSTRAP_REQUEST);
    ck_assert_int_eq(exchange_acknowledge(layer, owner.exchange, now), 0);
    now += 247 * SECOND;
    RECEIVE(BOOTSTRAP_REQUEST);
    owner_expect(&owner, "request POST\nsend ACK 0.00\nrequest POST\n");
}
END_TEST

START_TEST(silence_draws_no_answer_to_repetitions) {
    RECEIVE(BOOTSTRAP_REQUEST);
    now += 2 * SECOND;
    RECEIVE(BOOTSTRAP_REQUEST);
    owner_expect(&owner, "request POST\nrepeated 1\n");
    ck_assert_uint_eq(owner.sent_count, 0);
}
END_TEST

START_TEST(non_confirmable_request_is_answered_by_non_and_not_again) {
    RECEIVE(0x51, 0x02, 0x01, 0x01, 0xaa, 0xb2, 'b', 's');
    respond(MESSAGE_CODE(2, 4), false, EXCHANGE_NON_RESPONSE);
    RECEIVE(0x51, 0x02, 0x01, 0x01, 0xaa, 0xb2, 'b', 's');
    owner_expect(&owner, "request POST\nsend NON 2.04\nrepeated 1\n");
    now += 145 * SECOND; /* NON_LIFETIME */
    RECEIVE(0x51, 0x02, 0x01, 0x01, 0xaa, 0xb2, 'b', 's');
    owner_expect(&owner, "request POST\n");
}
END_TEST

START_TEST(second_answer_and_unknown_exchange_are_refused) {
    const struct exchange_answer answer = {.code = MESSAGE_CODE(2, 4)};
    RECEIVE(BOOTSTRAP_REQUEST);
    ck_assert_int_eq(exchange_respond(layer, owner.exchange, &answer, NULL, now), 0);
    ck_assert_int_eq(exchange_respond(layer, owner.exchange, &answer, NULL, now), -EALREADY);
    ck_assert_int_eq(exchange_acknowledge(layer, owner.exchange, now), -EALREADY);
    ck_assert_int_eq(exchange_respond(layer, 99, &answer, NULL, now), -ENOENT);
    ck_assert_uint_eq(owner.sent_count, 1);
}
END_TEST

START_TEST(ping_is_answered_by_reset) {
    RECEIVE(0x40, 0x00, 0x12, 0x34);
    owner_expect(&owner, "send RST 0.00\nping\n");
    ck_assert_uint_eq(sent_mid(), 0x1234);
}
END_TEST

START_TEST(malformed_con_is_reset_and_the_rest_is_ignored) {
    RECEIVE(0x40, 0x02, 0x00, 0x01, 0xff); /* payload marker only */
    owner_expect(&owner, "malformed: payload marker without payload\nsend RST 0.00\n");
    RECEIVE(0x50, 0x02, 0x00, 0x01, 0xff);
    owner_expect(&owner, "malformed: payload marker without payload\n");
    RECEIVE(0x80, 0x02, 0x00, 0x01);
    owner_expect(&owner, "malformed: version is not 1\n");
}
END_TEST

START_TEST(malformed_option_values_are_treated_by_rfc7252_5_4) {
    RECEIVE(0x40, 0x01, 0, 1, 0xd3, 0x04, 1, 2, 3); /* Accept of 3 bytes: critical */
    owner_expect(&owner, "malformed: critical option with a value of forbidden length\n"
                         "send ACK 4.02\n");
    RECEIVE(0x40, 0x01, 0, 1, 0xd3, 0x04, 1, 2, 3); /* repeated like any other */
    owner_expect(&owner, "malformed: critical option with a value of forbidden length\n"
                         "send ACK 4.02\n");
    RECEIVE(0x40, 0x01, 0, 2, 0xd5, 0x01, 1, 2, 3, 4, 5); /* Max-Age of 5 bytes: elective */
    owner_expect(&owner, "malformed: elective option with a value of forbidden length\n"
                         "request GET\n");
}
END_TEST

START_TEST(flood_of_requests_is_bounded) {
    for (unsigned i = 0; i < 5000; i++) {
        RECEIVE(0x40, 0x01, (uint8_t)(i >> 8), (uint8_t)i);
        owner.log[0] = '\0';
    }
    const struct exchange_answer answer = {.code = MESSAGE_CODE(2, 5)};
    ck_assert_int_eq(exchange_respond(layer, 1, &answer, NULL, now), -ENOENT); /* forgotten */
    ck_assert_int_eq(exchange_respond(layer, 5000, &answer, NULL, now), 0);
}
END_TEST

START_TEST(any_bytes_are_survived) {
    uint64_t random = 0x5eed;
    send_request(MESSAGE_CON);
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[24];
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        size_t length = (size_t)(random >> 33) % sizeof(bytes);
        for (size_t i = 0; i < length; i++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[i] = (uint8_t)(random >> 33);
        }
        if (length > 0 && round % 2 == 0) {
            bytes[0] = (uint8_t)(0x40 | (bytes[0] & 0x33));
        }
        now += SECOND / 100;
        exchange_receive(layer, bytes, length, now);
        exchange_advance(layer, now);
        owner.log[0] = '\0';
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("exchange_in");
    TCase *tests = tcase_create("requests of the client");
    tcase_add_checked_fixture(tests, new_layer, free_layer);
    tcase_add_test(tests, request_is_told_and_answered_piggybacked);
    tcase_add_test(tests, duplicate_request_is_answered_again_but_told_once);
    tcase_add_test(tests, request_after_exchange_lifetime_is_a_new_one);
    tcase_add_test(tests, message_id_reused_for_another_request_is_told_as_such);
    tcase_add_test(tests, requests_with_empty_and_equal_tokens_are_answered_by_message_id);
    tcase_add_test(tests, separate_response_is_repeated_until_acknowledged);
    tcase_add_test(tests, answer_asked_to_be_separate_sends_the_ack_first);
    tcase_add_test(tests, separate_response_that_is_reset_or_never_acknowledged_is_told);
    tcase_add_test(tests, held_request_can_be_answered_however_late);
    tcase_add_test(tests, held_request_is_no_duplicate_after_exchange_lifetime);
    tcase_add_test(tests, silence_draws_no_answer_to_repetitions);
    tcase_add_test(tests, non_confirmable_request_is_answered_by_non_and_not_again);
    tcase_add_test(tests, second_answer_and_unknown_exchange_are_refused);
    tcase_add_test(tests, ping_is_answered_by_reset);
    tcase_add_test(tests, malformed_con_is_reset_and_the_rest_is_ignored);
    tcase_add_test(tests, malformed_option_values_are_treated_by_rfc7252_5_4);
    tcase_add_test(tests, flood_of_requests_is_bounded);
    tcase_add_test(tests, any_bytes_are_survived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
