// SPDX-License-Identifier: Apache-2.0
/* Devices are kept once, keys are told apart, and findings reach all that have the key. */
#include "audit/targets.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

static struct targets *targets;

static void set_up(void) {
    targets = targets_new();
    ck_assert_ptr_nonnull(targets);
}

static void tear_down(void) {
    targets_free(targets);
}

START_TEST(a_device_that_comes_again_is_told_with_its_line) {
    const uint8_t key[16] = {1};
    struct device device = {.line = 7, .key = key, .key_length = sizeof key};
    uint32_t before = 0;
    device.values[VALUE_IDENTITY] = (const uint8_t *)"a";
    device.value_lengths[VALUE_IDENTITY] = 1;
    device.values[VALUE_ENDPOINT] = (const uint8_t *)"ep";
    device.value_lengths[VALUE_ENDPOINT] = 2;
    ck_assert_int_eq(targets_add(targets, &device, &before), 0);
    device.line = 9;
    device.values[VALUE_IDENTITY] = (const uint8_t *)"b"; // the endpoint is its name
    ck_assert_int_eq(targets_add(targets, &device, &before), -EEXIST);
    ck_assert_uint_eq(before, 7);
    device.values[VALUE_ENDPOINT] = (const uint8_t *)"eq";
    ck_assert_int_eq(targets_add(targets, &device, &before), 0);
    ck_assert_uint_eq(targets_count(targets), 2);
    ck_assert_uint_eq(targets_different(targets), 1);
}
END_TEST

START_TEST(too_long_keys_and_values_are_refused) {
    uint8_t key[TARGET_KEY_MAX + 1] = {0};
    struct device device = {.line = 2, .key = key, .key_length = sizeof key};
    uint32_t before;
    ck_assert_int_eq(targets_add(targets, &device, &before), -E2BIG);
    device.key_length = 0;
    ck_assert_int_eq(targets_add(targets, &device, &before), -E2BIG);
    ck_assert_uint_eq(targets_count(targets), 0);
}
END_TEST

START_TEST(a_finding_about_a_key_is_one_about_all_equal_keys) {
    struct finding of_key = {"k", "of the key", WEIGHT_LOW, true, false};
    struct finding of_device = {"d", "of the device", WEIGHT_HINT, false, true};
    fleet_add(targets, "00112233445566778899aabbccddeeff", NULL);
    fleet_add(targets, "00112233445566778899aabbccddeeff", NULL);
    fleet_add(targets, "ff112233445566778899aabbccddeeff", NULL);
    ck_assert_uint_eq(targets_open(targets), 2);
    ck_assert_int_eq(targets_tell(targets, 0, &of_key), 0);
    ck_assert_int_eq(targets_tell(targets, 0, &of_key), 0); // once is enough
    ck_assert_int_eq(targets_tell(targets, 0, &of_device), 0);
    ck_assert_uint_eq(targets_open(targets), 1);
    ck_assert(fleet_has(targets, 1, "k", WEIGHT_LOW));
    ck_assert_uint_eq(fleet_findings(targets, 0), 2);
    ck_assert_uint_eq(fleet_findings(targets, 1), 1);
    ck_assert_uint_eq(fleet_findings(targets, 2), 0);
}
END_TEST

START_TEST(many_devices_with_one_key_are_taken_quickly) {
    const uint8_t key[16] = {7};
    for (int i = 0; i < 50000; i++) {
        fleet_add_bytes(targets, key, sizeof key, NULL);
    }
    ck_assert_uint_eq(targets_different(targets), 1);
    ck_assert_uint_eq(targets_at(targets, 49999)->first_equal, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("targets");
    TCase *tests = tcase_create("targets");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_device_that_comes_again_is_told_with_its_line);
    tcase_add_test(tests, too_long_keys_and_values_are_refused);
    tcase_add_test(tests, a_finding_about_a_key_is_one_about_all_equal_keys);
    tcase_add_test(tests, many_devices_with_one_key_are_taken_quickly);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
