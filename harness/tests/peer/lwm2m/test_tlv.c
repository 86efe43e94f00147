/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/objects.h"
#include "lwm2m/tlv.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct tlv_list list;

static void decode(const uint8_t *bytes, size_t length) {
    ck_assert_str_eq(tlv_fault_text(tlv_decode(&list, bytes, length, NULL)), "");
}

static void expect_encoding(const struct tlv_list *tree, const uint8_t *expected, size_t length) {
    uint8_t *bytes = NULL;
    size_t encoded = 0;
    ck_assert_int_eq(tlv_encode(tree, &bytes, &encoded), 0);
    ck_assert_uint_eq(encoded, length);
    ck_assert_mem_eq(bytes, expected, length);
    free(bytes);
}

static int64_t integer(const struct tlv_node *node) {
    int64_t value = 0;
    ck_assert_ptr_nonnull(node);
    ck_assert(tlv_get_integer(node, &value));
    return value;
}

/* TS 1.0.2 section 6.4.3.1, TS 1.1.1 Core 7.4.3.1: Read of /3/0, resources without their instance.
 */
static const uint8_t DEVICE[] = {
    0xC8, 0x00, 0x14, 'O',  'p',  'e',  'n',  ' ',  'M',  'o',  'b',  'i', 'l',
    'e',  ' ',  'A',  'l',  'l',  'i',  'a',  'n',  'c',  'e', /* 0 */
    0xC8, 0x01, 0x16, 'L',  'i',  'g',  'h',  't',  'w',  'e',  'i',  'g', 'h',
    't',  ' ',  'M',  '2',  'M',  ' ',  'C',  'l',  'i',  'e',  'n',  't', /* 1 */
    0xC8, 0x02, 0x09, '3',  '4',  '5',  '0',  '0',  '0',  '1',  '2',  '3', /* 2 */
    0xC3, 0x03, '1',  '.',  '0',                                           /* 3 */
    0x86, 0x06, 0x41, 0x00, 0x01, 0x41, 0x01, 0x05,                        /* 6 {1, 5} */
    0x88, 0x07, 0x08, 0x42, 0x00, 0x0E, 0xD8, 0x42, 0x01, 0x13, 0x88,      /* 7 */
    0x87, 0x08, 0x41, 0x00, 0x7D, 0x42, 0x01, 0x03, 0x84,                  /* 8 */
    0xC1, 0x09, 0x64,                                                      /* 9: 100 */
    0xC1, 0x0A, 0x0F,                                                      /* 10: 15 */
    0x83, 0x0B, 0x41, 0x00, 0x00,                                          /* 11 {0} */
    0xC4, 0x0D, 0x51, 0x82, 0x42, 0x8F,                                    /* 13: time */
    0xC6, 0x0E, '+',  '0',  '2',  ':',  '0',  '0',                         /* 14 */
    0xC1, 0x10, 'U',                                                       /* 16 */
};

/* TS 1.0.2 6.4.3.2 A, as in Leshan's LwM2mNodeDecoderTest: both instances of /2. */
static const uint8_t ACCESS_CONTROL[] = {
    0x08, 0x00, 0x0E,                                     /* instance 0, 14 bytes */
    0xC1, 0x00, 0x01,                                     /* 0: object 1 */
    0xC1, 0x01, 0x00,                                     /* 1: instance 0 */
    0x83, 0x02, 0x41, 0x7F, 0x07,                         /* 2: ACL {127: 7} */
    0xC1, 0x03, 0x7F,                                     /* 3: owner 127 */
    0x08, 0x02, 0x12,                                     /* instance 2, 18 bytes */
    0xC1, 0x00, 0x03,                                     /* 0: object 3 */
    0xC1, 0x01, 0x00,                                     /* 1: instance 0 */
    0x87, 0x02, 0x41, 0x7F, 0x07, 0x61, 0x01, 0x36, 0x01, /* 2: ACL {127: 7, 310: 1} */
    0xC1, 0x03, 0x7F,                                     /* 3: owner 127 */
};

/* TS 1.0.2 6.4.3.2 B, as in the same test: instance 0 of /1. */
static const uint8_t SERVER[] = {
    0x08, 0x00, 0x0F,                   /* instance 0, 15 bytes */
    0xC1, 0x00, 0x01,                   /* 0: Short Server ID 1 */
    0xC4, 0x01, 0x00, 0x01, 0x51, 0x80, /* 1: lifetime 86400 */
    0xC1, 0x06, 0x01,                   /* 6: true */
    0xC1, 0x07, 'U',                    /* 7: binding */
};

START_TEST(device_example_of_the_specification_is_read) {
    int64_t value = 0;
    decode(DEVICE, sizeof(DEVICE));
    ck_assert_uint_eq(list.count, 13);
    const struct tlv_node *manufacturer = tlv_find(&list, TLV_RESOURCE, 0);
    ck_assert_ptr_nonnull(manufacturer);
    ck_assert_uint_eq(manufacturer->length, 20);
    ck_assert_mem_eq(manufacturer->value, "Open Mobile Alliance", 20);
    const struct tlv_node *sources = tlv_find(&list, TLV_MULTIPLE_RESOURCE, 6);
    ck_assert_ptr_nonnull(sources);
    ck_assert_uint_eq(sources->children.count, 2);
    ck_assert_int_eq(integer(tlv_find(&sources->children, TLV_RESOURCE_INSTANCE, 1)), 5);
    const struct tlv_node *voltages = tlv_find(&list, TLV_MULTIPLE_RESOURCE, 7);
    ck_assert_ptr_nonnull(voltages);
    ck_assert_int_eq(integer(tlv_find(&voltages->children, TLV_RESOURCE_INSTANCE, 0)), 3800);
    ck_assert_int_eq(integer(tlv_find(&list, TLV_RESOURCE, 9)), 100);
    ck_assert_int_eq(integer(tlv_find(&list, TLV_RESOURCE, 13)), 1367491215);
    ck_assert(!tlv_get_integer(manufacturer, &value)); /* 20 bytes are no integer */
    ck_assert_ptr_null(tlv_find(&list, TLV_RESOURCE, 6));
    tlv_clear(&list);
}
END_TEST

START_TEST(access_control_example_is_read) {
    decode(ACCESS_CONTROL, sizeof(ACCESS_CONTROL));
    ck_assert_uint_eq(list.count, 2);
    const struct tlv_node *instance = tlv_find(&list, TLV_OBJECT_INSTANCE, 2);
    ck_assert_ptr_nonnull(instance);
    ck_assert_uint_eq(instance->children.count, 4);
    const struct tlv_node *acl = tlv_find(&instance->children, TLV_MULTIPLE_RESOURCE, 2);
    ck_assert_ptr_nonnull(acl);
    ck_assert_int_eq(integer(tlv_find(&acl->children, TLV_RESOURCE_INSTANCE, 310)), 1);
    tlv_clear(&list);
}
END_TEST

START_TEST(examples_are_written_as_they_were_read) {
    const struct {
        const uint8_t *bytes;
        size_t length;
    } examples[] = {{DEVICE, sizeof(DEVICE)},
                    {ACCESS_CONTROL, sizeof(ACCESS_CONTROL)},
                    {SERVER, sizeof(SERVER)}};
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        decode(examples[i].bytes, examples[i].length);
        expect_encoding(&list, examples[i].bytes, examples[i].length);
        tlv_clear(&list);
    }
}
END_TEST

START_TEST(server_instance_is_built_as_in_the_example) {
    struct tlv_list tree = {0};
    struct tlv_node *instance = tlv_add(&tree, TLV_OBJECT_INSTANCE, 0);
    ck_assert_int_eq(tlv_set_integer(tlv_add(&instance->children, TLV_RESOURCE, 0), 1), 0);
    ck_assert_int_eq(tlv_set_integer(tlv_add(&instance->children, TLV_RESOURCE, 1), 86400), 0);
    ck_assert_int_eq(tlv_set_boolean(tlv_add(&instance->children, TLV_RESOURCE, 6), true), 0);
    ck_assert_int_eq(tlv_set_bytes(tlv_add(&instance->children, TLV_RESOURCE, 7), "U", 1), 0);
    expect_encoding(&tree, SERVER, sizeof(SERVER));
    tlv_clear(&tree);
}
END_TEST

/* TS 1.0.2 6.4.3.3: object links, resource 0 of /65 is {0: 66:0, 1: 66:1}. */
START_TEST(object_links_are_written_and_read) {
    const uint8_t expected[] = {
        0x88, 0x00, 0x0C,                   /* multiple resource 0, 12 bytes */
        0x44, 0x00, 0x00, 0x42, 0x00, 0x00, /* 0: 66:0 */
        0x44, 0x01, 0x00, 0x42, 0x00, 0x01, /* 1: 66:1 */
    };
    struct tlv_list tree = {0};
    uint16_t object = 0;
    uint16_t instance = 0;
    struct tlv_node *multiple = tlv_add(&tree, TLV_MULTIPLE_RESOURCE, 0);
    ck_assert_int_eq(
        tlv_set_object_link(tlv_add(&multiple->children, TLV_RESOURCE_INSTANCE, 0), 66, 0), 0);
    ck_assert_int_eq(
        tlv_set_object_link(tlv_add(&multiple->children, TLV_RESOURCE_INSTANCE, 1), 66, 1), 0);
    expect_encoding(&tree, expected, sizeof(expected));
    ck_assert(tlv_get_object_link(&multiple->children.items[1], &object, &instance));
    ck_assert_uint_eq(object, 66);
    ck_assert_uint_eq(instance, 1);
    tlv_clear(&tree);
}
END_TEST

START_TEST(lengths_and_ids_take_the_shortest_form) {
    const struct {
        size_t length;
        size_t header_length;
        uint16_t id;
        uint8_t header[6];
    } cases[] = {
        {0, 2, 0, {0xC0, 0x00}},
        {7, 2, 255, {0xC7, 0xFF}},
        {7, 3, 256, {0xE7, 0x01, 0x00}},
        {8, 3, 1, {0xC8, 0x01, 0x08}},
        {255, 3, 1, {0xC8, 0x01, 0xFF}},
        {256, 4, 1, {0xD0, 0x01, 0x01, 0x00}},
        {65535, 5, 65535, {0xF0, 0xFF, 0xFF, 0xFF, 0xFF}},
        {65536, 5, 1, {0xD8, 0x01, 0x01, 0x00, 0x00}},
    };
    uint8_t *value = calloc(1, 65536);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tlv_list tree = {0};
        uint8_t *bytes = NULL;
        size_t length = 0;
        ck_assert_int_eq(
            tlv_set_bytes(tlv_add(&tree, TLV_RESOURCE, cases[i].id), value, cases[i].length), 0);
        ck_assert_int_eq(tlv_encode(&tree, &bytes, &length), 0);
        ck_assert_uint_eq(length, cases[i].header_length + cases[i].length);
        ck_assert_mem_eq(bytes, cases[i].header, cases[i].header_length);
        decode(bytes, length);
        ck_assert_uint_eq(list.items[0].id, cases[i].id);
        ck_assert_uint_eq(list.items[0].length, cases[i].length);
        tlv_clear(&list);
        tlv_clear(&tree);
        free(bytes);
    }
    free(value);
}
END_TEST

START_TEST(integers_take_1_2_4_or_8_bytes_with_sign) {
    const struct {
        int64_t value;
        size_t length;
    } cases[] = {{0, 1},          {127, 1},         {-128, 1},      {128, 2},      {-129, 2},
                 {32767, 2},      {32768, 4},       {-32769, 4},    {86400, 4},    {2147483647, 4},
                 {2147483648, 8}, {-2147483649, 8}, {INT64_MAX, 8}, {INT64_MIN, 8}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tlv_node node = {.kind = TLV_RESOURCE};
        ck_assert_int_eq(tlv_set_integer(&node, cases[i].value), 0);
        ck_assert_uint_eq(node.length, cases[i].length);
        ck_assert_int_eq(integer(&node), cases[i].value);
        free(node.value);
    }
}
END_TEST

START_TEST(other_types_go_there_and_back) {
    struct tlv_node node = {.kind = TLV_RESOURCE};
    uint64_t number = 0;
    double real = 0;
    bool truth = false;
    ck_assert_int_eq(tlv_set_unsigned(&node, 65535), 0);
    ck_assert_uint_eq(node.length, 2);
    ck_assert(tlv_get_unsigned(&node, &number));
    ck_assert_uint_eq(number, 65535);
    ck_assert_int_eq(tlv_set_float(&node, 0.5), 0);
    ck_assert_uint_eq(node.length, 4);
    ck_assert(tlv_get_float(&node, &real) && real == 0.5);
    ck_assert_int_eq(tlv_set_float(&node, 0.1), 0);
    ck_assert_uint_eq(node.length, 8);
    ck_assert(tlv_get_float(&node, &real) && real == 0.1);
    ck_assert_int_eq(tlv_set_boolean(&node, true), 0);
    ck_assert(tlv_get_boolean(&node, &truth) && truth);
    ck_assert_int_eq(tlv_set_integer(&node, 2), 0);
    ck_assert(!tlv_get_boolean(&node, &truth)); /* neither 0 nor 1 */
    free(node.value);
}
END_TEST

#define ASSERT_FAULT(expected, place, ...)                                                         \
    do {                                                                                           \
        const uint8_t bytes_[] = {__VA_ARGS__};                                                    \
        size_t offset_ = 99;                                                                       \
        ck_assert_str_eq(tlv_fault_text(tlv_decode(&list, bytes_, sizeof(bytes_), &offset_)),      \
                         tlv_fault_text(expected));                                                \
        ck_assert_uint_eq(offset_, place);                                                         \
        ck_assert_uint_eq(list.count, 0);                                                          \
    } while (0)

START_TEST(faults_and_their_place_are_told) {
    ASSERT_FAULT(TLV_FAULT_TRUNCATED_HEADER, 0, 0xC1);
    ASSERT_FAULT(TLV_FAULT_TRUNCATED_HEADER, 0, 0xE1, 0x00);
    ASSERT_FAULT(TLV_FAULT_TRUNCATED_HEADER, 3, 0xC1, 0x00, 0x01, 0xD8, 0x00, 0x00, 0x00);
    ASSERT_FAULT(TLV_FAULT_TRUNCATED_VALUE, 0, 0xC2, 0x00, 0x01);
    /* The resource is longer than its instance says. */
    ASSERT_FAULT(TLV_FAULT_TRUNCATED_VALUE, 2, 0x03, 0x00, 0xC2, 0x00, 0x01, 0xC1, 0x01, 0x01);
    /* A resource inside a multiple resource; a resource instance inside an object instance. */
    ASSERT_FAULT(TLV_FAULT_NESTING, 2, 0x83, 0x00, 0xC1, 0x00, 0x01);
    ASSERT_FAULT(TLV_FAULT_NESTING, 2, 0x03, 0x00, 0x41, 0x00, 0x01);
}
END_TEST

START_TEST(no_bytes_are_an_empty_list) {
    decode(NULL, 0);
    ck_assert_uint_eq(list.count, 0);
    uint8_t *bytes = NULL;
    size_t length = 99;
    ck_assert_int_eq(tlv_encode(&list, &bytes, &length), 0);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(length, 0);
    free(bytes);
}
END_TEST

START_TEST(tree_that_does_not_nest_is_not_written) {
    struct tlv_list tree = {0};
    uint8_t *bytes = NULL;
    size_t length = 0;
    struct tlv_node *multiple = tlv_add(&tree, TLV_MULTIPLE_RESOURCE, 0);
    ck_assert_ptr_nonnull(tlv_add(&multiple->children, TLV_RESOURCE, 0));
    ck_assert_int_eq(tlv_encode(&tree, &bytes, &length), -EINVAL);
    ck_assert_ptr_null(bytes);
    tlv_clear(&tree);
}
END_TEST

START_TEST(any_bytes_are_read_and_written_to_the_same_meaning) {
    uint64_t random = 0x711;
    int good = 0;
    for (int round = 0; round < 100000; round++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        size_t length = (size_t)(random >> 33) % 32;
        uint8_t *bytes = malloc(length == 0 ? 1 : length); /* exact size: ASan sees too far */
        for (size_t i = 0; i < length; i++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[i] = (uint8_t)(random >> 33);
            bytes[i] = round % 2 == 0 ? bytes[i] : bytes[i] & 0xC3; /* small lengths and ids */
        }
        if (tlv_decode(&list, bytes, length, NULL) == TLV_OK) {
            struct tlv_list again;
            uint8_t *written = NULL;
            size_t written_length = 0;
            good++;
            ck_assert_int_eq(tlv_encode(&list, &written, &written_length), 0);
            ck_assert_uint_le(written_length, length); /* shortest form */
            ck_assert_int_eq(tlv_decode(&again, written, written_length, NULL), TLV_OK);
            expect_encoding(&again, written, written_length);
            tlv_clear(&again);
            free(written);
        }
        tlv_clear(&list);
        free(bytes);
    }
    ck_assert_int_gt(good, 1000);
}
END_TEST

START_TEST(table_knows_the_resources_of_the_bootstrap_objects) {
    const struct objects_resource *timeout = objects_find(0, 12);
    ck_assert_ptr_nonnull(timeout);
    ck_assert_str_eq(timeout->name, "Bootstrap-Server Account Timeout");
    ck_assert_int_eq(timeout->type, OBJECTS_INTEGER);
    ck_assert(!timeout->multiple && !timeout->mandatory);
    ck_assert_int_eq(objects_find(0, 5)->type, OBJECTS_OPAQUE);
    ck_assert_int_eq(objects_find(0, 17)->type, OBJECTS_OBJECT_LINK);
    ck_assert(objects_find(0, 16)->multiple);
    ck_assert_int_eq(objects_find(1, 9)->type, OBJECTS_NONE);
    ck_assert(objects_find(2, 2)->multiple);
    ck_assert(objects_find(3, 11)->multiple && objects_find(3, 11)->mandatory);
    ck_assert_ptr_null(objects_find(0, 31));
    ck_assert_ptr_null(objects_find(4, 0));
    ck_assert_str_eq(objects_name(3), "Device");
    ck_assert_ptr_null(objects_name(21));
    for (uint16_t object = 0; object < 4; object++) {
        size_t count = 0;
        const struct objects_resource *resources = objects_resources(object, &count);
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_eq(resources[i].id, i); /* these four have no gaps */
        }
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tlv");
    TCase *tests = tcase_create("tlv");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, device_example_of_the_specification_is_read);
    tcase_add_test(tests, access_control_example_is_read);
    tcase_add_test(tests, examples_are_written_as_they_were_read);
    tcase_add_test(tests, server_instance_is_built_as_in_the_example);
    tcase_add_test(tests, object_links_are_written_and_read);
    tcase_add_test(tests, lengths_and_ids_take_the_shortest_form);
    tcase_add_test(tests, integers_take_1_2_4_or_8_bytes_with_sign);
    tcase_add_test(tests, other_types_go_there_and_back);
    tcase_add_test(tests, faults_and_their_place_are_told);
    tcase_add_test(tests, no_bytes_are_an_empty_list);
    tcase_add_test(tests, tree_that_does_not_nest_is_not_written);
    tcase_add_test(tests, any_bytes_are_read_and_written_to_the_same_meaning);
    tcase_add_test(tests, table_knows_the_resources_of_the_bootstrap_objects);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
