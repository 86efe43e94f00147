// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/place.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct place read_by(struct place (*read)(const struct message_options *),
                            const char *const *segments, size_t count) {
    struct message_options options = {0};
    for (size_t i = 0; i < count; i++) {
        message_options_add(&options, MESSAGE_OPTION_URI_PATH, segments[i], strlen(segments[i]));
    }
    struct place place = read(&options);
    message_options_clear(&options);
    return place;
}

static struct place named(const char *const *segments, size_t count) {
    return read_by(place_of, segments, count);
}

static struct place managed(const char *const *segments, size_t count) {
    return read_by(place_in_device_management, segments, count);
}

START_TEST(place_is_read_from_the_path) {
    static const char *const resource[] = {"0", "65535", "12"}, *const other[] = {"bs"};
    static const char *const zeros[] = {"00"}, *const big[] = {"65536"};
    struct place place = named(resource, 3);
    ck_assert_uint_eq(place.count, 3);
    ck_assert_uint_eq(place.ids[1], 65535);
    ck_assert_uint_eq(place.ids[2], 12);
    ck_assert_uint_eq(named(other, 1).count, 0);
    ck_assert_uint_eq(named(zeros, 1).count, 0);
    ck_assert_uint_eq(named(big, 1).count, 0);
}
END_TEST

START_TEST(alternate_path_is_passed_over_in_device_management_only) {
    static const char *const below[] = {"of", "lwm2m", "1", "7"}, *const other[] = {"lwm2m"};
    static const char *const after[] = {"lwm2m", "1", "lwm2m"};
    struct place place = managed(below, 4);
    ck_assert_uint_eq(place.count, 2);
    ck_assert_uint_eq(place.ids[0], 1);
    ck_assert_uint_eq(place.ids[1], 7);
    ck_assert_uint_eq(managed(below + 2, 2).count, 2);
    ck_assert_uint_eq(managed(other, 1).count, 0);
    ck_assert_uint_eq(managed(after, 3).count, 0);
    ck_assert_uint_eq(named(below, 4).count, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("place");
    TCase *tests = tcase_create("place");
    tcase_add_test(tests, place_is_read_from_the_path);
    tcase_add_test(tests, alternate_path_is_passed_over_in_device_management_only);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
