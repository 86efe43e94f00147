// SPDX-License-Identifier: Apache-2.0
#include "control/rpc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

struct rpc {
    rpc_handler_fn handler;
    void *context;
    struct buffer line;   // the line that is not complete yet
    struct buffer output; // from `sent` on it is to be written
    size_t sent;
    bool skipping; // the rest of a line that was too long
    bool overflowed;
};

static const struct {
    int code;
    const char *message;
} messages[] = {
    {RPC_PARSE_ERROR, "Parse error"},
    {RPC_INVALID_REQUEST, "Invalid Request"},
    {RPC_METHOD_NOT_FOUND, "Method not found"},
    {RPC_INVALID_PARAMS, "Invalid params"},
    {RPC_NO_HELLO, "hello missing or version not spoken"},
    {RPC_ADDRESS_IN_USE, "Address in use"},
    {RPC_ADDRESS_NOT_AVAILABLE, "Address not available"},
    {RPC_NO_SERVER, "No such server"},
    {RPC_NO_ASSOCIATION, "No such association"},
    {RPC_NO_EXCHANGE, "No such exchange"},
    {RPC_CONTENT, "Content cannot be encoded"},
};

static const char *message_of(int code) {
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (messages[i].code == code) {
            return messages[i].message;
        }
    }
    return "Error";
}

json_t *rpc_fail(struct rpc_error *error, enum rpc_error_code code, const char *format, ...) {
    va_list arguments;
    if (error->code != 0) {
        return NULL;
    }
    error->code = code;
    va_start(arguments, format);
    vsnprintf(error->data, sizeof error->data, format, arguments);
    va_end(arguments);
    return NULL;
}

struct rpc *rpc_new(rpc_handler_fn handler, void *context) {
    struct rpc *rpc = calloc(1, sizeof *rpc);
    if (rpc) {
        rpc->handler = handler;
        rpc->context = context;
    }
    return rpc;
}

void rpc_free(struct rpc *rpc) {
    if (rpc) {
        buffer_free(&rpc->line);
        buffer_free(&rpc->output);
        free(rpc);
    }
}

static void put(struct rpc *rpc, const char *text, size_t length) {
    if (rpc->overflowed || rpc->output.length - rpc->sent + length > RPC_OUTPUT_MAX ||
        buffer_append(&rpc->output, text, length) < 0) {
        rpc->overflowed = true;
    }
}

static void put_string(struct rpc *rpc, const char *text) {
    put(rpc, text, strlen(text));
}

/* Sends and releases `message`. */
static void put_message(struct rpc *rpc, json_t *message) {
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text) {
        put_string(rpc, text);
        put_string(rpc, "\n");
    } else {
        rpc->overflowed = true;
    }
    free(text);
    json_decref(message);
}

/* `id` may be NULL: then it could not be told. The data can hold bytes of the request, cut
 * anywhere: what is not UTF-8 is not sent. */
static void answer_error(struct rpc *rpc, json_t *id, const struct rpc_error *error) {
    json_t *body = json_pack("{s:i, s:s}", "code", error->code, "message", message_of(error->code));
    json_t *data = *error->data ? json_string(error->data) : NULL;
    if (data) {
        json_object_set_new(body, "data", data);
    }
    put_message(rpc, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id",
                               id ? json_incref(id) : json_null(), "error", body));
}

static bool is_request(json_t *request, struct rpc_error *error) {
    const char *name;
    json_t *value;
    if (!json_is_object(request)) {
        rpc_fail(error, RPC_INVALID_REQUEST, "a request is an object (batches are not spoken)");
        return false;
    }
    json_object_foreach(request, name, value) {
        if (strcmp(name, "jsonrpc") != 0 && strcmp(name, "id") != 0 &&
            strcmp(name, "method") != 0 && strcmp(name, "params") != 0) {
            rpc_fail(error, RPC_INVALID_REQUEST, "unknown member %.40s", name);
            return false;
        }
    }
    const char *version = json_string_value(json_object_get(request, "jsonrpc"));
    const json_t *id = json_object_get(request, "id");
    const json_t *params = json_object_get(request, "params");
    if (!version || strcmp(version, "2.0") != 0) {
        rpc_fail(error, RPC_INVALID_REQUEST, "jsonrpc: \"2.0\"");
    } else if (!json_is_string(json_object_get(request, "method"))) {
        rpc_fail(error, RPC_INVALID_REQUEST, "method: a string");
    } else if (!json_is_integer(id) && !json_is_string(id)) {
        rpc_fail(error, RPC_INVALID_REQUEST, "id: an integer or a string");
    } else if (params && !json_is_object(params)) {
        rpc_fail(error, RPC_INVALID_PARAMS, "params: an object");
    }
    return error->code == 0;
}

static void handle_line(struct rpc *rpc, const char *text, size_t length) {
    struct rpc_error error = {0};
    json_error_t where;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (!request) {
        rpc_fail(&error, RPC_PARSE_ERROR, "column %d: %.100s", where.column, where.text);
        answer_error(rpc, NULL, &error);
        return;
    }
    json_t *id = json_object_get(request, "id");
    if (!json_is_integer(id) && !json_is_string(id)) {
        id = NULL;
    }
    if (!is_request(request, &error)) {
        answer_error(rpc, id, &error);
        json_decref(request);
        return;
    }
    json_t *params = json_object_get(request, "params");
    params = params ? json_incref(params) : json_object();
    json_t *result = rpc->handler(
        rpc->context, json_string_value(json_object_get(request, "method")), params, &error);
    if (result) {
        put_message(rpc,
                    json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
    } else {
        answer_error(rpc, id, &error);
    }
    json_decref(params);
    json_decref(request);
}

/* Bytes of a line, without its end. */
static void take(struct rpc *rpc, const uint8_t *bytes, size_t length) {
    if (rpc->skipping) {
        return;
    }
    if (rpc->line.length + length > RPC_LINE_MAX) {
        struct rpc_error error = {0};
        rpc_fail(&error, RPC_PARSE_ERROR, "a line has at most %zu bytes", RPC_LINE_MAX);
        answer_error(rpc, NULL, &error);
        rpc->skipping = true;
    } else if (buffer_append(&rpc->line, bytes, length) < 0) {
        rpc->overflowed = true;
    }
}

void rpc_input(struct rpc *rpc, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        const uint8_t *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        take(rpc, bytes, part);
        if (!end) {
            return;
        }
        if (!rpc->skipping && rpc->line.length > 0) {
            handle_line(rpc, (const char *)rpc->line.data, rpc->line.length);
        }
        rpc->line.length = 0;
        rpc->skipping = false;
        bytes += part + 1;
        length -= part + 1;
    }
}

void rpc_notify(struct rpc *rpc, const char *method, const char *params, size_t length) {
    put_string(rpc, "{\"jsonrpc\":\"2.0\",\"method\":\"");
    put_string(rpc, method);
    put_string(rpc, "\",\"params\":");
    put(rpc, params, length);
    put_string(rpc, "}\n");
}

const uint8_t *rpc_output(const struct rpc *rpc, size_t *length) {
    *length = rpc->output.length - rpc->sent;
    return *length ? rpc->output.data + rpc->sent : NULL;
}

void rpc_sent(struct rpc *rpc, size_t length) {
    rpc->sent += length;
    if (rpc->sent == rpc->output.length) {
        rpc->sent = rpc->output.length = 0;
    } else if (rpc->sent > RPC_OUTPUT_MAX / 4) {
        buffer_consume(&rpc->output, rpc->sent);
        rpc->sent = 0;
    }
}

bool rpc_overflowed(const struct rpc *rpc) {
    return rpc->overflowed;
}
