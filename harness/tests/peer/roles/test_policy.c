// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>

#include "roles/policy.h"

START_TEST(unarmed_operation_responds_with_its_default) {
    struct policy policy = {0};
    for (int i = 0; i < 3; i++) {
        struct answer answer = policy_next(&policy, OPERATION_REGISTER);
        ck_assert_int_eq(answer.action, ANSWER_RESPOND);
        ck_assert_uint_eq(answer.code, 0);
    }
    ck_assert_uint_eq(operation_success(OPERATION_BOOTSTRAP_REQUEST), 0x44);
    ck_assert_uint_eq(operation_success(OPERATION_BOOTSTRAP_PACK), 0x84);
    ck_assert_uint_eq(operation_success(OPERATION_REGISTER), 0x41);
    ck_assert_uint_eq(operation_success(OPERATION_UPDATE), 0x44);
    ck_assert_uint_eq(operation_success(OPERATION_DEREGISTER), 0x42);
    ck_assert_uint_eq(operation_success(OPERATION_OTHER), 0x84);
}
END_TEST

START_TEST(answers_are_used_in_order_and_then_the_default_is_back) {
    struct policy policy = {0};
    const struct answer answers[] = {
        {.action = ANSWER_SILENCE, .times = 2},
        {.action = ANSWER_RESPOND, .code = 0x80, .times = 1},
    };
    ck_assert_int_eq(policy_arm(&policy, OPERATION_UPDATE, answers, 2), 0);
    ck_assert_int_eq(policy_next(&policy, OPERATION_UPDATE).action, ANSWER_SILENCE);
    ck_assert_int_eq(policy_next(&policy, OPERATION_REGISTER).action, ANSWER_RESPOND);
    ck_assert_int_eq(policy_next(&policy, OPERATION_UPDATE).action, ANSWER_SILENCE);
    ck_assert_uint_eq(policy_next(&policy, OPERATION_UPDATE).code, 0x80);
    ck_assert_uint_eq(policy_next(&policy, OPERATION_UPDATE).code, 0);
    policy_clear(&policy);
}
END_TEST

START_TEST(answer_without_times_lasts_for_ever) {
    struct policy policy = {0};
    const struct answer answers[] = {{.action = ANSWER_HOLD}, {.action = ANSWER_SILENCE}};
    ck_assert_int_eq(policy_arm(&policy, OPERATION_OTHER, answers, 2), 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(policy_next(&policy, OPERATION_OTHER).action, ANSWER_HOLD);
    }
    policy_clear(&policy);
}
END_TEST

START_TEST(arming_replaces_and_arming_nothing_disarms) {
    struct policy policy = {0};
    const struct answer hold = {.action = ANSWER_HOLD};
    const struct answer twice = {.action = ANSWER_SILENCE, .times = 2};
    ck_assert_int_eq(policy_arm(&policy, OPERATION_OTHER, &twice, 1), 0);
    policy_next(&policy, OPERATION_OTHER);
    ck_assert_int_eq(policy_arm(&policy, OPERATION_OTHER, &twice, 1), 0);
    policy_next(&policy, OPERATION_OTHER);
    ck_assert_int_eq(policy_next(&policy, OPERATION_OTHER).action, ANSWER_SILENCE);
    ck_assert_int_eq(policy_arm(&policy, OPERATION_OTHER, &hold, 1), 0);
    ck_assert_int_eq(policy_next(&policy, OPERATION_OTHER).action, ANSWER_HOLD);
    ck_assert_int_eq(policy_arm(&policy, OPERATION_OTHER, NULL, 0), 0);
    ck_assert_int_eq(policy_next(&policy, OPERATION_OTHER).action, ANSWER_RESPOND);
    policy_clear(&policy);
}
END_TEST

START_TEST(operations_have_names_both_ways) {
    for (int i = 0; i < OPERATIONS; i++) {
        enum operation operation;
        ck_assert(operation_parse(operation_name((enum operation)i), &operation));
        ck_assert_int_eq((int)operation, i);
    }
    enum operation none;
    ck_assert(!operation_parse("reboot", &none));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("policy");
    TCase *tests = tcase_create("policy");
    tcase_add_test(tests, unarmed_operation_responds_with_its_default);
    tcase_add_test(tests, answers_are_used_in_order_and_then_the_default_is_back);
    tcase_add_test(tests, answer_without_times_lasts_for_ever);
    tcase_add_test(tests, arming_replaces_and_arming_nothing_disarms);
    tcase_add_test(tests, operations_have_names_both_ways);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
