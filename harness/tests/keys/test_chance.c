// SPDX-License-Identifier: Apache-2.0
/* Probabilities of short keys, which can be counted by hand. */
#include "audit/chance.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static void assert_near(double found, double wanted) {
    ck_assert_msg(fabs(found - wanted) <= 1e-9 * wanted, "%g is not %g", found, wanted);
}

START_TEST(few_bytes_are_counted) {
    assert_near(chance_distinct(2, 1), 1.0 / 256);
    assert_near(chance_distinct(3, 1), 1.0 / 65536);
    assert_near(chance_distinct(3, 2), 1.0 - 255.0 * 254 / 65536);
    assert_near(chance_distinct(16, 16), 1.0);
    assert_near(chance_ones(1, 0), 2.0 / 256);
    assert_near(chance_ones(1, 8), 2.0 / 256);
    assert_near(chance_ones(1, 1), 2.0 * 9 / 256);
    assert_near(chance_ones(1, 4), 1.0);
    assert_near(chance_run(2, 2), 1.0 / 256);
    assert_near(chance_run(3, 3), 1.0 / 65536);
    assert_near(chance_run(3, 2), 1.0 - 255.0 * 255 / 65536);
    assert_near(chance_run(3, 1), 1.0);
    ck_assert(chance_run(3, 4) == 0.0);
}
END_TEST

START_TEST(printable_keys_of_16_bytes_are_rare) {
    assert_near(chance_set(16, 95), pow(95.0 / 256, 16));
    ck_assert(chance_set(16, 95) < 1.4e-7);
}
END_TEST

START_TEST(the_longest_key_is_no_overflow) {
    ck_assert(chance_distinct(CHANCE_LENGTH_MAX, CHANCE_LENGTH_MAX) > 0.999999);
    ck_assert(chance_run(CHANCE_LENGTH_MAX, CHANCE_LENGTH_MAX) < 1e-300);
    ck_assert(chance_ones(CHANCE_LENGTH_MAX, 0) >= 0.0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("chance");
    TCase *tests = tcase_create("chance");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, few_bytes_are_counted);
    tcase_add_test(tests, printable_keys_of_16_bytes_are_rare);
    tcase_add_test(tests, the_longest_key_is_no_overflow);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
