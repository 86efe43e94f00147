// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "roles/registry.h"

static struct registry registry;

static void teardown(void) {
    registry_clear(&registry);
}

static struct registration said(const char *endpoint, uint32_t lifetime_s, const char *binding) {
    return (struct registration){.endpoint = endpoint ? strdup(endpoint) : NULL,
                                 .binding = binding ? strdup(binding) : NULL,
                                 .has_lifetime = lifetime_s > 0,
                                 .lifetime_s = lifetime_s};
}

static uint32_t add(const char *endpoint) {
    struct registration registration = said(endpoint, 60, "U");
    struct registry_entry *entry = registry_add(&registry, &registration);
    ck_assert_ptr_nonnull(entry);
    ck_assert_ptr_null(registration.endpoint); // it was moved
    return entry->number;
}

START_TEST(numbers_count_up_and_are_not_used_again) {
    ck_assert_uint_eq(add("a"), 1);
    ck_assert_uint_eq(add("b"), 2);
    registry_remove(&registry, registry_find(&registry, 2));
    ck_assert_uint_eq(add("c"), 3);
    ck_assert_ptr_null(registry_find(&registry, 2));
    ck_assert_ptr_nonnull(registry_find(&registry, 1));
    ck_assert_ptr_null(registry_find(&registry, 0));
}
END_TEST

START_TEST(registration_of_the_same_endpoint_is_replaced) {
    add("a");
    ck_assert_uint_eq(add("a"), 2);
    ck_assert_ptr_null(registry_find(&registry, 1));
    ck_assert_uint_eq(registry.count, 1);
}
END_TEST

START_TEST(registrations_without_endpoint_stand_beside_each_other) {
    add(NULL);
    add(NULL);
    ck_assert_uint_eq(registry.count, 2);
}
END_TEST

START_TEST(update_replaces_what_it_says_and_keeps_the_rest) {
    struct registry_entry *entry = registry_find(&registry, add("a"));
    struct registration update = said(NULL, 120, NULL);
    registry_update(entry, &update);
    registration_clear(&update);
    ck_assert_str_eq(entry->said.endpoint, "a");
    ck_assert_str_eq(entry->said.binding, "U");
    ck_assert_uint_eq(entry->said.lifetime_s, 120);
    update = said(NULL, 0, "UQ");
    registry_update(entry, &update);
    registration_clear(&update);
    ck_assert_str_eq(entry->said.binding, "UQ");
    ck_assert_uint_eq(entry->said.lifetime_s, 120);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("registry");
    TCase *tests = tcase_create("registry");
    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, numbers_count_up_and_are_not_used_again);
    tcase_add_test(tests, registration_of_the_same_endpoint_is_replaced);
    tcase_add_test(tests, registrations_without_endpoint_stand_beside_each_other);
    tcase_add_test(tests, update_replaces_what_it_says_and_keeps_the_rest);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
