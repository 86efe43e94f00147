// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "roles/members.h"

/* SHA-256("abcdefgh") starts with 9c56cc51 (by sha256sum). */
static const uint8_t key[] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};
#define REDACTED "{\"redacted\":\"9c56cc51\"}"

static struct redact *keys;
static struct members members;

static void setup(void) {
    keys = redact_new();
    ck_assert_int_eq(redact_add(keys, key, sizeof key), 0);
    members_begin(&members, keys);
}

static void teardown(void) {
    members_free(&members);
    redact_free(keys);
}

/* The members so far are that text; starts anew. */
static void check_members(const char *expected) {
    ck_assert(!members.failed);
    char *text = strndup((const char *)members.text.data, members.text.length);
    ck_assert_str_eq(text, expected);
    free(text);
    members_begin(&members, keys);
}

static void add_text(const char *name, const char *text) {
    members_text(&members, name, (const uint8_t *)text, strlen(text));
}

static void add_bytes(const char *text) {
    members_bytes(&members, "b", (const uint8_t *)text, strlen(text));
}

START_TEST(values_are_json) {
    members_word(&members, "w", "a\"b\\c");
    members_number(&members, "n", 0);
    members_number(&members, "m", INT64_MIN);
    members_boolean(&members, "t", true);
    members_boolean(&members, "f", false);
    members_null(&members, "z");
    members_bytes(&members, "e", NULL, 0);
    members_text(&members, "s", NULL, 0);
    check_members("\"w\":\"a\\u0022b\\u005cc\",\"n\":0,\"m\":-9223372036854775808,\"t\":true,"
                  "\"f\":false,\"z\":null,\"e\":\"\",\"s\":\"\"");
}
END_TEST

START_TEST(lists_and_objects_nest) {
    members_open_list(&members, "l");
    members_number(&members, NULL, 1);
    members_open_object(&members, NULL);
    members_word(&members, "a", "x");
    members_close_object(&members);
    members_open_list(&members, NULL);
    members_close_list(&members);
    members_close_list(&members);
    members_number(&members, "n", 2);
    check_members("\"l\":[1,{\"a\":\"x\"},[]],\"n\":2");
}
END_TEST

START_TEST(object_of_ours_is_spliced_in) {
    members_number(&members, "a", 1);
    members_splice(&members, json_pack("{s:i, s:{s:i}}", "b", 2, "c", "d", 3));
    members_splice(&members, json_object());
    members_number(&members, "e", 4);
    check_members("\"a\":1,\"b\":2,\"c\":{\"d\":3},\"e\":4");
}
END_TEST

START_TEST(value_that_is_a_key_becomes_its_fingerprint) {
    add_bytes("abcdefgh");
    add_text("t", "abcdefgh");
    members_opaque(&members, "o", key, sizeof key);
    check_members("\"b\":" REDACTED ",\"t\":" REDACTED ",\"o\":" REDACTED);
}
END_TEST

START_TEST(key_within_a_value_leaves_the_rest_in_pieces) {
    add_bytes("<abcdefgh>");
    check_members("\"b\":[\"3c\"," REDACTED ",\"3e\"]");
    add_bytes("abcdefghabcdefgh");
    check_members("\"b\":[" REDACTED "," REDACTED "]");
    add_text("t", "ep=abcdefgh");
    check_members("\"t\":[\"ep=\"," REDACTED "]");
    members_opaque(&members, "o", (const uint8_t *)"abcdefgh\xff", 9);
    check_members("\"o\":{\"hex\":[" REDACTED ",\"ff\"]}");
}
END_TEST

START_TEST(key_is_found_in_base64) {
    add_text("t", "YWJjZGVmZ2g="); // RFC 4648 of the key
    check_members("\"t\":[" REDACTED ",\"=\"]");
    static const uint8_t high[] = {0xfb, 0xff, 0xbf, 0xfb}; // "+/+/+w", in base64url "-_-_-w"
    ck_assert_int_eq(redact_add(keys, high, sizeof high), 0);
    add_text("t", "-_-_-w");
    ck_assert_mem_eq(members.text.data, "\"t\":{\"redacted\":", 16);
}
END_TEST

START_TEST(words_of_ours_stay) {
    members_word(&members, "server", "abcdefgh");
    check_members("\"server\":\"abcdefgh\"");
}
END_TEST

START_TEST(what_is_no_text_is_shown_as_bytes) {
    add_text("t", "\xff\xfe");
    add_text("u", "a\nb");
    add_text("v", "\xc3\xa9");
    check_members("\"t\":{\"hex\":\"fffe\"},\"u\":{\"hex\":\"610a62\"},\"v\":\"\xc3\xa9\"");
}
END_TEST

START_TEST(longest_key_wins) {
    struct redact_hit hit;
    const uint8_t longer[] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'};
    ck_assert_int_eq(redact_add(keys, longer, sizeof longer), 0);
    ck_assert_int_eq(redact_find(keys, longer, sizeof longer, 0, &hit), 1);
    ck_assert_uint_eq(hit.length, sizeof longer);
    ck_assert_str_ne(hit.fingerprint, "9c56cc51");
}
END_TEST

START_TEST(short_key_is_only_found_as_a_whole) {
    struct redact_hit hit;
    const uint8_t bytes[] = {0x01, 0x01};
    ck_assert_int_eq(redact_add(keys, bytes, 1), 0);
    ck_assert_int_eq(redact_find(keys, bytes, 1, 0, &hit), 1);
    ck_assert_int_eq(redact_find(keys, bytes, 2, 0, &hit), 0);
}
END_TEST

START_TEST(empty_key_and_empty_set_change_nothing) {
    struct redact *none = redact_new();
    struct redact_hit hit;
    ck_assert_int_eq(redact_add(none, key, 0), 0);
    ck_assert_int_eq(redact_find(none, key, sizeof key, 0, &hit), 0);
    redact_free(none);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("members");
    TCase *tests = tcase_create("members");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, values_are_json);
    tcase_add_test(tests, lists_and_objects_nest);
    tcase_add_test(tests, object_of_ours_is_spliced_in);
    tcase_add_test(tests, value_that_is_a_key_becomes_its_fingerprint);
    tcase_add_test(tests, key_within_a_value_leaves_the_rest_in_pieces);
    tcase_add_test(tests, key_is_found_in_base64);
    tcase_add_test(tests, words_of_ours_stay);
    tcase_add_test(tests, what_is_no_text_is_shown_as_bytes);
    tcase_add_test(tests, longest_key_wins);
    tcase_add_test(tests, short_key_is_only_found_as_a_whole);
    tcase_add_test(tests, empty_key_and_empty_set_change_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
