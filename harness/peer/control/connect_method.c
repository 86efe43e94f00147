// SPDX-License-Identifier: Apache-2.0
/* The method that opens an association from a server's socket to a client. */
#include <errno.h>
#include <string.h>

#include "control/control.h"
#include "control/handshake_params.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void fail(struct rpc_error *error, int result) {
    switch (-result) {
    case ENOENT:
        rpc_fail(error, RPC_INVALID_PARAMS,
                 "credentials: the server has none at that place; {identity, key} is allowed");
        break;
    case EMSGSIZE:
        rpc_fail(error, RPC_INVALID_PARAMS,
                 "credentials: an identity of at least one byte is needed");
        break;
    case EALREADY:
        rpc_fail(error, RPC_INVALID_PARAMS, "remote: a handshake with it is under way");
        break;
    default:
        rpc_fail(error, RPC_INVALID_PARAMS, "cannot be opened: %s", strerror(-result));
        break;
    }
}

static void read_remote(struct params params, const struct server *server, struct address *remote) {
    const char *text = params_string(params, "remote", true);
    if (params.error->code) {
        return;
    }
    if (address_parse_remote(remote, text) < 0 ||
        remote->socket.generic.sa_family != server_local(server)->socket.generic.sa_family) {
        rpc_fail(params.error, RPC_INVALID_PARAMS,
                 "remote: a numeric address of the server's family with a port, as 127.0.0.1:5683");
    }
}

json_t *control_connect(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"server", "remote", "credentials", "suites"};
    static const char *const without_security[] = {"server", "remote"};
    struct params params = {object, "", error};
    struct server_connection connection = {0};
    struct handshake_credentials own = {0};
    uint16_t suites[HANDSHAKE_SUITES_MAX];
    uint64_t association = 0;
    struct server *server = control_named_server(control, params);
    if (!server) {
        return NULL;
    }
    bool secure = server_security(server) == DTLS_SECURITY_PSK;
    params_known(params, secure ? names : without_security,
                 secure ? COUNT(names) : COUNT(without_security));
    read_remote(params, server, &connection.remote);
    connection.suite_count = handshake_read_suites(params, suites);
    connection.suites = connection.suite_count ? suites : NULL;
    json_t *credentials = params_get(params, "credentials", false);
    if (json_is_object(credentials)) {
        handshake_read_credential(control, (struct params){credentials, "credentials.", error},
                                  &own);
        connection.credential = own.items;
    } else {
        connection.index = (size_t)params_integer(params, "credentials", 0, UINT16_MAX, 0);
    }
    if (!error->code) {
        int result = server_connect(server, &connection, &association);
        if (result < 0) {
            fail(error, result);
        }
    }
    handshake_clear_credentials(&own);
    return error->code ? NULL : json_pack("{s:I}", "association", (json_int_t)association);
}
