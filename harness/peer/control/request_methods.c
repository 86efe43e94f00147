// SPDX-License-Identifier: Apache-2.0
/* The methods that send: requests, released answers, raw bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/control.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { WHERE_SIZE = 48 };

static void remember_key(void *context, const uint8_t *key, size_t length) {
    struct control *control = context;
    if (redact_add(control->keys, key, length) < 0) {
        control_overload(control, NULL, "no memory", clock_now_ns());
    }
}

/* `content` is to be cleared in every case; it is not present if the member is not there. */
static void read_content(struct params params, struct content *content) {
    static const char *const of_bytes[] = {"format", "payload"};
    static const char *const of_tlv[] = {"tlv"};
    char why[CONTENT_WHY_SIZE];
    json_t *object = params_get(params, "content", false);
    struct params inner = {object, "content.", params.error};
    *content = (struct content){0};
    if (!object) {
        return;
    }
    if (!json_is_object(object)) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "content: {format, payload} or {tlv}");
        return;
    }
    json_t *tlv = params_get(inner, "tlv", false);
    if (tlv) {
        params_known(inner, of_tlv, COUNT(of_tlv));
        if (!params.error->code && content_encode_tlv(content, tlv, why) < 0) {
            rpc_fail(params.error, RPC_CONTENT, "content.tlv: %s", why);
        }
        return;
    }
    params_known(inner, of_bytes, COUNT(of_bytes));
    content->format = (uint16_t)params_integer(inner, "format", 0, UINT16_MAX, PARAMS_REQUIRED);
    content->payload = params_hex(inner, "payload", true, &content->length);
    content->present = true;
}

static void add_uint(struct params params, struct message *request, const char *name,
                     uint16_t number, int64_t max) {
    int64_t value = params_integer(params, name, 0, max, -2);
    if (value >= 0 && message_options_add_uint(&request->options, number, (uint32_t)value) < 0) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%s: no memory", name);
    }
}

static void add_texts(struct params params, struct message *request, const char *name,
                      uint16_t number) {
    json_t *list = params_array(params, name, false);
    json_t *item;
    size_t index;
    json_array_foreach(list, index, item) {
        if (!json_is_string(item) ||
            message_options_add(&request->options, number, json_string_value(item),
                                json_string_length(item)) < 0) {
            rpc_fail(params.error, RPC_INVALID_PARAMS, "%s[%zu]: a string", name, index);
            return;
        }
    }
}

/* Fill in the request, which is to be cleared in every case. */
static void read_request(struct control *control, struct params params, struct message *request) {
    static const char *const methods[] = {"GET", "PUT", "POST", "DELETE"};
    static const uint8_t codes[] = {MESSAGE_GET, MESSAGE_PUT, MESSAGE_POST, MESSAGE_DELETE};
    static const char *const types[] = {"CON", "NON"};
    struct content content;
    int method = params_word(params, "method", methods, COUNT(methods), PARAMS_REQUIRED);
    int type = params_word(params, "type", types, 2, 0);
    message_init(request, type == 1 ? MESSAGE_NON : MESSAGE_CON, codes[method < 0 ? 0 : method], 0);
    add_texts(params, request, "path", MESSAGE_OPTION_URI_PATH);
    add_texts(params, request, "query", MESSAGE_OPTION_URI_QUERY);
    add_uint(params, request, "accept", MESSAGE_OPTION_ACCEPT, UINT16_MAX);
    add_uint(params, request, "observe", MESSAGE_OPTION_OBSERVE, 0xffffff); // RFC 7641 2
    read_content(params, &content);
    if (!params.error->code && content.present) {
        content_secrets(&content, place_in_device_management(&request->options), remember_key,
                        control);
        if (message_options_add_uint(&request->options, MESSAGE_OPTION_CONTENT_FORMAT,
                                     content.format) < 0 ||
            message_set_payload(request, content.payload, content.length) < 0) {
            rpc_fail(params.error, RPC_CONTENT, "content: no memory");
        }
    }
    content_clear(&content);
}

/* The association that the parameters name, or the newest; 0 with the error set. */
static uint64_t read_association(struct params params, struct server *server) {
    uint64_t wanted = (uint64_t)params_integer(params, "association", 1, INT64_MAX, 0);
    if (params.error->code) {
        return 0;
    }
    uint64_t found = server_association(server, wanted);
    if (!found) {
        rpc_fail(params.error, RPC_NO_ASSOCIATION,
                 wanted ? "association: not open" : "association: none is open");
    }
    return found;
}

json_t *control_send_request(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "association", "method",  "path", "query",
                                        "accept", "observe",     "content", "type", "block_size"};
    struct params params = {object, "", error};
    struct message request;
    uint64_t exchange = 0;
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    int64_t block_size = params_integer(params, "block_size", 16, 1024, 0);
    if (block_size & (block_size - 1)) {
        rpc_fail(error, RPC_INVALID_PARAMS, "block_size: 16, 32, 64, 128, 256, 512 or 1024");
    }
    read_request(control, params, &request);
    uint64_t association = error->code ? 0 : read_association(params, server);
    if (association) {
        int result = server_request(server, association, &request, (size_t)block_size, &exchange);
        if (result == -ENOTCONN || result == -EPIPE) {
            rpc_fail(error, RPC_NO_ASSOCIATION, "association: is being closed");
        } else if (result < 0) {
            rpc_fail(error, RPC_INVALID_PARAMS, "the request cannot be sent: %s",
                     strerror(-result));
        }
    }
    message_clear(&request);
    return error->code ? NULL : json_pack("{s:I}", "exchange", (json_int_t)exchange);
}

json_t *control_release(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "exchange", "code", "content"};
    struct params params = {object, "", error};
    struct content content;
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    int64_t exchange = params_integer(params, "exchange", 0, INT64_MAX, PARAMS_REQUIRED);
    uint8_t code = params_code(params, "code", true);
    read_content(params, &content);
    if (!error->code && server_release(server, (uint64_t)exchange, code, &content) < 0) {
        rpc_fail(error, RPC_NO_EXCHANGE, "exchange: not a held request");
    }
    content_clear(&content);
    return error->code ? NULL : json_object();
}

json_t *control_send_raw(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "association", "bytes", "layer"};
    static const char *const layers[] = {"message", "wire"};
    struct params params = {object, "", error};
    size_t length;
    params_known(params, names, COUNT(names));
    struct server *server = control_named_server(control, params);
    uint8_t *bytes = params_hex(params, "bytes", true, &length);
    int layer = params_word(params, "layer", layers, 2, 0);
    uint64_t association = error->code ? 0 : read_association(params, server);
    if (association) {
        int result = server_send_raw(server, association, bytes, length, layer == 1);
        if (result < 0) {
            rpc_fail(error, RPC_INVALID_PARAMS, "bytes: cannot be sent: %s", strerror(-result));
        }
    }
    free(bytes);
    return error->code ? NULL : json_object();
}
