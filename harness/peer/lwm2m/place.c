// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/place.h"

#include <stdbool.h>

/* A number of a path segment: decimal, no leading zeros, below 65535 (TS Core 7.2.1). */
static bool segment_id(const struct message_option *option, uint16_t *id) {
    uint32_t value = 0;
    if (option->length == 0 || option->length > 5 ||
        (option->length > 1 && option->value[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < option->length; i++) {
        if (option->value[i] < '0' || option->value[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(option->value[i] - '0');
    }
    *id = (uint16_t)value;
    return value <= UINT16_MAX;
}

static struct place place_from(const struct message_options *options, bool below_others) {
    struct place place = {.count = 0};
    for (size_t i = 0; i < options->count && place.count < 3; i++) {
        if (options->items[i].number != MESSAGE_OPTION_URI_PATH) {
            continue;
        }
        if (segment_id(&options->items[i], &place.ids[place.count])) {
            place.count++;
        } else if (!below_others || place.count > 0) {
            return (struct place){.count = 0};
        }
    }
    return place;
}

struct place place_of(const struct message_options *options) {
    return place_from(options, false);
}

struct place place_in_device_management(const struct message_options *options) {
    return place_from(options, true);
}
