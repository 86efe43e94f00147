// SPDX-License-Identifier: Apache-2.0
/*
 * The layers udp, wire and dtls together on a loopback address of their own: OpenSSL's client does
 * the handshakes and tshark reads the capture, with no options. A test whose program is not
 * installed says so and passes.
 */
#include "interop_server.h"

#include "base/clock.h"
#include "base/hex.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static struct server server;

static void set_up(void) {
    interop_open(&server);
}

static void tear_down(void) {
    interop_close(&server);
}

static bool installed(const char *program) {
    char path[64];
    snprintf(path, sizeof path, "/usr/bin/%s", program);
    if (access(path, X_OK) == 0) {
        return true;
    }
    printf("%s is not installed: not tested\n", program);
    return false;
}

/** Run turns until a counter is reached; fails after ten seconds. */
static void turns_until(const int *counter, int target) {
    uint64_t end = clock_now_ns() + 10 * CLOCK_NS_PER_S;
    while (*counter < target && clock_now_ns() < end) {
        ck_assert_int_eq(loop_turn(server.loop, end), 0);
    }
    ck_assert_int_ge(*counter, target);
}

struct openssl {
    pid_t pid;
    int input; // its standard input
};

/** OpenSSL's client with an identity, a key and a cipher; what it prints goes nowhere. */
static struct openssl start_openssl(const char *identity, const uint8_t *psk, const char *cipher,
                                    const char *bind) {
    char connect[ADDRESS_TEXT_SIZE + 8];
    char hex[65];
    int ends[2];
    struct openssl started;
    snprintf(connect, sizeof connect, "%s:5684", server.host);
    hex_encode(psk, 16, hex);
    // clang-format off
    const char *arguments[] = {
        "openssl", "s_client", "-dtls1_2", "-quiet", "-no_ign_eof", // ends with its input
        "-connect", connect, "-bind", bind, "-cipher", cipher,
        "-psk", hex, "-psk_identity", identity, NULL};
    // clang-format on
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ck_assert_int_eq(
        posix_spawnp(&started.pid, "openssl", &actions, NULL, (char *const *)arguments, environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    started.input = ends[1];
    return started;
}

/** As in a power cut: it says nothing more. */
static void stop_openssl(const struct openssl *openssl) {
    kill(openssl->pid, SIGKILL);
    waitpid(openssl->pid, NULL, 0);
}

/** What tshark prints of the capture, its line ends replaced by blanks. */
static void read_with_tshark(const char *options, char *text, size_t size) {
    char command[300];
    snprintf(command, sizeof command, "tshark -r %s %s 2>/dev/null", server.capture_path, options);
    FILE *output = popen(command, "r"); // NOLINT(cert-env33-c): fixed words and our own path
    ck_assert_ptr_nonnull(output);
    size_t length = fread(text, 1, size - 1, output);
    ck_assert_int_eq(pclose(output), 0);
    text[length] = '\0';
    for (char *at = text; *at != '\0'; at++) {
        *at = (char)(*at == '\n' ? ' ' : *at);
    }
}

static void expect_decrypted(const char *expected) {
    char text[4000];
    if (!installed("tshark")) {
        return;
    }
    read_with_tshark("-Y coap -T fields -e coap.code -e coap.opt.uri_query", text, sizeof text);
    ck_assert_str_eq(text, expected);
    read_with_tshark("-o udp.check_checksum:TRUE -o ip.check_checksum:TRUE "
                     "-Y 'udp.checksum.status != 1 || ip.checksum.status != 1'",
                     text, sizeof text);
    ck_assert_str_eq(text, "");
}

#define ANY_PORT "127.0.0.1:0"

static void exchange_with(const char *cipher) {
    struct openssl openssl = start_openssl("good", interop_key, cipher, ANY_PORT);
    turns_until(&server.opened, 1);
    ck_assert_int_eq(write(openssl.input, interop_request, INTEROP_REQUEST), INTEROP_REQUEST);
    turns_until(&server.requests, 1);
    expect_decrypted("2\tep=x 68\t "); // the file is still open: as after SIGKILL
    close(openssl.input);              // then it says close_notify, and gets one
    turns_until(&server.closed, 1);
    ck_assert_str_eq(server.reason, "close_notify");
    ck_assert_uint_eq(server.alert_received.level, 1);
    ck_assert_uint_eq(server.alert_received.description, 0);
    ck_assert_int_eq(server.alerts_sent, 1);
    ck_assert_uint_eq(server.alert_sent.description, 0);
    stop_openssl(&openssl);
}

START_TEST(openssl_with_ccm_8_is_served_and_tshark_decrypts_it) {
    if (installed("openssl")) {
        exchange_with("PSK-AES128-CCM8@SECLEVEL=0");
    }
}
END_TEST

START_TEST(openssl_with_cbc_sha256_is_served_and_tshark_decrypts_it) {
    if (installed("openssl")) {
        exchange_with("PSK-AES128-CBC-SHA256");
    }
}
END_TEST

START_TEST(openssl_with_a_wrong_key_draws_alert_20) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl =
        start_openssl("good", (const uint8_t *)"interop-key-0002", "PSK", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "wrong_key");
    ck_assert_uint_eq(server.alert_sent.description, 20);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(openssl_with_an_unknown_identity_draws_alert_115) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl = start_openssl("stranger", interop_key, "PSK", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "unknown_identity");
    ck_assert_uint_eq(server.alert_sent.description, 115);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(openssl_without_a_common_suite_draws_alert_40) {
    if (!installed("openssl")) {
        return;
    }
    struct openssl openssl = start_openssl("good", interop_key, "PSK-AES256-GCM-SHA384", ANY_PORT);
    turns_until(&server.failed, 1);
    ck_assert_str_eq(server.reason, "no_common_suite");
    ck_assert_uint_eq(server.alert_sent.description, 40);
    stop_openssl(&openssl);
}
END_TEST

START_TEST(a_new_process_on_the_same_port_makes_a_successor) {
    if (!installed("openssl")) {
        return;
    }
    char bind[32];
    snprintf(bind, sizeof bind, "127.0.0.1:%d", 20000 + (int)getpid() % 10000);
    struct openssl first = start_openssl("good", interop_key, "PSK", bind);
    turns_until(&server.opened, 1);
    stop_openssl(&first);
    ck_assert_int_eq(server.closed, 0);
    struct openssl second = start_openssl("good", interop_key, "PSK", bind);
    turns_until(&server.opened, 2);
    ck_assert_uint_eq(server.successor_of, 1);
    ck_assert_int_eq(server.closed, 1);
    ck_assert_str_eq(server.reason, "superseded");
    ck_assert_int_eq(write(second.input, interop_request, INTEROP_REQUEST), INTEROP_REQUEST);
    turns_until(&server.requests, 1);
    expect_decrypted("2\tep=x 68\t ");
    stop_openssl(&second);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("interop");
    TCase *tests = tcase_create("interop");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, openssl_with_ccm_8_is_served_and_tshark_decrypts_it);
    tcase_add_test(tests, openssl_with_cbc_sha256_is_served_and_tshark_decrypts_it);
    tcase_add_test(tests, openssl_with_a_wrong_key_draws_alert_20);
    tcase_add_test(tests, openssl_with_an_unknown_identity_draws_alert_115);
    tcase_add_test(tests, openssl_without_a_common_suite_draws_alert_40);
    tcase_add_test(tests, a_new_process_on_the_same_port_makes_a_successor);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
