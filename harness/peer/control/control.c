// SPDX-License-Identifier: Apache-2.0
#include "control/control.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coap3/coap.h>

#include "base/clock.h"
#include "dtls/library.h"

#define HEARTBEAT_NS (CLOCK_NS_PER_S / 10)

// reports

static void on_event_text(void *context, const char *text, size_t length) {
    struct control *control = context;
    rpc_notify(control->rpc, "event", text, length);
}

static void on_event(void *context, const char *name, uint64_t t_ns,
                     const struct members *members) {
    struct control *control = context;
    events_report(control->events, name, t_ns, members);
}

void control_overload(struct control *control, const char *server, const char *why, uint64_t t_ns) {
    if (control->overloaded) {
        return;
    }
    control->overloaded = true;
    struct members members = {.keys = control->keys};
    members_word(&members, "why", why);
    if (server) {
        members_word(&members, "server", server);
    }
    events_report(control->events, "overloaded", t_ns, &members);
    members_free(&members);
    control_stop(control);
}

static void on_overloaded(void *context, const char *server, const char *why, uint64_t t_ns) {
    control_overload(context, server, why, t_ns);
}

/* The rules that held a message. */
static json_t *rules_tally(const struct rules *rules) {
    json_t *tally = json_object();
    for (enum rule rule = 0; rule < RULES; rule++) {
        if (rules->held[rule] > 0) {
            json_object_set_new(tally, rules_name(rule),
                                json_pack("{s:s, s:I, s:I}", "requirement", rules_requirement(rule),
                                          "held", (json_int_t)rules->held[rule], "broken",
                                          (json_int_t)rules->broken[rule]));
        }
    }
    return tally;
}

static json_t *status(const struct control *control) {
    struct loop_lateness lateness = loop_lateness(control->lane.loop);
    struct wire_counts counts = control->closed;
    size_t associations = 0;
    for (size_t i = 0; i < control->server_count; i++) {
        struct wire_counts more = server_counts(control->servers[i]);
        counts.in += more.in;
        counts.out += more.out;
        associations += server_associations(control->servers[i]);
    }
    return json_pack("{s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I}, s:I, s:I, s:o}", "timers", "fired",
                     (json_int_t)lateness.fired, "late_us_p50", (json_int_t)lateness.p50_us,
                     "late_us_p999", (json_int_t)lateness.p999_us, "late_us_max",
                     (json_int_t)lateness.max_us, "datagrams", "in", (json_int_t)counts.in, "out",
                     (json_int_t)counts.out, "events", (json_int_t)events_count(control->events),
                     "associations", (json_int_t)associations, "rules",
                     rules_tally(&control->lane.rules));
}

/* Report an event with the members of a JSON object, which is taken over. */
static void report_object(struct control *control, const char *name, uint64_t t_ns,
                          json_t *object) {
    struct members members = {.keys = control->keys};
    members_splice(&members, object);
    events_report(control->events, name, t_ns, &members);
    members_free(&members);
}

// methods

/* The transmission parameters that the client has, RFC 7252 4.8. */
static void know_client(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"ack_timeout_us", "max_retransmit"};
    struct rules *rules = &control->lane.rules;
    struct params params = {object, "client", error};
    params_known(params, names, 2);
    int64_t timeout_us = params_integer(params, "ack_timeout_us", 1000, INT_MAX, PARAMS_REQUIRED);
    int64_t most = params_integer(params, "max_retransmit", 1, 20, PARAMS_REQUIRED);
    if (!error->code) {
        rules->ack_timeout_ms = (unsigned)(timeout_us / 1000);
        rules->max_retransmit = (unsigned)most;
    }
}

static json_t *say_hello(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"protocol", "client"};
    struct params params = {object, "", error};
    params_known(params, names, 2);
    int64_t protocol = params_integer(params, "protocol", INT_MIN, INT_MAX, PARAMS_REQUIRED);
    json_t *client = json_object_get(object, "client");
    if (client != NULL && !error->code) {
        know_client(control, client, error);
    }
    if (error->code) {
        return NULL;
    }
    if (protocol != CONTROL_PROTOCOL) {
        return rpc_fail(error, RPC_NO_HELLO, "protocol: %d", CONTROL_PROTOCOL);
    }
    control->greeted = true;
    return json_pack("{s:i, s:s, s:{s:s, s:s, s:s}, s:{s:i, s:i}, s:i}", "protocol",
                     CONTROL_PROTOCOL, "peer", BOOTCHECK_VERSION, "libraries", "mbedtls",
                     dtls_library_version(), "libcoap", coap_package_version(), "jansson",
                     jansson_version_str(), "limits", "psk_key_bytes", (int)dtls_limit_key(),
                     "psk_identity_bytes", (int)dtls_limit_identity(), "pid", (int)getpid());
}

static json_t *tell_status(struct control *control, json_t *object, struct rpc_error *error) {
    params_known((struct params){object, "", error}, NULL, 0);
    return error->code ? NULL : status(control);
}

static json_t *shut_down(struct control *control, json_t *object, struct rpc_error *error) {
    params_known((struct params){object, "", error}, NULL, 0);
    if (error->code) {
        return NULL;
    }
    control_stop(control);
    return json_object();
}

static const struct {
    const char *name;
    json_t *(*call)(struct control *control, json_t *params, struct rpc_error *error);
} methods[] = {
    {"hello", say_hello},
    {"make_key", control_make_key},
    {"open_server", control_open_server},
    {"set_credentials", control_set_credentials},
    {"close_server", control_close_server},
    {"drop_associations", control_drop_associations},
    {"connect", control_connect},
    {"arm", control_arm},
    {"release", control_release},
    {"send_request", control_send_request},
    {"send_raw", control_send_raw},
    {"impair", control_impair},
    {"status", tell_status},
    {"shutdown", shut_down},
};

static json_t *handle(void *context, const char *method, json_t *params, struct rpc_error *error) {
    struct control *control = context;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(method, methods[i].name) == 0) {
            if (!control->greeted && methods[i].call != say_hello) {
                return rpc_fail(error, RPC_NO_HELLO, "say hello first, with protocol: %d",
                                CONTROL_PROTOCOL);
            }
            return methods[i].call(control, params, error);
        }
    }
    return rpc_fail(error, RPC_METHOD_NOT_FOUND, "%.64s", method);
}

struct server *control_find(struct control *control, const char *name) {
    for (size_t i = 0; i < control->server_count; i++) {
        if (strcmp(server_name(control->servers[i]), name) == 0) {
            return control->servers[i];
        }
    }
    return NULL;
}

struct server *control_named_server(struct control *control, struct params params) {
    const char *name = params_string(params, "server", true);
    struct server *server = name ? control_find(control, name) : NULL;
    if (name && !server) {
        rpc_fail(params.error, RPC_NO_SERVER, "server: %.64s is not open", name);
    }
    return server;
}

// the heartbeat: a lane that waits has no timers, and its lateness must be known all the same

static uint64_t heartbeat_deadline(void *context) {
    const struct control *control = context;
    return control->heartbeat_ns;
}

static void heartbeat_advance(void *context, uint64_t now_ns) {
    struct control *control = context;
    control->heartbeat_ns = now_ns + HEARTBEAT_NS;
}

// life

static int open_files(struct control *control, const char *directory) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/events.jsonl", directory) >= (int)sizeof path) {
        return -ENAMETOOLONG;
    }
    control->events = events_new(path, on_event_text, control);
    if (!control->events) {
        return -errno;
    }
    if (snprintf(path, sizeof path, "%s/capture.pcapng", directory) >= (int)sizeof path) {
        return -ENAMETOOLONG;
    }
    control->lane.capture = capture_new(path);
    return control->lane.capture ? 0 : -errno;
}

int control_open(struct control *control, struct loop *loop, const char *directory, uint64_t seed) {
    *control = (struct control){
        .lane = {.loop = loop,
                 .report = {.event = on_event, .overloaded = on_overloaded, .context = control},
                 .seed = seed,
                 .next_exchange = 1},
        .keys = redact_new(),
        .rpc = rpc_new(handle, control),
    };
    if (!control->keys || !control->rpc) {
        return -ENOMEM;
    }
    control->lane.report.keys = control->keys;
    int result = open_files(control, directory);
    if (result < 0) {
        return result;
    }
    uint64_t now_ns = clock_now_ns();
    control->heartbeat_ns = now_ns + HEARTBEAT_NS;
    result = loop_add_timed(loop, heartbeat_deadline, heartbeat_advance, control);
    if (result < 0) {
        return result;
    }
    double realtime = (double)((int64_t)now_ns + clock_realtime_offset_ns()) / 1e9;
    report_object(control, "peer_started", now_ns,
                  json_pack("{s:f, s:s, s:I}", "realtime", realtime, "version", BOOTCHECK_VERSION,
                            "seed", (json_int_t)seed));
    return 0;
}

void control_close(struct control *control) {
    if (control->events && control->lane.capture) {
        while (control->server_count > 0) {
            struct server *server = control->servers[--control->server_count];
            struct wire_counts counts = server_counts(server);
            control->closed.in += counts.in;
            control->closed.out += counts.out;
            server_close(server, false);
        }
        report_object(control, "peer_stopped", clock_now_ns(), status(control));
    }
    loop_remove_timed(control->lane.loop, control);
    free(control->servers);
    control->servers = NULL;
    capture_close(control->lane.capture);
    events_free(control->events);
    members_free(&control->lane.members);
    redact_free(control->keys);
}

void control_end_turn(struct control *control) {
    if (capture_flush(control->lane.capture) < 0) {
        control_overload(control, NULL, "the capture cannot be written", clock_now_ns());
    }
    if (events_failed(control->events)) {
        control_overload(control, NULL, "the event log cannot be written", clock_now_ns());
    }
    if (rpc_overflowed(control->rpc)) {
        control_overload(control, NULL, "the control connection is not read", clock_now_ns());
    }
    events_flush(control->events);
}

void control_stop(struct control *control) {
    control->stopping = true;
    loop_stop(control->lane.loop);
}
