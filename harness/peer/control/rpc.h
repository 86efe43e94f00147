// SPDX-License-Identifier: Apache-2.0
/*
 * JSON-RPC 2.0, one object a line, without I/O: bytes in, a handler per request, bytes out.
 *
 * Both directions are bounded. A request line longer than RPC_LINE_MAX is answered by -32700 and
 * skipped. Output beyond RPC_OUTPUT_MAX sets `overflowed`: the reader does not read, and since no
 * event may be lost or the loop blocked, the program has to give up. Batches are not spoken.
 */
#ifndef CONTROL_RPC_H
#define CONTROL_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPC_LINE_MAX ((size_t)1 << 20)
#define RPC_OUTPUT_MAX ((size_t)16 << 20)

enum rpc_error_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_NO_HELLO = -32001,
    RPC_ADDRESS_IN_USE = -32010,
    RPC_ADDRESS_NOT_AVAILABLE = -32011,
    RPC_NO_SERVER = -32012,
    RPC_NO_ASSOCIATION = -32013,
    RPC_NO_EXCHANGE = -32014,
    RPC_CONTENT = -32015,
};

/** What is wrong with a request. `code` 0: nothing. `data` says which member and what is allowed.
 */
struct rpc_error {
    int code;
    char data[160];
};

/** Set the error and its data (printf) unless one is set already. Returns NULL, so that a handler
 * can return it at once. */
json_t *rpc_fail(struct rpc_error *error, enum rpc_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Handle a request: the result (a new reference), or NULL with `error` set. `params` is an object
 * (empty when the request has none) and borrowed.
 */
typedef json_t *(*rpc_handler_fn)(void *context, const char *method, json_t *params,
                                  struct rpc_error *error);

struct rpc;

/** A new one, or NULL without memory. */
struct rpc *rpc_new(rpc_handler_fn handler, void *context);
void rpc_free(struct rpc *rpc);

/** Take bytes of the input and handle each line that they complete. */
void rpc_input(struct rpc *rpc, const uint8_t *bytes, size_t length);

/** Queue a notification; `params` is JSON text. */
void rpc_notify(struct rpc *rpc, const char *method, const char *params, size_t length);

/** What is to be written, valid until the next call of another function; rpc_sent() takes off its
 * first `length` bytes. */
const uint8_t *rpc_output(const struct rpc *rpc, size_t *length);
void rpc_sent(struct rpc *rpc, size_t length);

/** Output was lost, because it was too much or for lack of memory. */
bool rpc_overflowed(const struct rpc *rpc);

#endif
