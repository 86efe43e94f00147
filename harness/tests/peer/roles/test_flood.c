// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "roles/flood.h"

static struct flood flood;

static struct address client(uint16_t port) {
    struct address address;
    ck_assert_int_eq(address_parse(&address, "127.0.0.1", port), 0);
    return address;
}

/* Whether `per_second` datagrams a second for `seconds` are a flood. */
static bool floods(uint32_t per_second, uint32_t seconds) {
    struct address remote = client(4000);
    flood = (struct flood){0};
    for (uint64_t i = 0; i < (uint64_t)per_second * seconds; i++) {
        if (flood_count(&flood, &remote, 1 + i * CLOCK_NS_PER_S / per_second)) {
            return true;
        }
    }
    return false;
}

START_TEST(more_than_the_bound_for_more_than_a_second_is_a_flood) {
    ck_assert(floods(FLOOD_PER_SECOND + 100, 3));
    ck_assert(floods(50000, 2));
    ck_assert(!floods(FLOOD_PER_SECOND - 100, 60));
}
END_TEST

START_TEST(short_burst_is_no_flood) {
    ck_assert(!floods(50000, 1));
    struct address remote = client(4000);
    flood = (struct flood){0};
    bool flooded = false;
    for (uint64_t second = 1; second < 10; second += 3) {
        for (int i = 0; i < 10000; i++) {
            flooded |= flood_count(&flood, &remote, second * CLOCK_NS_PER_S);
        }
    }
    ck_assert(!flooded);
}
END_TEST

START_TEST(many_clients_together_are_no_flood) {
    struct address remotes[200];
    for (uint16_t i = 0; i < 200; i++) {
        remotes[i] = client((uint16_t)(10000 + i));
    }
    flood = (struct flood){0};
    bool flooded = false; // asserted once: each of Check's asserts is a system call
    for (uint64_t i = 0; i < 200000; i++) {
        flooded |= flood_count(&flood, &remotes[i % 200], 1 + i * CLOCK_NS_PER_S / 50000);
    }
    ck_assert(!flooded);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("flood");
    TCase *tests = tcase_create("flood");
    tcase_add_test(tests, more_than_the_bound_for_more_than_a_second_is_a_flood);
    tcase_add_test(tests, short_burst_is_no_flood);
    tcase_add_test(tests, many_clients_together_are_no_flood);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
