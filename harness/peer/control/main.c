// SPDX-License-Identifier: Apache-2.0
/*
 * bootcheck-peer: plays the servers of one lane, steered over standard input and output by the
 * protocol of docs/peer-protocol.md. Here is what touches the process: arguments, signals, the two
 * descriptors of the control connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/control.h"

enum { EXIT_OVERLOADED = 3, EXIT_USAGE = 2, INPUT_SIZE = 65536 };

/* How long the end waits for a reader that is slow: past that, what is left to say is in the files.
 */
#define LAST_OUTPUT_NS (CLOCK_NS_PER_S / 2)

struct program {
    struct control control;
    struct loop *loop;
    int signals;
    bool output_watched;
};

static const char usage[] = "usage: bootcheck-peer --output DIR [--seed N]\n"
                            "Plays LwM2M servers; see docs/peer-protocol.md.\n";

// the control connection

/* False when the input has ended. */
static bool read_input(struct program *program) {
    uint8_t bytes[INPUT_SIZE];
    ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
    if (length > 0) {
        rpc_input(program->control.rpc, bytes, (size_t)length);
    }
    return length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN));
}

static void on_input(void *context, uint32_t events) {
    struct program *program = context;
    (void)events;
    if (!read_input(program)) {
        loop_unwatch(program->loop, STDIN_FILENO);
        control_stop(&program->control);
    }
}

/* Write what can be written without waiting; false when nobody can read it any more. */
static bool write_output(struct program *program) {
    size_t length;
    const uint8_t *bytes;
    while ((bytes = rpc_output(program->control.rpc, &length)) != NULL) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written > 0) {
            rpc_sent(program->control.rpc, (size_t)written);
        } else if (written < 0 && errno != EINTR) {
            return errno == EAGAIN;
        }
    }
    return true;
}

static void on_output_ready(void *context, uint32_t events) {
    (void)context; // the end of the turn writes
    (void)events;
}

static void on_end_of_turn(void *context) {
    struct program *program = context;
    size_t left;
    control_end_turn(&program->control);
    if (!write_output(program)) {
        control_stop(&program->control);
        return;
    }
    rpc_output(program->control.rpc, &left);
    if (left > 0 && !program->output_watched) {
        program->output_watched =
            loop_watch(program->loop, STDOUT_FILENO, EPOLLOUT, on_output_ready, program) == 0;
    } else if (left == 0 && program->output_watched) {
        loop_unwatch(program->loop, STDOUT_FILENO);
        program->output_watched = false;
    }
}

static void write_last_output(struct program *program) {
    uint64_t end_ns = clock_now_ns() + LAST_OUTPUT_NS;
    size_t left;
    while (write_output(program) && rpc_output(program->control.rpc, &left) != NULL) {
        struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};
        uint64_t now_ns = clock_now_ns();
        if (now_ns >= end_ns) {
            return;
        }
        poll(&writable, 1, (int)((end_ns - now_ns) / CLOCK_NS_PER_MS) + 1);
    }
}

// signals

static void on_signal(void *context, uint32_t events) {
    struct program *program = context;
    struct signalfd_siginfo info;
    (void)events;
    if (read(program->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        control_stop(&program->control);
    }
}

static int watch_signals(struct program *program) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    program->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return program->signals < 0
               ? -errno
               : loop_watch(program->loop, program->signals, EPOLLIN, on_signal, program);
}

// the run

static int run(struct program *program) {
    int result = loop_add_end_of_turn(program->loop, on_end_of_turn, program);
    if (result == 0) {
        result = watch_signals(program);
    }
    if (result == 0) {
        result = loop_watch(program->loop, STDIN_FILENO, EPOLLIN, on_input, program);
    }
    if (result == -EPERM) { // a file, which epoll cannot watch: it is all there already
        while (read_input(program)) {
        }
        return 0;
    }
    return result < 0 ? result : loop_run(program->loop);
}

static int fail(const char *what, int error) {
    fprintf(stderr, "bootcheck-peer: %s: %s\n", what, strerror(error));
    return EXIT_FAILURE;
}

static int play(const char *directory, uint64_t seed) {
    struct program program = {.loop = loop_new(), .signals = -1};
    if (!program.loop) {
        return fail("event loop", errno);
    }
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
    int code = EXIT_SUCCESS;
    int result = control_open(&program.control, program.loop, directory, seed);
    if (result < 0) {
        fail(directory, -result);
        code = EXIT_USAGE;
    } else if ((result = run(&program)) < 0) {
        code = fail("event loop", -result);
    }
    control_close(&program.control);
    write_last_output(&program);
    fcntl(STDOUT_FILENO, F_SETFL, flags); // the terminal or file is not only ours
    rpc_free(program.control.rpc);
    loop_free(program.loop);
    if (program.signals >= 0) {
        close(program.signals);
    }
    return code == EXIT_SUCCESS && program.control.overloaded ? EXIT_OVERLOADED : code;
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *directory = NULL;
    uint64_t seed = 0;
    char *end;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            directory = optarg;
            break;
        case 's':
            errno = 0;
            seed = strtoull(optarg, &end, 10);
            if (errno || *end || end == optarg || *optarg == '-' || seed > INT64_MAX) {
                fprintf(stderr, "bootcheck-peer: --seed %s: not a number\n", optarg);
                return EXIT_USAGE;
            }
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (!directory || optind != argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return play(directory, seed);
}
