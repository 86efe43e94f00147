// SPDX-License-Identifier: Apache-2.0
/* What a key shows by itself, and that random keys do not. */
#include "audit/patterns.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

static struct targets *targets;
static struct hint_counts counts;

static void set_up(void) {
    targets = targets_new();
    ck_assert_ptr_nonnull(targets);
}

static void tear_down(void) {
    targets_free(targets);
}

static void look_at(const char *key_hex) {
    fleet_add(targets, key_hex, NULL);
    ck_assert_int_eq(patterns_find(targets, &counts), 0);
}

START_TEST(a_short_key_is_low) {
    look_at("8f14e45fceea167a5a36dedd4bea25");
    ck_assert(fleet_has(targets, 0, "short", WEIGHT_LOW));
}
END_TEST

START_TEST(text_is_low_where_it_has_fewer_than_128_bits) {
    look_at("6d7953336372337450617373576f7264"); // 16 characters
    ck_assert(fleet_has(targets, 0, "text", WEIGHT_LOW));
    fleet_add(targets, "3866313465343566636565613136376135613336646564643462656132353433", NULL);
    ck_assert_int_eq(patterns_find(targets, &counts), 0);
    ck_assert(fleet_has(targets, 1, "text", WEIGHT_HINT)); // 32 hexadecimal digits: 128 bits
    ck_assert_uint_eq(fleet_findings(targets, 1), 1);
}
END_TEST

START_TEST(repeated_and_sequential_bytes_are_low) {
    look_at("8f14e45fceea167a8f14e45fceea167a");
    ck_assert(fleet_has(targets, 0, "repeated", WEIGHT_LOW));
    fleet_add(targets, "000102030405060708090a0b0c0d0e0f", NULL);
    fleet_add(targets, "00112233445566778899aabbccddeeff", NULL);
    fleet_add(targets, "8f14e45fceea167a0000000000000000", NULL);
    fleet_add(targets, "01010101010101010101010101010101", NULL);
    ck_assert_int_eq(patterns_find(targets, &counts), 0);
    ck_assert(fleet_has(targets, 1, "steps", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 2, "steps", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 3, "run", WEIGHT_LOW));
    ck_assert(fleet_has(targets, 4, "repeated", WEIGHT_LOW));
}
END_TEST

START_TEST(a_pin_as_it_is_is_found) {
    look_at("31323334000000000000000000000000");
    fleet_add(targets, "31323334353637383132333435363738", NULL);
    fleet_add(targets, "00000000000000000000000012345678", NULL);
    fleet_add(targets, "12345678ffffffffffffffffffffffff", NULL);
    ck_assert_int_eq(patterns_find(targets, &counts), 0);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(fleet_has(targets, i, "plain(pin)", WEIGHT_LOW));
    }
}
END_TEST

START_TEST(random_keys_show_nothing_low_and_hints_at_their_rate) {
    enum { KEYS = 20000 };
    for (uint32_t i = 0; i < KEYS; i++) {
        uint8_t key[16];
        fleet_random(i, key, sizeof key);
        fleet_add_bytes(targets, key, sizeof key, NULL);
    }
    ck_assert_int_eq(patterns_find(targets, &counts), 0);
    for (size_t i = 0; i < KEYS; i++) {
        const struct finding *finding;
        uint64_t place = 0;
        while ((finding = targets_next_finding(targets, i, &place))) {
            ck_assert_int_eq(finding->weight, WEIGHT_HINT);
        }
    }
    for (enum hint hint = 0; hint < HINTS; hint++) {
        double far = fabs((double)counts.seen[hint] - counts.expected[hint]);
        ck_assert_msg(far <= 5 * sqrt(counts.expected[hint]) + 1, "%s: %zu seen, %g expected",
                      hint_id(hint), counts.seen[hint], counts.expected[hint]);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("patterns");
    TCase *tests = tcase_create("patterns");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_short_key_is_low);
    tcase_add_test(tests, text_is_low_where_it_has_fewer_than_128_bits);
    tcase_add_test(tests, repeated_and_sequential_bytes_are_low);
    tcase_add_test(tests, a_pin_as_it_is_is_found);
    tcase_add_test(tests, random_keys_show_nothing_low_and_hints_at_their_rate);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
