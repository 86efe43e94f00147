/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_fixture.h"

/* Bodies of the client's requests */

START_TEST(register_in_blocks_is_told_once_and_whole) {
    client_posts((struct block){true, 0, true, 32}, body, 32);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 0, true, 32}, NULL, 0);
    client_posts((struct block){true, 1, true, 32}, body + 32, 32);
    client_posts((struct block){true, 2, false, 32}, body + 64, 5);
    owner_expect(&owner, "send ACK 2.31\nsend ACK 2.31\nrequest POST\n");
    ck_assert_uint_eq(owner.payload_length, 69);
    ck_assert_mem_eq(owner.payload, body, 69);
    const struct exchange_answer answer = {.code = MESSAGE_CODE(2, 1)};
    ck_assert_int_eq(block_respond(layer, owner.exchange, &answer, NULL, now), 0);
    owner_expect(&owner, "send ACK 2.01\n");
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 2, false, 32}, NULL, 0);
}
END_TEST

START_TEST(repeated_block_is_answered_again_and_not_taken_twice) {
    client_posts((struct block){true, 0, true, 32}, body, 32);
    client_posts((struct block){true, 1, true, 32}, body + 32, 32);
    client_mid--;
    client_posts((struct block){true, 1, true, 32}, body + 32, 32);
    client_posts((struct block){true, 2, false, 32}, body + 64, 5);
    owner_expect(&owner, "send ACK 2.31\nsend ACK 2.31\nsend ACK 2.31\nrequest POST\n");
    ck_assert_uint_eq(owner.payload_length, 69);
}
END_TEST

START_TEST(missing_block_is_answered_4_08) {
    client_posts((struct block){true, 0, true, 32}, body, 32);
    client_posts((struct block){true, 2, false, 32}, body + 64, 5);
    client_posts((struct block){true, 0, true, 32}, body, 32);
    now += 248 * SECOND; /* forgotten */
    client_posts((struct block){true, 1, false, 32}, body + 32, 5);
    owner_expect(&owner, "send ACK 2.31\nsend ACK 4.08\nsend ACK 2.31\nsend ACK 4.08\n");
}
END_TEST

START_TEST(unlawful_and_endless_blocks_are_refused) {
    client_posts((struct block){true, 0, true, 2048}, body, 32); /* size exponent 7 */
    owner_expect(&owner, "send ACK 4.00\n");
    client_posts((struct block){true, 0, true, 32}, body, 31); /* not full */
    owner_expect(&owner, "send ACK 4.00\n");
    for (uint32_t i = 0; i < BLOCK_BODY_MAX / 1024; i++) {
        client_posts((struct block){true, i, true, 1024}, body, 1024);
        owner_expect(&owner, "send ACK 2.31\n");
    }
    client_posts((struct block){true, BLOCK_BODY_MAX / 1024, true, 1024}, body, 1024);
    owner_expect(&owner, "send ACK 4.13\n");
}
END_TEST

START_TEST(block_that_is_not_admitted_is_a_request_of_its_own) {
    admitted = false;
    client_posts((struct block){true, 0, true, 32}, body, 32);
    owner_expect(&owner, "request POST\n");
    ck_assert_uint_eq(owner.payload_length, 32);
    client_mid--;
    client_posts((struct block){true, 0, true, 32}, body, 32);
    owner_expect(&owner, "repeated 1\n");
}
END_TEST

/* Bodies of our responses */

static void respond_long(size_t length) {
    const struct exchange_answer answer = {
        .code = MESSAGE_CODE(2, 5), .payload = body, .payload_length = length};
    ck_assert_int_eq(block_respond(layer, owner.exchange, &answer, NULL, now), 0);
}

START_TEST(long_answer_goes_in_blocks_and_the_owner_is_asked_once) {
    client_gets(NONE);
    respond_long(2500);
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 0, true, 1024}, body, 1024);
    client_gets((struct block){true, 1, false, 1024});
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 1, true, 1024}, body + 1024,
                      1024);
    client_gets((struct block){true, 2, false, 1024});
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 2, false, 1024}, body + 2048,
                      452);
    client_gets((struct block){true, 3, false, 1024}); /* behind the end */
    owner_expect(&owner, "request GET\nsend ACK 2.05\nsend ACK 2.05\nsend ACK 2.05\n"
                         "send ACK 4.00\n");
}
END_TEST

START_TEST(block_size_that_the_client_wants_is_obeyed) {
    client_gets((struct block){true, 0, false, 64});
    respond_long(100);
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 0, true, 64}, body, 64);
    client_gets((struct block){true, 1, false, 64});
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 1, false, 64}, body + 64, 36);
}
END_TEST

START_TEST(short_answer_has_no_block_option) {
    client_gets(NONE);
    respond_long(1024);
    expect_sent_block(MESSAGE_OPTION_BLOCK2, NONE, body, 1024);
}
END_TEST

START_TEST(held_answer_in_blocks_goes_out_as_a_separate_response) {
    client_gets(NONE);
    ck_assert_int_eq(block_acknowledge(layer, owner.exchange, now), 0);
    now += SECOND;
    respond_long(1500);
    owner_expect(&owner, "request GET\nsend ACK 0.00\nsend CON 2.05\n");
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 0, true, 1024}, body, 1024);
}
END_TEST

START_TEST(many_unanswered_requests_and_bodies_are_bounded) {
    for (unsigned i = 0; i < 3000; i++) {
        struct message m;
        char path[8];
        (void)snprintf(path, sizeof(path), "%u", i);
        message_init(&m, MESSAGE_CON, MESSAGE_POST, client_mid++);
        ck_assert_int_eq(
            message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, path, strlen(path)), 0);
        add_block(&m, MESSAGE_OPTION_BLOCK1, (struct block){i % 2 == 0, 0, true, 16});
        ck_assert_int_eq(message_set_payload(&m, body, 16), 0);
        receive(&m);
        owner.log[0] = '\0';
    }
    const struct exchange_answer answer = {.code = MESSAGE_CODE(2, 4)};
    ck_assert_int_eq(block_respond(layer, owner.exchange, &answer, NULL, now), 0);
}
END_TEST

START_TEST(any_block_options_are_survived) {
    uint64_t random = 0xb10c;
    for (int round = 0; round < 20000; round++) {
        struct message m;
        uint32_t r[4];
        for (size_t i = 0; i < 4; i++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            r[i] = (uint32_t)(random >> 33);
        }
        if (round % 16 == 0) {
            request(r[0] % 2 == 0 ? MESSAGE_GET : MESSAGE_PUT, r[1] % 200, 16);
        }
        struct message last = owner_sent(&owner);
        bool answers = r[0] % 3 == 0 && message_is_request(&last);
        message_init(&m, answers ? MESSAGE_ACK : MESSAGE_CON,
                     answers ? MESSAGE_CODE(2, r[1] % 2 == 0 ? 31 : 5) : (uint8_t)(1 + r[1] % 4),
                     answers ? last.mid : (uint16_t)r[2]);
        if (answers) {
            memcpy(m.token, last.token, sizeof(m.token));
            m.token_length = last.token_length;
        }
        message_clear(&last);
        if (r[2] % 4 != 0) {
            ck_assert_int_eq(message_options_add_uint(&m.options, MESSAGE_OPTION_BLOCK1, r[2] % 64),
                             0);
        }
        if (r[3] % 4 != 0) {
            ck_assert_int_eq(message_options_add_uint(&m.options, MESSAGE_OPTION_BLOCK2, r[3] % 64),
                             0);
        }
        ck_assert_int_eq(message_set_payload(&m, body, (size_t)16 << (r[0] % 4)), 0);
        now += SECOND / 10;
        receive(&m);
        if (strstr(owner.log, "request ") != NULL && r[0] % 2 == 0) {
            const struct exchange_answer answer = {
                .code = MESSAGE_CODE(2, 5), .payload = body, .payload_length = r[1] % 300};
            (void)block_respond(layer, owner.exchange, &answer, NULL, now);
        }
        block_advance(layer, now);
        owner.log[0] = '\0';
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("block_in");
    TCase *tests = tcase_create("the client's requests and their responses");
    tcase_add_checked_fixture(tests, new_layer, free_layer);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, register_in_blocks_is_told_once_and_whole);
    tcase_add_test(tests, repeated_block_is_answered_again_and_not_taken_twice);
    tcase_add_test(tests, missing_block_is_answered_4_08);
    tcase_add_test(tests, unlawful_and_endless_blocks_are_refused);
    tcase_add_test(tests, block_that_is_not_admitted_is_a_request_of_its_own);
    tcase_add_test(tests, long_answer_goes_in_blocks_and_the_owner_is_asked_once);
    tcase_add_test(tests, block_size_that_the_client_wants_is_obeyed);
    tcase_add_test(tests, short_answer_has_no_block_option);
    tcase_add_test(tests, held_answer_in_blocks_goes_out_as_a_separate_response);
    tcase_add_test(tests, many_unanswered_requests_and_bodies_are_bounded);
    tcase_add_test(tests, any_block_options_are_survived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
