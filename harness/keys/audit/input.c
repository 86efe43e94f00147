// SPDX-License-Identifier: Apache-2.0
#include "audit/input.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

enum { ERROR_SIZE = 160 };

/* The members of an object as a device, whose key is put into `key`. False: not as it must be. */
static bool read_device(json_t *object, struct device *device, uint8_t key[TARGET_KEY_MAX]) {
    json_t *line = json_object_get(object, "line"), *hex = json_object_get(object, "key");
    size_t digits = json_string_length(hex);
    if (!json_is_integer(line) || !json_is_string(hex) || digits / 2 > TARGET_KEY_MAX ||
        hex_decode(json_string_value(hex), digits, key) < 0) {
        return false;
    }
    device->line = (uint32_t)json_integer_value(line);
    device->key = key;
    device->key_length = digits / 2;
    for (enum value value = 0; value < VALUES; value++) {
        json_t *text = json_object_get(object, value_id(value));
        if (text && !json_is_string(text)) {
            return false;
        }
        device->values[value] = (const uint8_t *)json_string_value(text);
        device->value_lengths[value] = json_string_length(text);
    }
    return true;
}

static int take(struct targets *targets, const struct device *device, const struct report *report,
                size_t *refused) {
    char error[ERROR_SIZE] = "";
    uint32_t before = 0;
    int result = targets_add(targets, device, &before);
    if (result == -EEXIST) {
        snprintf(error, sizeof error, "the device is in line %u already: keep one of them", before);
    } else if (result == -E2BIG) {
        snprintf(error, sizeof error,
                 "a key of 1 to %d bytes and values of at most %d are taken, and %d devices",
                 TARGET_KEY_MAX, TARGET_VALUE_MAX, TARGETS_MAX);
    }
    if (*error) {
        report_refused(report, device->line, error);
        ++*refused;
        return 0;
    }
    return result;
}

int input_read(FILE *stream, struct targets *targets, const struct report *report,
               size_t *refused) {
    char *line = NULL;
    size_t space = 0;
    ssize_t length;
    int result = 0;
    *refused = 0;
    while (result == 0 && (length = getline(&line, &space, stream)) >= 0) {
        struct device device = {0};
        uint8_t key[TARGET_KEY_MAX];
        json_t *object = json_loadb(line, (size_t)length, JSON_ALLOW_NUL, NULL);
        if (read_device(object, &device, key)) {
            result = take(targets, &device, report, refused);
        } else {
            result = -EINVAL;
        }
        json_decref(object);
    }
    if (result == 0 && ferror(stream)) {
        result = -EIO;
    }
    free(line);
    return result;
}
