// SPDX-License-Identifier: Apache-2.0
/* Servers whose account a session deleted. */
#include "fixture.h"

#define SECOND UINT64_C(1000000000)
#define PUT 0x03
#define PATH_0_1 0xb1, '0', 0x01, '1'
#define PATH_0_2 0xb1, '0', 0x01, '2'
#define PATH_0 0xb1, '0'
#define PATH_0_1_0 0xb1, '0', 0x01, '1', 0x01, '0'
#define FORMAT_TLV 0x12, 0x2d, 0x16
#define ONE 'c', 'o', 'a', 'p', ':', '/', '/', '[', ':', ':', '1', ']'
#define TWO 'c', 'o', 'a', 'p', ':', '/', '/', '[', ':', ':', '2', ']'
#define URI_ONE 0xc8, 0x00, 0x0c, ONE /* resource 0 with 12 bytes */
#define URI_TWO 0xc8, 0x00, 0x0c, TWO
#define AT_ONE "coap://[::1]"
#define AT_TWO "coap://[::2]"

enum { FIRST = 7, SECOND_SESSION = 8 };
static const struct place everything = {.count = 0};
static const struct place security = {.ids = {0}, .count = 1};
static const struct place instance_1 = {.ids = {0, 1}, .count = 2};
static const struct place device = {.ids = {3}, .count = 1};

static uint64_t now;

static void start(void) {
    rules_start_anew();
    now = 1000 * SECOND;
}

static void writes(const uint8_t *bytes, size_t length) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, bytes, length), MESSAGE_OK);
    rules_write(&rules, FIRST, &message);
    message_clear(&message);
}

static void finishes(uint64_t association) {
    rules_session_ends(&rules, association, true);
    rules_finished(&rules, association, now);
}

static void comes_after(uint64_t seconds, enum operation operation, const char *uri) {
    const struct registration said = {.has_lifetime = true, .has_objects = false};
    struct message message;
    now += seconds * SECOND;
    message_init(&message, MESSAGE_CON, MESSAGE_POST, 1);
    const struct rules_request request = {
        .message = &message, .operation = operation, .said = &said, .at = uri, .t_ns = now};
    rules_request(&rules, &request, &found);
    message_clear(&message);
}

static void has_account_one(void) {
    writes(BYTES(HEADER_CON, PUT, MID, PATH_0_1, FORMAT_TLV, 0xff, URI_ONE));
    finishes(FIRST);
}

static void expect_broken(unsigned count) {
    ck_assert_uint_eq(rules.broken[RULE_DELETED_SERVER], count);
}

START_TEST(update_after_the_account_was_deleted_is_a_breach) {
    const struct place *const deletes[] = {&everything, &security, &instance_1};
    has_account_one();
    rules_deleted(&rules, SECOND_SESSION, deletes[_i]);
    finishes(SECOND_SESSION);
    comes_after(10, OPERATION_UPDATE, AT_ONE);
    expect_broken(1);
    ck_assert_str_eq(found.items[0].what,
                     "an Update comes to a server 10 s after its account was deleted");
    ck_assert_uint_eq(found.items[0].earlier_ns, 1000 * SECOND);
    comes_after(1, OPERATION_REGISTER, AT_ONE);
    expect_broken(2);
}
END_TEST

START_TEST(deregister_and_what_crosses_the_finish_break_nothing) {
    has_account_one();
    rules_deleted(&rules, SECOND_SESSION, &security);
    finishes(SECOND_SESSION);
    comes_after(1, OPERATION_UPDATE, AT_ONE);
    comes_after(10, OPERATION_DEREGISTER, AT_ONE);
    expect_broken(0);
}
END_TEST

START_TEST(session_that_failed_has_deleted_nothing) {
    has_account_one();
    rules_deleted(&rules, SECOND_SESSION, &security);
    rules_session_ends(&rules, SECOND_SESSION, false);
    finishes(SECOND_SESSION);
    comes_after(10, OPERATION_UPDATE, AT_ONE);
    expect_broken(0);
}
END_TEST

START_TEST(account_that_was_written_again_is_there) {
    has_account_one();
    rules_deleted(&rules, FIRST, &security);
    writes(BYTES(HEADER_CON, PUT, MID, PATH_0_2, FORMAT_TLV, 0xff, URI_ONE));
    finishes(FIRST);
    comes_after(10, OPERATION_UPDATE, AT_ONE);
    expect_broken(0);
}
END_TEST

START_TEST(other_objects_and_other_instances_are_not_meant) {
    has_account_one();
    writes(BYTES(HEADER_CON, PUT, MID, PATH_0_2, FORMAT_TLV, 0xff, URI_TWO));
    rules_deleted(&rules, FIRST, &device);
    rules_deleted(&rules, FIRST, &instance_1);
    finishes(FIRST);
    comes_after(10, OPERATION_UPDATE, AT_TWO);
    expect_broken(0);
    comes_after(1, OPERATION_UPDATE, AT_ONE);
    expect_broken(1);
}
END_TEST

START_TEST(accounts_are_known_from_writes_of_the_object_and_of_the_resource) {
    // instance 1 with 15 bytes of resources, instance 2 likewise
    writes(BYTES(HEADER_CON, PUT, MID, PATH_0, FORMAT_TLV, 0xff, 0x08, 0x01, 0x0f, URI_ONE, 0x08,
                 0x02, 0x0f, URI_ONE));
    writes(BYTES(HEADER_CON, PUT, MID, PATH_0_1_0, 0xff, TWO));
    rules_deleted(&rules, FIRST, &instance_1);
    finishes(FIRST);
    comes_after(10, OPERATION_UPDATE, AT_ONE);
    expect_broken(0);
    comes_after(1, OPERATION_UPDATE, AT_TWO);
    expect_broken(1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules: deleted accounts");
    TCase *tcase = tcase_create("deleted");
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, start, NULL);
    tcase_add_loop_test(tcase, update_after_the_account_was_deleted_is_a_breach, 0, 3);
    tcase_add_test(tcase, deregister_and_what_crosses_the_finish_break_nothing);
    tcase_add_test(tcase, session_that_failed_has_deleted_nothing);
    tcase_add_test(tcase, account_that_was_written_again_is_there);
    tcase_add_test(tcase, other_objects_and_other_instances_are_not_meant);
    tcase_add_test(tcase, accounts_are_known_from_writes_of_the_object_and_of_the_resource);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
