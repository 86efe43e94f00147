/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of TLV entries by data type (TS Core appendix C): big-endian, two's complement, IEEE 754.
 */
#include "lwm2m/tlv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int tlv_set_bytes(struct tlv_node *node, const void *bytes, size_t length) {
    uint8_t *copy = NULL;
    if (length > 0) {
        copy = malloc(length);
        if (copy == NULL) {
            return -ENOMEM;
        }
        memcpy(copy, bytes, length);
    }
    free(node->value);
    node->value = copy;
    node->length = length;
    return 0;
}

static int set_big_endian(struct tlv_node *node, uint64_t value, size_t length) {
    uint8_t bytes[8];
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(value >> (8 * (length - 1 - i)));
    }
    return tlv_set_bytes(node, bytes, length);
}

static uint64_t get_big_endian(const struct tlv_node *node) {
    uint64_t value = 0;
    for (size_t i = 0; i < node->length; i++) {
        value = value << 8 | node->value[i];
    }
    return value;
}

int tlv_set_integer(struct tlv_node *node, int64_t value) {
    size_t length = value >= INT8_MIN && value <= INT8_MAX     ? 1
                    : value >= INT16_MIN && value <= INT16_MAX ? 2
                    : value >= INT32_MIN && value <= INT32_MAX ? 4
                                                               : 8;
    return set_big_endian(node, (uint64_t)value, length);
}

int tlv_set_unsigned(struct tlv_node *node, uint64_t value) {
    size_t length = value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2 : value <= UINT32_MAX ? 4 : 8;
    return set_big_endian(node, value, length);
}

int tlv_set_boolean(struct tlv_node *node, bool value) {
    return set_big_endian(node, value ? 1 : 0, 1);
}

int tlv_set_float(struct tlv_node *node, double value) {
    float narrow = (float)value;
    if ((double)narrow == value) {
        uint32_t bits = 0;
        memcpy(&bits, &narrow, sizeof(bits));
        return set_big_endian(node, bits, sizeof(bits));
    }
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    return set_big_endian(node, bits, sizeof(bits));
}

int tlv_set_object_link(struct tlv_node *node, uint16_t object, uint16_t instance) {
    return set_big_endian(node, (uint64_t)object << 16 | instance, 4);
}

static bool is_number(const struct tlv_node *node) {
    return node->length == 1 || node->length == 2 || node->length == 4 || node->length == 8;
}

bool tlv_get_integer(const struct tlv_node *node, int64_t *value) {
    if (!is_number(node)) {
        return false;
    }
    uint64_t bits = get_big_endian(node);
    if (node->length < 8 && (node->value[0] & 0x80) != 0) {
        bits |= UINT64_MAX << (8 * node->length); /* the sign */
    }
    memcpy(value, &bits, sizeof(*value));
    return true;
}

bool tlv_get_unsigned(const struct tlv_node *node, uint64_t *value) {
    if (!is_number(node)) {
        return false;
    }
    *value = get_big_endian(node);
    return true;
}

bool tlv_get_boolean(const struct tlv_node *node, bool *value) {
    if (node->length != 1 || node->value[0] > 1) {
        return false;
    }
    *value = node->value[0] == 1;
    return true;
}

bool tlv_get_float(const struct tlv_node *node, double *value) {
    uint64_t bits = get_big_endian(node);
    if (node->length == 4) {
        uint32_t narrow_bits = (uint32_t)bits;
        float narrow = 0;
        memcpy(&narrow, &narrow_bits, sizeof(narrow));
        *value = (double)narrow;
        return true;
    }
    if (node->length != 8) {
        return false;
    }
    memcpy(value, &bits, sizeof(*value));
    return true;
}

bool tlv_get_object_link(const struct tlv_node *node, uint16_t *object, uint16_t *instance) {
    if (node->length != 4) {
        return false;
    }
    uint64_t bits = get_big_endian(node);
    *object = (uint16_t)(bits >> 16);
    *instance = (uint16_t)bits;
    return true;
}
