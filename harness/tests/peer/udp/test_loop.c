// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "udp/lateness.h"
#include "udp/loop.h"

#include <check.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct loop *loop;
static int ends[2];

static void set_up(void) {
    loop = loop_new();
    ck_assert_ptr_nonnull(loop);
    ck_assert_int_eq(pipe(ends), 0);
}

static void tear_down(void) {
    loop_free(loop);
    close(ends[0]);
    close(ends[1]);
}

struct source {
    uint64_t deadline_ns;
    uint64_t served_ns;
    int served;
    bool stop;
};

static uint64_t source_deadline(void *context) {
    return ((struct source *)context)->deadline_ns;
}

static void source_advance(void *context, uint64_t now_ns) {
    struct source *source = context;
    source->served_ns = now_ns;
    source->served++;
    source->deadline_ns = CLOCK_NEVER;
    if (source->stop) {
        loop_stop(loop);
    }
}

START_TEST(a_deadline_is_served_at_its_time_and_not_before) {
    uint64_t deadline = clock_now_ns() + 3 * CLOCK_NS_PER_MS + 123;
    struct source source = {.deadline_ns = deadline, .stop = true};
    struct source never = {.deadline_ns = CLOCK_NEVER};
    ck_assert_int_eq(loop_add_timed(loop, source_deadline, source_advance, &source), 0);
    ck_assert_int_eq(loop_add_timed(loop, source_deadline, source_advance, &never), 0);
    ck_assert_int_eq(loop_run(loop), 0);
    ck_assert_int_eq(source.served, 1);
    ck_assert_int_eq(never.served, 0);
    ck_assert_uint_ge(source.served_ns, deadline);
    ck_assert_uint_lt(source.served_ns, deadline + CLOCK_NS_PER_S);
    struct loop_lateness lateness = loop_lateness(loop);
    ck_assert_uint_eq(lateness.fired, 1);
    ck_assert_uint_eq(lateness.max_us, (source.served_ns - deadline) / CLOCK_NS_PER_US);
}
END_TEST

START_TEST(a_turn_ends_at_the_callers_deadline) {
    uint64_t deadline = clock_now_ns() + CLOCK_NS_PER_MS;
    ck_assert_int_eq(loop_turn(loop, deadline), 0);
    ck_assert_uint_ge(clock_now_ns(), deadline);
    ck_assert_uint_eq(loop_lateness(loop).fired, 0);
}
END_TEST

static void read_one_and_stop_watching(void *context, uint32_t events) {
    int *calls = context;
    ck_assert_uint_eq(events & EPOLLIN, EPOLLIN);
    (*calls)++;
    loop_unwatch(loop, ends[0]);
}

START_TEST(a_descriptor_can_be_unwatched_by_its_own_function) {
    int calls = 0;
    ck_assert_int_eq(loop_watch(loop, ends[0], EPOLLIN, read_one_and_stop_watching, &calls), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(loop_watch(loop, ends[0], 0, read_one_and_stop_watching, &calls), 0);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(loop_rewatch(loop, ends[0], EPOLLIN), 0);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(calls, 2);
}
END_TEST

static int pairs[2][2];

static void unwatch_the_other(void *context, uint32_t events) {
    int *calls = context;
    (void)events;
    (*calls)++;
    loop_unwatch(loop, pairs[0][0]);
    loop_unwatch(loop, pairs[1][0]);
}

START_TEST(an_unwatched_descriptor_is_not_called_in_the_same_turn) {
    int calls = 0;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pipe(pairs[i]), 0);
        ck_assert_int_eq(write(pairs[i][1], "x", 1), 1);
        ck_assert_int_eq(loop_watch(loop, pairs[i][0], EPOLLIN, unwatch_the_other, &calls), 0);
    }
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(calls, 1);
    for (int i = 0; i < 2; i++) {
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
}
END_TEST

static int order[4];
static int order_count;

static void first_end(void *context) {
    (void)context;
    order[order_count++] = 1;
}

static void second_end(void *context) {
    (void)context;
    order[order_count++] = 2;
}

START_TEST(ends_of_turn_run_in_the_order_they_were_added) {
    ck_assert_int_eq(loop_add_end_of_turn(loop, first_end, NULL), 0);
    ck_assert_int_eq(loop_add_end_of_turn(loop, second_end, NULL), 0);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(order_count, 2);
    ck_assert_int_eq(order[0], 1);
    ck_assert_int_eq(order[1], 2);
}
END_TEST

static void advance_and_leave(void *context, uint64_t now_ns) {
    source_advance(context, now_ns);
    loop_remove_timed(loop, context);
}

START_TEST(a_timed_source_can_remove_itself) {
    struct source source = {.deadline_ns = 1};
    ck_assert_int_eq(loop_add_timed(loop, source_deadline, advance_and_leave, &source), 0);
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    source.deadline_ns = 1;
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(source.served, 1);
}
END_TEST

START_TEST(lateness_percentiles_are_exact_to_three_percent) {
    static struct lateness lateness;
    for (uint64_t us = 1; us <= 100000; us++) {
        lateness_record(&lateness, us * CLOCK_NS_PER_US);
    }
    struct loop_lateness figures = lateness_figures(&lateness);
    ck_assert_uint_eq(figures.fired, 100000);
    ck_assert_uint_eq(figures.max_us, 100000);
    ck_assert_uint_ge(figures.p50_us, 50000);
    ck_assert_uint_le(figures.p50_us, 51600);
    ck_assert_uint_ge(figures.p999_us, 99900);
    ck_assert_uint_le(figures.p999_us, 100000);
    lateness_record(&lateness, UINT64_MAX); // any value has a bucket
    ck_assert_uint_eq(lateness_figures(&lateness).max_us, UINT64_MAX / CLOCK_NS_PER_US);
}
END_TEST

START_TEST(lateness_of_few_values_is_theirs) {
    static struct lateness lateness;
    ck_assert_uint_eq(lateness_figures(&lateness).p999_us, 0);
    lateness_record(&lateness, 7 * CLOCK_NS_PER_US);
    ck_assert_uint_eq(lateness_figures(&lateness).p50_us, 7);
    ck_assert_uint_eq(lateness_figures(&lateness).p999_us, 7);
    lateness_record(&lateness, 9 * CLOCK_NS_PER_US);
    ck_assert_uint_eq(lateness_figures(&lateness).p50_us, 7);
    ck_assert_uint_eq(lateness_figures(&lateness).p999_us, 9);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("loop");
    TCase *tests = tcase_create("loop");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_deadline_is_served_at_its_time_and_not_before);
    tcase_add_test(tests, a_turn_ends_at_the_callers_deadline);
    tcase_add_test(tests, a_descriptor_can_be_unwatched_by_its_own_function);
    tcase_add_test(tests, an_unwatched_descriptor_is_not_called_in_the_same_turn);
    tcase_add_test(tests, ends_of_turn_run_in_the_order_they_were_added);
    tcase_add_test(tests, a_timed_source_can_remove_itself);
    tcase_add_test(tests, lateness_percentiles_are_exact_to_three_percent);
    tcase_add_test(tests, lateness_of_few_values_is_theirs);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
