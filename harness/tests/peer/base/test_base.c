// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/timers.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

START_TEST(clock_offset_turns_monotonic_into_calendar_time) {
    int64_t offset = clock_realtime_offset_ns();
    int64_t calendar = (int64_t)clock_now_ns() + offset;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t difference = t.tv_sec * (int64_t)CLOCK_NS_PER_S + t.tv_nsec - calendar;
    ck_assert_int_ge(difference, -1000000);
    ck_assert_int_lt(difference, (int64_t)CLOCK_NS_PER_S);
}
END_TEST

START_TEST(buffer_keeps_what_is_appended_and_consumed) {
    struct buffer buffer = {0};
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(buffer_append(&buffer, "abcde", 5), 0);
    }
    ck_assert_uint_eq(buffer.length, 5000);
    buffer_consume(&buffer, 4997);
    ck_assert_uint_eq(buffer.length, 3);
    ck_assert_mem_eq(buffer.data, "cde", 3);
    buffer_consume(&buffer, 9);
    ck_assert_uint_eq(buffer.length, 0);
    ck_assert_int_eq(buffer_append(&buffer, NULL, 0), 0);
    ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX - 1), -ENOMEM);
    buffer_free(&buffer);
    ck_assert_ptr_null(buffer.data);
}
END_TEST

START_TEST(hex_goes_there_and_back) {
    const uint8_t bytes[] = {0x00, 0x9f, 0xa0, 0xff};
    char text[9];
    hex_encode(bytes, sizeof bytes, text);
    ck_assert_str_eq(text, "009fa0ff");
    uint8_t back[4];
    ck_assert_int_eq(hex_decode("009FA0fF", 8, back), 0);
    ck_assert_mem_eq(back, bytes, 4);
}
END_TEST

START_TEST(hex_refuses_what_is_not_hex) {
    uint8_t out[4];
    ck_assert_int_eq(hex_decode("0g", 2, out), -EINVAL);
    ck_assert_int_eq(hex_decode("000", 3, out), -EINVAL);
    ck_assert_int_eq(hex_decode(" 0", 2, out), -EINVAL);
}
END_TEST

START_TEST(addresses_are_written_as_they_are_read) {
    static const struct {
        const char *host;
        const char *text;
    } cases[] = {{"127.0.0.1", "127.0.0.1:5684"},
                 {"::1", "[::1]:5684"},
                 {"fe80::1%lo", "[fe80::1%lo]:5684"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        ck_assert_int_eq(address_parse(&address, cases[i].host, 5684), 0);
        ck_assert_str_eq(address_format(&address, text), cases[i].text);
        ck_assert_str_eq(address_host(&address, text), cases[i].host);
        ck_assert_uint_eq(address_port(&address), 5684);
        struct address again;
        ck_assert_int_eq(address_parse_remote(&again, cases[i].text), 0);
        ck_assert(address_equal(&address, &again));
    }
}
END_TEST

START_TEST(what_is_no_address_with_a_port_is_refused) {
    struct address address;
    static const char *const cases[] = {"",
                                        ":",
                                        ":1",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:0",
                                        "1.2.3.4:x",
                                        "1.2.3.4:1 ",
                                        "1.2.3.4:65536",
                                        "1.2.3.4:-1",
                                        "1.2.3.4: 1",
                                        "localhost:1",
                                        "::1:1",
                                        "[::1]",
                                        "[::1",
                                        "[:1",
                                        "[]:1",
                                        "[::1]:0",
                                        "[1.2.3.4]x:1"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(address_parse_remote(&address, cases[i]), -EINVAL);
    }
    char big[500];
    memset(big, '1', sizeof big - 1);
    memcpy(big + sizeof big - 3, ":1", 3);
    ck_assert_int_eq(address_parse_remote(&address, big), -EINVAL);
}
END_TEST

START_TEST(names_and_rubbish_are_no_addresses) {
    struct address address;
    static const char *const cases[] = {"localhost", "127.0.0.1:5683", "",
                                        "1.2.3",     "fe80::1%",       "fe80::1%nosuchlink"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(address_parse(&address, cases[i], 1), -EINVAL);
    }
    char big[500];
    memset(big, ':', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    ck_assert_int_eq(address_parse(&address, big, 1), -EINVAL);
}
END_TEST

START_TEST(addresses_differ_by_host_and_by_port) {
    struct address a;
    struct address b;
    ck_assert_int_eq(address_parse(&a, "127.0.0.1", 5683), 0);
    b = a;
    ck_assert(address_equal(&a, &b));
    ck_assert_uint_eq(address_hash(&a), address_hash(&b));
    ck_assert_int_eq(address_parse(&b, "127.0.0.1", 5684), 0);
    ck_assert(!address_equal(&a, &b));
    ck_assert_int_eq(address_parse(&b, "127.0.0.2", 5683), 0);
    ck_assert(!address_equal(&a, &b));
    ck_assert_int_eq(address_parse(&b, "::1", 5683), 0);
    ck_assert(!address_equal(&a, &b));
}
END_TEST

START_TEST(timers_come_due_in_the_order_of_their_deadlines) {
    enum { COUNT = 500 };
    struct timers timers = {0};
    static struct timer timer[COUNT];
    srand(1);
    for (int i = 0; i < COUNT; i++) {
        timer[i] = (struct timer){.owner = &timer[i]};
        ck_assert_int_eq(timers_set(&timers, &timer[i], (uint64_t)(rand() % 1000 + 1)), 0);
    }
    for (int i = 0; i < COUNT; i += 3) { // move some, take some out
        if (i % 2 == 0) {
            ck_assert_int_eq(timers_set(&timers, &timer[i], (uint64_t)(rand() % 1000 + 1)), 0);
        } else {
            timers_unset(&timers, &timer[i]);
        }
    }
    size_t left = timers.count;
    uint64_t last = 0;
    size_t seen = 0;
    while (timers_next(&timers) != CLOCK_NEVER) {
        uint64_t deadline = timers_next(&timers);
        ck_assert_uint_ge(deadline, last);
        ck_assert_ptr_null(timers_due(&timers, deadline - 1));
        struct timer *due = timers_due(&timers, deadline);
        ck_assert_ptr_nonnull(due);
        ck_assert_uint_eq(due->deadline_ns, deadline);
        ck_assert_uint_eq(due->place, 0);
        last = deadline;
        seen++;
    }
    ck_assert_uint_eq(seen, left);
    ck_assert_uint_lt(left, COUNT);
    timers_free(&timers);
}
END_TEST

START_TEST(a_timer_set_to_never_is_unset) {
    struct timers timers = {0};
    struct timer timer = {.owner = &timers};
    ck_assert_int_eq(timers_set(&timers, &timer, 5), 0);
    ck_assert_int_eq(timers_set(&timers, &timer, CLOCK_NEVER), 0);
    ck_assert_uint_eq(timers_next(&timers), CLOCK_NEVER);
    ck_assert_ptr_null(timers_due(&timers, CLOCK_NEVER));
    timers_free(&timers);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, clock_offset_turns_monotonic_into_calendar_time);
    tcase_add_test(tests, buffer_keeps_what_is_appended_and_consumed);
    tcase_add_test(tests, hex_goes_there_and_back);
    tcase_add_test(tests, hex_refuses_what_is_not_hex);
    tcase_add_test(tests, addresses_are_written_as_they_are_read);
    tcase_add_test(tests, what_is_no_address_with_a_port_is_refused);
    tcase_add_test(tests, names_and_rubbish_are_no_addresses);
    tcase_add_test(tests, addresses_differ_by_host_and_by_port);
    tcase_add_test(tests, timers_come_due_in_the_order_of_their_deadlines);
    tcase_add_test(tests, a_timer_set_to_never_is_unset);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
