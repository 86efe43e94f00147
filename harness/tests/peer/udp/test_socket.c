// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "udp/loop.h"
#include "udp/socket.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct loop *loop;

struct seen {
    struct udp_socket *socket;
    int datagrams;
    uint8_t last[64];
    size_t last_length;
    struct address remote;
    uint64_t stamp_ns;
    bool stamp_went_back;
    bool stamp_after_now;
    bool close_in_callback;
    int icmp_errors;
    uint8_t icmp_type;
    uint8_t icmp_code;
    struct address icmp_remote;
};

static void datagram(void *context, const struct address *remote, const uint8_t *bytes,
                     size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct seen *seen = context;
    seen->datagrams++;
    seen->remote = *remote;
    seen->last_length = length;
    memcpy(seen->last, bytes, length < sizeof seen->last ? length : sizeof seen->last);
    seen->stamp_went_back |= stamp_ns < seen->stamp_ns;
    seen->stamp_after_now |= stamp_ns > now_ns;
    seen->stamp_ns = stamp_ns;
    if (seen->close_in_callback) {
        udp_socket_close(seen->socket);
        ck_assert_int_eq(udp_socket_send(seen->socket, remote, bytes, 1), -EBADF);
    }
}

static void icmp_error(void *context, const struct address *remote, uint8_t type, uint8_t code,
                       uint64_t now_ns) {
    struct seen *seen = context;
    ck_assert_uint_le(now_ns, clock_now_ns());
    seen->icmp_errors++;
    seen->icmp_type = type;
    seen->icmp_code = code;
    seen->icmp_remote = *remote;
}

static const struct udp_callbacks callbacks = {datagram, icmp_error};

static void open_on(struct seen *seen, const char *host) {
    struct address local;
    ck_assert_int_eq(address_parse(&local, host, 0), 0);
    ck_assert_int_eq(udp_socket_open(&seen->socket, loop, &local, &callbacks, seen), 0);
}

static void turns_until(const int *counter, int target) {
    uint64_t deadline = clock_now_ns() + 2 * CLOCK_NS_PER_S;
    while (*counter < target && clock_now_ns() < deadline) {
        ck_assert_int_eq(loop_turn(loop, deadline), 0);
    }
    ck_assert_int_ge(*counter, target);
}

static void set_up(void) {
    loop = loop_new();
    ck_assert_ptr_nonnull(loop);
}

static void tear_down(void) {
    loop_free(loop);
}

/** Two sockets of a family talk; stamps are kernel's and in order. */
static void exchange_on(const char *host) {
    struct seen a = {0};
    struct seen b = {0};
    open_on(&a, host);
    open_on(&b, host);
    uint64_t before = clock_now_ns();
    for (uint8_t i = 0; i < 50; i++) {
        ck_assert_int_eq(udp_socket_send(a.socket, udp_socket_local(b.socket), &i, 1), 0);
    }
    uint64_t after = clock_now_ns();
    usleep(20000); // the stamp is of the arrival, not of the reading
    turns_until(&b.datagrams, 50);
    ck_assert_uint_eq(b.last[0], 49);
    ck_assert(address_equal(&b.remote, udp_socket_local(a.socket)));
    ck_assert(!b.stamp_went_back);
    ck_assert(!b.stamp_after_now);
    ck_assert_uint_ge(b.stamp_ns + CLOCK_NS_PER_MS, before);
    ck_assert_uint_le(b.stamp_ns, after + CLOCK_NS_PER_MS);
    udp_socket_close(a.socket);
    udp_socket_close(b.socket);
}

START_TEST(datagrams_arrive_with_kernel_stamps_on_ipv4) {
    exchange_on("127.0.0.1");
}
END_TEST

START_TEST(datagrams_arrive_with_kernel_stamps_on_ipv6) {
    struct address local;
    struct seen probe = {0};
    ck_assert_int_eq(address_parse(&local, "::1", 0), 0);
    if (udp_socket_open(&probe.socket, loop, &local, &callbacks, &probe) < 0) {
        return; // this machine has no IPv6
    }
    udp_socket_close(probe.socket);
    exchange_on("::1");
}
END_TEST

START_TEST(an_icmp_error_is_told_with_its_remote_and_does_not_fail_others) {
    struct seen a = {0};
    struct seen good = {0};
    struct seen gone = {0};
    open_on(&a, "127.0.0.1");
    open_on(&good, "127.0.0.2");
    open_on(&gone, "127.0.0.3");
    struct address unreachable = *udp_socket_local(gone.socket);
    udp_socket_close(gone.socket);
    const uint8_t byte = 7;
    ck_assert_int_eq(udp_socket_send(a.socket, &unreachable, &byte, 1), 0);
    // The error is pending now: sends to another remote must go through all the same.
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(udp_socket_send(a.socket, &unreachable, &byte, 1), 0);
        ck_assert_int_eq(udp_socket_send(a.socket, udp_socket_local(good.socket), &byte, 1), 0);
    }
    turns_until(&good.datagrams, 3);
    turns_until(&a.icmp_errors, 4);
    ck_assert_uint_eq(a.icmp_type, 3); // destination unreachable, RFC 792
    ck_assert_uint_eq(a.icmp_code, 3); // port unreachable
    ck_assert(address_equal(&a.icmp_remote, &unreachable));
    // Drained: an idle loop does not spin on EPOLLERR, and receiving still works.
    ck_assert_int_eq(
        udp_socket_send(good.socket, udp_socket_local(a.socket), (const uint8_t *)"back", 4), 0);
    turns_until(&a.datagrams, 1);
    ck_assert_mem_eq(a.last, "back", 4);
    udp_socket_close(a.socket);
    udp_socket_close(good.socket);
}
END_TEST

START_TEST(address_in_use_and_not_available_are_told_apart) {
    struct seen a = {0};
    open_on(&a, "127.0.0.1");
    struct udp_socket *other = NULL;
    ck_assert_int_eq(udp_socket_open(&other, loop, udp_socket_local(a.socket), &callbacks, &a),
                     -EADDRINUSE);
    struct address foreign;
    ck_assert_int_eq(address_parse(&foreign, "192.0.2.1", 0), 0); // RFC 5737: nobody's
    ck_assert_int_eq(udp_socket_open(&other, loop, &foreign, &callbacks, &a), -EADDRNOTAVAIL);
    ck_assert_ptr_null(other);
    udp_socket_close(a.socket);
}
END_TEST

START_TEST(a_wake_up_reads_at_most_64_datagrams) {
    struct seen a = {0};
    struct seen b = {0};
    open_on(&a, "127.0.0.1");
    open_on(&b, "127.0.0.1");
    for (int i = 0; i < 150; i++) {
        ck_assert_int_eq(
            udp_socket_send(a.socket, udp_socket_local(b.socket), (const uint8_t *)"x", 1), 0);
    }
    ck_assert_int_eq(loop_turn(loop, clock_now_ns()), 0);
    ck_assert_int_eq(b.datagrams, 64);
    turns_until(&b.datagrams, 150);
    udp_socket_close(a.socket);
    udp_socket_close(b.socket);
}
END_TEST

START_TEST(a_socket_can_be_closed_in_its_own_callback) {
    struct seen a = {0};
    struct seen b = {.close_in_callback = true};
    open_on(&a, "127.0.0.1");
    open_on(&b, "127.0.0.1");
    struct address to = *udp_socket_local(b.socket);
    ck_assert_int_eq(udp_socket_send(a.socket, &to, (const uint8_t *)"1", 1), 0);
    ck_assert_int_eq(udp_socket_send(a.socket, &to, (const uint8_t *)"2", 1), 0);
    turns_until(&b.datagrams, 1);
    ck_assert_int_eq(b.datagrams, 1);
    ck_assert_int_eq(udp_socket_send(a.socket, &to, (const uint8_t *)"3", 1), 0);
    turns_until(&a.icmp_errors, 1); // closed: port unreachable
    udp_socket_close(a.socket);
}
END_TEST

START_TEST(an_empty_and_a_large_datagram_pass) {
    struct seen a = {0};
    struct seen b = {0};
    open_on(&a, "127.0.0.1");
    open_on(&b, "127.0.0.1");
    static uint8_t large[65507];
    ck_assert_int_eq(udp_socket_send(a.socket, udp_socket_local(b.socket), large, 0), 0);
    turns_until(&b.datagrams, 1);
    ck_assert_uint_eq(b.last_length, 0);
    ck_assert_int_eq(udp_socket_send(a.socket, udp_socket_local(b.socket), large, sizeof large), 0);
    turns_until(&b.datagrams, 2);
    ck_assert_uint_eq(b.last_length, sizeof large);
    udp_socket_close(a.socket);
    udp_socket_close(b.socket);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("socket");
    TCase *tests = tcase_create("socket");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, datagrams_arrive_with_kernel_stamps_on_ipv4);
    tcase_add_test(tests, datagrams_arrive_with_kernel_stamps_on_ipv6);
    tcase_add_test(tests, an_icmp_error_is_told_with_its_remote_and_does_not_fail_others);
    tcase_add_test(tests, address_in_use_and_not_available_are_told_apart);
    tcase_add_test(tests, a_wake_up_reads_at_most_64_datagrams);
    tcase_add_test(tests, a_socket_can_be_closed_in_its_own_callback);
    tcase_add_test(tests, an_empty_and_a_large_datagram_pass);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
