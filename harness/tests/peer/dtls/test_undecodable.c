// SPDX-License-Identifier: Apache-2.0
/* Alerts, records that nobody can decrypt, hostile bytes. */
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

static void receive(const uint8_t *bytes, size_t length) {
    dtls_endpoint_receive(fixture.endpoint, &fixture.remote, bytes, length, fixture.now_ns,
                          fixture.now_ns);
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

START_TEST(an_alert_in_the_clear_fails_a_handshake_but_ends_no_association) {
    static const uint8_t alert[] = {
        21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, // alert, DTLS 1.2, epoch 0, sequence 9
        0,  2,                                  // length
        2,  40,                                 // fatal, handshake_failure
    };
    receive(alert, sizeof alert);
    FIXTURE_EXPECT(&fixture, "0: alert in 2 handshake_failure");
    bring_up(&client);
    receive(alert, sizeof alert);
    FIXTURE_EXPECT(&fixture, "1: alert in 2 handshake_failure");
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 1);
    open_good(&second);
    up_to_last_flight(&second);
    fixture.lines_read = fixture.line_count;
    receive(alert, sizeof alert);
    FIXTURE_EXPECT(&fixture, "2: alert in 2 handshake_failure", "2: failed alert_received ");
    ck_assert_uint_eq(dtls_endpoint_count(fixture.endpoint), 1);
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(encrypted_alerts_are_read) {
    bring_up(&client);
    ck_assert_int_eq(mbedtls_ssl_send_alert_message(&client.ssl, 1, 90), 0);
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: alert in 1 user_canceled");
    ck_assert_int_eq(mbedtls_ssl_send_alert_message(&client.ssl, 2, 80), 0);
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: alert in 2 internal_error", "1: closed alert");
    client_close(&client);
}
END_TEST

START_TEST(a_repeated_record_is_dropped_and_a_forged_one_is_undecodable) {
    bring_up(&client);
    client_send(&client, "once");
    struct queue kept = fixture.to_server;
    fixture_to_server(&fixture);
    fixture.to_server = kept;
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: data once");
    client_send(&client, "forged");
    size_t at = fixture.to_server.first;
    fixture.to_server.items[at].bytes[fixture.to_server.items[at].length - 1] ^= 1;
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "1: undecodable: the session cannot decrypt it");
    client_close(&client);
}
END_TEST

START_TEST(what_is_not_dtls_is_undecodable) {
    receive((const uint8_t *)"", 0);
    receive((const uint8_t *)"\x40\x01\x00\x01", 4); // a CoAP GET
    bring_up(&client);
    receive((const uint8_t *)"\x40\x01\x00\x01", 4);
    ck_assert_str_eq(fixture.lines[0], "0: undecodable: the datagram is empty");
    ck_assert_str_eq(fixture.lines[1], "0: undecodable: it is no DTLS record");
    FIXTURE_EXPECT(&fixture, "1: undecodable: it is no DTLS record");
    ck_assert_uint_eq(fixture.undecodable_first, 0x40);
    client_close(&client);
}
END_TEST

START_TEST(the_rest_of_a_failed_flight_is_not_undecodable) {
    client_open(&client, &fixture, "stranger", fixture_key, sizeof fixture_key, 0);
    up_to_last_flight(&client);
    fixture.lines_read = fixture.line_count;
    while (fixture.to_server.count > 0) { // each record in a datagram of its own
        size_t at = fixture.to_server.first;
        const uint8_t *bytes = fixture.to_server.items[at].bytes;
        size_t length = fixture.to_server.items[at].length;
        const uint8_t *start = bytes;
        struct dtls_record record;
        while (dtls_record_next(&bytes, &length, &record)) {
            receive(start, (size_t)(bytes - start));
            start = bytes;
        }
        fixture_lose_to_server(&fixture);
    }
    FIXTURE_EXPECT(&fixture, "1: identity stranger unknown", "1: alert out 2 unknown_psk_identity",
                   "1: failed unknown_identity stranger");
    client_close(&client);
}
END_TEST

START_TEST(a_success_after_a_failure_makes_later_records_undecodable_again) {
    client_open(&client, &fixture, "stranger", fixture_key, sizeof fixture_key, 0);
    fixture_pump(&fixture, &client);
    client_close(&client);
    bring_up(&client);
    dtls_endpoint_drop(fixture.endpoint, false, DTLS_CLOSED_DROPPED, fixture.now_ns);
    ck_assert_int_eq(mbedtls_ssl_close_notify(&client.ssl), 0);
    fixture_to_server(&fixture);
    FIXTURE_EXPECT(&fixture, "2: closed dropped", "0: undecodable: there is no session");
    client_close(&client);
}
END_TEST

static uint32_t seed = 1;

static uint32_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

START_TEST(hostile_bytes_do_no_harm) {
    bring_up(&client);
    open_good(&second);
    up_to_last_flight(&second);
    uint8_t flight[FIXTURE_DATAGRAM];
    size_t flight_length = fixture.to_server.items[fixture.to_server.first].length;
    memcpy(flight, fixture.to_server.items[fixture.to_server.first].bytes, flight_length);
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[600];
        size_t length = next_random() % sizeof bytes;
        for (size_t j = 0; j < length; j++) {
            bytes[j] = (uint8_t)next_random();
        }
        if (i % 2 == 0) { // mutate something that is nearly right
            length = flight_length < sizeof bytes ? flight_length : sizeof bytes;
            memcpy(bytes, flight, length);
            for (int j = 0; j < 4; j++) {
                bytes[next_random() % length] = (uint8_t)next_random();
            }
        } else if (length > 13) { // or dress it as a record
            bytes[0] = (uint8_t)(20 + next_random() % 4);
            bytes[1] = 0xfe;
            bytes[2] = 0xfd;
            bytes[3] = 0;
            bytes[4] = (uint8_t)(next_random() % 2);
            bytes[11] = (uint8_t)((length - 13) >> 8);
            bytes[12] = (uint8_t)(length - 13);
        }
        receive(bytes, length);
        fixture.to_client.count = 0;
        fixture.line_count = 0;
    }
    fixture.lines_read = 0;
    fixture.to_server.count = 0;
    client_send(&client, "alive");
    fixture_pump(&fixture, &client);
    ck_assert_str_eq(fixture.lines[0], "1: data alive");
    client_close(&client);
    client_close(&second);
}
END_TEST

START_TEST(a_flood_of_remotes_keeps_the_live_ones) {
    bring_up(&client);
    struct address remote = fixture.remote;
    open_good(&second);
    client_step(&second);
    size_t at = fixture.to_server.first;
    for (uint32_t i = 0; i < 10000; i++) {
        fixture.remote.socket.v4.sin_addr.s_addr = htonl(0x0a000000U + i);
        receive(fixture.to_server.items[at].bytes, fixture.to_server.items[at].length);
        fixture.to_client.count = 0;
        fixture.line_count = 0;
    }
    fixture.remote = remote;
    fixture.lines_read = 0;
    fixture.to_server.count = 0;
    client_send(&client, "alive");
    fixture_pump(&fixture, &client);
    FIXTURE_EXPECT(&fixture, "1: data alive");
    client_close(&client);
    client_close(&second);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("undecodable");
    TCase *tests = tcase_create("undecodable");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, an_alert_in_the_clear_fails_a_handshake_but_ends_no_association);
    tcase_add_test(tests, encrypted_alerts_are_read);
    tcase_add_test(tests, a_repeated_record_is_dropped_and_a_forged_one_is_undecodable);
    tcase_add_test(tests, what_is_not_dtls_is_undecodable);
    tcase_add_test(tests, the_rest_of_a_failed_flight_is_not_undecodable);
    tcase_add_test(tests, a_success_after_a_failure_makes_later_records_undecodable_again);
    tcase_add_test(tests, hostile_bytes_do_no_harm);
    tcase_add_test(tests, a_flood_of_remotes_keeps_the_live_ones);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
