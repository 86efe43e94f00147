/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/link.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct link_list list;

static void parse(const char *text) {
    ck_assert_str_eq(link_fault_text(link_parse(&list, (const uint8_t *)text, strlen(text), NULL)),
                     "");
}

static const char *value(size_t link, const char *name) {
    const struct link_attribute *attribute = link_find(&list.items[link], name);
    ck_assert_ptr_nonnull(attribute);
    return attribute->value;
}

/* RFC 6690 section 5. */
START_TEST(example_of_rfc6690_is_read) {
    parse("</sensors>;ct=40;title=\"Sensor "
          "Index\",</sensors/temp>;rt=\"temperature-c\";if=\"sensor\","
          "<http://www.example.com/sensors/t123>;anchor=\"/sensors/temp\";rel=\"describedby\","
          "</t>;anchor=\"/sensors/temp\";rel=\"alternate\"");
    ck_assert_uint_eq(list.count, 4);
    ck_assert_str_eq(list.items[0].target, "/sensors");
    ck_assert_str_eq(value(0, "ct"), "40");
    ck_assert(!link_find(&list.items[0], "ct")->quoted);
    ck_assert_str_eq(value(0, "title"), "Sensor Index");
    ck_assert(link_find(&list.items[0], "title")->quoted);
    ck_assert_str_eq(list.items[2].target, "http://www.example.com/sensors/t123");
    ck_assert_str_eq(value(3, "rel"), "alternate");
    link_clear(&list);
}
END_TEST

/* TS 1.1.1 Core 6.1.7.3, in its form. */
START_TEST(bootstrap_discover_of_1_1_is_read) {
    parse("</>;lwm2m=1.1,</0/0>,</0/1>;ssid=101;uri=\"coaps://a.example:5684\",</1/0>;ssid=101,"
          "</3/0>,</5>");
    ck_assert_uint_eq(list.count, 6);
    ck_assert_str_eq(list.items[0].target, "/");
    ck_assert_str_eq(value(0, "lwm2m"), "1.1");
    ck_assert_ptr_null(link_find(&list.items[1], "ssid"));
    ck_assert_str_eq(value(2, "uri"), "coaps://a.example:5684");
    link_clear(&list);
}
END_TEST

/* TS 1.0 5.2.7.3 and ETS 1.0: the version comes without URI reference. */
START_TEST(bootstrap_discover_of_1_0_without_uri_reference_is_read) {
    parse("lwm2m=\"1.0\",</0/0>,</0/1>;ssid=101,</1/0>;ssid=101,</3/0>");
    ck_assert_uint_eq(list.count, 5);
    ck_assert_ptr_null(list.items[0].target);
    ck_assert_str_eq(value(0, "lwm2m"), "1.0");
    ck_assert_str_eq(list.items[1].target, "/0/0");
    link_clear(&list);
}
END_TEST

START_TEST(quoted_values_hold_separators_and_escapes) {
    parse("</a>;title=\"x,<y>;z=\\\"q\\\"\\\\\";b");
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(value(0, "title"), "x,<y>;z=\"q\"\\");
    ck_assert_ptr_null(value(0, "b")); /* there, without value */
    link_clear(&list);
}
END_TEST

START_TEST(spaces_around_separators_and_an_empty_payload_are_taken) {
    parse("</a>; x=1 , </b>");
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(value(0, "x"), "1");
    link_clear(&list);
    parse("");
    ck_assert_uint_eq(list.count, 0);
    parse("<>"); /* an empty reference is one */
    ck_assert_str_eq(list.items[0].target, "");
    link_clear(&list);
}
END_TEST

static void expect_fault(enum link_fault expected, size_t place, const char *text) {
    size_t offset = 99;
    ck_assert_str_eq(
        link_fault_text(link_parse(&list, (const uint8_t *)text, strlen(text), &offset)),
        link_fault_text(expected));
    ck_assert_uint_eq(offset, place);
    ck_assert_uint_eq(list.count, 0);
}

START_TEST(faults_and_their_place_are_told) {
    expect_fault(LINK_FAULT_TARGET, 5, "</1>,/2");
    expect_fault(LINK_FAULT_TARGET_END, 5, "</1>,</2");
    expect_fault(LINK_FAULT_SEPARATOR, 4, "</1></2>");
    expect_fault(LINK_FAULT_SEPARATOR, 8, "</1>;a=b\"c\"");
    expect_fault(LINK_FAULT_NAME, 5, "</1>;=3");
    expect_fault(LINK_FAULT_NAME, 5, "</1>;");
    expect_fault(LINK_FAULT_VALUE, 7, "</1>;a=,</2>");
    expect_fault(LINK_FAULT_QUOTE, 7, "</1>;a=\"b");
    expect_fault(LINK_FAULT_QUOTE, 7, "</1>;a=\"b\\");
    expect_fault(LINK_FAULT_EMPTY, 5, "</1>,");
    expect_fault(LINK_FAULT_EMPTY, 0, ",</1>");
    expect_fault(LINK_FAULT_CHARACTER, 4, "</1>\n");
    expect_fault(LINK_FAULT_CHARACTER, 2, "</\xff>");
    expect_fault(LINK_FAULT_CHARACTER, 2, "</\xc0\xaf>");     /* overlong */
    expect_fault(LINK_FAULT_CHARACTER, 2, "</\xed\xa0\x80>"); /* a surrogate */
    size_t offset = 99;
    ck_assert_int_eq(link_parse(&list, (const uint8_t[]){'<', '\0', '>'}, 3, &offset),
                     LINK_FAULT_CHARACTER);
    ck_assert_uint_eq(offset, 1);
}
END_TEST

static void expect_path(const char *target, const char *root, const char *expected) {
    uint16_t ids[4];
    size_t count = 0;
    char text[64] = "no";
    if (link_path(target, root, ids, &count)) {
        text[0] = '\0';
        for (size_t i = 0; i < count; i++) {
            size_t used = strlen(text);
            (void)snprintf(text + used, sizeof(text) - used, "/%u", ids[i]);
        }
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(targets_are_read_as_paths) {
    expect_path("/", NULL, "");
    expect_path("/1", NULL, "/1");
    expect_path("/1/0/65535/3", "", "/1/0/65535/3");
    expect_path("/lwm2m/1/0", "/lwm2m", "/1/0");
    expect_path("/lwm2m", "/lwm2m/", "");
    expect_path("", NULL, "no");
    expect_path("1/0", NULL, "no");
    expect_path("/1/0/2/3/4", NULL, "no");
    expect_path("/65536", NULL, "no");
    expect_path("/99999999999999999999", NULL, "no");
    expect_path("/01", NULL, "no");
    expect_path("/1/", NULL, "no");
    expect_path("//1", NULL, "no");
    expect_path("/1/x", NULL, "no");
    expect_path("/lwm2mx/1", "/lwm2m", "no");
    expect_path("/1/0", "/lwm2m", "no");
}
END_TEST

START_TEST(any_bytes_are_survived) {
    static const char ALPHABET[] = "<>,;=\"\\/ a1\xc3\xa9*";
    uint64_t random = 0x6690;
    int good = 0;
    for (int round = 0; round < 200000; round++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        size_t length = (size_t)(random >> 33) % 24;
        uint8_t *bytes = malloc(length == 0 ? 1 : length);
        for (size_t i = 0; i < length; i++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            uint32_t r = (uint32_t)(random >> 33);
            bytes[i] = round % 8 == 0 ? (uint8_t)r : (uint8_t)ALPHABET[r % (sizeof(ALPHABET) - 1)];
        }
        good += link_parse(&list, bytes, length, NULL) == LINK_OK && list.count > 0;
        link_clear(&list);
        free(bytes);
    }
    ck_assert_int_gt(good, 1000);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("link");
    TCase *tests = tcase_create("link");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, example_of_rfc6690_is_read);
    tcase_add_test(tests, bootstrap_discover_of_1_1_is_read);
    tcase_add_test(tests, bootstrap_discover_of_1_0_without_uri_reference_is_read);
    tcase_add_test(tests, quoted_values_hold_separators_and_escapes);
    tcase_add_test(tests, spaces_around_separators_and_an_empty_payload_are_taken);
    tcase_add_test(tests, faults_and_their_place_are_told);
    tcase_add_test(tests, targets_are_read_as_paths);
    tcase_add_test(tests, any_bytes_are_survived);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
