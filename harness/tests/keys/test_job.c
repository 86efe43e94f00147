// SPDX-License-Identifier: Apache-2.0
/* Each source of secrets finds its keys at both ends, and says what it left. */
#include "audit/job.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

static struct material material;

static void set_up(void) {
    memset(&material, 0, sizeof material);
    material.targets = targets_new();
    ck_assert_ptr_nonnull(material.targets);
}

static void tear_down(void) {
    lookup_free(&material.lookup);
    words_free(&material.words);
    targets_free(material.targets);
}

static void run(struct job job, uint64_t begin, uint64_t end) {
    ck_assert_int_eq(lookup_init(&material.lookup, material.targets), 0);
    job_run(&job, &material, begin, end);
}

static void add_digest(enum hash hash, const char *text, size_t from, size_t length) {
    uint8_t digest[HASH_MAX];
    hash_digest(hash, (const uint8_t *)text, strlen(text), digest);
    fleet_add_bytes(material.targets, digest + from, length, NULL);
}

START_TEST(the_first_and_the_last_pin_of_each_length_are_tried) {
    static const char *const pins[] = {"0",    "9",    "00",    "99",    "000",    "999",
                                       "0000", "9999", "00000", "99999", "000000", "999999"};
    enum { COUNT = sizeof pins / sizeof *pins };
    for (size_t i = 0; i < COUNT; i++) {
        add_digest(HASH_SHA256, pins[i], 0, 16);
    }
    struct job job = {
        .source = SOURCE_PIN, .derivation = {MODE_DIGEST, HASH_SHA256, 0}, .value = VALUES};
    run(job, 0, pins_up_to(6));
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_msg(fleet_has(material.targets, i, "sha256(pin)", WEIGHT_LOW), "%s", pins[i]);
    }
}
END_TEST

START_TEST(a_range_of_pins_is_that_and_no_more) {
    add_digest(HASH_MD5, "12345678", 0, 16);
    struct job job = {
        .source = SOURCE_PIN, .derivation = {MODE_DIGEST, HASH_MD5, 0}, .value = VALUES};
    uint64_t index = pins_up_to(7) + 12345678;
    run(job, index - 50000, index);
    ck_assert_uint_eq(fleet_findings(material.targets, 0), 0);
    job_run(&job, &material, index, index + 1);
    ck_assert(fleet_has(material.targets, 0, "md5(pin)", WEIGHT_LOW));
}
END_TEST

START_TEST(truncated_repeated_padded_and_written_digests_are_found) {
    uint8_t digest[HASH_MAX], key[HASH_MAX] = {0};
    add_digest(HASH_SHA1, "4711", 0, 20);
    add_digest(HASH_SHA1, "4711", 0, 16);
    add_digest(HASH_SHA1, "4711", 4, 16);
    hash_digest(HASH_SHA1, (const uint8_t *)"4711", 4, digest);
    memcpy(key, digest, 20);
    fleet_add_bytes(material.targets, key, sizeof key, NULL);
    memcpy(key + 20, digest, 12);
    fleet_add_bytes(material.targets, key, sizeof key, NULL);
    static const char upper[] = "C9F0F895FB98AB9159F51FD0297E236D"; // MD5 of 8
    char text[41];
    for (size_t i = 0; i < 20; i++) {
        static const char digits[] = "0123456789ABCDEF";
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    fleet_add_bytes(material.targets, (const uint8_t *)text, 32, NULL);
    fleet_add_bytes(material.targets, (const uint8_t *)upper, 32, NULL);
    struct job job = {
        .source = SOURCE_PIN, .derivation = {MODE_DIGEST, HASH_SHA1, 0}, .value = VALUES};
    run(job, 0, pins_up_to(4));
    for (size_t i = 0; i < 6; i++) {
        ck_assert_msg(fleet_has(material.targets, i, "sha1(pin)", WEIGHT_LOW), "%zu", i);
    }
    ck_assert_uint_eq(fleet_findings(material.targets, 6), 0);
}
END_TEST

START_TEST(a_changed_word_is_found_whole_padded_and_repeated) {
    static const char *const keys[] = {"Secret2024", "Secret2024\0\0\0\0\0", "Secret2024Secret"};
    static const size_t lengths[] = {10, 16, 16};
    for (size_t i = 0; i < 3; i++) {
        uint8_t key[16] = {0};
        memcpy(key, keys[i], i == 1 ? 10 : lengths[i]);
        fleet_add_bytes(material.targets, key, lengths[i], NULL);
    }
    ck_assert_int_eq(words_add(&material.words, (const uint8_t *)"secret", 6, NULL), 0);
    struct job job = {.source = SOURCE_WORD,
                      .derivation = {MODE_PLAIN, HASH_MD5, 0},
                      .words = &material.words,
                      .changes = words_changes(),
                      .value = VALUES};
    run(job, 0, words_changes());
    for (size_t i = 0; i < 3; i++) {
        ck_assert_msg(fleet_has(material.targets, i, "plain(word)", WEIGHT_LOW), "%zu", i);
    }
}
END_TEST

START_TEST(the_serial_number_is_found_as_it_is_written_or_not) {
    uint8_t digest[HASH_MAX];
    hash_digest(HASH_MD5, (const uint8_t *)"AB12CD", 6, digest);
    fleet_add_bytes(material.targets, digest, 16, "ab-12-cd");
    fleet_add_bytes(material.targets, digest, 16, "ab-12-ce"); // of another device: not derived
    struct job job = {
        .source = SOURCE_DEVICE, .derivation = {MODE_DIGEST, HASH_MD5, 0}, .value = VALUES};
    run(job, 0, 2);
    ck_assert(fleet_has(material.targets, 0, "md5(serial)", WEIGHT_LOW));
    ck_assert_uint_eq(fleet_findings(material.targets, 1), 0);
}
END_TEST

START_TEST(a_pin_with_the_serial_number_is_found) {
    uint8_t digest[HASH_MAX];
    hash_digest(HASH_SHA256, (const uint8_t *)"SN7:0042", 8, digest);
    fleet_add_bytes(material.targets, digest, 16, "SN7");
    struct job job = {.source = SOURCE_PIN_AND_DEVICE,
                      .derivation = {MODE_DIGEST, HASH_SHA256, 0},
                      .combine = COMBINE_VALUE_FIRST,
                      .value = VALUE_SERIAL};
    run(job, 0, pins_up_to(4));
    ck_assert(fleet_has(material.targets, 0, "sha256(serial+pin)", WEIGHT_LOW));
}
END_TEST

START_TEST(what_is_left_is_said) {
    char text[JOB_TEXT_SIZE];
    struct job job = {.source = SOURCE_PIN, .candidates = pins_up_to(8), .done = pins_up_to(8)};
    job_left(&job, text);
    ck_assert_str_eq(text, "");
    job.done = pins_up_to(5) + 1000;
    job_left(&job, text);
    ck_assert_str_eq(text, "999000 of 1000000 PINs of 6 digits and all of more digits");
    job.done = pins_up_to(8) - 1;
    job_left(&job, text);
    ck_assert_str_eq(text, "1 of 100000000 PINs of 8 digits");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("job");
    TCase *tests = tcase_create("job");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_first_and_the_last_pin_of_each_length_are_tried);
    tcase_add_test(tests, a_range_of_pins_is_that_and_no_more);
    tcase_add_test(tests, truncated_repeated_padded_and_written_digests_are_found);
    tcase_add_test(tests, a_changed_word_is_found_whole_padded_and_repeated);
    tcase_add_test(tests, the_serial_number_is_found_as_it_is_written_or_not);
    tcase_add_test(tests, a_pin_with_the_serial_number_is_found);
    tcase_add_test(tests, what_is_left_is_said);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
