// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>

#include "control/redact.h"

/* SHA-256("abcdefgh") starts with 9c56cc51 (FIPS 180-4; checked with sha256sum). */
static const uint8_t key[] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};

static char *shown(const struct redact *set, const char *event) {
    json_t *json = json_loads(event, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(redact_event(set, json), 0);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void check_shown(const struct redact *set, const char *event, const char *expected) {
    char *text = shown(set, event);
    ck_assert_str_eq(text, expected);
    free(text);
}

static struct redact *with_key(void) {
    struct redact *set = redact_new();
    ck_assert_int_eq(redact_add(set, key, sizeof key), 0);
    return set;
}

START_TEST(value_that_is_a_key_becomes_its_fingerprint) {
    struct redact *set = with_key();
    check_shown(set, "{\"payload\":\"6162636465666768\"}",
                "{\"payload\":{\"redacted\":\"9c56cc51\"}}");
    check_shown(set, "{\"identity\":\"6162636465666768\"}",
                "{\"identity\":{\"redacted\":\"9c56cc51\"}}");
    redact_free(set);
}
END_TEST

START_TEST(key_within_bytes_leaves_the_rest_in_pieces) {
    struct redact *set = with_key();
    check_shown(set, "{\"payload\":\"c805086162636465666768ff\"}",
                "{\"payload\":[\"c80508\",{\"redacted\":\"9c56cc51\"},\"ff\"]}");
    check_shown(set, "{\"payload\":\"61626364656667686162636465666768\"}",
                "{\"payload\":[{\"redacted\":\"9c56cc51\"},{\"redacted\":\"9c56cc51\"}]}");
    redact_free(set);
}
END_TEST

START_TEST(hexadecimal_is_compared_by_bytes_not_by_digits) {
    struct redact *set = with_key();
    // the digits of the key, half a byte off
    check_shown(set, "{\"payload\":\"061626364656667680\"}",
                "{\"payload\":\"061626364656667680\"}");
    redact_free(set);
}
END_TEST

START_TEST(key_is_found_in_decoded_values_text_and_base64) {
    struct redact *set = with_key();
    check_shown(
        set,
        "{\"decoded\":{\"tlv\":[{\"kind\":\"resource\",\"value\":{\"hex\":\"6162636465666768\"}}]}"
        "}",
        "{\"decoded\":{\"tlv\":[{\"kind\":\"resource\",\"value\":{\"redacted\":\"9c56cc51\"}}]}}");
    check_shown(set, "{\"query\":[\"ep=abcdefgh\"],\"endpoint\":\"abcdefgh\"}",
                "{\"query\":[[\"ep=\",{\"redacted\":\"9c56cc51\"}]],"
                "\"endpoint\":{\"redacted\":\"9c56cc51\"}}");
    check_shown(set, "{\"decoded\":{\"text\":\"YWJjZGVmZ2g=\"}}", // RFC 4648 of the key
                "{\"decoded\":{\"text\":[{\"redacted\":\"9c56cc51\"},\"=\"]}}");
    redact_free(set);
}
END_TEST

START_TEST(our_own_words_stay) {
    struct redact *set = with_key();
    check_shown(set, "{\"server\":\"abcdefgh\",\"event\":\"abcdefgh\"}",
                "{\"server\":\"abcdefgh\",\"event\":\"abcdefgh\"}");
    redact_free(set);
}
END_TEST

START_TEST(longest_key_wins) {
    struct redact *set = with_key();
    const uint8_t longer[] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'};
    ck_assert_int_eq(redact_add(set, longer, sizeof longer), 0);
    char *text = shown(set, "{\"payload\":\"616263646566676869\"}");
    ck_assert_ptr_null(strstr(text, "9c56cc51"));
    ck_assert_ptr_null(strstr(text, "69\""));
    free(text);
    redact_free(set);
}
END_TEST

START_TEST(short_key_is_only_found_as_a_whole) {
    struct redact *set = redact_new();
    const uint8_t one[] = {0x61};
    ck_assert_int_eq(redact_add(set, one, sizeof one), 0);
    char *text = shown(set, "{\"payload\":\"61\",\"bytes\":\"6161\"}");
    ck_assert_ptr_nonnull(strstr(text, "{\"payload\":{\"redacted\":"));
    ck_assert_ptr_nonnull(strstr(text, "\"bytes\":\"6161\""));
    free(text);
    redact_free(set);
}
END_TEST

START_TEST(without_keys_nothing_changes) {
    struct redact *set = redact_new();
    ck_assert_int_eq(redact_add(set, key, 0), 0);
    check_shown(set, "{\"payload\":\"6162636465666768\"}", "{\"payload\":\"6162636465666768\"}");
    redact_free(set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("redact");
    TCase *tests = tcase_create("redact");
    tcase_add_test(tests, value_that_is_a_key_becomes_its_fingerprint);
    tcase_add_test(tests, key_within_bytes_leaves_the_rest_in_pieces);
    tcase_add_test(tests, hexadecimal_is_compared_by_bytes_not_by_digits);
    tcase_add_test(tests, key_is_found_in_decoded_values_text_and_base64);
    tcase_add_test(tests, our_own_words_stay);
    tcase_add_test(tests, longest_key_wins);
    tcase_add_test(tests, short_key_is_only_found_as_a_whole);
    tcase_add_test(tests, without_keys_nothing_changes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
