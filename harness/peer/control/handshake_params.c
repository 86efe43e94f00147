// SPDX-License-Identifier: Apache-2.0
#include "control/handshake_params.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dtls/library.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { WHERE_SIZE = 48 };

void handshake_clear_credentials(struct handshake_credentials *credentials) {
    for (size_t i = 0; i < credentials->count; i++) {
        free(credentials->owned[2 * i]);
        free(credentials->owned[2 * i + 1]);
    }
    free(credentials->items);
    free(credentials->owned);
}

static void read_credential(struct control *control, struct params params,
                            struct dtls_credential *credential, uint8_t *owned[2]) {
    static const char *const names[] = {"identity", "key"};
    if (!json_is_object(params.object)) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%s an object", params.where);
        return;
    }
    params_known(params, names, COUNT(names));
    owned[0] = params_hex(params, "identity", true, &credential->identity_length);
    owned[1] = params_hex(params, "key", true, &credential->key_length);
    credential->identity = owned[0];
    credential->key = owned[1];
    if (credential->key && redact_add(control->keys, credential->key, credential->key_length) < 0) {
        control_overload(control, NULL, "no memory", clock_now_ns());
    }
    if (params.error->code) {
        return;
    }
    if (credential->key_length == 0 || credential->key_length > dtls_limit_key()) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%skey: 1 to %zu bytes", params.where,
                 dtls_limit_key());
    } else if (credential->identity_length > dtls_limit_identity()) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%sidentity: at most %zu bytes", params.where,
                 dtls_limit_identity());
    }
}

void handshake_read_credentials(struct control *control, struct params params, bool required,
                                struct handshake_credentials *credentials) {
    json_t *list = params_array(params, "credentials", required);
    json_t *item;
    size_t index;
    *credentials = (struct handshake_credentials){0};
    if (json_array_size(list) == 0) {
        return;
    }
    credentials->items = calloc(json_array_size(list), sizeof *credentials->items);
    credentials->owned = calloc(json_array_size(list), 2 * sizeof *credentials->owned);
    if (!credentials->items || !credentials->owned) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "credentials: no memory for so many");
        return;
    }
    json_array_foreach(list, index, item) {
        char where[WHERE_SIZE];
        snprintf(where, sizeof where, "credentials[%zu].", index);
        credentials->count++;
        read_credential(control, (struct params){item, where, params.error},
                        &credentials->items[index], &credentials->owned[2 * index]);
    }
}

void handshake_read_credential(struct control *control, struct params params,
                               struct handshake_credentials *credentials) {
    *credentials = (struct handshake_credentials){
        .items = calloc(1, sizeof *credentials->items),
        .owned = calloc(2, sizeof *credentials->owned),
    };
    if (!credentials->items || !credentials->owned) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "%sno memory", params.where);
        return;
    }
    credentials->count = 1;
    read_credential(control, params, credentials->items, credentials->owned);
}

size_t handshake_read_suites(struct params params, uint16_t suites[HANDSHAKE_SUITES_MAX]) {
    json_t *list = params_array(params, "suites", false);
    json_t *item;
    size_t index, count = json_array_size(list);
    if (list && (count == 0 || count > HANDSHAKE_SUITES_MAX)) {
        rpc_fail(params.error, RPC_INVALID_PARAMS, "suites: 1 to %d names", HANDSHAKE_SUITES_MAX);
        return 0;
    }
    json_array_foreach(list, index, item) {
        const char *name = json_string_value(item);
        if (!name || !dtls_suite_number(name, &suites[index])) {
            rpc_fail(params.error, RPC_INVALID_PARAMS, "suites[%zu]: not one that is known, as %s",
                     index, dtls_suite_name(dtls_default_suites[0]));
            return 0;
        }
    }
    return count;
}
