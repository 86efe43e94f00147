// SPDX-License-Identifier: Apache-2.0
/* The keyless parser: vectors, every truncation, any bytes. */
#include "dtls/record.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Written by hand after RFC 6347 4.1, 4.2 and RFC 5246 7.4.1.2. */
static const uint8_t hello_record[] = {
    22,   0xfe, 0xff,                            // handshake, DTLS 1.0 on the record
    0,    0,    0,    0,    0,    0,    0,    7, // epoch 0, sequence 7
    0,    81,                                    // record length
    1,    0,    0,    69,                        // ClientHello, length 69
    0,    1,                                     // message_seq
    0,    0,    0,    0,    0,    69,            // not fragmented
    0xfe, 0xfd,                                  // DTLS 1.2
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, // random
    0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, //
    0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,       //
    0,                                                                // no session id
    8,    1,    2,    3,    4,    5,    6,    7,    8,                // cookie
    0,    4,    0xc0, 0xa8, 0x00, 0xae,                               // two suites
    1,    0,                                                          // compression: null
    0,    15,                                                         // extensions
    0,    22,   0,    0,                                              // encrypt_then_mac
    0,    23,   0,    0,                                              // extended_master_secret
    0,    1,    0,    1,    2,                                        // max_fragment_length
    0,    99,                                                         // and one cut off
};

static struct dtls_record parse(const uint8_t *bytes, size_t length) {
    struct dtls_record record;
    ck_assert(dtls_record_next(&bytes, &length, &record));
    ck_assert_uint_eq(length, 0);
    return record;
}

START_TEST(a_client_hello_is_read_whole) {
    struct dtls_record record = parse(hello_record, sizeof hello_record);
    ck_assert_uint_eq(record.content_type, DTLS_CONTENT_HANDSHAKE);
    ck_assert_uint_eq(record.version, 0xfeff);
    ck_assert_uint_eq(record.epoch, 0);
    ck_assert_uint_eq(record.sequence, 7);
    ck_assert_uint_eq(record.length, 81);
    struct dtls_client_hello hello;
    ck_assert(dtls_record_client_hello(&record, &hello));
    ck_assert_uint_eq(hello.version, 0xfefd);
    ck_assert_uint_eq(hello.record_version, 0xfeff);
    ck_assert_uint_eq(hello.record_sequence, 7);
    ck_assert_mem_eq(hello.random, hello_record + 27, 32);
    ck_assert(hello.cookie);
    ck_assert(!hello.session_id);
    ck_assert_uint_eq(hello.suite_count, 2);
    ck_assert_uint_eq(hello.suites[0], 0xc0a8);
    ck_assert_uint_eq(hello.suites[1], 0x00ae);
    ck_assert_uint_eq(hello.extension_count, 3); // the one cut off is not listed
    ck_assert_uint_eq(hello.extensions[0], 22);
    ck_assert_uint_eq(hello.extensions[1], 23);
    ck_assert_uint_eq(hello.extensions[2], 1);
}
END_TEST

START_TEST(a_truncated_record_is_none) {
    for (size_t length = 0; length < sizeof hello_record; length++) {
        uint8_t *exact = malloc(length + 1); // so that a sanitizer sees a read past the end
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, hello_record, length);
        const uint8_t *at = exact;
        size_t left = length;
        struct dtls_record record;
        ck_assert(!dtls_record_next(&at, &left, &record));
        ck_assert_ptr_eq(at, exact);
        ck_assert_uint_eq(left, length);
        free(exact);
    }
}
END_TEST

START_TEST(a_client_hello_cut_anywhere_is_survived) {
    int complete = 0;
    struct dtls_record whole = parse(hello_record, sizeof hello_record);
    for (size_t length = 0; length <= whole.length; length++) {
        uint8_t *exact = malloc(length + 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, whole.fragment, length);
        if (length >= 12) { // let the header agree with the cut
            exact[3] = exact[11] = (uint8_t)(length - 12);
        }
        struct dtls_record record = whole;
        record.fragment = exact;
        record.length = length;
        struct dtls_client_hello hello;
        complete += dtls_record_client_hello(&record, &hello);
        free(exact);
    }
    ck_assert_int_eq(complete, 18); // cut within the extensions, it is one with fewer of them
}
END_TEST

START_TEST(fragments_other_messages_and_other_epochs_are_no_client_hello) {
    uint8_t bytes[sizeof hello_record];
    struct dtls_client_hello hello;
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {{13, 2}, {4, 1}, {21, 1}, {24, 68}, {0, 23}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        memcpy(bytes, hello_record, sizeof bytes);
        bytes[changes[i].at] = changes[i].value;
        struct dtls_record record = parse(bytes, sizeof bytes);
        ck_assert(!dtls_record_client_hello(&record, &hello));
    }
}
END_TEST

START_TEST(an_alert_in_the_clear_is_read_and_an_encrypted_one_is_not) {
    uint8_t bytes[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 2, 20};
    struct dtls_record record = parse(bytes, sizeof bytes);
    struct dtls_alert alert;
    ck_assert(dtls_record_alert(&record, &alert));
    ck_assert_uint_eq(alert.level, 2);
    ck_assert_str_eq(dtls_alert_name(alert.description), "bad_record_mac");
    bytes[4] = 1;
    record = parse(bytes, sizeof bytes);
    ck_assert(!dtls_record_alert(&record, &alert));
    ck_assert_str_eq(dtls_alert_name(115), "unknown_psk_identity");
    ck_assert_str_eq(dtls_alert_name(40), "handshake_failure");
    ck_assert_str_eq(dtls_alert_name(0), "close_notify");
    ck_assert_str_eq(dtls_alert_name(255), "unknown");
}
END_TEST

START_TEST(records_of_one_datagram_follow_each_other) {
    uint8_t bytes[2 * sizeof hello_record];
    memcpy(bytes, hello_record, sizeof hello_record);
    memcpy(bytes + sizeof hello_record, hello_record, sizeof hello_record);
    const uint8_t *at = bytes;
    size_t left = sizeof bytes;
    struct dtls_record record;
    ck_assert(dtls_record_next(&at, &left, &record));
    ck_assert(dtls_record_next(&at, &left, &record));
    ck_assert(!dtls_record_next(&at, &left, &record));
}
END_TEST

START_TEST(more_suites_than_are_listed_are_counted_off) {
    static uint8_t fragment[12 + 2 + 32 + 1 + 1 + 2 + 2 * 300 + 2];
    size_t length = sizeof fragment - 12;
    fragment[0] = 1;
    fragment[2] = fragment[10] = (uint8_t)(length >> 8);
    fragment[3] = fragment[11] = (uint8_t)length;
    fragment[12 + 36] = 600 >> 8;
    fragment[12 + 37] = 600 & 255;
    fragment[sizeof fragment - 2] = 1;
    struct dtls_record record = {
        .content_type = DTLS_CONTENT_HANDSHAKE, .fragment = fragment, .length = sizeof fragment};
    struct dtls_client_hello hello;
    ck_assert(dtls_record_client_hello(&record, &hello));
    ck_assert_uint_eq(hello.suite_count, DTLS_HELLO_LIST_MAX);
    ck_assert_uint_eq(hello.extension_count, 0);
}
END_TEST

START_TEST(any_bytes_are_survived) {
    uint32_t state = 42;
    int hellos = 0;
    for (int i = 0; i < 300000; i++) {
        uint8_t bytes[sizeof hello_record];
        memcpy(bytes, hello_record, sizeof bytes);
        size_t length = sizeof bytes;
        for (int j = 0; j < 3 + i % 5; j++) {
            state = state * 1664525U + 1013904223U;
            bytes[(state >> 8) % sizeof bytes] = (uint8_t)(state >> 24);
        }
        length = i % 7 == 0 ? (state >> 16) % (sizeof bytes + 1) : length;
        uint8_t *exact = malloc(length + 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, bytes, length);
        const uint8_t *at = exact;
        struct dtls_record record;
        while (dtls_record_next(&at, &length, &record)) {
            struct dtls_client_hello hello;
            struct dtls_alert alert;
            hellos += dtls_record_client_hello(&record, &hello);
            dtls_record_alert(&record, &alert);
        }
        free(exact);
    }
    ck_assert_int_gt(hellos, 1000); // else it tested nothing
}
END_TEST

int main(void) {
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_client_hello_is_read_whole);
    tcase_add_test(tests, a_truncated_record_is_none);
    tcase_add_test(tests, a_client_hello_cut_anywhere_is_survived);
    tcase_add_test(tests, fragments_other_messages_and_other_epochs_are_no_client_hello);
    tcase_add_test(tests, an_alert_in_the_clear_is_read_and_an_encrypted_one_is_not);
    tcase_add_test(tests, records_of_one_datagram_follow_each_other);
    tcase_add_test(tests, more_suites_than_are_listed_are_counted_off);
    tcase_add_test(tests, any_bytes_are_survived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
