/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/exchange.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owner.h"

#define START (UINT64_C(1000) * SECOND)

static struct owner owner;
static struct exchange_layer *layer;
static uint64_t now;

static void new_layer(void) {
    struct exchange_config config = {.parameters = exchange_default_parameters(),
                                     .callbacks = &OWNER_CALLBACKS,
                                     .user = &owner,
                                     .next_exchange = &owner.next_exchange,
                                     .seed = 7};
    config.parameters.ack_random_permille = 1000; /* timeouts of exactly 2, 4, 8 ... s */
    memset(&owner, 0, sizeof(owner));
    owner.next_exchange = 1;
    now = START;
    layer = exchange_new(&config);
    ck_assert_ptr_nonnull(layer);
}

static void free_layer(void) {
    exchange_free(layer);
}

#define RECEIVE(...)                                                                               \
    exchange_receive(layer, (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}), now)

/* CON POST /bs, message id 0x0101, token 0xaa */
#define BOOTSTRAP_REQUEST 0x41, 0x02, 0x01, 0x01, 0xaa, 0xb2, 'b', 's'

static uint64_t send_request(enum message_type type) {
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, type, MESSAGE_DELETE, 0);
    ck_assert_int_eq(exchange_request(layer, &m, &exchange, now), 0);
    return exchange;
}

/* A message of the client that refers to our last request. */
static void client_sends(enum message_type type, uint8_t code, uint16_t mid, bool with_token) {
    struct message request = owner_sent(&owner);
    uint8_t bytes[12];
    size_t token_length = with_token ? request.token_length : 0;
    bytes[0] = (uint8_t)(0x40 | (unsigned)type << 4 | token_length);
    bytes[1] = code;
    bytes[2] = (uint8_t)(mid >> 8);
    bytes[3] = (uint8_t)mid;
    memcpy(bytes + 4, request.token, token_length);
    message_clear(&request);
    exchange_receive(layer, bytes, 4 + token_length, now);
}

static uint16_t sent_mid(void) {
    struct message m = owner_sent(&owner);
    uint16_t mid = m.mid;
    message_clear(&m);
    return mid;
}

static void respond(uint8_t code, bool separate, enum exchange_how expected) {
    const struct exchange_answer answer = {.code = code, .separate = separate};
    enum exchange_how how = EXCHANGE_NON_RESPONSE;
    ck_assert_int_eq(exchange_respond(layer, owner.exchange, &answer, &how, now), 0);
    ck_assert_int_eq(how, expected);
}

/* Requests of the client */

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

/* Our requests */

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
    owner_expect(&owner, "");
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
    owner_expect(&owner, "send ACK 0.00\n");
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
    Suite *suite = suite_create("exchange");
    TCase *in = tcase_create("requests of the client");
    tcase_add_checked_fixture(in, new_layer, free_layer);
    tcase_add_test(in, request_is_told_and_answered_piggybacked);
    tcase_add_test(in, duplicate_request_is_answered_again_but_told_once);
    tcase_add_test(in, request_after_exchange_lifetime_is_a_new_one);
    tcase_add_test(in, message_id_reused_for_another_request_is_told_as_such);
    tcase_add_test(in, requests_with_empty_and_equal_tokens_are_answered_by_message_id);
    tcase_add_test(in, separate_response_is_repeated_until_acknowledged);
    tcase_add_test(in, answer_asked_to_be_separate_sends_the_ack_first);
    tcase_add_test(in, separate_response_that_is_reset_or_never_acknowledged_is_told);
    tcase_add_test(in, held_request_can_be_answered_however_late);
    tcase_add_test(in, silence_draws_no_answer_to_repetitions);
    tcase_add_test(in, non_confirmable_request_is_answered_by_non_and_not_again);
    tcase_add_test(in, second_answer_and_unknown_exchange_are_refused);
    tcase_add_test(in, ping_is_answered_by_reset);
    tcase_add_test(in, malformed_con_is_reset_and_the_rest_is_ignored);
    tcase_add_test(in, malformed_option_values_are_treated_by_rfc7252_5_4);
    tcase_add_test(in, flood_of_requests_is_bounded);
    tcase_add_test(in, any_bytes_are_survived);
    suite_add_tcase(suite, in);
    TCase *out = tcase_create("our requests");
    tcase_add_checked_fixture(out, new_layer, free_layer);
    tcase_add_test(out, request_is_retransmitted_four_times_with_doubled_timeouts_and_then_fails);
    tcase_add_test(out, first_timeout_is_random_between_2_and_3_s);
    tcase_add_test(out, piggybacked_response_ends_the_exchange);
    tcase_add_test(out, separate_con_response_is_acknowledged_each_time_and_told_once);
    tcase_add_test(out, response_without_its_lost_ack_is_taken_and_stops_retransmission);
    tcase_add_test(out, non_response_to_a_con_request_is_taken);
    tcase_add_test(out, separate_response_that_never_comes_is_a_timeout);
    tcase_add_test(out, late_response_is_reported_and_reset);
    tcase_add_test(out, response_of_an_unknown_token_is_reported_and_reset);
    tcase_add_test(out, second_response_is_reported);
    tcase_add_test(out, ack_with_another_token_stops_retransmission_but_is_no_response);
    tcase_add_test(out, reset_fails_the_request);
    tcase_add_test(out, non_request_is_not_retransmitted);
    tcase_add_test(out, closing_fails_what_waits_and_nothing_is_sent_any_more);
    suite_add_tcase(suite, out);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
