// SPDX-License-Identifier: Apache-2.0
/* What keys have to do with each other, and that random ones have nothing. */
#include "audit/relations.h"

#include <check.h>
#include <stdio.h>
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

START_TEST(equal_keys_are_low_and_others_are_not) {
    fleet_add(targets, "8f14e45fceea167a5a36dedd4bea2543", NULL);
    fleet_add(targets, "1679091c5a880faf6fb5e6087eb1b2dc", NULL);
    fleet_add(targets, "8f14e45fceea167a5a36dedd4bea2543", NULL);
    ck_assert_int_eq(relations_find(targets), 0);
    ck_assert(fleet_has(targets, 0, "equal", WEIGHT_LOW));
    ck_assert_uint_eq(fleet_findings(targets, 1), 0);
    ck_assert(fleet_has(targets, 2, "equal", WEIGHT_LOW));
}
END_TEST

START_TEST(a_secret_with_the_serial_number_is_found) {
    static const char *const serials[] = {"SN-000-471", "SN-000-472", "SN-009-001"};
    uint8_t secret[16];
    fleet_random(1, secret, sizeof secret);
    for (size_t i = 0; i < 3; i++) {
        uint8_t key[16];
        memcpy(key, secret, sizeof key);
        for (size_t at = 0; at < strlen(serials[i]); at++) {
            key[at] ^= (uint8_t)serials[i][at];
        }
        fleet_add_bytes(targets, key, sizeof key, serials[i]);
    }
    ck_assert_int_eq(relations_find(targets), 0);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(fleet_has(targets, i, "xor(serial)", WEIGHT_LOW));
    }
}
END_TEST

START_TEST(one_byte_over_another_key_is_found) {
    uint8_t key[16];
    fleet_random(1, key, sizeof key);
    fleet_add_bytes(targets, key, sizeof key, NULL);
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] ^= 0x5a;
    }
    fleet_add_bytes(targets, key, sizeof key, NULL);
    ck_assert_int_eq(relations_find(targets), 0);
    ck_assert(fleet_has(targets, 0, "xor(byte)", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 1, "xor(byte)", WEIGHT_LOW));
}
END_TEST

START_TEST(a_common_beginning_or_end_is_found_and_padding_is_none) {
    fleet_add(targets, "8f14e45fceea167a5a36dedd4bea2543", NULL);
    fleet_add(targets, "8f14e45fceea167a6fb5e6087eb1b2dc", NULL);
    fleet_add(targets, "c9f0f895fb98ab916fb5e6087eb1b2dc", NULL);
    fleet_add(targets, "45c48cce2e2d7fbd0000000000000000", NULL);
    fleet_add(targets, "d3d9446802a442590000000000000000", NULL);
    ck_assert_int_eq(relations_find(targets), 0);
    ck_assert(fleet_has(targets, 0, "prefix", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 1, "prefix", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 2, "suffix", WEIGHT_LOW));
    ck_assert_uint_eq(fleet_findings(targets, 3), 0);
}
END_TEST

START_TEST(random_keys_are_not_related) {
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t key[16];
        char serial[16];
        fleet_random(i, key, sizeof key);
        snprintf(serial, sizeof serial, "%u", 100000 + i);
        fleet_add_bytes(targets, key, sizeof key, serial);
    }
    ck_assert_int_eq(relations_find(targets), 0);
    for (size_t i = 0; i < targets_count(targets); i++) {
        ck_assert_uint_eq(fleet_findings(targets, i), 0);
    }
}
END_TEST

START_TEST(more_keys_must_have_more_in_common) {
    ck_assert_uint_eq(relations_common_bytes(2), 5);
    ck_assert_uint_eq(relations_common_bytes(100000), 9);
    ck_assert_uint_eq(relations_common_bytes(1), 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("relations");
    TCase *tests = tcase_create("relations");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, equal_keys_are_low_and_others_are_not);
    tcase_add_test(tests, a_secret_with_the_serial_number_is_found);
    tcase_add_test(tests, one_byte_over_another_key_is_found);
    tcase_add_test(tests, a_common_beginning_or_end_is_found_and_padding_is_none);
    tcase_add_test(tests, random_keys_are_not_related);
    tcase_add_test(tests, more_keys_must_have_more_in_common);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
