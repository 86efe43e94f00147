// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "wire/impair.h"
#include "wire/port.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What came out, one word each: the first byte, "!" marks the copy of a duplicate. */
static char log_text[2000];

static void note(const char *word) {
    size_t used = strlen(log_text);
    snprintf(log_text + used, sizeof log_text - used, "%s ", word);
}

static void expect(const char *text) {
    ck_assert_str_eq(log_text, text);
    log_text[0] = '\0';
}

static void pass(void *context, const struct impair_item *item, bool copy, uint64_t now_ns) {
    (void)context;
    (void)now_ns;
    char word[4] = {(char)item->bytes[0], copy ? '!' : '\0', '\0'};
    note(word);
}

static void met(void *context, enum impair_fault fault, const struct impair_item *item,
                uint64_t now_ns) {
    (void)context;
    (void)item;
    (void)now_ns;
    note(impair_fault_name(fault));
}

static const struct impair_callbacks callbacks = {pass, met};
static struct impair *impair;

static void put(const char *letters, uint64_t now_ns) {
    for (; *letters != '\0'; letters++) {
        struct impair_item item = {.association = (uint64_t)*letters,
                                   .stamp_ns = now_ns,
                                   .bytes = (const uint8_t *)letters,
                                   .length = 1};
        impair_put(impair, &item, now_ns);
    }
}

static void set_up(void) {
    impair = impair_new(&callbacks, NULL);
    ck_assert_ptr_nonnull(impair);
}

static void tear_down(void) {
    impair_free(impair);
}

static void plan(const uint64_t *drop, size_t drop_count, const uint64_t *duplicate,
                 size_t duplicate_count, uint64_t delay_ns) {
    struct impair_plan made = {drop, drop_count, duplicate, duplicate_count, delay_ns};
    ck_assert_int_eq(impair_set(impair, &made), 0);
}

START_TEST(without_a_plan_all_goes_through) {
    put("abc", 1);
    expect("a b c ");
    ck_assert_uint_eq(impair_deadline(impair), CLOCK_NEVER);
}
END_TEST

START_TEST(positions_count_from_the_plan_on) {
    put("xy", 1);
    plan((const uint64_t[]){0, 3}, 2, (const uint64_t[]){1, 3}, 2, 0);
    put("abcde", 1);
    expect("x y drop duplicate b b! c drop e ");
    plan(NULL, 0, NULL, 0, 0);
    put("abcd", 1);
    expect("a b c d ");
}
END_TEST

START_TEST(a_delay_keeps_the_order_and_the_plans_end_keeps_the_delayed) {
    plan(NULL, 0, (const uint64_t[]){1}, 1, 100);
    put("a", 10);
    put("b", 20);
    expect("delay duplicate delay ");
    ck_assert_uint_eq(impair_deadline(impair), 110);
    impair_advance(impair, 109);
    expect("");
    plan(NULL, 0, NULL, 0, 0);
    put("c", 50);
    impair_advance(impair, 110);
    ck_assert_uint_eq(impair_deadline(impair), 120);
    impair_advance(impair, 120);
    expect("c a b b! ");
    ck_assert_uint_eq(impair_deadline(impair), CLOCK_NEVER);
}
END_TEST

START_TEST(a_shorter_delay_overtakes_a_longer_one) {
    plan(NULL, 0, NULL, 0, 100);
    put("a", 10);
    plan(NULL, 0, NULL, 0, 5);
    put("b", 11);
    log_text[0] = '\0';
    impair_advance(impair, 1000);
    expect("b a ");
}
END_TEST

START_TEST(what_is_delayed_can_be_forgotten_by_association) {
    plan(NULL, 0, NULL, 0, 100);
    put("abab", 10);
    log_text[0] = '\0';
    impair_forget(impair, 'a');
    impair_advance(impair, 1000);
    expect("b b ");
}
END_TEST

/* The port: both directions, counts. */

static int transmit(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length) {
    (void)context;
    (void)remote;
    (void)length;
    char word[3] = {'>', (char)bytes[0], '\0'};
    note(word);
    return bytes[0] == 'f' ? -1 : 0;
}

static void deliver(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    (void)context;
    (void)remote;
    (void)length;
    char word[80];
    snprintf(word, sizeof word, "<%c@%d/%d", bytes[0], (int)stamp_ns, (int)now_ns);
    note(word);
}

static void impaired(void *context, enum wire_direction direction, enum impair_fault fault,
                     const struct address *remote, uint64_t now_ns) {
    (void)context;
    (void)remote;
    (void)now_ns;
    note(direction == WIRE_IN ? "in" : "out");
    note(impair_fault_name(fault));
}

START_TEST(a_port_impairs_each_direction_by_itself) {
    static const struct wire_callbacks wire_callbacks = {transmit, deliver, impaired};
    struct address address;
    ck_assert_int_eq(address_parse(&address, "127.0.0.1", 5683), 0);
    struct wire_port *port = wire_port_new(NULL, &address, &wire_callbacks, NULL);
    ck_assert_ptr_nonnull(port);
    static const uint64_t first[] = {0};
    struct impair_plan in = {.delay_ns = 50};
    struct impair_plan out = {.drop = first, .drop_count = 1};
    ck_assert_int_eq(wire_port_impair(port, WIRE_IN, &in), 0);
    ck_assert_int_eq(wire_port_impair(port, WIRE_OUT, &out), 0);
    wire_port_receive(port, &address, (const uint8_t *)"a", 1, 9, 10);
    wire_port_send(port, &address, (const uint8_t *)"b", 1, 11);
    wire_port_send(port, &address, (const uint8_t *)"c", 1, 12);
    wire_port_send(port, &address, (const uint8_t *)"f", 1, 12);
    ck_assert_uint_eq(wire_port_deadline(port), 60);
    wire_port_advance(port, 61);
    expect("in delay out drop >c >f <a@9/61 ");
    struct wire_counts counts = wire_port_counts(port);
    ck_assert_uint_eq(counts.in, 1);
    ck_assert_uint_eq(counts.out, 1);
    ck_assert_uint_eq(counts.failed, 1);
    wire_port_free(port);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("impair");
    TCase *tests = tcase_create("impair");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, without_a_plan_all_goes_through);
    tcase_add_test(tests, positions_count_from_the_plan_on);
    tcase_add_test(tests, a_delay_keeps_the_order_and_the_plans_end_keeps_the_delayed);
    tcase_add_test(tests, a_shorter_delay_overtakes_a_longer_one);
    tcase_add_test(tests, what_is_delayed_can_be_forgotten_by_association);
    tcase_add_test(tests, a_port_impairs_each_direction_by_itself);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
