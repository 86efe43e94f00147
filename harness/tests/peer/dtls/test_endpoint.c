// SPDX-License-Identifier: Apache-2.0
/* Handshakes that succeed and fail, data, closing. */
#include "fixture.h"

#include "base/clock.h"
#include "dtls/library.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fixture fixture;
static struct client client;
static const struct dtls_options psk = {.security = DTLS_SECURITY_PSK};

static void set_up(void) {
    fixture_open(&fixture, &psk);
}

static void tear_down(void) {
    fixture_close(&fixture);
}

/** A client with the good key is up; what was told so far is read. */
static void bring_up(struct client *which) {
    client_open(which, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, which);
    ck_assert(which->up);
    fixture.lines_read = fixture.line_count;
}

START_TEST(a_handshake_opens_an_association_after_the_cookie) {
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    ck_assert(client.up);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: identity good known", OPENED("1", "0"));
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 1);
    ck_assert_uint_eq(dtls_endpoint_deadline(fixture.endpoint), CLOCK_NEVER);
    client_close(&client);
}
END_TEST

START_TEST(data_goes_both_ways) {
    bring_up(&client);
    client_send(&client, "ping");
    fixture.echo_in_plaintext = true;
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: data ping");
    ck_assert_str_eq(client.received, "ping");
    struct dtls_association *association = dtls_endpoint_newest(fixture.endpoint);
    ck_assert_ptr_eq(dtls_endpoint_find(fixture.endpoint, 1), association);
    ck_assert_ptr_null(dtls_endpoint_find(fixture.endpoint, 2));
    ck_assert_int_eq(dtls_endpoint_send(fixture.endpoint, association, (const uint8_t *)"news", 4,
                                        fixture.now_ns),
                     0);
    fixture_pump(&fixture, &client);
    ck_assert_str_eq(client.received, "news");
    static const uint8_t large[20000];
    ck_assert_int_eq(
        dtls_endpoint_send(fixture.endpoint, association, large, sizeof large, fixture.now_ns),
        -EMSGSIZE);
    client_close(&client);
}
END_TEST

START_TEST(every_suite_of_the_table_works) {
    int tried = 0;
    for (uint16_t suite = dtls_suite_after(0); suite != 0; suite = dtls_suite_after(suite)) {
        uint16_t number = 0;
        ck_assert(dtls_suite_number(dtls_suite_name(suite), &number));
        ck_assert_uint_eq(number, suite);
        struct fixture *other = calloc(1, sizeof *other);
        struct dtls_options options = psk;
        options.suites = &suite;
        options.suite_count = 1;
        fixture_open(other, &options);
        client_open(&client, other, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, suite);
        fixture_pump(other, &client);
        ck_assert_msg(client.up, "%s: -0x%x", dtls_suite_name(suite), (unsigned)-client.result);
        ck_assert_uint_eq(dtls_association_suite(dtls_endpoint_newest(other->endpoint)), suite);
        client_send(&client, "x");
        fixture_pump(other, &client);
        ck_assert_str_eq(other->lines[other->line_count - 1], "1: data x");
        client_close(&client);
        fixture_close(other);
        free(other);
        tried++;
    }
    ck_assert_int_ge(tried, 8);
}
END_TEST

START_TEST(a_wrong_key_draws_alert_20) {
    client_open(&client, &fixture, FIXTURE_IDENTITY, (const uint8_t *)"wrong", 5, 0);
    fixture_pump(&fixture, &client);
    ck_assert(!client.up);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: identity good known", "1: alert out 2 bad_record_mac",
                   "1: failed wrong_key good");
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    ck_assert_uint_eq(client.ssl.in_msg[1], 20);
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 0);
    ck_assert_uint_eq(dtls_endpoint_deadline(fixture.endpoint), CLOCK_NEVER);
    client_close(&client);
}
END_TEST

START_TEST(an_unknown_identity_draws_alert_115) {
    client_open(&client, &fixture, "stranger", fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: identity stranger unknown", "1: alert out 2 unknown_psk_identity",
                   "1: failed unknown_identity stranger");
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    ck_assert_uint_eq(client.ssl.in_msg[1], 115);
    client_close(&client);
}
END_TEST

START_TEST(no_common_suite_draws_alert_40) {
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0x00a8);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: alert out 2 handshake_failure",
                   "0: failed no_common_suite ");
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    ck_assert_uint_eq(client.ssl.in_msg[1], 40);
    client_close(&client);
    fixture.lines_read = fixture.line_count;
    bring_up(&client); // and the listener is fit for the next one
    client_close(&client);
}
END_TEST

START_TEST(replaced_credentials_judge_new_handshakes_only) {
    bring_up(&client);
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture.endpoint, NULL, 0), 0);
    client_send(&client, "still here");
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: data still here");
    client_close(&client);
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    ck_assert(!client.up);
    ck_assert_str_eq(fixture.lines[fixture.line_count - 1], "2: failed unknown_identity good");
    client_close(&client);
}
END_TEST

START_TEST(credentials_past_the_limits_are_refused) {
    static const uint8_t long_key[100];
    struct dtls_credential credential = {(const uint8_t *)"a", 1, long_key, dtls_limit_key() + 1};
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture.endpoint, &credential, 1), -EMSGSIZE);
    bring_up(&client); // the old ones are still there
    credential.key_length = dtls_limit_key();
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture.endpoint, &credential, 1), 0);
    credential.key_length = 0;
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture.endpoint, &credential, 1), -EMSGSIZE);
    client_close(&client);
}
END_TEST

START_TEST(the_longest_key_completes_a_handshake) {
    uint8_t key[64];
    memset(key, 0xa5, sizeof key);
    struct dtls_credential credential = {(const uint8_t *)"long", 4, key, dtls_limit_key()};
    ck_assert_uint_le(dtls_limit_key(), sizeof key);
    ck_assert_int_eq(dtls_endpoint_set_credentials(fixture.endpoint, &credential, 1), 0);
    client_open(&client, &fixture, "long", key, dtls_limit_key(), 0);
    fixture_pump(&fixture, &client);
    ck_assert(client.up);
    client_close(&client);
}
END_TEST

START_TEST(close_notify_of_the_client_is_told_and_answered) {
    bring_up(&client);
    ck_assert_int_eq(mbedtls_ssl_close_notify(&client.ssl), 0);
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: alert in 1 close_notify", "1: alert out 1 close_notify",
                   "1: closed close_notify");
    client_step(&client);
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 0);
    client_close(&client);
}
END_TEST

START_TEST(dropping_with_notice_sends_close_notify) {
    bring_up(&client);
    ck_assert_uint_eq(
        dtls_endpoint_drop(fixture.endpoint, true, DTLS_CLOSED_DROPPED, fixture.now_ns), 1);
    FIXTURE_EXPECT(&fixture, "1: alert out 1 close_notify", "1: closed dropped");
    client_step(&client);
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    client_close(&client);
}
END_TEST

START_TEST(a_client_that_goes_on_after_close_notify_is_told_again) {
    bring_up(&client);
    dtls_endpoint_drop(fixture.endpoint, true, DTLS_CLOSED_DROPPED, fixture.now_ns);
    fixture.to_client.count = 0; // lost
    for (int i = 0; i < 2; i++) {
        client_send(&client, "lost");
        fixture_to_server(&fixture);
    }
    ck_assert_uint_eq(fixture.to_client.count, 2);
    client_step(&client);
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    ck_assert_int_eq(mbedtls_ssl_close_notify(&client.ssl), 0);
    fixture_to_server(&fixture); // its answer
    FIXTURE_EXPECT(&fixture, "1: alert out 1 close_notify", "1: closed dropped",
                   "0: undecodable: there is no session", "0: alert out 1 close_notify",
                   "0: undecodable: there is no session", "0: alert out 1 close_notify");
    client_close(&client);
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    ck_assert(client.up);
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 1);
    client_close(&client);
}
END_TEST

START_TEST(a_silently_dropped_client_is_undecodable_until_it_begins_anew) {
    bring_up(&client);
    ck_assert_uint_eq(
        dtls_endpoint_drop(fixture.endpoint, false, DTLS_CLOSED_DROPPED, fixture.now_ns), 1);
    ck_assert_uint_eq(fixture.to_client.count, 0);
    client_send(&client, "lost");
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: closed dropped", "0: undecodable: there is no session");
    ck_assert_uint_eq(fixture.undecodable_first, DTLS_CONTENT_APPLICATION_DATA);
    ck_assert_uint_eq(fixture.to_client.count, 0);
    client_close(&client);
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "2: identity good known", OPENED("2", "0"));
    client_close(&client);
}
END_TEST

START_TEST(dropping_in_mid_handshake_tells_that_it_failed) {
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    client_step(&client);
    fixture_to_server(&fixture);
    client_step(&client);
    fixture_to_server(&fixture); // the ClientHello with its cookie
    ck_assert_uint_ne(dtls_endpoint_deadline(fixture.endpoint), CLOCK_NEVER);
    ck_assert_uint_eq(
        dtls_endpoint_drop(fixture.endpoint, true, DTLS_CLOSED_SERVER_CLOSED, fixture.now_ns), 0);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: failed server_closed ");
    ck_assert_uint_eq(dtls_endpoint_deadline(fixture.endpoint), CLOCK_NEVER);
    client_close(&client);
}
END_TEST

START_TEST(an_association_may_be_dropped_in_its_own_callbacks) {
    bring_up(&client);
    fixture.drop_in_plaintext = true;
    client_send(&client, "drop me");
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: data drop me", "1: closed dropped");
    client_close(&client);

    fixture.drop_in_plaintext = false;
    fixture.drop_in_identity = true;
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "2: identity good known", "2: failed dropped good");
    client_close(&client);

    fixture.drop_in_identity = false;
    fixture.drop_in_opened = true;
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "3: identity good known", OPENED("3", "0"), "3: closed dropped");
    client_close(&client);
}
END_TEST

START_TEST(the_key_log_names_the_clients_random) {
    client_open(&client, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    client_step(&client);
    char random[65] = "";
    for (size_t i = 0; i < 32; i++) { // record header 13, handshake header 12, version 2
        static const char digits[] = "0123456789abcdef";
        uint8_t byte = fixture.to_server.items[0].bytes[27 + i];
        random[2 * i] = digits[byte >> 4];
        random[2 * i + 1] = digits[byte & 15];
    }
    fixture_pump(&fixture, &client);
    ck_assert_uint_eq(strlen(fixture.secret), 14 + 64 + 1 + 96);
    ck_assert(strncmp(fixture.secret, "CLIENT_RANDOM ", 14) == 0);
    ck_assert(strncmp(fixture.secret + 14, random, 64) == 0);
    ck_assert_int_eq(fixture.secret[78], ' ');
    client_close(&client);
}
END_TEST

START_TEST(without_security_the_first_datagram_opens_an_association) {
    fixture_close(&fixture);
    fixture_open(&fixture, &(struct dtls_options){.security = DTLS_SECURITY_NONE});
    fixture.echo_in_plaintext = true;
    for (int i = 0; i < 2; i++) {
        dtls_endpoint_receive(fixture.endpoint, &fixture.remote, (const uint8_t *)"hi", 2,
                              fixture.now_ns, fixture.now_ns);
    }
    FIXTURE_EXPECT(&fixture, "1: opened  none after 0", "1: data hi", "1: data hi");
    ck_assert_uint_eq(fixture.to_client.count, 2);
    ck_assert_uint_eq(fixture.to_client.items[0].length, 2);
    ck_assert_uint_eq(
        dtls_endpoint_drop(fixture.endpoint, true, DTLS_CLOSED_DROPPED, fixture.now_ns), 1);
    dtls_endpoint_receive(fixture.endpoint, &fixture.remote, (const uint8_t *)"hi", 2,
                          fixture.now_ns, fixture.now_ns);
    FIXTURE_EXPECT(&fixture, "1: closed dropped", "2: opened  none after 0", "2: data hi");
}
END_TEST

START_TEST(a_suite_that_the_library_lacks_is_refused) {
    struct dtls_endpoint *endpoint = NULL;
    static const uint16_t unknown = 0xfafa;
    struct dtls_options options = {.security = DTLS_SECURITY_PSK,
                                   .suites = &unknown,
                                   .suite_count = 1,
                                   .last_association = &fixture.last_association};
    struct dtls_callbacks none = {0};
    ck_assert_int_eq(dtls_endpoint_new(&endpoint, &options, &none, NULL), -ENOTSUP);
    ck_assert_ptr_null(endpoint);
    uint16_t number = 0;
    ck_assert(!dtls_suite_number("TLS_NO_SUCH_SUITE", &number));
    ck_assert_ptr_null(dtls_suite_name(unknown));
    ck_assert_uint_ge(strlen(dtls_library_version()), 5);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("endpoint");
    TCase *tests = tcase_create("endpoint");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_handshake_opens_an_association_after_the_cookie);
    tcase_add_test(tests, data_goes_both_ways);
    tcase_add_test(tests, every_suite_of_the_table_works);
    tcase_add_test(tests, a_wrong_key_draws_alert_20);
    tcase_add_test(tests, an_unknown_identity_draws_alert_115);
    tcase_add_test(tests, no_common_suite_draws_alert_40);
    tcase_add_test(tests, replaced_credentials_judge_new_handshakes_only);
    tcase_add_test(tests, credentials_past_the_limits_are_refused);
    tcase_add_test(tests, the_longest_key_completes_a_handshake);
    tcase_add_test(tests, close_notify_of_the_client_is_told_and_answered);
    tcase_add_test(tests, dropping_with_notice_sends_close_notify);
    tcase_add_test(tests, a_client_that_goes_on_after_close_notify_is_told_again);
    tcase_add_test(tests, a_silently_dropped_client_is_undecodable_until_it_begins_anew);
    tcase_add_test(tests, dropping_in_mid_handshake_tells_that_it_failed);
    tcase_add_test(tests, an_association_may_be_dropped_in_its_own_callbacks);
    tcase_add_test(tests, the_key_log_names_the_clients_random);
    tcase_add_test(tests, without_security_the_first_datagram_opens_an_association);
    tcase_add_test(tests, a_suite_that_the_library_lacks_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
