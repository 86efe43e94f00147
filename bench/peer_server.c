// SPDX-License-Identifier: Apache-2.0
/*
 * bench-peer-server: the peer's layers, its own loop and its way from socket to event, with the
 * driver replaced by a few lines in the same process (peer_steering.h). Ways:
 *
 *   quiet    neither capture nor event log; events are still put together
 *   files    capture and event log on, as always in a run; notifications are made and thrown away
 *   control  files, and requests come as lines of the control protocol, notifications go through a
 *            pipe to a process that reads them
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "control/control.h"
#include "peer_steering.h"
#include "traffic.h"
#include "usage.h"

enum way { QUIET, FILES, CONTROL };

struct bench {
    enum way way;
    struct loop *loop;
    struct control control; // for QUIET only its lane
    struct report forward;  // the control's own
    struct steering steering;
    int output; // to the reading process; -1: none
    bool overloaded;
};

static void on_event(void *context, const char *name, uint64_t t_ns,
                     const struct members *members) {
    struct bench *bench = context;
    if (bench->forward.event) {
        bench->forward.event(bench->forward.context, name, t_ns, members);
    }
    steering_event(&bench->steering, name, members);
}

static void on_overloaded(void *context, const char *server, const char *why, uint64_t t_ns) {
    struct bench *bench = context;
    (void)t_ns;
    fprintf(stderr, "bench-peer-server: %s: %s\n", server ? server : "", why);
    bench->overloaded = true;
    loop_stop(bench->loop);
}

// requests

static int send_plain(void *context, uint64_t association, size_t step) {
    const struct bench *bench = context;
    return steering_send_plain(bench->steering.server, association, step);
}

/* As the driver would write it. */
static int send_by_control(void *context, uint64_t association, size_t step) {
    struct bench *bench = context;
    const struct traffic_request *wanted = &traffic_requests[step];
    char accept[24] = "", line[1024];
    if (wanted->accept != TRAFFIC_NONE) {
        snprintf(accept, sizeof accept, ",\"accept\":%d", wanted->accept);
    }
    int length = snprintf(
        line, sizeof line,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"send_request\",\"params\":{\"server\":\"bs\","
        "\"association\":%llu,\"method\":\"%s\",\"path\":[\"%s\"%s%s%s]%s%s%s}}\n",
        (unsigned long long)association, wanted->method, wanted->path[0],
        wanted->path[1] ? ",\"" : "", wanted->path[1] ? wanted->path[1] : "",
        wanted->path[1] ? "\"" : "", accept, wanted->content ? ",\"content\":" : "",
        wanted->content ? wanted->content : "");
    if (length < 0 || length >= (int)sizeof line) {
        return -EMSGSIZE;
    }
    rpc_input(bench->control.rpc, (const uint8_t *)line, (size_t)length);
    return 0; // a refusal shows as a client that is not served
}

// the loop

static void write_output(struct bench *bench) {
    size_t length;
    const uint8_t *bytes;
    while ((bytes = rpc_output(bench->control.rpc, &length)) != NULL && length > 0) {
        ssize_t written = bench->output < 0 ? (ssize_t)length : write(bench->output, bytes, length);
        if (written <= 0) {
            return; // the pipe is full: the rest goes with the next turn
        }
        rpc_sent(bench->control.rpc, (size_t)written);
    }
}

static void on_end_of_turn(void *context) {
    struct bench *bench = context;
    steering_act(&bench->steering);
    if (bench->way != QUIET) {
        control_end_turn(&bench->control);
        write_output(bench);
    }
    if (bench->steering.failed || bench->control.overloaded) {
        on_overloaded(bench, NULL, "cannot go on", 0);
    }
}

static void on_asked(void *context, uint32_t events) {
    struct bench *bench = context;
    (void)events;
    if (!usage_asked(bench->steering.bootstraps)) {
        loop_unwatch(bench->loop, STDIN_FILENO);
        loop_stop(bench->loop);
    }
}

// start

/* A process that reads what is written and does nothing with it; -1 if there is none. */
static int start_reader(pid_t *pid) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -1;
    }
    *pid = fork();
    if (*pid == 0) {
        char bytes[65536];
        close(ends[1]);
        while (read(ends[0], bytes, sizeof bytes) > 0) {
        }
        _exit(0);
    }
    close(ends[0]);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    return ends[1];
}

static int open_quiet(struct bench *bench) {
    static const uint16_t suite = TRAFFIC_SUITE;
    const struct dtls_credential credential = {.identity = (const uint8_t *)traffic_identity,
                                               .identity_length = strlen(traffic_identity),
                                               .key = traffic_key,
                                               .key_length = sizeof traffic_key};
    struct server_options options = {.name = "bs",
                                     .role = SERVER_BOOTSTRAP,
                                     .security = DTLS_SECURITY_PSK,
                                     .credentials = &credential,
                                     .credential_count = 1,
                                     .suites = &suite,
                                     .suite_count = 1};
    struct server_lane *lane = &bench->control.lane;
    bench->control.keys = redact_new();
    if (!bench->control.keys ||
        redact_add(bench->control.keys, traffic_key, sizeof traffic_key) < 0) {
        return -ENOMEM;
    }
    *lane = (struct server_lane){.loop = bench->loop, .seed = 1, .next_exchange = 1};
    lane->report = (struct report){on_event, on_overloaded, bench, bench->control.keys};
    int result = address_parse(&options.local, "127.0.0.1", 0);
    return result < 0 ? result : server_open(&bench->steering.server, lane, &options);
}

static int open_logged(struct bench *bench, const char *directory) {
    static const char hello[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1}}\n";
    char key[2 * TRAFFIC_KEY_SIZE + 1], identity[128], line[512];
    int result = control_open(&bench->control, bench->loop, directory, 1);
    if (result < 0) {
        return result;
    }
    struct report *report = &bench->control.lane.report;
    bench->forward = *report;
    *report = (struct report){on_event, on_overloaded, bench, bench->forward.keys};
    hex_encode(traffic_key, sizeof traffic_key, key);
    hex_encode((const uint8_t *)traffic_identity, strlen(traffic_identity), identity);
    int length = snprintf(line, sizeof line,
                          "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"open_server\",\"params\":{"
                          "\"server\":\"bs\",\"role\":\"bootstrap\",\"address\":\"127.0.0.1\","
                          "\"port\":0,\"security\":\"psk\",\"suites\":["
                          "\"TLS_PSK_WITH_AES_128_CCM_8\"],\"credentials\":[{\"identity\":\"%s\","
                          "\"key\":\"%s\"}]}}\n",
                          identity, key);
    rpc_input(bench->control.rpc, (const uint8_t *)hello, sizeof hello - 1);
    rpc_input(bench->control.rpc, (const uint8_t *)line, (size_t)length);
    bench->steering.server = control_find(&bench->control, "bs");
    if (!bench->steering.server) {
        size_t size;
        const uint8_t *answer = rpc_output(bench->control.rpc, &size);
        fprintf(stderr, "%.*s\n", (int)size, (const char *)answer);
        return -EPROTO;
    }
    return 0;
}

static int run(struct bench *bench) {
    int result = loop_add_end_of_turn(bench->loop, on_end_of_turn, bench);
    if (result == 0) {
        result = loop_watch(bench->loop, STDIN_FILENO, EPOLLIN, on_asked, bench);
    }
    if (result == 0) {
        usage_tell_port(address_port(server_local(bench->steering.server)));
        result = loop_run(bench->loop);
    }
    return result;
}

static void end(struct bench *bench, pid_t reader) {
    if (bench->way == QUIET) {
        server_close(bench->steering.server, false);
        members_free(&bench->control.lane.members);
        redact_free(bench->control.keys);
    } else {
        control_close(&bench->control);
        rpc_free(bench->control.rpc);
    }
    steering_free(&bench->steering);
    loop_free(bench->loop);
    if (bench->output >= 0) {
        close(bench->output);
        waitpid(reader, NULL, 0);
    }
}

static int play(enum way way, const char *directory) {
    struct bench bench = {.way = way, .output = -1, .loop = loop_new()};
    pid_t reader = -1;
    bench.steering.send = way == CONTROL ? send_by_control : send_plain;
    bench.steering.context = &bench;
    if (!bench.loop) {
        return -errno;
    }
    if (way == CONTROL && (bench.output = start_reader(&reader)) < 0) {
        return -errno;
    }
    int result = way == QUIET ? open_quiet(&bench) : open_logged(&bench, directory);
    if (result < 0) {
        return result;
    }
    result = run(&bench);
    end(&bench, reader);
    return result < 0 ? result : bench.overloaded ? -EOVERFLOW : 0;
}

int main(int argc, char **argv) {
    static const char *const ways[] = {"quiet", "files", "control"};
    for (int i = QUIET; argc == 3 && i <= CONTROL; i++) {
        if (strcmp(argv[1], ways[i]) == 0) {
            int result = play((enum way)i, argv[2]);
            if (result < 0) {
                fprintf(stderr, "bench-peer-server: %s\n", strerror(-result));
            }
            return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "usage: bench-peer-server quiet|files|control DIRECTORY\n");
    return 2;
}
