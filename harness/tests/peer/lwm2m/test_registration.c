/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/registration.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct message request;
static struct registration registration;

static void new_request(void) {
    message_init(&request, MESSAGE_CON, MESSAGE_POST, 1);
}

static void clear_request(void) {
    message_clear(&request);
    registration_clear(&registration);
}

static void query(const char *text) {
    ck_assert_int_eq(
        message_options_add(&request.options, MESSAGE_OPTION_URI_QUERY, text, strlen(text)), 0);
}

static void payload(uint32_t format, const char *text) {
    ck_assert_int_eq(
        message_options_add_uint(&request.options, MESSAGE_OPTION_CONTENT_FORMAT, format), 0);
    ck_assert_int_eq(message_set_payload(&request, text, strlen(text)), 0);
}

static unsigned read_request(void) {
    return registration_parse(&registration, &request, NULL, NULL);
}

START_TEST(register_request_is_read) {
    query("ep=urn:dev:ops:1");
    query("lt=86400");
    query("lwm2m=1.1");
    query("b=U");
    query("Q");
    payload(40, "</>;rt=\"oma.lwm2m\";ct=11542,</1/0>,</1/1>,</2>,</3/0>;ver=1.1");
    ck_assert_uint_eq(read_request(), 0);
    ck_assert_str_eq(registration.endpoint, "urn:dev:ops:1");
    ck_assert(registration.has_lifetime);
    ck_assert_uint_eq(registration.lifetime_s, 86400);
    ck_assert_str_eq(registration.version, "1.1");
    ck_assert_str_eq(registration.binding, "U");
    ck_assert(registration.queue_mode);
    ck_assert_ptr_null(registration.root);
    ck_assert_uint_eq(registration.object_count, 4);
    ck_assert_str_eq(registration.objects[0], "/1/0");
    ck_assert_str_eq(registration.objects[2], "/2");
    ck_assert_str_eq(registration.objects[3], "/3/0");
    ck_assert_uint_eq(registration.links.count, 5);
}
END_TEST

START_TEST(alternate_path_is_taken_off) {
    query("ep=a");
    payload(40, "</lwm2m>;rt=\"x oma.lwm2m\",</lwm2m/1/0>,</3/0>");
    ck_assert_uint_eq(read_request(), REGISTRATION_PATH); /* /3/0 is not below /lwm2m */
    ck_assert_str_eq(registration.root, "/lwm2m");
    ck_assert_uint_eq(registration.object_count, 1);
    ck_assert_str_eq(registration.objects[0], "/1/0");
}
END_TEST

START_TEST(update_without_payload_has_no_objects) {
    query("lt=0");
    ck_assert_uint_eq(read_request(), REGISTRATION_NO_ENDPOINT);
    ck_assert(!registration.has_objects);
    ck_assert(registration.has_lifetime);
    ck_assert_uint_eq(registration.lifetime_s, 0);
}
END_TEST

START_TEST(wrong_parameters_are_told_and_the_rest_is_read) {
    query("ep=a");
    query("ep=b");
    query("lt=12x");
    query("lwm2m=");
    query("epx=3");
    ck_assert_uint_eq(read_request(), REGISTRATION_QUERY_REPEATED | REGISTRATION_QUERY_MALFORMED |
                                          REGISTRATION_QUERY_UNKNOWN);
    ck_assert_str_eq(registration.endpoint, "a");
    ck_assert(!registration.has_lifetime);
    ck_assert_ptr_null(registration.version);
}
END_TEST

START_TEST(lifetimes_have_32_bits) {
    query("ep=a");
    query("lt=4294967295");
    ck_assert_uint_eq(read_request(), 0);
    ck_assert_uint_eq(registration.lifetime_s, UINT32_MAX);
    registration_clear(&registration);
    message_clear(&request);
    new_request();
    query("ep=a");
    query("lt=4294967296");
    ck_assert_uint_eq(read_request(), REGISTRATION_QUERY_MALFORMED);
    registration_clear(&registration);
    message_clear(&request);
    new_request();
    query("ep=a");
    query("lt=99999999999999999999999999999999");
    ck_assert_uint_eq(read_request(), REGISTRATION_QUERY_MALFORMED);
}
END_TEST

START_TEST(endpoint_that_is_not_utf8_is_malformed) {
    query("ep=\xff\xfe");
    ck_assert_uint_eq(read_request(), REGISTRATION_QUERY_MALFORMED | REGISTRATION_NO_ENDPOINT);
}
END_TEST

START_TEST(payload_of_another_format_is_told_and_read_all_the_same) {
    query("ep=a");
    payload(0, "</1/0>");
    ck_assert_uint_eq(read_request(), REGISTRATION_FORMAT);
    ck_assert_uint_eq(registration.object_count, 1);
}
END_TEST

START_TEST(payload_that_is_no_link_format_is_told_with_its_place) {
    enum link_fault fault = LINK_OK;
    size_t offset = 0;
    query("ep=a");
    payload(40, "</1/0>,</2");
    ck_assert_uint_eq(registration_parse(&registration, &request, &fault, &offset),
                      REGISTRATION_LINKS);
    ck_assert_int_eq(fault, LINK_FAULT_TARGET_END);
    ck_assert_uint_eq(offset, 7);
    ck_assert(registration.has_objects);
    ck_assert_uint_eq(registration.object_count, 0);
}
END_TEST

START_TEST(targets_that_are_no_objects_are_told) {
    query("ep=a");
    payload(40, "</1/0>,</1/0/5>,</x>,lwm2m=1.0,</65536>");
    ck_assert_uint_eq(read_request(), REGISTRATION_PATH);
    ck_assert_uint_eq(registration.object_count, 1);
}
END_TEST

START_TEST(any_options_and_payload_are_survived) {
    static const char ALPHABET[] = "eplt=wm2bQ<>/,;1\xff\"";
    uint64_t random = 0x4e6;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[24];
        for (int part = 0; part < 4; part++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            size_t length = (size_t)(random >> 33) % sizeof(bytes);
            for (size_t i = 0; i < length; i++) {
                random = random * 6364136223846793005ULL + 1442695040888963407ULL;
                bytes[i] = (uint8_t)ALPHABET[(random >> 33) % (sizeof(ALPHABET) - 1)];
            }
            ck_assert_int_eq(part < 3 ? message_options_add(&request.options,
                                                            MESSAGE_OPTION_URI_QUERY, bytes, length)
                                      : message_set_payload(&request, bytes, length),
                             0);
        }
        (void)read_request();
        registration_clear(&registration);
        message_clear(&request);
        new_request();
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("registration");
    TCase *tests = tcase_create("registration");
    tcase_add_checked_fixture(tests, new_request, clear_request);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, register_request_is_read);
    tcase_add_test(tests, alternate_path_is_taken_off);
    tcase_add_test(tests, update_without_payload_has_no_objects);
    tcase_add_test(tests, wrong_parameters_are_told_and_the_rest_is_read);
    tcase_add_test(tests, lifetimes_have_32_bits);
    tcase_add_test(tests, endpoint_that_is_not_utf8_is_malformed);
    tcase_add_test(tests, payload_of_another_format_is_told_and_read_all_the_same);
    tcase_add_test(tests, payload_that_is_no_link_format_is_told_with_its_place);
    tcase_add_test(tests, targets_that_are_no_objects_are_told);
    tcase_add_test(tests, any_options_and_payload_are_survived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
