// SPDX-License-Identifier: Apache-2.0
/* Keys of each class: the low ones are the same again, the random ones never. */
#include "make/make.h"

#include <check.h>
#include <mbedtls/md.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct key_source source = {7, "bs", "urn:dev:1", "SN-1"};

START_TEST(low_keys_are_the_same_again_and_follow_what_they_are_made_of) {
    const struct key_source other_seed = {8, "bs", "urn:dev:1", "SN-1"};
    const struct key_source other_device = {7, "bs", "urn:dev:2", "SN-2"};
    for (enum key_class kind = KEY_PIN; kind <= KEY_GLOBAL; kind++) {
        uint8_t key[KEY_SIZE_MAX], again[KEY_SIZE_MAX];
        size_t length;
        bool of_seed = kind == KEY_PIN || kind == KEY_PASSWORD || kind == KEY_GLOBAL;
        ck_assert_int_eq(key_make(kind, &source, key, &length), 0);
        ck_assert_uint_eq(length, 16);
        ck_assert_int_eq(key_make(kind, &source, again, &length), 0);
        ck_assert_mem_eq(key, again, length);
        ck_assert_int_eq(key_make(kind, &other_seed, again, &length), 0);
        ck_assert_int_eq(memcmp(key, again, length) != 0, of_seed);
        ck_assert_int_eq(key_make(kind, &other_device, again, &length), 0);
        ck_assert_mem_ne(key, again, length);
    }
}
END_TEST

START_TEST(random_keys_are_never_the_same) {
    for (enum key_class kind = KEY_RANDOM_16; kind <= KEY_RANDOM_32; kind++) {
        uint8_t key[KEY_SIZE_MAX], again[KEY_SIZE_MAX];
        size_t length;
        ck_assert_int_eq(key_make(kind, &source, key, &length), 0);
        ck_assert_uint_eq(length, kind == KEY_RANDOM_32 ? 32 : 16);
        ck_assert_int_eq(key_make(kind, &source, again, &length), 0);
        ck_assert_mem_ne(key, again, length);
    }
}
END_TEST

START_TEST(serial_number_and_endpoint_are_hashed) {
    uint8_t key[KEY_SIZE_MAX], digest[MBEDTLS_MD_MAX_SIZE];
    size_t length;
    ck_assert_int_eq(key_make(KEY_SERIAL, &source, key, &length), 0);
    mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_MD5), (const uint8_t *)"SN-1", 4, digest);
    ck_assert_mem_eq(key, digest, 16);
    ck_assert_int_eq(key_make(KEY_ENDPOINT, &source, key, &length), 0);
    mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), (const uint8_t *)"urn:dev:1", 9, digest);
    ck_assert_mem_eq(key, digest, 16);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("make");
    TCase *tests = tcase_create("make");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, low_keys_are_the_same_again_and_follow_what_they_are_made_of);
    tcase_add_test(tests, random_keys_are_never_the_same);
    tcase_add_test(tests, serial_number_and_endpoint_are_hashed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
