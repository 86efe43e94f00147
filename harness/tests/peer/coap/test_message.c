/* SPDX-License-Identifier: Apache-2.0 */
#include "coap/message.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARSE(m, ...)                                                                              \
    message_parse((m), (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}))

#define ASSERT_FAULT(expected, ...)                                                                \
    do {                                                                                           \
        struct message parsed_;                                                                    \
        ck_assert_str_eq(message_fault_text(PARSE(&parsed_, __VA_ARGS__)),                         \
                         message_fault_text(expected));                                            \
        message_clear(&parsed_);                                                                   \
    } while (0)

/* RFC 7252 appendix A, figure 16: a Confirmable GET /temperature, message id 0x7d34. */
static const uint8_t FIGURE_16_REQUEST[] = {
    0x40, 0x01, 0x7d, 0x34,                                         /* CON, no token, GET */
    0xbb, 't',  'e',  'm',  'p', 'e', 'r', 'a', 't', 'u', 'r', 'e', /* delta 11, length 11 */
};
/* The same figure: 2.05 piggy-backed, "22.3 C". */
static const uint8_t FIGURE_16_RESPONSE[] = {0x60, 0x45, 0x7d, 0x34, 0xff, '2',
                                             '2',  '.',  '3',  ' ',  'C'};
/* Figure 17: as figure 16 with the token 0x20. */
static const uint8_t FIGURE_17_REQUEST[] = {0x41, 0x01, 0x7d, 0x35, 0x20, 0xbb, 't', 'e', 'm',
                                            'p',  'e',  'r',  'a',  't',  'u',  'r', 'e'};

START_TEST(example_request_of_rfc7252_is_read) {
    struct message m;
    ck_assert_int_eq(message_parse(&m, FIGURE_17_REQUEST, sizeof(FIGURE_17_REQUEST)), MESSAGE_OK);
    ck_assert_int_eq(m.type, MESSAGE_CON);
    ck_assert_uint_eq(m.code, MESSAGE_GET);
    ck_assert_uint_eq(m.mid, 0x7d35);
    ck_assert_uint_eq(m.token_length, 1);
    ck_assert_uint_eq(m.token[0], 0x20);
    ck_assert_uint_eq(m.options.count, 1);
    ck_assert_uint_eq(m.options.items[0].number, MESSAGE_OPTION_URI_PATH);
    ck_assert_mem_eq(m.options.items[0].value, "temperature", 11);
    ck_assert_uint_eq(m.payload_length, 0);
    message_clear(&m);
}
END_TEST

START_TEST(example_response_of_rfc7252_is_read) {
    struct message m;
    ck_assert_int_eq(message_parse(&m, FIGURE_16_RESPONSE, sizeof(FIGURE_16_RESPONSE)), MESSAGE_OK);
    ck_assert_int_eq(m.type, MESSAGE_ACK);
    ck_assert_uint_eq(m.code, MESSAGE_CODE(2, 5));
    ck_assert_uint_eq(m.payload_length, 6);
    ck_assert_mem_eq(m.payload, "22.3 C", 6);
    message_clear(&m);
}
END_TEST

START_TEST(example_request_of_rfc7252_is_built) {
    struct message m;
    uint8_t *bytes = NULL;
    size_t length = 0;
    message_init(&m, MESSAGE_CON, MESSAGE_GET, 0x7d34);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "temperature", 11),
                     0);
    ck_assert_int_eq(message_build(&m, &bytes, &length), 0);
    ck_assert_uint_eq(length, sizeof(FIGURE_16_REQUEST));
    ck_assert_mem_eq(bytes, FIGURE_16_REQUEST, length);
    free(bytes);
    message_clear(&m);
}
END_TEST

START_TEST(options_are_written_in_order_and_equal_ones_keep_theirs) {
    struct message m;
    uint8_t *bytes = NULL;
    size_t length = 0;
    const uint8_t expected[] = {
        0x42, 0x03, 0x00, 0x07, 0xab, 0xcd, /* CON PUT, token abcd */
        0xb1, '0',                          /* 11 Uri-Path "0" */
        0x01, '1',                          /* 11 Uri-Path "1" */
        0x12, 0x2d, 0x16,                   /* 12 Content-Format 11542 */
        0xd1, 0x02, 0x06,                   /* 27 Block1: number 0, no more, size 1024 */
        0xff, 0xc8,                         /* payload */
    };
    message_init(&m, MESSAGE_CON, MESSAGE_PUT, 7);
    m.token[0] = 0xab;
    m.token[1] = 0xcd;
    m.token_length = 2;
    ck_assert_int_eq(message_options_add_uint(&m.options, MESSAGE_OPTION_BLOCK1, 6), 0);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "0", 1), 0);
    ck_assert_int_eq(message_options_add_uint(&m.options, MESSAGE_OPTION_CONTENT_FORMAT, 11542), 0);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "1", 1), 0);
    ck_assert_int_eq(message_set_payload(&m, "\xc8", 1), 0);
    ck_assert_int_eq(message_build(&m, &bytes, &length), 0);
    ck_assert_uint_eq(length, sizeof(expected));
    ck_assert_mem_eq(bytes, expected, length);
    free(bytes);
    message_clear(&m);
}
END_TEST

START_TEST(long_deltas_and_lengths_survive_the_way_there_and_back) {
    struct message m;
    struct message back;
    uint8_t *bytes = NULL;
    size_t length = 0;
    uint8_t value[600];
    memset(value, 'x', sizeof(value));
    message_init(&m, MESSAGE_NON, MESSAGE_POST, 0xffff);
    ck_assert_int_eq(message_options_add(&m.options, 1001, value, 600), 0);
    ck_assert_int_eq(message_options_add(&m.options, 65000, value, 20), 0);
    ck_assert_int_eq(message_options_add(&m.options, 2049, NULL, 0), 0);
    ck_assert_int_eq(message_set_payload(&m, value, 300), 0);
    ck_assert_int_eq(message_build(&m, &bytes, &length), 0);
    ck_assert_int_eq(message_parse(&back, bytes, length), MESSAGE_OK);
    ck_assert_uint_eq(back.options.count, 3);
    ck_assert_uint_eq(back.options.items[0].length, 600);
    ck_assert_uint_eq(back.options.items[1].number, 2049);
    ck_assert_uint_eq(back.options.items[2].number, 65000);
    ck_assert_uint_eq(back.payload_length, 300);
    free(bytes);
    message_clear(&m);
    message_clear(&back);
}
END_TEST

START_TEST(what_the_codec_cannot_express_is_refused) {
    struct message m;
    uint8_t *bytes = NULL;
    size_t length = 0;
    message_init(&m, MESSAGE_CON, MESSAGE_PUT, 1);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_CONTENT_FORMAT, "abc", 3), 0);
    ck_assert_int_eq(message_build(&m, &bytes, &length), -EINVAL);
    ck_assert_ptr_null(bytes);
    message_clear(&m);
    /* libcoap would add a Hop-Limit that nobody asked for. */
    message_init(&m, MESSAGE_CON, MESSAGE_GET, 1);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_PROXY_URI, "coap://a", 8), 0);
    ck_assert_int_eq(message_build(&m, &bytes, &length), -EINVAL);
    message_clear(&m);
}
END_TEST

START_TEST(malformed_headers_are_named) {
    ASSERT_FAULT(MESSAGE_FAULT_TOO_SHORT, 0x40, 0x01, 0x00);
    ASSERT_FAULT(MESSAGE_FAULT_VERSION, 0x80, 0x01, 0x00, 0x01);
    ASSERT_FAULT(MESSAGE_FAULT_TOKEN_LENGTH, 0x49, 0x01, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    ASSERT_FAULT(MESSAGE_FAULT_TOKEN_LENGTH, 0x4f, 0x01, 0, 1);
    ASSERT_FAULT(MESSAGE_FAULT_TOKEN_TRUNCATED, 0x44, 0x01, 0, 1, 0xaa);
    ASSERT_FAULT(MESSAGE_FAULT_CODE_RESERVED, 0x40, 0x21, 0, 1); /* 1.01 */
    ASSERT_FAULT(MESSAGE_FAULT_CODE_RESERVED, 0x40, 0xe1, 0, 1); /* 7.01 */
}
END_TEST

START_TEST(malformed_combinations_of_type_and_code_are_named) {
    ASSERT_FAULT(MESSAGE_FAULT_EMPTY_NOT_EMPTY, 0x40, 0x00, 0, 1, 0xff, 'x'); /* payload */
    ASSERT_FAULT(MESSAGE_FAULT_EMPTY_NOT_EMPTY, 0x61, 0x00, 0, 1, 0xaa);      /* token */
    ASSERT_FAULT(MESSAGE_FAULT_EMPTY_NOT_EMPTY, 0x70, 0x00, 0, 1, 0xb0);      /* option */
    ASSERT_FAULT(MESSAGE_FAULT_EMPTY_NON, 0x50, 0x00, 0, 1);
    ASSERT_FAULT(MESSAGE_FAULT_ACK_REQUEST, 0x60, 0x01, 0, 1);
    ASSERT_FAULT(MESSAGE_FAULT_RST_NOT_EMPTY, 0x70, 0x44, 0, 1);
    ASSERT_FAULT(MESSAGE_OK, 0x40, 0x00, 0, 1);             /* ping */
    ASSERT_FAULT(MESSAGE_OK, 0x70, 0x00, 0, 1);             /* reset */
    ASSERT_FAULT(MESSAGE_OK, 0x40, 0x01, 0, 1, 0xd0, 0x02); /* empty Uri-Query: lawful */
}
END_TEST

START_TEST(malformed_options_are_named) {
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_DELTA, 0x40, 0x01, 0, 1, 0xf1, 'x');
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_LENGTH, 0x40, 0x01, 0, 1, 0xbf, 'x');
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_TRUNCATED, 0x40, 0x01, 0, 1, 0xb5, 'a', 'b');
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_TRUNCATED, 0x40, 0x01, 0, 1, 0xd1);       /* no delta byte */
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_TRUNCATED, 0x40, 0x01, 0, 1, 0xbe, 0x00); /* half length */
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_NUMBER, 0x40, 0x01, 0, 1, 0xe0, 0xff, 0xff);
    ASSERT_FAULT(MESSAGE_FAULT_PAYLOAD_MISSING, 0x40, 0x02, 0, 1, 0xb1, 'a', 0xff);
    /* Accept (17) of 3 bytes; Max-Age (14) of 5 bytes. */
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_VALUE_CRITICAL, 0x40, 0x01, 0, 1, 0xd3, 0x04, 1, 2, 3);
    ASSERT_FAULT(MESSAGE_FAULT_OPTION_VALUE_ELECTIVE, 0x40, 0x01, 0, 1, 0xd5, 0x01, 1, 2, 3, 4, 5);
}
END_TEST

START_TEST(wrong_elective_option_is_left_out_and_the_rest_is_read) {
    struct message m;
    /* Uri-Path "a", Max-Age of 5 bytes, Accept 40, payload "p" */
    ck_assert_int_eq(
        PARSE(&m, 0x40, 0x01, 0, 1, 0xb1, 'a', 0x35, 1, 2, 3, 4, 5, 0x31, 40, 0xff, 'p'),
        MESSAGE_FAULT_OPTION_VALUE_ELECTIVE);
    uint32_t accept = 0;
    ck_assert_uint_eq(m.options.count, 2);
    ck_assert(message_options_get_uint(&m.options, MESSAGE_OPTION_ACCEPT, &accept));
    ck_assert_uint_eq(accept, 40);
    ck_assert_uint_eq(m.payload_length, 1);
    message_clear(&m);
}
END_TEST

START_TEST(malformed_message_still_tells_type_and_message_id) {
    struct message m;
    ck_assert_int_eq(PARSE(&m, 0x40, 0x02, 0x12, 0x34, 0xf0), MESSAGE_FAULT_OPTION_DELTA);
    ck_assert_int_eq(m.type, MESSAGE_CON);
    ck_assert_uint_eq(m.mid, 0x1234);
    message_clear(&m);
}
END_TEST

START_TEST(codes_and_methods_have_texts) {
    char text[5];
    message_code_text(MESSAGE_CODE(2, 4), text);
    ck_assert_str_eq(text, "2.04");
    message_code_text(MESSAGE_CODE(2, 31), text);
    ck_assert_str_eq(text, "2.31");
    ck_assert_int_eq(message_code_from_text("4.06"), MESSAGE_CODE(4, 6));
    ck_assert_int_eq(message_code_from_text("4.32"), -1);
    ck_assert_int_eq(message_code_from_text("8.00"), -1);
    ck_assert_int_eq(message_code_from_text("4.6"), -1);
    ck_assert_str_eq(message_method_text(MESSAGE_DELETE), "DELETE");
    ck_assert_ptr_null(message_method_text(0));
    ck_assert_ptr_null(message_method_text(8));
    ck_assert_int_eq(message_method_from_text("POST"), MESSAGE_POST);
    ck_assert_int_eq(message_method_from_text("post"), -1);
}
END_TEST

static uint64_t random_state = 0x424f4f54; /* fixed: a failure must be repeatable */

static uint32_t next_random(void) {
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(random_state >> 33);
}

/* Random bytes, half of them with a plausible header and small options. The walk must name a reason
 * for all that the codec refuses, and what both accept must be built again to the same meaning. */
START_TEST(any_bytes_are_read_and_the_codec_never_disagrees) {
    int good = 0;
    for (int round = 0; round < 200000; round++) {
        size_t length = next_random() % 48;
        uint8_t *bytes = malloc(length + 1); /* exact size: ASan sees every byte too far */
        ck_assert_ptr_nonnull(bytes);
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (uint8_t)(round % 2 == 0 ? next_random() : next_random() % 0x48);
        }
        if (round % 4 != 0 && length >= 4) {
            bytes[0] = (uint8_t)(0x40 | (next_random() % 4) << 4 | next_random() % 10);
            bytes[1] = (uint8_t)((next_random() % 6) << 5 | next_random() % 8);
        }
        uint8_t *exact = realloc(bytes, length == 0 ? 1 : length);
        struct message m;
        enum message_fault fault = message_parse(&m, exact, length);
        ck_assert_int_ne(fault, MESSAGE_FAULT_CODEC);
        if (fault == MESSAGE_OK) {
            uint8_t *again = NULL;
            size_t again_length = 0;
            good++;
            if (message_build(&m, &again, &again_length) == 0) {
                struct message back;
                ck_assert_int_eq(message_parse(&back, again, again_length), MESSAGE_OK);
                ck_assert_uint_eq(back.mid, m.mid);
                ck_assert_uint_eq(back.options.count, m.options.count);
                ck_assert_uint_eq(back.payload_length, m.payload_length);
                message_clear(&back);
            }
            free(again);
        }
        message_clear(&m);
        free(exact);
    }
    ck_assert_int_gt(good, 1000); /* else the test shows nothing */
}
END_TEST

int main(void) {
    Suite *suite = suite_create("message");
    TCase *tests = tcase_create("message");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, example_request_of_rfc7252_is_read);
    tcase_add_test(tests, example_response_of_rfc7252_is_read);
    tcase_add_test(tests, example_request_of_rfc7252_is_built);
    tcase_add_test(tests, options_are_written_in_order_and_equal_ones_keep_theirs);
    tcase_add_test(tests, long_deltas_and_lengths_survive_the_way_there_and_back);
    tcase_add_test(tests, what_the_codec_cannot_express_is_refused);
    tcase_add_test(tests, malformed_headers_are_named);
    tcase_add_test(tests, malformed_combinations_of_type_and_code_are_named);
    tcase_add_test(tests, malformed_options_are_named);
    tcase_add_test(tests, wrong_elective_option_is_left_out_and_the_rest_is_read);
    tcase_add_test(tests, malformed_message_still_tells_type_and_message_id);
    tcase_add_test(tests, codes_and_methods_have_texts);
    tcase_add_test(tests, any_bytes_are_read_and_the_codec_never_disagrees);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
