// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/operation.h"

#include <string.h>

static bool is_text(const struct message_option *option, const char *text) {
    size_t length = strlen(text);
    return option->length == length && memcmp(option->value, text, length) == 0;
}

/* The number N of "rd/N"; 0, which none has, if the segment is no such number. */
static uint32_t location_number(const struct message_option *segment) {
    uint32_t number = 0;
    for (size_t i = 0; i < segment->length; i++) {
        if (segment->length > 9 || segment->value[i] < '0' || segment->value[i] > '9' ||
            (number == 0 && segment->value[i] == '0')) {
            return 0;
        }
        number = number * 10 + (uint32_t)(segment->value[i] - '0');
    }
    return number;
}

static enum operation bootstrap_operation(const struct message *request,
                                          const struct message_option *const path[2],
                                          size_t segments) {
    if (segments == 1 && request->code == MESSAGE_POST && is_text(path[0], "bs")) {
        return OPERATION_BOOTSTRAP_REQUEST;
    }
    if (segments == 1 && request->code == MESSAGE_GET && is_text(path[0], "bspack")) {
        return OPERATION_BOOTSTRAP_PACK;
    }
    return OPERATION_OTHER;
}

static enum operation lwm2m_operation(const struct message *request,
                                      const struct message_option *const path[2], size_t segments,
                                      uint32_t *location) {
    if (segments == 0 || segments > 2 || !is_text(path[0], OPERATION_LOCATION_ROOT)) {
        return OPERATION_OTHER;
    }
    if (segments == 1) {
        return request->code == MESSAGE_POST ? OPERATION_REGISTER : OPERATION_OTHER;
    }
    *location = location_number(path[1]);
    return request->code == MESSAGE_POST     ? OPERATION_UPDATE
           : request->code == MESSAGE_DELETE ? OPERATION_DEREGISTER
                                             : OPERATION_OTHER;
}

enum operation operation_of(const struct message *request, bool at_bootstrap_server,
                            uint32_t *location) {
    const struct message_option *path[2] = {NULL, NULL};
    size_t segments = 0;
    for (size_t i = 0; i < request->options.count; i++) {
        if (request->options.items[i].number == MESSAGE_OPTION_URI_PATH) {
            if (segments < 2) {
                path[segments] = &request->options.items[i];
            }
            segments++;
        }
    }
    *location = 0;
    return at_bootstrap_server ? bootstrap_operation(request, path, segments)
                               : lwm2m_operation(request, path, segments, location);
}
