// SPDX-License-Identifier: Apache-2.0
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "control/rpc.h"

static int handled;

static json_t *handle(void *context, const char *method, json_t *params, struct rpc_error *error) {
    (void)context;
    handled++;
    if (strcmp(method, "echo") == 0) {
        return json_incref(params);
    }
    return rpc_fail(error, RPC_METHOD_NOT_FOUND, "echo");
}

static struct rpc *rpc;

static void setup(void) {
    handled = 0;
    rpc = rpc_new(handle, NULL);
}

static void teardown(void) {
    rpc_free(rpc);
}

static void input(const char *text) {
    rpc_input(rpc, (const uint8_t *)text, strlen(text));
}

/* All output so far is exactly `expected`; it is taken off. */
static void check_output(const char *expected) {
    size_t length;
    const uint8_t *bytes = rpc_output(rpc, &length);
    char *text = strndup(bytes ? (const char *)bytes : "", length);
    ck_assert_str_eq(text, expected);
    free(text);
    rpc_sent(rpc, length);
}

/* The output is one error of that code. */
static void check_error(int code, const char *id) {
    char expected[80];
    size_t length;
    const uint8_t *bytes = rpc_output(rpc, &length);
    snprintf(expected, sizeof expected, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,",
             id, code);
    ck_assert_uint_ge(length, strlen(expected));
    ck_assert_mem_eq(bytes, expected, strlen(expected));
    ck_assert_uint_eq(bytes[length - 1], '\n');
    rpc_sent(rpc, length);
}

START_TEST(request_is_answered_with_its_id) {
    input("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\",\"params\":{\"a\":1}}\n");
    check_output("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":1}}\n");
    input("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"echo\"}\n");
    check_output("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}\n");
}
END_TEST

START_TEST(line_may_come_byte_by_byte_and_lines_together) {
    const char *line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}\n";
    for (const char *at = line; *at; at++) {
        ck_assert_int_eq(handled, 0);
        rpc_input(rpc, (const uint8_t *)at, 1);
    }
    ck_assert_int_eq(handled, 1);
    input("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"echo\"}\n\n"
          "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"echo\"}\n{");
    ck_assert_int_eq(handled, 3);
}
END_TEST

START_TEST(bad_requests_are_refused_by_their_kind) {
    input("{]\n");
    check_error(RPC_PARSE_ERROR, "null");
    input("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"echo\"}\n");
    check_error(RPC_PARSE_ERROR, "null");
    input("[]\n");
    check_error(RPC_INVALID_REQUEST, "null");
    input("{\"jsonrpc\":\"2.0\",\"id\":4}\n");
    check_error(RPC_INVALID_REQUEST, "4");
    input("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"echo\"}\n");
    check_error(RPC_INVALID_REQUEST, "null");
    input("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"echo\",\"more\":1}\n");
    check_error(RPC_INVALID_REQUEST, "5");
    input("{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"echo\",\"params\":[]}\n");
    check_error(RPC_INVALID_PARAMS, "6");
    ck_assert_int_eq(handled, 0);
    input("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"dance\"}\n");
    check_error(RPC_METHOD_NOT_FOUND, "8");
}
END_TEST

START_TEST(too_long_line_is_refused_once_and_skipped) {
    char *spaces = malloc(RPC_LINE_MAX);
    memset(spaces, ' ', RPC_LINE_MAX);
    rpc_input(rpc, (const uint8_t *)spaces, RPC_LINE_MAX);
    check_output("");
    for (int i = 0; i < 3; i++) {
        rpc_input(rpc, (const uint8_t *)spaces, RPC_LINE_MAX);
    }
    free(spaces);
    check_error(RPC_PARSE_ERROR, "null");
    input("\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}\n");
    check_output("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
}
END_TEST

START_TEST(output_beyond_its_bound_overflows) {
    char text[4096];
    memset(text, '1', sizeof text);
    size_t length, rounds = RPC_OUTPUT_MAX / sizeof text;
    for (size_t i = 0; i < rounds - rounds / 16; i++) {
        rpc_notify(rpc, "event", text, sizeof text);
    }
    ck_assert(!rpc_overflowed(rpc));
    for (size_t i = 0; i < rounds / 16; i++) {
        rpc_notify(rpc, "event", text, sizeof text);
    }
    ck_assert(rpc_overflowed(rpc));
    rpc_output(rpc, &length);
    ck_assert_uint_le(length, RPC_OUTPUT_MAX);
}
END_TEST

START_TEST(reader_that_keeps_up_never_overflows) {
    char text[4096];
    memset(text, '1', sizeof text);
    for (size_t i = 0; i < 3 * RPC_OUTPUT_MAX / sizeof text; i++) {
        size_t length;
        rpc_notify(rpc, "event", text, sizeof text);
        rpc_output(rpc, &length);
        rpc_sent(rpc, length - (i % 2)); // now and then a byte is left
    }
    ck_assert(!rpc_overflowed(rpc));
}
END_TEST

START_TEST(notification_wraps_its_text) {
    rpc_notify(rpc, "event", "{\"t\":1}", 7);
    check_output("{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{\"t\":1}}\n");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rpc");
    TCase *tests = tcase_create("rpc");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, request_is_answered_with_its_id);
    tcase_add_test(tests, line_may_come_byte_by_byte_and_lines_together);
    tcase_add_test(tests, bad_requests_are_refused_by_their_kind);
    tcase_add_test(tests, too_long_line_is_refused_once_and_skipped);
    tcase_add_test(tests, output_beyond_its_bound_overflows);
    tcase_add_test(tests, reader_that_keeps_up_never_overflows);
    tcase_add_test(tests, notification_wraps_its_text);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
