// SPDX-License-Identifier: Apache-2.0
/* The methods that open, change and close servers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/control.h"
#include "control/handshake_params.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { WHERE_SIZE = 48 };

json_t *control_set_credentials(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "credentials"};
    struct params params = {object, "", error};
    struct handshake_credentials credentials;
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    handshake_read_credentials(control, params, true, &credentials);
    if (!error->code && server_set_credentials(server, credentials.items, credentials.count) < 0) {
        rpc_fail(error, RPC_INVALID_PARAMS, "credentials: not taken");
    }
    handshake_clear_credentials(&credentials);
    return error->code ? NULL : json_object();
}

// open and close

static void fail_to_open(struct rpc_error *error, int result, const char *address, int port) {
    switch (-result) {
    case EADDRINUSE:
        rpc_fail(error, RPC_ADDRESS_IN_USE, "%.64s port %d", address, port);
        break;
    case EADDRNOTAVAIL:
        rpc_fail(error, RPC_ADDRESS_NOT_AVAILABLE, "%.64s port %d", address, port);
        break;
    case ENOTSUP:
        rpc_fail(error, RPC_INVALID_PARAMS, "suites: not one that the library can do");
        break;
    default:
        rpc_fail(error, RPC_ADDRESS_NOT_AVAILABLE, "%.64s port %d: %s", address, port,
                 strerror(-result));
        break;
    }
}

static bool add_server(struct control *control, struct server *server) {
    struct server **servers =
        realloc(control->servers, (control->server_count + 1) * sizeof(struct server *));
    if (!servers) {
        return false;
    }
    control->servers = servers;
    servers[control->server_count++] = server;
    return true;
}

static json_t *opened(const struct server *server) {
    char host[ADDRESS_TEXT_SIZE], where[ADDRESS_TEXT_SIZE];
    const struct address *local = server_local(server);
    const char *scheme = server_security(server) == DTLS_SECURITY_NONE ? "coap" : "coaps";
    return json_pack("{s:s, s:i, s:o}", "address", address_host(local, host), "port",
                     (int)address_port(local), "uri",
                     json_sprintf("%s://%s", scheme, address_format(local, where)));
}

static json_t *open_server(struct control *control, struct params params,
                           const struct server_options *options, const char *address) {
    struct server *server;
    int result = server_open(&server, &control->lane, options);
    if (result < 0) {
        fail_to_open(params.error, result, address, address_port(&options->local));
        return NULL;
    }
    if (!add_server(control, server)) {
        server_close(server, false);
        return rpc_fail(params.error, RPC_ADDRESS_NOT_AVAILABLE, "no memory");
    }
    return opened(server);
}

json_t *control_open_server(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server",   "role",        "address", "port",
                                        "security", "credentials", "suites"};
    static const char *const roles[] = {"bootstrap", "lwm2m"};
    static const char *const securities[] = {"none", "psk"};
    struct params params = {object, "", error};
    struct handshake_credentials credentials;
    uint16_t suites[HANDSHAKE_SUITES_MAX];
    struct server_options options = {.name = params_string(params, "server", true)};
    options.role = params_word(params, "role", roles, 2, PARAMS_REQUIRED) == 0 ? SERVER_BOOTSTRAP
                                                                               : SERVER_LWM2M;
    const char *address = params_string(params, "address", true);
    int64_t port = params_integer(params, "port", 0, UINT16_MAX, PARAMS_REQUIRED);
    options.security = params_word(params, "security", securities, 2, PARAMS_REQUIRED) == 0
                           ? DTLS_SECURITY_NONE
                           : DTLS_SECURITY_PSK;
    options.suite_count = handshake_read_suites(params, suites);
    options.suites = options.suite_count ? suites : NULL;
    params_known(params, names, COUNT(names));
    handshake_read_credentials(control, params, false, &credentials);
    options.credentials = credentials.items;
    options.credential_count = credentials.count;
    json_t *result = NULL;
    if (error->code == 0 && address_parse(&options.local, address, (uint16_t)port) < 0) {
        rpc_fail(error, RPC_INVALID_PARAMS, "address: a numeric IPv4 or IPv6 address");
    } else if (error->code == 0 && (!*options.name || strlen(options.name) > 64)) {
        rpc_fail(error, RPC_INVALID_PARAMS, "server: a name of 1 to 64 bytes");
    } else if (error->code == 0 && control_find(control, options.name)) {
        rpc_fail(error, RPC_INVALID_PARAMS, "server: %.64s is open already", options.name);
    } else if (error->code == 0) {
        result = open_server(control, params, &options, address);
    }
    handshake_clear_credentials(&credentials);
    return result;
}

json_t *control_close_server(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "notify"};
    struct params params = {object, "", error};
    params_known(params, names, COUNT(names));
    bool notify = params_bool(params, "notify", false);
    struct server *server = control_named_server(control, params);
    if (!server) {
        return NULL;
    }
    for (size_t i = 0; i < control->server_count; i++) {
        if (control->servers[i] == server) {
            control->servers[i] = control->servers[--control->server_count];
        }
    }
    struct wire_counts counts = server_counts(server);
    control->closed.in += counts.in;
    control->closed.out += counts.out;
    server_close(server, notify);
    return json_object();
}

json_t *control_drop_associations(struct control *control, json_t *object,
                                  struct rpc_error *error) {
    static const char *const names[] = {"server", "notify"};
    struct params params = {object, "", error};
    params_known(params, names, COUNT(names));
    bool notify = params_bool(params, "notify", false);
    struct server *server = control_named_server(control, params);
    return server
               ? json_pack("{s:I}", "dropped", (json_int_t)server_drop_associations(server, notify))
               : NULL;
}

// answers and impairments

static void read_answer(struct params params, enum operation operation, struct answer *answer) {
    static const char *const actions[] = {"respond", "hold", "silence", "alert"};
    static const char *const of_respond[] = {"action", "times", "code", "delay_us", "separate"};
    static const char *const of_alert[] = {"action", "times", "alert"};
    static const char *const of_handshake[] = {"action", "times"};
    bool handshake = operation == OPERATION_HANDSHAKE;
    if (!json_is_object(params.object)) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%s an object", params.where);
        return;
    }
    int action = params_word(params, "action", actions, COUNT(actions), PARAMS_REQUIRED);
    answer->times = (uint64_t)params_integer(params, "times", 1, INT64_MAX, 0);
    if (params.error->code) {
        return;
    }
    answer->action = (enum answer_action)action;
    if ((answer->action == ANSWER_HOLD && handshake) ||
        (answer->action == ANSWER_ALERT && !handshake)) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%saction: %s is not for %s", params.where,
                 actions[action], operation_name(operation));
    } else if (answer->action == ANSWER_ALERT) {
        params_known(params, of_alert, COUNT(of_alert));
        answer->alert = (uint8_t)params_integer(params, "alert", 0, UINT8_MAX, PARAMS_REQUIRED);
    } else if (answer->action == ANSWER_RESPOND && !handshake) {
        params_known(params, of_respond, COUNT(of_respond));
        answer->code = params_code(params, "code", false);
        answer->separate = params_bool(params, "separate", false);
        answer->delay_ns = CLOCK_NS_PER_US *
                           (uint64_t)params_integer(params, "delay_us", 0, INT64_MAX / 1000000, 0);
    } else {
        params_known(params, of_handshake, COUNT(of_handshake));
    }
}

json_t *control_arm(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "operation", "answers"};
    struct params params = {object, "", error};
    enum operation operation = OPERATION_OTHER;
    size_t index;
    json_t *item;
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    const char *text = params_string(params, "operation", true);
    json_t *list = params_array(params, "answers", true);
    if (error->code) {
        return NULL;
    }
    if (!operation_parse(text, &operation)) {
        return rpc_fail(error, RPC_INVALID_PARAMS,
                        "operation: one of handshake, bootstrap_request, bootstrap_pack, register, "
                        "update, deregister, other");
    }
    struct answer *answers = calloc(json_array_size(list) + 1, sizeof *answers);
    json_array_foreach(list, index, item) {
        char where[WHERE_SIZE];
        snprintf(where, sizeof where, "answers[%zu].", index);
        if (answers) {
            read_answer((struct params){item, where, error}, operation, &answers[index]);
        }
    }
    if (!error->code &&
        (!answers || server_arm(server, operation, answers, json_array_size(list)) < 0)) {
        rpc_fail(error, RPC_INVALID_PARAMS, "answers: no memory for so many");
    }
    free(answers);
    return error->code ? NULL : json_object();
}

/* An array of positions, to be freed; NULL if there are none. */
static uint64_t *read_positions(struct params params, const char *name, size_t *count) {
    json_t *list = params_array(params, name, false);
    json_t *item;
    size_t index;
    *count = json_array_size(list);
    if (*count == 0) {
        return NULL;
    }
    uint64_t *positions = calloc(*count, sizeof *positions);
    if (!positions) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%s: no memory for so many", name);
        return NULL;
    }
    json_array_foreach(list, index, item) {
        if (!json_is_integer(item) || json_integer_value(item) < 0) {
            rpc_fail(params.error, RPC_INVALID_PARAMS, "%s[%zu]: a position from 0", name, index);
        } else {
            positions[index] = (uint64_t)json_integer_value(item);
        }
    }
    return positions;
}

json_t *control_impair(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "direction", "layer",
                                        "drop",   "duplicate", "delay_us"};
    static const char *const directions[] = {"in", "out"};
    static const char *const layers[] = {"wire", "message"};
    struct params params = {object, "", error};
    struct impair_plan plan = {0};
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    int direction = params_word(params, "direction", directions, 2, PARAMS_REQUIRED);
    int layer = params_word(params, "layer", layers, 2, PARAMS_REQUIRED);
    plan.delay_ns =
        CLOCK_NS_PER_US * (uint64_t)params_integer(params, "delay_us", 0, INT64_MAX / 1000000, 0);
    uint64_t *drop = read_positions(params, "drop", &plan.drop_count);
    uint64_t *duplicate = read_positions(params, "duplicate", &plan.duplicate_count);
    plan.drop = drop;
    plan.duplicate = duplicate;
    if (!error->code &&
        server_impair(server, direction == 0 ? WIRE_IN : WIRE_OUT, layer == 0, &plan) < 0) {
        rpc_fail(error, RPC_INVALID_PARAMS, "no memory");
    }
    free(drop);
    free(duplicate);
    return error->code ? NULL : json_object();
}
