// SPDX-License-Identifier: Apache-2.0
/* The file is read back block by block; that tshark reads it too is tested in test_interop. */
#include "base/clock.h"
#include "wire/capture.h"
#include "wire/packet.h"
#include "wire/port.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char path[64];
static uint8_t file[1 << 20];
static size_t file_length;
static struct capture *capture;
static struct address client;
static struct address server;

static void set_up(void) {
    snprintf(path, sizeof path, P_tmpdir "/bootcheck-capture-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    capture = capture_new(path);
    ck_assert_ptr_nonnull(capture);
    ck_assert_int_eq(address_parse(&client, "127.0.0.1", 40000), 0);
    ck_assert_int_eq(address_parse(&server, "127.1.2.3", 5684), 0);
}

static void tear_down(void) {
    ck_assert_int_eq(capture_close(capture), 0);
    unlink(path);
}

static void read_file(void) {
    int fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ssize_t length = read(fd, file, sizeof file);
    ck_assert_int_ge(length, 0);
    file_length = (size_t)length;
    close(fd);
}

static uint32_t u32(size_t at) {
    uint32_t value = 0;
    ck_assert_uint_le(at + 4, file_length);
    memcpy(&value, file + at, sizeof value);
    return value;
}

/** The offset of block `index`, checking that every block before it is whole. */
static size_t block(size_t index) {
    size_t at = 0;
    for (;; index--) {
        uint32_t length = u32(at + 4);
        ck_assert_uint_eq(length % 4, 0);
        ck_assert_uint_eq(u32(at + length - 4), length);
        if (index == 0) {
            return at;
        }
        at += length;
    }
}

static size_t block_count(void) {
    size_t count = 0;
    for (size_t at = 0; at < file_length; at += u32(at + 4)) {
        count++;
    }
    return count;
}

START_TEST(the_headers_are_there_before_any_datagram) {
    read_file();
    ck_assert_uint_eq(block_count(), 2);
    ck_assert_uint_eq(u32(0), 0x0a0d0d0a); // section header
    ck_assert_uint_eq(u32(8), 0x1a2b3c4d);
    ck_assert_uint_eq(u32(block(1)), 1);                // interface description
    ck_assert_uint_eq(u32(block(1) + 8) & 0xffff, 101); // LINKTYPE_RAW
}
END_TEST

START_TEST(secrets_stand_ahead_of_the_datagrams_of_their_turn) {
    static const char line[] = "CLIENT_RANDOM 00 11";
    uint64_t now = clock_now_ns();
    capture_datagram(capture, CAPTURE_INBOUND, &client, &server, (const uint8_t *)"x", 1, now,
                     NULL);
    capture_secret(capture, line);
    read_file();
    ck_assert_uint_eq(block_count(), 2); // held
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    ck_assert_uint_eq(block_count(), 4);
    size_t secrets = block(2);
    ck_assert_uint_eq(u32(secrets), 10);             // Decryption Secrets Block
    ck_assert_uint_eq(u32(secrets + 8), 0x544c534b); // TLS key log
    ck_assert_uint_eq(u32(secrets + 12), sizeof line);
    ck_assert_mem_eq(file + secrets + 16, "CLIENT_RANDOM 00 11\n", sizeof line);
    ck_assert_uint_eq(u32(block(3)), 6); // Enhanced Packet Block
    capture_datagram(capture, CAPTURE_INBOUND, &client, &server, (const uint8_t *)"y", 1, now,
                     NULL);
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    ck_assert_uint_eq(block_count(), 5); // no secret twice
}
END_TEST

START_TEST(the_time_is_calendar_time_in_nanoseconds) {
    uint64_t now = clock_now_ns();
    capture_datagram(capture, CAPTURE_OUTBOUND, &server, &client, (const uint8_t *)"x", 1, now,
                     NULL);
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    uint64_t stamp = (uint64_t)u32(block(2) + 12) << 32 | u32(block(2) + 16);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t calendar = (uint64_t)t.tv_sec * CLOCK_NS_PER_S + (uint64_t)t.tv_nsec;
    ck_assert_uint_le(stamp, calendar + CLOCK_NS_PER_MS);
    ck_assert_uint_ge(stamp + CLOCK_NS_PER_S, calendar);
}
END_TEST

START_TEST(comment_and_direction_go_with_the_datagram) {
    capture_datagram(capture, CAPTURE_INBOUND, &client, &server, (const uint8_t *)"x", 1, 0, "why");
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    size_t options = block(2) + 28 + 32;           // header, packet of 29 bytes padded
    ck_assert_uint_eq(u32(options), 3U << 16 | 1); // comment, 3 bytes
    ck_assert_mem_eq(file + options + 4, "why", 4);
    ck_assert_uint_eq(u32(options + 8), 4U << 16 | 2); // flags, 4 bytes
    ck_assert_uint_eq(u32(options + 12), 1);           // inbound
}
END_TEST

/** Ones' complement sum of 16-bit words; a right checksum makes it all ones (RFC 1071). */
static uint16_t sum(uint32_t total, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        total += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    }
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return (uint16_t)total;
}

START_TEST(headers_of_ipv4_have_right_checksums) {
    for (size_t length = 0; length < 64; length++) {
        static const uint8_t payload[64] = "any odd or even number of bytes, as it may come";
        struct buffer packet = {0};
        ck_assert_int_eq(packet_append(&packet, &client, &server, 7, payload, length), 0);
        ck_assert_uint_eq(packet.length, 28 + length);
        ck_assert_uint_eq(packet.length, packet_length(&client, length));
        ck_assert_uint_eq(packet.data[0], 0x45);
        ck_assert_uint_eq(packet.data[9], 17);
        ck_assert_uint_eq(sum(0, packet.data, 20), 0xffff);
        ck_assert_mem_eq(packet.data + 12, "\x7f\x00\x00\x01\x7f\x01\x02\x03", 8);
        ck_assert_mem_eq(packet.data + 20, "\x9c\x40\x16\x34", 4); // 40000, 5684
        uint32_t pseudo = sum(0, packet.data + 12, 8) + 17U + 8U + (uint32_t)length;
        ck_assert_uint_eq(sum(pseudo, packet.data + 20, packet.length - 20), 0xffff);
        buffer_free(&packet);
    }
}
END_TEST

START_TEST(headers_of_ipv6_have_right_checksums) {
    struct address a;
    struct address b;
    struct buffer packet = {0};
    ck_assert_int_eq(address_parse(&a, "2001:db8::1", 1), 0);
    ck_assert_int_eq(address_parse(&b, "::1", 5683), 0);
    ck_assert_int_eq(packet_append(&packet, &a, &b, 7, (const uint8_t *)"odd", 3), 0);
    ck_assert_uint_eq(packet.length, 40 + 8 + 3);
    ck_assert_uint_eq(packet.data[0], 0x60);
    ck_assert_uint_eq(packet.data[5], 8 + 3);
    ck_assert_uint_eq(packet.data[6], 17);
    uint32_t pseudo = sum(0, packet.data + 8, 32) + 17U + 8U + 3U;
    ck_assert_uint_eq(sum(pseudo, packet.data + 40, packet.length - 40), 0xffff);
    buffer_free(&packet);
}
END_TEST

START_TEST(the_largest_datagram_fits) {
    static uint8_t payload[65507];
    capture_datagram(capture, CAPTURE_INBOUND, &client, &server, payload, sizeof payload, 0, NULL);
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    ck_assert_uint_eq(block_count(), 3);
    ck_assert_uint_eq(u32(block(2) + 20), 65535);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_told) {
    errno = 0;
    ck_assert_ptr_null(capture_new("/nonexistent/capture.pcapng"));
    ck_assert_int_eq(errno, ENOENT);
    if (access("/dev/full", W_OK) == 0) {
        ck_assert_ptr_null(capture_new("/dev/full"));
        ck_assert_int_eq(errno, ENOSPC);
    }
}
END_TEST

static int transmit(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length) {
    (void)context;
    (void)remote;
    (void)bytes;
    return length == 2 ? -EAGAIN : 0;
}

static void deliver(void *context, const struct address *remote, const uint8_t *bytes,
                    size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    (void)context;
    (void)remote;
    (void)bytes;
    (void)length;
    (void)stamp_ns;
    (void)now_ns;
}

START_TEST(captured_is_what_was_on_the_wire) {
    static const struct wire_callbacks callbacks = {transmit, deliver, NULL};
    static const uint64_t positions[] = {0};
    struct wire_port *port = wire_port_new(capture, &server, &callbacks, NULL);
    ck_assert_ptr_nonnull(port);
    struct impair_plan lose = {.drop = positions, .drop_count = 1};
    struct impair_plan twice = {.duplicate = positions, .duplicate_count = 1};
    ck_assert_int_eq(wire_port_impair(port, WIRE_IN, &lose), 0);
    ck_assert_int_eq(wire_port_impair(port, WIRE_OUT, &lose), 0);
    wire_port_receive(port, &client, (const uint8_t *)"a", 1, 1, 2); // was on the wire
    wire_port_send(port, &client, (const uint8_t *)"b", 1, 3);       // never was
    wire_port_send(port, &client, (const uint8_t *)"cc", 2, 3);      // could not be sent
    ck_assert_int_eq(wire_port_impair(port, WIRE_IN, &twice), 0);
    ck_assert_int_eq(wire_port_impair(port, WIRE_OUT, &twice), 0);
    wire_port_receive(port, &client, (const uint8_t *)"ddd", 3, 4, 5); // was once
    wire_port_send(port, &client, (const uint8_t *)"eeee", 4, 6);      // was twice
    ck_assert_int_eq(capture_flush(capture), 0);
    read_file();
    static const uint32_t lengths[] = {29, 31, 32, 32};
    ck_assert_uint_eq(block_count(), 2 + 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(u32(block(2 + i) + 20), lengths[i]);
    }
    wire_port_free(port);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("capture");
    TCase *tests = tcase_create("capture");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_headers_are_there_before_any_datagram);
    tcase_add_test(tests, secrets_stand_ahead_of_the_datagrams_of_their_turn);
    tcase_add_test(tests, the_time_is_calendar_time_in_nanoseconds);
    tcase_add_test(tests, comment_and_direction_go_with_the_datagram);
    tcase_add_test(tests, headers_of_ipv4_have_right_checksums);
    tcase_add_test(tests, headers_of_ipv6_have_right_checksums);
    tcase_add_test(tests, the_largest_datagram_fits);
    tcase_add_test(tests, a_file_that_cannot_be_written_is_told);
    tcase_add_test(tests, captured_is_what_was_on_the_wire);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
