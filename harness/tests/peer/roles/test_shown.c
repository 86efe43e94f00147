// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "roles/shown.h"

static struct redact *keys;
static struct members members;
static struct message message;

static void setup(void) {
    keys = redact_new();
    members_begin(&members, keys);
    message_init(&message, MESSAGE_ACK, MESSAGE_CODE(2, 5), 1);
}

static void teardown(void) {
    message_clear(&message);
    members_free(&members);
    redact_free(keys);
}

static void carry(int format, const void *payload, size_t length) {
    if (format >= 0) {
        message_options_add_uint(&message.options, MESSAGE_OPTION_CONTENT_FORMAT, (uint32_t)format);
    }
    message_set_payload(&message, payload, length);
}

static void check_payload(struct place place, const char *expected) {
    shown_payload(&members, &message, place);
    ck_assert(!members.failed);
    char *text = strndup((const char *)members.text.data, members.text.length);
    ck_assert_str_eq(text, expected);
    free(text);
}

static const struct place nowhere = {.count = 0};
static const struct place server_object = {.ids = {1}, .count = 1};
static const struct place security_instance = {.ids = {0, 1}, .count = 2};

START_TEST(payload_without_format_is_not_decoded) {
    carry(-1, "hi", 2);
    check_payload(nowhere, "\"payload\":\"6869\"");
}
END_TEST

START_TEST(values_of_tlv_have_the_type_of_their_resource) {
    static const uint8_t tlv[] = {
        0xc3, 0x00, 'c',  ':',  '/', // resource 0, string
        0xc1, 0x01, 0x01,            // resource 1, boolean
        0xc1, 0x0a, 0x65,            // resource 10, integer: 101
        0xc2, 0x05, 0xab, 0xcd,      // resource 5, opaque
        0xc1, 0x63, 0x07,            // resource 99, not known
    };
    carry(11542, tlv, sizeof tlv);
    check_payload(security_instance,
                  "\"content_format\":11542,\"payload\":\"c300633a2fc10101c10a65c205abcdc16307\","
                  "\"decoded\":{\"tlv\":["
                  "{\"kind\":\"resource\",\"id\":0,\"value\":\"c:/\"},"
                  "{\"kind\":\"resource\",\"id\":1,\"value\":true},"
                  "{\"kind\":\"resource\",\"id\":10,\"value\":101},"
                  "{\"kind\":\"resource\",\"id\":5,\"value\":{\"hex\":\"abcd\"}},"
                  "{\"kind\":\"resource\",\"id\":99,\"value\":{\"hex\":\"07\"}}]}");
}
END_TEST

START_TEST(tlv_of_an_object_nests) {
    static const uint8_t tlv[] = {0x03, 0x00, 0xc1, 0x00, 0x01}; // instance 0: resource 0 = 1
    carry(11542, tlv, sizeof tlv);
    check_payload(server_object,
                  "\"content_format\":11542,\"payload\":\"0300c10001\",\"decoded\":{\"tlv\":["
                  "{\"kind\":\"object_instance\",\"id\":0,\"children\":["
                  "{\"kind\":\"resource\",\"id\":0,\"value\":1}]}]}");
}
END_TEST

START_TEST(tlv_that_ends_early_is_told) {
    static const uint8_t tlv[] = {0xc8, 0x00, 0x09, 0x01};
    carry(11542, tlv, sizeof tlv);
    shown_payload(&members, &message, nowhere);
    buffer_append(&members.text, "", 1);
    ck_assert_ptr_nonnull(strstr((const char *)members.text.data, "\"decode_error\":"));
    ck_assert_ptr_null(strstr((const char *)members.text.data, "\"decoded\":"));
}
END_TEST

START_TEST(links_have_targets_and_attributes) {
    static const char links[] = "</0/1>;ssid=101;uri=\"coaps://h\";obs,</1>;ssid=1;ssid=2";
    carry(40, links, sizeof links - 1);
    shown_payload(&members, &message, nowhere);
    buffer_append(&members.text, "", 1);
    ck_assert_ptr_nonnull(
        strstr((const char *)members.text.data,
               "\"decoded\":{\"links\":[{\"target\":\"/0/1\",\"attributes\":{\"ssid\":\"101\","
               "\"uri\":\"coaps://h\",\"obs\":null}},"
               "{\"target\":\"/1\",\"attributes\":{\"ssid\":\"1\"}}]}"));
}
END_TEST

START_TEST(text_is_shown_as_text) {
    carry(0, "caf\xc3\xa9", 5);
    check_payload(nowhere, "\"content_format\":0,\"payload\":\"636166c3a9\","
                           "\"decoded\":{\"text\":\"caf\xc3\xa9\"}");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shown");
    TCase *tests = tcase_create("shown");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, payload_without_format_is_not_decoded);
    tcase_add_test(tests, values_of_tlv_have_the_type_of_their_resource);
    tcase_add_test(tests, tlv_of_an_object_nests);
    tcase_add_test(tests, tlv_that_ends_early_is_told);
    tcase_add_test(tests, links_have_targets_and_attributes);
    tcase_add_test(tests, text_is_shown_as_text);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
