// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "roles/content.h"

static char why[CONTENT_WHY_SIZE];

static int encode(struct content *content, const char *text) {
    json_t *tlv = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(tlv);
    int result = content_encode_tlv(content, tlv, why);
    json_decref(tlv);
    return result;
}

static void check_bytes(const char *text, const uint8_t *expected, size_t length) {
    struct content content;
    ck_assert_msg(encode(&content, text) == 0, "%s", why);
    ck_assert(content.present);
    ck_assert_uint_eq(content.format, 11542);
    ck_assert_uint_eq(content.length, length);
    ck_assert_mem_eq(content.payload, expected, length);
    content_clear(&content);
}

static void check_refused(const char *text, const char *word) {
    struct content content;
    ck_assert_int_eq(encode(&content, text), -EINVAL);
    ck_assert_msg(strstr(why, word) != NULL, "%s", why);
    content_clear(&content);
}

/* TS Core 1.1.1, 7.4.3.2, example of a Server object instance: lifetime 86400, binding "U". */
START_TEST(instance_is_its_resources) {
    static const uint8_t expected[] = {
        0xc1, 0x00, 0x01,                   // resource 0, 1 byte: short server id 1
        0xc4, 0x01, 0x00, 0x01, 0x51, 0x80, // resource 1, 4 bytes: 86400
        0xc1, 0x06, 0x01,                   // resource 6, 1 byte: true
        0xc1, 0x07, 0x55,                   // resource 7, 1 byte: "U"
    };
    check_bytes("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                "{\"0\":1,\"1\":86400,\"6\":true,\"7\":\"U\"}}]}",
                expected, sizeof expected);
}
END_TEST

START_TEST(object_wraps_each_instance) {
    static const uint8_t expected[] = {
        0x03, 0x00, 0xc1, 0x00, 0x01, // object instance 0, 3 bytes: resource 0 = 1
        0x03, 0x01, 0xc1, 0x00, 0x02, // object instance 1
    };
    check_bytes(
        "{\"object\":1,\"level\":\"object\",\"instances\":[{\"id\":0,\"resources\":{\"0\":1}},"
        "{\"id\":1,\"resources\":{\"0\":2}}]}",
        expected, sizeof expected);
    check_bytes("{\"object\":1,\"level\":\"object\",\"instances\":[]}", expected, 0);
}
END_TEST

START_TEST(resource_is_its_own_tlv) {
    static const uint8_t timeout[] = {0xc1, 0x0c, 0x03}; // /0/x/12: 3 s
    check_bytes("{\"object\":0,\"level\":\"resource\",\"instances\":[{\"id\":1,\"resources\":"
                "{\"12\":3}}]}",
                timeout, sizeof timeout);
}
END_TEST

START_TEST(opaque_values_are_hex_and_may_be_empty) {
    static const uint8_t expected[] = {0xc0, 0x04, 0xc2, 0x05, 0x01, 0xff};
    check_bytes("{\"object\":0,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                "{\"4\":{\"hex\":\"\"},\"5\":{\"hex\":\"01ff\"}}}]}",
                expected, sizeof expected);
}
END_TEST

/* TS Core 1.1.1, 7.4.3.3: Access Control object, resource 2 with two instances. */
START_TEST(bytes_of_a_resource_that_is_not_in_the_table_are_given) {
    static const uint8_t unknown[] = {0xe1, 0x10, 0x92, 0x01}; // resource 4242, 1 byte
    check_bytes("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                "{\"4242\":{\"hex\":\"01\"}}}]}",
                unknown, sizeof unknown);
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"4242\":1}}]}",
                  "give {hex");
}
END_TEST

START_TEST(multiple_resource_has_instances) {
    static const uint8_t expected[] = {
        0x86, 0x02,       // multiple resource 2, 6 bytes
        0x41, 0x01, 0x08, // resource instance 1: 8
        0x41, 0x7f, 0x07, // resource instance 127: 7
    };
    check_bytes("{\"object\":2,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                "{\"2\":{\"instances\":{\"1\":8,\"127\":7}}}}]}",
                expected, sizeof expected);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_with_a_reason) {
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[]}", "exactly one instance");
    check_refused("{\"object\":9,\"level\":\"object\",\"instances\":[]}", "object:");
    check_refused("{\"object\":1,\"level\":\"all\",\"instances\":[]}", "level:");
    check_refused("{\"object\":1,\"level\":\"object\"}", "tlv has");
    check_refused("{\"object\":1,\"level\":\"resource\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"0\":1,\"1\":2}}]}",
                  "exactly one resource");
    check_refused(
        "{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":65536,\"resources\":{}}]}",
        "an instance is");
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"0\":\"1\"}}]}",
                  "resource 0");
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"999\":1}}]}",
                  "is not known");
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"00\":1}}]}",
                  "no number");
    check_refused("{\"object\":0,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"5\":{\"hex\":\"abc\"}}}]}",
                  "opaque");
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"0\":{\"instances\":{\"0\":1}}}}]}",
                  "not multiple");
    check_refused("{\"object\":2,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"2\":1}}]}",
                  "is multiple");
    check_refused("{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":"
                  "{\"4\":1}}]}",
                  "type none");
}
END_TEST

static size_t secrets;
static char last_secret[64];

static void on_secret(void *context, const uint8_t *key, size_t length) {
    (void)context;
    secrets++;
    ck_assert_uint_lt(length, sizeof last_secret / 2);
    hex_encode(key, length, last_secret);
}

START_TEST(keys_of_a_write_are_found_by_path_and_format) {
    static const struct place object = {.ids = {0}, .count = 1};
    static const struct place instance = {.ids = {0, 1}, .count = 2};
    static const struct place key = {.ids = {0, 1, 5}, .count = 3};
    static const struct place server = {.ids = {1, 1}, .count = 2};
    static uint8_t in_instance[] = {0xc1, 0x02, 0x00, 0xc2, 0x05, 0xab, 0xcd};
    static uint8_t in_object[] = {0x04, 0x01, 0xc2, 0x05, 0xab, 0xce};
    static uint8_t opaque[] = {0xab, 0xcf};
    struct content content = {true, 11542, in_instance, sizeof in_instance};
    secrets = 0;
    content_secrets(&content, instance, on_secret, NULL);
    ck_assert_uint_eq(secrets, 1);
    ck_assert_str_eq(last_secret, "abcd");
    content_secrets(&content, server, on_secret, NULL);
    ck_assert_uint_eq(secrets, 1);
    content = (struct content){true, 11542, in_object, sizeof in_object};
    content_secrets(&content, object, on_secret, NULL);
    ck_assert_str_eq(last_secret, "abce");
    content = (struct content){true, 42, opaque, sizeof opaque};
    content_secrets(&content, key, on_secret, NULL);
    ck_assert_str_eq(last_secret, "abcf");
    content_secrets(&content, instance, on_secret, NULL);
    ck_assert_uint_eq(secrets, 3);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("content");
    TCase *tests = tcase_create("content");
    tcase_add_test(tests, instance_is_its_resources);
    tcase_add_test(tests, object_wraps_each_instance);
    tcase_add_test(tests, resource_is_its_own_tlv);
    tcase_add_test(tests, opaque_values_are_hex_and_may_be_empty);
    tcase_add_test(tests, bytes_of_a_resource_that_is_not_in_the_table_are_given);
    tcase_add_test(tests, multiple_resource_has_instances);
    tcase_add_test(tests, what_does_not_fit_is_refused_with_a_reason);
    tcase_add_test(tests, keys_of_a_write_are_found_by_path_and_format);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
