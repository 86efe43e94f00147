// SPDX-License-Identifier: Apache-2.0
/* The method that makes a factory key of a class of entropy. */
#include "base/hex.h"
#include "control/control.h"
#include "make/make.h"

json_t *control_make_key(struct control *control, json_t *object, struct rpc_error *error) {
    static const char *const names[] = {"class", "seed", "label", "endpoint", "serial"};
    struct params params = {object, "", error};
    uint8_t key[KEY_SIZE_MAX];
    char hex[2 * KEY_SIZE_MAX + 1];
    size_t length;
    (void)control;
    params_known(params, names, sizeof names / sizeof *names);
    int class = params_word(params, "class", key_class_names, KEY_CLASSES, PARAMS_REQUIRED);
    struct key_source source = {
        .seed = (uint64_t)params_integer(params, "seed", 0, INT64_MAX, PARAMS_REQUIRED),
        .label = params_string(params, "label", true),
        .endpoint = params_string(params, "endpoint", true),
        .serial = params_string(params, "serial", false),
    };
    if (error->code) {
        return NULL;
    }
    if (key_make((enum key_class) class, &source, key, &length) < 0) {
        return rpc_fail(error, RPC_INVALID_PARAMS, "class: mbedTLS cannot make such a key");
    }
    hex_encode(key, length, hex);
    return json_pack("{s:s}", "key", hex);
}
