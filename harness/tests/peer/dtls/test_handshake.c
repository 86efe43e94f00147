// SPDX-License-Identifier: Apache-2.0
/* Successors, losses, odd record versions, armed answers. */
#include "fixture.h"

#include "base/clock.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct fixture fixture;
static struct client client;
static struct client second;
static const struct dtls_options psk = {.security = DTLS_SECURITY_PSK};

static void set_up(void) {
    fixture_open(&fixture, &psk);
}

static void tear_down(void) {
    fixture_close(&fixture);
}

static void open_good(struct client *which) {
    client_open(which, &fixture, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
}

static void bring_up(struct client *which) {
    open_good(which);
    fixture_pump(&fixture, which);
    ck_assert(which->up);
    fixture.lines_read = fixture.line_count;
}

/** The handshake up to where the client's last flight is on its way, in to_server. */
static void up_to_last_flight(struct client *which) {
    client_step(which);
    fixture_to_server(&fixture); // ClientHello
    client_step(which);          // HelloVerifyRequest
    fixture_to_server(&fixture); // ClientHello with its cookie
    client_step(which);          // ServerHello, ServerHelloDone
    ck_assert_uint_gt(fixture.to_server.count, 0);
}

START_TEST(a_new_hello_on_a_live_association_makes_a_successor) {
    bring_up(&client);
    open_good(&second);
    up_to_last_flight(&second);
    FIXTURE_EXPECT(&fixture, "1: hello fefd successor", "decide", "1: hello fefd cookie successor");
    // Until the successor is up the old session is alive both ways.
    struct queue flight = fixture.to_server;
    fixture.to_server.count = 0;
    client_send(&client, "old");
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: data old");
    ck_assert_int_eq(dtls_endpoint_send(fixture.endpoint, dtls_endpoint_newest(fixture.endpoint),
                                        (const uint8_t *)"to old", 6, fixture.now_ns),
                     0);
    client_step(&client);
    ck_assert_str_eq(client.received, "to old");
    fixture.to_server = flight;
    fixture_pump(&fixture, &second);
    ck_assert(second.up);
    FIXTURE_EXPECT(&fixture, "2: identity good known", OPENED("2", "1"), "1: closed superseded");
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 1);
    // Afterwards only the new one is.
    client_send(&client, "old");
    client_send(&second, "new");
    fixture_to_server(&fixture);
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "2: undecodable: the session cannot decrypt it", "2: data new");
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(a_successor_that_fails_leaves_the_old_association_alive) {
    bring_up(&client);
    client_open(&second, &fixture, FIXTURE_IDENTITY, (const uint8_t *)"wrong", 5, 0);
    fixture_pump(&fixture, &second);
    FIXTURE_EXPECT(&fixture, "1: hello fefd successor", "decide", "1: hello fefd cookie successor",
                   "2: identity good known", "2: alert out 2 bad_record_mac",
                   "2: failed wrong_key good");
    client_send(&client, "still here");
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: data still here");
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(a_client_that_begins_anew_in_mid_handshake_abandons_the_first) {
    open_good(&client);
    up_to_last_flight(&client);
    fixture.to_server.count = 0;
    fixture.lines_read = fixture.line_count;
    open_good(&second);
    fixture_pump(&fixture, &second);
    ck_assert(second.up);
    FIXTURE_EXPECT(&fixture, "1: hello fefd", "decide", "1: hello fefd cookie",
                   "1: failed abandoned ", "2: identity good known", OPENED("2", "0"));
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(record_version_fe00_is_accepted_at_first_and_again) {
    open_good(&client);
    client.record_version = 0xfe00;
    fixture_pump(&fixture, &client);
    ck_assert(client.up);
    FIXTURE_EXPECT(&fixture, "0: hello fe00", "decide", "0: hello fe00 cookie",
                   "1: identity good known", OPENED("1", "0"));
    open_good(&second);
    second.record_version = 0xfe00;
    fixture_pump(&fixture, &second);
    ck_assert(second.up);
    FIXTURE_EXPECT(&fixture, "1: hello fe00 successor", "decide", "1: hello fe00 cookie successor",
                   "2: identity good known", OPENED("2", "1"), "1: closed superseded");
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(a_repeated_hello_is_answered_again_at_once_with_any_record_version) {
    static const uint16_t record_versions[] = {0, 0xfe00};
    for (int i = 0; i < 2; i++) {
        fixture_close(&fixture);
        fixture_open(&fixture, &psk);
        open_good(&client);
        client.record_version = record_versions[i];
        client_step(&client);
        fixture_to_server(&fixture);
        client_step(&client);
        struct queue hello = fixture.to_server;
        fixture_to_server(&fixture);
        size_t flight = fixture.to_client.count;
        ck_assert_uint_gt(flight, 0);
        fixture.to_server = hello;
        fixture.to_server.items[hello.first].bytes[10]++; // a record sequence number of its own
        fixture_to_server(&fixture);
        ck_assert_uint_eq(fixture.to_client.count, 2 * flight);
        fixture_pump(&fixture, &client);
        ck_assert(client.up);
        client_close(&client);
    }
}
END_TEST

/** A handshake with one datagram lost, in a direction. Returns whether that datagram existed. */
static bool handshake_with_loss(size_t lost, bool of_server, uint16_t record_version) {
    fixture_close(&fixture);
    fixture_open(&fixture, &psk);
    open_good(&client);
    client.record_version = record_version;
    size_t from_client = 0;
    size_t from_server = 0;
    bool existed = false;
    for (int round = 0; round < 100 && !(client.up && fixture.to_server.count == 0); round++) {
        client_step(&client);
        while (fixture.to_server.count > 0) {
            if (from_client++ == lost && !of_server) {
                fixture_lose_to_server(&fixture);
                existed = true;
            } else {
                fixture_to_server(&fixture);
            }
        }
        if (fixture.to_client.count > 0 && from_server++ == lost && of_server) {
            fixture_to_client(&fixture, NULL);
            existed = true;
        }
        client_step(&client);
        if (!client.up && fixture.to_server.count == 0 && fixture.to_client.count == 0) {
            fixture_jump(&fixture, &client);
        }
    }
    ck_assert_msg(client.up, "loss of %zu", lost);
    client_send(&client, "up");
    fixture_pump(&fixture, &client);
    ck_assert_str_eq(fixture.lines[fixture.line_count - 1], "1: data up");
    for (size_t i = 0; i < fixture.line_count; i++) {
        ck_assert_ptr_null(strstr(fixture.lines[i], "undecodable"));
        ck_assert_ptr_null(strstr(fixture.lines[i], "failed"));
    }
    client_close(&client);
    return existed;
}

START_TEST(every_lost_datagram_is_made_good) {
    static const uint16_t record_versions[] = {0, 0xfe00}; // also of repeated ClientHellos
    for (int i = 0; i < 2; i++) {
        size_t of_client = 0;
        size_t of_server = 0;
        while (handshake_with_loss(of_client, false, record_versions[i])) {
            of_client++;
        }
        while (handshake_with_loss(of_server, true, record_versions[i])) {
            of_server++;
        }
        ck_assert_uint_ge(of_client, 3); // two hellos and the last flight
        ck_assert_uint_ge(of_server, 3); // HelloVerifyRequest, ServerHello, Finished
    }
}
END_TEST

START_TEST(a_random_that_changes_with_the_cookie_is_the_same_handshake) {
    open_good(&client);
    client_step(&client);
    fixture_to_server(&fixture);
    client_step(&client);
    // Against RFC 6347 4.2.1, but it must not use up two armed answers.
    fixture.to_server.items[fixture.to_server.first].bytes[27] ^= 1;
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie");
    client_close(&client);
}
END_TEST

START_TEST(an_unanswered_flight_is_repeated_after_1_2_4_seconds_and_then_given_up) {
    open_good(&client);
    up_to_last_flight(&client);
    fixture.to_server.count = 0;
    fixture.to_client.count = 0;
    fixture.lines_read = fixture.line_count;
    uint64_t start = fixture.now_ns;
    static const uint64_t after_s[] = {1, 3, 7, 15, 31, 63};
    for (size_t i = 0; i < sizeof after_s / sizeof after_s[0]; i++) {
        uint64_t deadline = dtls_endpoint_deadline(fixture.endpoint);
        ck_assert_uint_eq(deadline, start + after_s[i] * CLOCK_NS_PER_S);
        fixture.now_ns = deadline - 1;
        dtls_endpoint_advance(fixture.endpoint, fixture.now_ns);
        ck_assert_uint_eq(fixture.to_client.count, 0);
        fixture.now_ns = deadline;
        dtls_endpoint_advance(fixture.endpoint, fixture.now_ns);
        ck_assert_uint_gt(fixture.to_client.count, 0);
        fixture.to_client.count = 0;
    }
    fixture.now_ns = dtls_endpoint_deadline(fixture.endpoint);
    dtls_endpoint_advance(fixture.endpoint, fixture.now_ns);
    FIXTURE_EXPECT(&fixture, "1: failed timeout ");
    ck_assert_uint_eq(dtls_endpoint_deadline(fixture.endpoint), CLOCK_NEVER);
    client_close(&client);
}
END_TEST

START_TEST(an_armed_silence_answers_nothing_until_it_is_reconsidered) {
    fixture.policy = (struct dtls_policy){.decision = DTLS_SILENCE};
    open_good(&client);
    client_step(&client);
    struct queue hello = fixture.to_server;
    for (int i = 0; i < 3; i++) { // asked once, however often the hello is repeated
        fixture.to_server = hello;
        fixture_to_server(&fixture);
    }
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd", "0: hello fefd");
    ck_assert_uint_eq(fixture.to_client.count, 0);
    fixture.policy.decision = DTLS_GO_ON;
    dtls_endpoint_reconsider(fixture.endpoint);
    fixture.to_server = hello;
    fixture_pump(&fixture, &client);
    ck_assert(client.up);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: identity good known", OPENED("1", "0"));
    client_close(&client);
}
END_TEST

START_TEST(an_armed_alert_fails_the_handshake) {
    fixture.policy = (struct dtls_policy){DTLS_ALERT, 80};
    open_good(&client);
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "0: hello fefd", "decide", "0: alert out 2 internal_error",
                   "0: failed armed_alert ");
    ck_assert_int_eq(client.result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    ck_assert_uint_eq(client.ssl.in_msg[1], 80);
    client_close(&client);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("handshake");
    TCase *tests = tcase_create("handshake");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_new_hello_on_a_live_association_makes_a_successor);
    tcase_add_test(tests, a_successor_that_fails_leaves_the_old_association_alive);
    tcase_add_test(tests, a_client_that_begins_anew_in_mid_handshake_abandons_the_first);
    tcase_add_test(tests, record_version_fe00_is_accepted_at_first_and_again);
    tcase_add_test(tests, a_repeated_hello_is_answered_again_at_once_with_any_record_version);
    tcase_add_test(tests, every_lost_datagram_is_made_good);
    tcase_add_test(tests, an_unanswered_flight_is_repeated_after_1_2_4_seconds_and_then_given_up);
    tcase_add_test(tests, a_random_that_changes_with_the_cookie_is_the_same_handshake);
    tcase_add_test(tests, an_armed_silence_answers_nothing_until_it_is_reconsidered);
    tcase_add_test(tests, an_armed_alert_fails_the_handshake);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
