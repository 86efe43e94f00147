// SPDX-License-Identifier: Apache-2.0
/* Associations that the endpoint opens itself: one endpoint as DTLS client of another. */
#include "fixture.h"

#include "base/clock.h"
#include "dtls/library.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fixture opener; // calls dtls_endpoint_connect()
static struct fixture server; // and is called; each sees the other at the address of its clients
static const struct dtls_options psk = {.security = DTLS_SECURITY_PSK};
static const struct dtls_options plain = {.security = DTLS_SECURITY_NONE};
static const struct dtls_credential good = {(const uint8_t *)FIXTURE_IDENTITY, 4, fixture_key,
                                            sizeof fixture_key};

#define HANDSHAKE_OF_SERVER                                                                        \
    "0: hello fefd", "decide", "0: hello fefd cookie", "1: identity good known", OPENED("1", "0")

static int carried;    // datagrams so far
static int lost;       // the number of the first one that is lost
static int lost_count; // how many are

static void set_up(void) {
    carried = lost = lost_count = 0;
    fixture_open(&opener, &psk);
    fixture_open(&server, &psk);
}

static void tear_down(void) {
    fixture_close(&opener);
    fixture_close(&server);
}

static int attempt(const struct dtls_credential *credential, uint64_t *number) {
    const struct dtls_connect how = {.credential = credential};
    return dtls_endpoint_connect(opener.endpoint, &opener.remote, &how, opener.now_ns, number);
}

static void begin(const struct dtls_credential *credential) {
    uint64_t number = 0;
    ck_assert_int_eq(attempt(credential, &number), 0);
    ck_assert_uint_eq(number, opener.last_association);
}

/** Hand the first datagram that `from` sent to `to`, or lose it. */
static void carry(struct fixture *from, struct fixture *to, bool lose) {
    struct queue *queue = &from->to_client; // what an endpoint sends is put there
    ck_assert_uint_gt(queue->count, 0);
    size_t at = queue->first;
    queue->first = (queue->first + 1) % FIXTURE_QUEUE;
    queue->count--;
    if (!lose) {
        dtls_endpoint_receive(to->endpoint, &to->remote, queue->items[at].bytes,
                              queue->items[at].length, to->now_ns, to->now_ns);
    }
}

/** Carry datagrams both ways until there are none. */
static void pump(void) {
    while (opener.to_client.count > 0 || server.to_client.count > 0) {
        bool out = opener.to_client.count > 0;
        bool lose = carried >= lost && carried < lost + lost_count;
        carry(out ? &opener : &server, out ? &server : &opener, lose);
        carried++;
    }
}

/** To the next deadline of either; false if there is none. */
static bool jump(void) {
    uint64_t mine = dtls_endpoint_deadline(opener.endpoint);
    uint64_t theirs = dtls_endpoint_deadline(server.endpoint);
    uint64_t next = mine < theirs ? mine : theirs;
    if (next == CLOCK_NEVER) {
        return false;
    }
    opener.now_ns = server.now_ns = next;
    dtls_endpoint_advance(opener.endpoint, next);
    dtls_endpoint_advance(server.endpoint, next);
    return true;
}

static void say(struct fixture *fixture, const char *text) {
    ck_assert_int_eq(dtls_endpoint_send(fixture->endpoint, dtls_endpoint_newest(fixture->endpoint),
                                        (const uint8_t *)text, strlen(text), fixture->now_ns),
                     0);
}

static void expect_talk(const char *to_server, const char *to_opener) {
    say(&opener, "ping");
    say(&server, "pong");
    pump();
    FIXTURE_EXPECT(&server, to_server);
    FIXTURE_EXPECT(&opener, to_opener);
}

START_TEST(a_handshake_as_client_opens_an_association) {
    begin(&good);
    FIXTURE_EXPECT_NOTHING(&opener);
    ck_assert_ptr_null(dtls_endpoint_newest(opener.endpoint));
    pump();
    FIXTURE_EXPECT(&opener, OPENED("1", "0"));
    FIXTURE_EXPECT(&server, HANDSHAKE_OF_SERVER);
    ck_assert(dtls_association_initiated(dtls_endpoint_newest(opener.endpoint)));
    ck_assert(!dtls_association_initiated(dtls_endpoint_newest(server.endpoint)));
    ck_assert_uint_eq(dtls_endpoint_deadline(opener.endpoint), CLOCK_NEVER);
    expect_talk("1: data ping", "1: data pong");
}
END_TEST

START_TEST(both_sides_log_the_same_secret) {
    begin(&good);
    pump();
    ck_assert_uint_eq(strlen(opener.secret), strlen("CLIENT_RANDOM ") + 64 + 1 + 96);
    ck_assert_str_eq(opener.secret, server.secret);
}
END_TEST

START_TEST(the_suites_that_are_offered_are_those_that_are_wanted) {
    const uint16_t wanted[] = {0x00ae};
    const struct dtls_connect how = {.credential = &good, .suites = wanted, .suite_count = 1};
    uint64_t number = 0;
    ck_assert_int_eq(
        dtls_endpoint_connect(opener.endpoint, &opener.remote, &how, opener.now_ns, &number), 0);
    pump();
    FIXTURE_EXPECT(&opener, "1: opened good TLS_PSK_WITH_AES_128_CBC_SHA256 after 0");
}
END_TEST

START_TEST(lost_datagrams_are_made_good) {
    begin(&good);
    pump();
    int whole = carried;
    ck_assert_int_gt(whole, 4);
    for (int count = 1; count <= 2; count++) {
        for (int first = 0; first < whole; first++) {
            tear_down();
            set_up();
            lost = first;
            lost_count = count;
            begin(&good);
            pump();
            while (dtls_endpoint_newest(opener.endpoint) == NULL && jump()) {
                pump();
            }
            FIXTURE_EXPECT(&opener, OPENED("1", "0"));
            ck_assert_int_gt(carried, whole - 1);
            server.lines_read = server.line_count;
            expect_talk("1: data ping", "1: data pong");
        }
    }
}
END_TEST

START_TEST(a_wrong_key_is_told) {
    static const uint8_t other[16] = "another key, see";
    const struct dtls_credential wrong = {good.identity, good.identity_length, other, 16};
    begin(&wrong);
    pump();
    FIXTURE_EXPECT(&server, "0: hello fefd", "decide", "0: hello fefd cookie",
                   "1: identity good known", "1: alert out 2 bad_record_mac",
                   "1: failed wrong_key good");
    FIXTURE_EXPECT(&opener, "1: alert in 2 bad_record_mac", "1: failed alert_received good");
    ck_assert_uint_eq(dtls_endpoint_deadline(opener.endpoint), CLOCK_NEVER);
    begin(&good); // and another attempt is not disturbed by it
    pump();
    FIXTURE_EXPECT(&opener, OPENED("2", "0"));
}
END_TEST

START_TEST(an_unknown_identity_is_told) {
    const struct dtls_credential unknown = {(const uint8_t *)"who", 3, good.key, good.key_length};
    begin(&unknown);
    pump();
    FIXTURE_EXPECT(&opener, "1: alert in 2 unknown_psk_identity", "1: failed alert_received who");
}
END_TEST

START_TEST(an_unanswered_hello_is_repeated_after_1_2_4_seconds_and_then_given_up) {
    static const uint64_t seconds[] = {1, 3, 7, 15, 31, 63};
    uint64_t start_ns = opener.now_ns;
    begin(&good);
    carry(&opener, &server, true);
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        ck_assert_uint_eq(opener.to_client.count, 0);
        ck_assert(jump());
        ck_assert_uint_eq(opener.now_ns - start_ns, seconds[i] * CLOCK_NS_PER_S);
        carry(&opener, &server, true);
    }
    while (jump()) {
        while (opener.to_client.count > 0) {
            carry(&opener, &server, true);
        }
    }
    ck_assert_uint_le(opener.now_ns - start_ns, 124 * CLOCK_NS_PER_S);
    FIXTURE_EXPECT(&opener, "1: failed timeout good");
}
END_TEST

START_TEST(there_is_one_attempt_at_a_time) {
    uint64_t number = 0;
    begin(&good);
    ck_assert_int_eq(attempt(&good, &number), -EALREADY);
    pump();
    begin(&good);
    pump();
    FIXTURE_EXPECT(&opener, OPENED("1", "0"), OPENED("2", "1"), "1: closed superseded");
    ck_assert_uint_eq(dtls_endpoint_count(opener.endpoint), 1);
    server.lines_read = server.line_count;
    expect_talk("2: data ping", "2: data pong");
}
END_TEST

START_TEST(a_hello_of_the_other_side_abandons_our_attempt) {
    static struct client client;
    begin(&good);
    client_open(&client, &opener, FIXTURE_IDENTITY, fixture_key, sizeof fixture_key, 0);
    carry(&opener, &server, true); // ours is lost
    fixture_pump(&opener, &client);
    ck_assert(client.up);
    FIXTURE_EXPECT(&opener, "1: hello fefd", "decide", "1: hello fefd cookie",
                   "1: failed abandoned good", "2: identity good known", OPENED("2", "0"));
    ck_assert(!dtls_association_initiated(dtls_endpoint_newest(opener.endpoint)));
    client_close(&client);
}
END_TEST

START_TEST(an_attempt_can_be_dropped) {
    begin(&good);
    ck_assert_uint_eq(dtls_endpoint_drop(opener.endpoint, true, DTLS_CLOSED_DROPPED, opener.now_ns),
                      0);
    FIXTURE_EXPECT(&opener, "1: failed dropped good");
    begin(&good); // left to fixture_close()
}
END_TEST

START_TEST(a_callback_may_drop_what_was_just_opened) {
    opener.drop_in_opened = true;
    begin(&good);
    pump();
    FIXTURE_EXPECT(&opener, OPENED("1", "0"), "1: closed dropped");
}
END_TEST

START_TEST(what_the_library_cannot_do_is_refused) {
    static const uint8_t big[2000];
    const uint16_t unknown[] = {0x1234};
    const struct dtls_connect odd = {.credential = &good, .suites = unknown, .suite_count = 1};
    const struct dtls_credential bad[] = {
        {good.identity, 0, good.key, good.key_length},
        {big, dtls_limit_identity() + 1, good.key, good.key_length},
        {good.identity, good.identity_length, good.key, 0},
        {good.identity, good.identity_length, big, dtls_limit_key() + 1},
    };
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(attempt(&bad[i], &number), -EMSGSIZE);
    }
    ck_assert_int_eq(attempt(NULL, &number), -EMSGSIZE);
    ck_assert_int_eq(
        dtls_endpoint_connect(opener.endpoint, &opener.remote, &odd, opener.now_ns, &number),
        -ENOTSUP);
    ck_assert_uint_eq(opener.to_client.count, 0);
    FIXTURE_EXPECT_NOTHING(&opener);
}
END_TEST

START_TEST(without_security_it_opens_at_once) {
    tear_down();
    fixture_open(&opener, &plain);
    fixture_open(&server, &plain);
    begin(NULL);
    FIXTURE_EXPECT(&opener, "1: opened  none after 0");
    ck_assert(dtls_association_initiated(dtls_endpoint_newest(opener.endpoint)));
    ck_assert_uint_eq(opener.to_client.count, 0);
    say(&opener, "ping");
    pump();
    FIXTURE_EXPECT(&server, "1: opened  none after 0", "1: data ping");
    say(&server, "pong");
    pump();
    FIXTURE_EXPECT(&opener, "1: data pong");
    begin(NULL);
    FIXTURE_EXPECT(&opener, "2: opened  none after 1", "1: closed superseded");
}
END_TEST

START_TEST(accepted_credentials_are_found_by_their_place) {
    const struct dtls_credential *first = dtls_endpoint_credential(opener.endpoint, 0);
    ck_assert_ptr_nonnull(first);
    ck_assert_mem_eq(first->identity, FIXTURE_IDENTITY, 4);
    ck_assert_ptr_null(dtls_endpoint_credential(opener.endpoint, 1));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("connect");
    TCase *tests = tcase_create("connect");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_handshake_as_client_opens_an_association);
    tcase_add_test(tests, both_sides_log_the_same_secret);
    tcase_add_test(tests, the_suites_that_are_offered_are_those_that_are_wanted);
    tcase_add_test(tests, lost_datagrams_are_made_good);
    tcase_add_test(tests, a_wrong_key_is_told);
    tcase_add_test(tests, an_unknown_identity_is_told);
    tcase_add_test(tests, an_unanswered_hello_is_repeated_after_1_2_4_seconds_and_then_given_up);
    tcase_add_test(tests, there_is_one_attempt_at_a_time);
    tcase_add_test(tests, a_hello_of_the_other_side_abandons_our_attempt);
    tcase_add_test(tests, an_attempt_can_be_dropped);
    tcase_add_test(tests, a_callback_may_drop_what_was_just_opened);
    tcase_add_test(tests, what_the_library_cannot_do_is_refused);
    tcase_add_test(tests, without_security_it_opens_at_once);
    tcase_add_test(tests, accepted_credentials_are_found_by_their_place);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
