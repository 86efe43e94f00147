// SPDX-License-Identifier: Apache-2.0
#include "control/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

/* Fail, if nothing has failed before. */
__attribute__((format(printf, 3, 4))) static void invalid(struct params params, const char *name,
                                                          const char *format, ...) {
    char what[100];
    va_list arguments;
    if (params.error->code != 0) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    rpc_fail(params.error, RPC_INVALID_PARAMS, "%s%.32s: %s", params.where, name, what);
}

void params_known(struct params params, const char *const *names, size_t count) {
    const char *name;
    json_t *value;
    json_object_foreach(params.object, name, value) {
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known |= strcmp(name, names[i]) == 0;
        }
        if (!known) {
            invalid(params, name, "not a member");
        }
    }
}

json_t *params_get(struct params params, const char *name, bool required) {
    json_t *value = json_object_get(params.object, name);
    if (!value && required) {
        invalid(params, name, "missing");
    }
    return params.error->code == 0 ? value : NULL;
}

const char *params_string(struct params params, const char *name, bool required) {
    json_t *value = params_get(params, name, required);
    if (value && !json_is_string(value)) {
        invalid(params, name, "a string");
        return NULL;
    }
    return json_string_value(value);
}

int64_t params_integer(struct params params, const char *name, int64_t min, int64_t max,
                       int64_t absent) {
    json_t *value = params_get(params, name, absent == PARAMS_REQUIRED);
    if (!value) {
        return absent;
    }
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < min || number > max) {
        invalid(params, name, "an integer from %" PRId64 " to %" PRId64, min, max);
        return absent;
    }
    return number;
}

bool params_bool(struct params params, const char *name, bool absent) {
    json_t *value = params_get(params, name, false);
    if (value && !json_is_boolean(value)) {
        invalid(params, name, "true or false");
    }
    return value ? json_is_true(value) : absent;
}

int params_word(struct params params, const char *name, const char *const *words, int count,
                int absent) {
    const char *text = params_string(params, name, absent == PARAMS_REQUIRED);
    if (!text) {
        return absent;
    }
    char allowed[90] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", words[i]);
    }
    invalid(params, name, "one of %s", allowed);
    return absent;
}

uint8_t *params_hex(struct params params, const char *name, bool required, size_t *length) {
    const char *text = params_string(params, name, required);
    *length = 0;
    if (!text) {
        return NULL;
    }
    size_t digits = strlen(text);
    uint8_t *bytes = malloc(digits / 2 + 1);
    // hex_decode() takes either case, the protocol only one
    if (!bytes || strpbrk(text, "ABCDEF") || hex_decode(text, digits, bytes) < 0) {
        invalid(params, name, "bytes in lower-case hexadecimal");
        free(bytes);
        return NULL;
    }
    *length = digits / 2;
    return bytes;
}

uint8_t params_code(struct params params, const char *name, bool required) {
    const char *text = params_string(params, name, required);
    if (!text) {
        return 0;
    }
    if (strlen(text) == 4 && text[0] >= '0' && text[0] <= '7' && text[1] == '.' && text[2] >= '0' &&
        text[2] <= '3' && text[3] >= '0' && text[3] <= '9') {
        int detail = (text[2] - '0') * 10 + text[3] - '0';
        int code = (text[0] - '0') * 32 + detail;
        if (detail < 32 && code > 0) {
            return (uint8_t)code;
        }
    }
    invalid(params, name, "a CoAP code, as 2.04");
    return 0;
}

json_t *params_array(struct params params, const char *name, bool required) {
    json_t *value = params_get(params, name, required);
    if (value && !json_is_array(value)) {
        invalid(params, name, "an array");
        return NULL;
    }
    return value;
}
