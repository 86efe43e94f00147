/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/exchange.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

START_TEST(request_is_retransmitted_four_times_with_doubled_timeouts_and_then_fails) {
    send_request(MESSAGE_CON);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\n");
    for (unsigned i = 0; i < 4; i++) {
        char expected[64];
        ck_assert_uint_eq(exchange_deadline(layer), now + ((uint64_t)2 << i) * SECOND);
        exchange_advance(layer, exchange_deadline(layer) - 1);
        owner_expect(&owner, "");
        now = exchange_deadline(layer);
        exchange_advance(layer, now);
        (void)snprintf(expected, sizeof(expected), "retransmitted 1 attempt %u\nsend CON 0.04\n",
                       i + 1);
        owner_expect(&owner, expected);
    }
    now = exchange_deadline(layer);
    ck_assert_uint_eq(now, START + 62 * SECOND); /* MAX_TRANSMIT_WAIT without the random part */
    exchange_advance(layer, now);
    owner_expect(&owner, "failed 1 timeout\n");
    ck_assert_uint_eq(exchange_deadline(layer), UINT64_MAX);
}
END_TEST

START_TEST(first_timeout_is_random_between_2_and_3_s) {
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct exchange_config config = {.parameters = exchange_default_parameters(),
                                         .callbacks = &OWNER_CALLBACKS,
                                         .user = &owner,
                                         .next_exchange = &owner.next_exchange,
                                         .seed = seed};
        struct exchange_layer *other = exchange_new(&config);
        struct message m;
        uint64_t exchange = 0;
        message_init(&m, MESSAGE_CON, MESSAGE_GET, 0);
        owner.log[0] = '\0';
        ck_assert_int_eq(exchange_request(other, &m, &exchange, 0), 0);
        uint64_t deadline = exchange_deadline(other);
        least = deadline < least ? deadline : least;
        most = deadline > most ? deadline : most;
        exchange_free(other);
    }
    ck_assert_uint_ge(least, 2 * SECOND);
    ck_assert_uint_le(most, 3 * SECOND);
    ck_assert_uint_gt(most - least, SECOND / 2); /* and is no constant */
}
END_TEST

START_TEST(piggybacked_response_ends_the_exchange) {
    send_request(MESSAGE_CON);
    uint64_t sent = now;
    now += 2 * SECOND;
    exchange_advance(layer, now); /* one retransmission: the time of the first one counts */
    now += SECOND;
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nretransmitted 1 attempt 1\nsend CON 0.04\n"
                         "response 1 2.02\n");
    ck_assert_uint_eq(owner.first_sent_ns, sent);
    ck_assert_uint_eq(exchange_deadline(layer), UINT64_MAX);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true); /* to the retransmission */
    owner_expect(&owner, "response again 1 2.02\n");
}
END_TEST

START_TEST(separate_con_response_is_acknowledged_each_time_and_told_once) {
    send_request(MESSAGE_CON);
    struct owner before = owner; /* client_sends looks at our request, not at the ACKs behind it */
    client_sends(MESSAGE_ACK, MESSAGE_EMPTY, sent_mid(), false);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nacknowledged 1\n");
    now += 3 * SECOND;
    client_sends(MESSAGE_CON, MESSAGE_CODE(2, 2), 0x0700, true);
    ck_assert_uint_eq(sent_mid(), 0x0700);
    owner_expect(&owner, "send ACK 0.00\nresponse 1 2.02\n");
    memcpy(owner.sent, before.sent, before.sent_length); /* our ACK was lost */
    owner.sent_length = before.sent_length;
    client_sends(MESSAGE_CON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "send ACK 0.00\nresponse again 1 2.02\n");
}
END_TEST

START_TEST(response_without_its_lost_ack_is_taken_and_stops_retransmission) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_CON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nsend ACK 0.00\nresponse 1 2.02\n");
    ck_assert_uint_eq(exchange_deadline(layer), UINT64_MAX);
}
END_TEST

START_TEST(non_response_to_a_con_request_is_taken) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_ACK, MESSAGE_EMPTY, sent_mid(), false);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nacknowledged 1\nresponse 1 2.02\n");
}
END_TEST

START_TEST(separate_response_that_never_comes_is_a_timeout) {
    send_request(MESSAGE_CON);
    now += SECOND;
    client_sends(MESSAGE_ACK, MESSAGE_EMPTY, sent_mid(), false);
    ck_assert_uint_eq(exchange_deadline(layer), now + 247 * SECOND);
    now += 247 * SECOND;
    exchange_advance(layer, now);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nacknowledged 1\nfailed 1 timeout\n");
}
END_TEST

START_TEST(late_response_is_reported_and_reset) {
    send_request(MESSAGE_CON);
    struct owner before = owner;
    for (int i = 0; i < 5; i++) {
        now = exchange_deadline(layer);
        exchange_advance(layer, now);
    }
    owner.log[0] = '\0';
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true);
    owner_expect(&owner, "unmatched 1 late\n");
    ck_assert_uint_eq(owner.sent_length, before.sent_length);
    client_sends(MESSAGE_CON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "send RST 0.00\nunmatched 1 late\n");
}
END_TEST

START_TEST(response_of_an_unknown_token_is_reported_and_reset) {
    RECEIVE(0x41, 0x45, 0x07, 0x00, 0xee); /* for example a notification */
    owner_expect(&owner, "send RST 0.00\nunmatched 0 unknown\n");
    RECEIVE(0x51, 0x45, 0x07, 0x01, 0xee);
    owner_expect(&owner, "unmatched 0 unknown\n");
    RECEIVE(0x61, 0x45, 0x07, 0x02, 0xee);
    owner_expect(&owner, "unmatched 0 unknown\n");
}
END_TEST

START_TEST(second_response_is_reported) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nresponse 1 2.02\nunmatched 1 answered\n");
}
END_TEST

START_TEST(second_response_of_the_same_type_is_told_from_a_repetition) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0700, true);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0700, true);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0701, true);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nresponse 1 2.02\nresponse again 1 2.02\n"
                         "unmatched 1 answered\n");
}
END_TEST

START_TEST(response_to_a_repeated_request_is_told_with_its_own_code) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), true);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(4, 0), sent_mid(), true);
    client_sends(MESSAGE_ACK, MESSAGE_EMPTY, sent_mid(), false);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nresponse 1 2.02\n"
                         "response again 1 2.02\nresponse again 1 4.00\n");
}
END_TEST

START_TEST(ack_with_another_token_stops_retransmission_but_is_no_response) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_ACK, MESSAGE_CODE(2, 2), sent_mid(), false);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nunmatched 1 token differs\n");
    ck_assert_uint_eq(exchange_deadline(layer), now + 247 * SECOND);
}
END_TEST

START_TEST(reset_fails_the_request) {
    send_request(MESSAGE_CON);
    client_sends(MESSAGE_RST, MESSAGE_EMPTY, sent_mid(), false);
    send_request(MESSAGE_NON);
    client_sends(MESSAGE_RST, MESSAGE_EMPTY, sent_mid(), false);
    owner_expect(&owner, "sent 1 DELETE\nsend CON 0.04\nfailed 1 reset\n"
                         "sent 2 DELETE\nsend NON 0.04\nfailed 2 reset\n");
}
END_TEST

START_TEST(non_request_is_not_retransmitted) {
    send_request(MESSAGE_NON);
    ck_assert_uint_eq(exchange_deadline(layer), now + 247 * SECOND);
    client_sends(MESSAGE_NON, MESSAGE_CODE(2, 2), 0x0700, true);
    owner_expect(&owner, "sent 1 DELETE\nsend NON 0.04\nresponse 1 2.02\n");
}
END_TEST

START_TEST(closing_fails_what_waits_and_nothing_is_sent_any_more) {
    send_request(MESSAGE_CON);
    RECEIVE(BOOTSTRAP_REQUEST);
    respond(MESSAGE_CODE(2, 4), true, EXCHANGE_SEPARATE);
    owner.log[0] = '\0';
    exchange_close(layer, now);
    owner_expect(&owner, "failed 1 association_closed\nsettled 2 association_closed\n");
    RECEIVE(0x40, 0x00, 0x12, 0x34);
    exchange_advance(layer, now + 100 * SECOND);
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, MESSAGE_CON, MESSAGE_GET, 0);
    ck_assert_int_eq(exchange_request(layer, &m, &exchange, now), -EPIPE);
    owner_expect(&owner, "");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("exchange_out");
    TCase *tests = tcase_create("our requests");
    tcase_add_checked_fixture(tests, new_layer, free_layer);
    tcase_add_test(tests, request_is_retransmitted_four_times_with_doubled_timeouts_and_then_fails);
    tcase_add_test(tests, first_timeout_is_random_between_2_and_3_s);
    tcase_add_test(tests, piggybacked_response_ends_the_exchange);
    tcase_add_test(tests, separate_con_response_is_acknowledged_each_time_and_told_once);
    tcase_add_test(tests, response_without_its_lost_ack_is_taken_and_stops_retransmission);
    tcase_add_test(tests, non_response_to_a_con_request_is_taken);
    tcase_add_test(tests, separate_response_that_never_comes_is_a_timeout);
    tcase_add_test(tests, late_response_is_reported_and_reset);
    tcase_add_test(tests, response_of_an_unknown_token_is_reported_and_reset);
    tcase_add_test(tests, second_response_is_reported);
    tcase_add_test(tests, second_response_of_the_same_type_is_told_from_a_repetition);
    tcase_add_test(tests, response_to_a_repeated_request_is_told_with_its_own_code);
    tcase_add_test(tests, ack_with_another_token_stops_retransmission_but_is_no_response);
    tcase_add_test(tests, reset_fails_the_request);
    tcase_add_test(tests, non_request_is_not_retransmitted);
    tcase_add_test(tests, closing_fails_what_waits_and_nothing_is_sent_any_more);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
