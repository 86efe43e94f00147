/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block_fixture.h"

/* Bodies of our requests */

START_TEST(short_write_has_no_block_option) {
    request(MESSAGE_PUT, 64, 64);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, NONE, body, 64);
    client_answers(MESSAGE_CODE(2, 4), NONE, NONE, NULL, 0, NULL);
    owner_expect(&owner, "sent 1 PUT\nsend CON 0.03\nresponse 1 2.04\n");
}
END_TEST

START_TEST(long_write_goes_in_blocks_and_is_one_exchange) {
    uint64_t begin = now;
    request(MESSAGE_PUT, 40, 16);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 0, true, 16}, body, 16);
    now += SECOND;
    client_answers(MESSAGE_CODE(2, 31), (struct block){true, 0, true, 16}, NONE, NULL, 0, NULL);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 1, true, 16}, body + 16, 16);
    client_answers(MESSAGE_CODE(2, 31), (struct block){true, 1, true, 16}, NONE, NULL, 0, NULL);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 2, false, 16}, body + 32, 8);
    client_answers(MESSAGE_CODE(2, 4), (struct block){true, 2, false, 16}, NONE, NULL, 0, NULL);
    owner_expect(&owner, "sent 1 PUT\nsend CON 0.03\nsent 1 PUT\nsend CON 0.03\n"
                         "sent 1 PUT\nsend CON 0.03\nresponse 1 2.04\n");
    ck_assert_uint_eq(owner.first_sent_ns, begin);
    ck_assert_uint_eq(block_deadline(layer), UINT64_MAX);
}
END_TEST

/* RFC 7959 figure 8: the client takes a block of 128 and asks for 32 from there on. */
START_TEST(smaller_block_size_of_the_client_is_obeyed) {
    request(MESSAGE_PUT, 200, 128);
    client_answers(MESSAGE_CODE(2, 31), (struct block){true, 0, true, 32}, NONE, NULL, 0, NULL);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 4, true, 32}, body + 128, 32);
}
END_TEST

START_TEST(too_large_with_a_size_hint_begins_anew_with_that_size) {
    request(MESSAGE_PUT, 200, 0);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, NONE, body, 200);
    client_answers(MESSAGE_CODE(4, 13), (struct block){true, 0, false, 64}, NONE, NULL, 0, NULL);
    expect_sent_block(MESSAGE_OPTION_BLOCK1, (struct block){true, 0, true, 64}, body, 64);
    client_answers(MESSAGE_CODE(4, 13), (struct block){true, 0, false, 64}, NONE, NULL, 0, NULL);
    owner_expect(&owner, "sent 1 PUT\nsend CON 0.03\nsent 1 PUT\nsend CON 0.03\nresponse 1 4.13\n");
}
END_TEST

START_TEST(error_in_the_middle_of_a_write_is_the_response) {
    request(MESSAGE_PUT, 40, 16);
    client_answers(MESSAGE_CODE(2, 31), (struct block){true, 0, true, 16}, NONE, NULL, 0, NULL);
    client_answers(MESSAGE_CODE(4, 8), NONE, NONE, NULL, 0, NULL);
    owner_expect(&owner, "sent 1 PUT\nsend CON 0.03\nsent 1 PUT\nsend CON 0.03\nresponse 1 4.08\n");
}
END_TEST

START_TEST(lost_block_is_retransmitted_and_may_time_out) {
    request(MESSAGE_PUT, 40, 16);
    uint64_t begin = now;
    client_answers(MESSAGE_CODE(2, 31), (struct block){true, 0, true, 16}, NONE, NULL, 0, NULL);
    owner.log[0] = '\0';
    now = block_deadline(layer);
    block_advance(layer, now);
    owner_expect(&owner, "retransmitted 1 attempt 1\nsend CON 0.03\n");
    for (int i = 0; i < 4; i++) {
        owner.log[0] = '\0';
        now = block_deadline(layer);
        block_advance(layer, now);
    }
    owner_expect(&owner, "failed 1 timeout\n");
    ck_assert_uint_eq(owner.first_sent_ns, begin);
}
END_TEST

START_TEST(block_sizes_that_do_not_exist_are_refused) {
    const size_t wrong[] = {1, 8, 17, 100, 2048};
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, MESSAGE_CON, MESSAGE_GET, 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(block_request(layer, &m, wrong[i], &exchange, now), -EINVAL);
    }
    owner_expect(&owner, "");
}
END_TEST

/* Bodies of the client's responses */

START_TEST(long_response_is_fetched_and_told_once_and_whole) {
    request(MESSAGE_GET, 0, 0);
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 0, true, 64}, body, 64, "v1");
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 1, false, 64}, NULL, 0);
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 1, true, 64}, body + 64, 64,
                   "v1");
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 2, false, 64}, NULL, 0);
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 2, false, 64}, body + 128, 10,
                   "v1");
    owner_expect(&owner, "sent 1 GET\nsend CON 0.01\nsent 1 GET\nsend CON 0.01\n"
                         "sent 1 GET\nsend CON 0.01\nresponse 1 2.05\n");
    ck_assert_uint_eq(owner.payload_length, 138);
    ck_assert_mem_eq(owner.payload, body, 138);
}
END_TEST

START_TEST(request_with_a_block_size_asks_for_it_at_once) {
    request(MESSAGE_GET, 0, 32);
    expect_sent_block(MESSAGE_OPTION_BLOCK2, (struct block){true, 0, false, 32}, NULL, 0);
}
END_TEST

START_TEST(blocks_that_do_not_fit_fail_as_incomplete) {
    request(MESSAGE_GET, 0, 0); /* a gap */
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 0, true, 64}, body, 64, NULL);
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 2, false, 64}, body, 64, NULL);
    request(MESSAGE_GET, 0, 0); /* another representation in between */
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 0, true, 64}, body, 64, "v1");
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 1, false, 64}, body, 64, "v2");
    request(MESSAGE_GET, 0, 0); /* more to come, but not a full block */
    client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, 0, true, 64}, body, 60, NULL);
    owner_expect(&owner, "sent 1 GET\nsend CON 0.01\nsent 1 GET\nsend CON 0.01\n"
                         "failed 1 incomplete\n"
                         "sent 2 GET\nsend CON 0.01\nsent 2 GET\nsend CON 0.01\n"
                         "failed 2 incomplete\n"
                         "sent 3 GET\nsend CON 0.01\nfailed 3 incomplete\n");
}
END_TEST

START_TEST(endless_response_is_bounded) {
    request(MESSAGE_GET, 0, 0);
    uint32_t number = 0;
    for (; number < 1000 && strstr(owner.log, "failed") == NULL; number++) {
        owner.log[0] = '\0';
        client_answers(MESSAGE_CODE(2, 5), NONE, (struct block){true, number, true, 1024}, body,
                       1024, NULL);
    }
    owner_expect(&owner, "failed 1 incomplete\n");
    ck_assert_uint_eq(number, BLOCK_BODY_MAX / 1024 + 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("block_out");
    TCase *tests = tcase_create("our requests and their responses");
    tcase_add_checked_fixture(tests, new_layer, free_layer);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, short_write_has_no_block_option);
    tcase_add_test(tests, long_write_goes_in_blocks_and_is_one_exchange);
    tcase_add_test(tests, smaller_block_size_of_the_client_is_obeyed);
    tcase_add_test(tests, too_large_with_a_size_hint_begins_anew_with_that_size);
    tcase_add_test(tests, error_in_the_middle_of_a_write_is_the_response);
    tcase_add_test(tests, lost_block_is_retransmitted_and_may_time_out);
    tcase_add_test(tests, block_sizes_that_do_not_exist_are_refused);
    tcase_add_test(tests, long_response_is_fetched_and_told_once_and_whole);
    tcase_add_test(tests, request_with_a_block_size_asks_for_it_at_once);
    tcase_add_test(tests, blocks_that_do_not_fit_fail_as_incomplete);
    tcase_add_test(tests, endless_response_is_bounded);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
