/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/block.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owner.h"

static struct owner owner;
static struct block_layer *layer;
static uint64_t now;
static bool admitted;
static uint16_t client_mid;
static uint8_t body[100000];

static bool admit(void *user, const struct message *request, uint64_t now_ns) {
    ck_assert_ptr_eq(user, &owner);
    ck_assert(message_is_request(request));
    ck_assert_uint_eq(now_ns, now);
    return admitted;
}

static void new_layer(void) {
    struct block_config config = {.exchange = {.parameters = exchange_default_parameters(),
                                               .callbacks = &OWNER_CALLBACKS,
                                               .user = &owner,
                                               .next_exchange = &owner.next_exchange,
                                               .seed = 7},
                                  .admit = admit};
    config.exchange.parameters.ack_random_permille = 1000;
    memset(&owner, 0, sizeof(owner));
    owner.next_exchange = 1;
    now = 1000 * SECOND;
    admitted = true;
    client_mid = 0x100;
    for (size_t i = 0; i < sizeof(body); i++) {
        body[i] = (uint8_t)(i * 31 + i / 256);
    }
    layer = block_new(&config);
    ck_assert_ptr_nonnull(layer);
}

static void free_layer(void) {
    block_free(layer);
}

struct block {
    bool present;
    uint32_t number;
    bool more;
    size_t size;
};

static void add_block(struct message *m, uint16_t number, struct block b) {
    uint32_t exponent = 0;
    while ((size_t)16 << exponent < b.size) {
        exponent++;
    }
    if (b.present) {
        ck_assert_int_eq(message_options_add_uint(&m->options, number,
                                                  b.number << 4 | (b.more ? 8U : 0U) | exponent),
                         0);
    }
}

static void receive(struct message *m) {
    uint8_t *bytes = NULL;
    size_t length = 0;
    ck_assert_int_eq(message_build(m, &bytes, &length), 0);
    block_receive(layer, bytes, length, now);
    free(bytes);
    message_clear(m);
}

/* The client answers our last request piggy-backed. */
static void client_answers(uint8_t code, struct block block1, struct block block2,
                           const uint8_t *payload, size_t length, const char *etag) {
    struct message request = owner_sent(&owner);
    struct message m;
    message_init(&m, MESSAGE_ACK, code, request.mid);
    memcpy(m.token, request.token, sizeof(m.token));
    m.token_length = request.token_length;
    message_clear(&request);
    add_block(&m, MESSAGE_OPTION_BLOCK1, block1);
    add_block(&m, MESSAGE_OPTION_BLOCK2, block2);
    if (etag != NULL) {
        ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_ETAG, etag, strlen(etag)),
                         0);
    }
    ck_assert_int_eq(message_set_payload(&m, payload, length), 0);
    receive(&m);
}

static const struct block NONE = {0};

/* The client sends a block of a POST /rd. */
static void client_posts(struct block block1, const uint8_t *payload, size_t length) {
    struct message m;
    message_init(&m, MESSAGE_CON, MESSAGE_POST, client_mid++);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "rd", 2), 0);
    add_block(&m, MESSAGE_OPTION_BLOCK1, block1);
    ck_assert_int_eq(message_set_payload(&m, payload, length), 0);
    receive(&m);
}

static void client_gets(struct block block2) {
    struct message m;
    message_init(&m, MESSAGE_CON, MESSAGE_GET, client_mid++);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "bspack", 6), 0);
    add_block(&m, MESSAGE_OPTION_BLOCK2, block2);
    receive(&m);
}

static void expect_sent_block(uint16_t option, struct block expected, const uint8_t *payload,
                              size_t length) {
    struct message m = owner_sent(&owner);
    struct block_option b = {0};
    ck_assert_int_eq(block_option_get(&m.options, option, &b), expected.present);
    ck_assert_uint_eq(b.number, expected.number);
    ck_assert_int_eq(b.more, expected.more);
    ck_assert_uint_eq(b.size, expected.size);
    ck_assert_uint_eq(m.payload_length, length);
    if (length > 0) {
        ck_assert_mem_eq(m.payload, payload, length);
    }
    message_clear(&m);
}

static uint64_t request(uint8_t code, size_t payload_length, size_t block_size) {
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, MESSAGE_CON, code, 0);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "0", 1), 0);
    ck_assert_int_eq(message_set_payload(&m, body, payload_length), 0);
    ck_assert_int_eq(block_request(layer, &m, block_size, &exchange, now), 0);
    message_clear(&m);
    return exchange;
}

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
    Suite *suite = suite_create("block");
    TCase *tests = tcase_create("block");
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
