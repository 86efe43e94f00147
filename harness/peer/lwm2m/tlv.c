/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/tlv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The type byte: bits 7-6 kind, 5 identifier of 16 bits, 4-3 width of the length field (0: in bits
 * 2-0). */
enum { WIDE_IDENTIFIER = 0x20, LENGTH_MAX = 0xffffff };

const char *tlv_fault_text(enum tlv_fault fault) {
    switch (fault) {
    case TLV_OK:
        return "";
    case TLV_FAULT_TRUNCATED_HEADER:
        return "TLV ends in the header of an entry";
    case TLV_FAULT_TRUNCATED_VALUE:
        return "length of a TLV entry reaches beyond the end";
    case TLV_FAULT_NESTING:
        return "TLV entry of a kind that cannot be here";
    case TLV_FAULT_MEMORY:
        return "out of memory";
    }
    return "?";
}

const char *tlv_kind_text(enum tlv_kind kind) {
    switch (kind) {
    case TLV_OBJECT_INSTANCE:
        return "object_instance";
    case TLV_RESOURCE_INSTANCE:
        return "resource_instance";
    case TLV_MULTIPLE_RESOURCE:
        return "multiple_resource";
    case TLV_RESOURCE:
        return "resource";
    }
    return "?";
}

bool tlv_kind_has_children(enum tlv_kind kind) {
    return kind == TLV_OBJECT_INSTANCE || kind == TLV_MULTIPLE_RESOURCE;
}

static bool fits_inside(enum tlv_kind parent, enum tlv_kind child) {
    return parent == TLV_OBJECT_INSTANCE ? child == TLV_RESOURCE || child == TLV_MULTIPLE_RESOURCE
                                         : child == TLV_RESOURCE_INSTANCE;
}

void tlv_clear(struct tlv_list *list) {
    /* Three levels at most, see fits_inside: the recursion is bounded. */
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].value);
        tlv_clear(&list->items[i].children); /* NOLINT(misc-no-recursion) */
    }
    free(list->items);
    *list = (struct tlv_list){0};
}

struct tlv_node *tlv_add(struct tlv_list *list, enum tlv_kind kind, uint16_t id) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        struct tlv_node *items = realloc(list->items, capacity * sizeof(*items));
        if (items == NULL) {
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    struct tlv_node *node = &list->items[list->count++];
    *node = (struct tlv_node){.kind = kind, .id = id};
    return node;
}

const struct tlv_node *tlv_find(const struct tlv_list *list, enum tlv_kind kind, uint16_t id) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind == kind && list->items[i].id == id) {
            return &list->items[i];
        }
    }
    return NULL;
}

struct entry {
    enum tlv_kind kind;
    uint16_t id;
    const uint8_t *value;
    size_t length;
};

/* Reads the entry at the start of bytes; *used: its size with header. */
static enum tlv_fault read_entry(struct entry *e, const uint8_t *bytes, size_t left, size_t *used) {
    size_t id_bytes = (bytes[0] & WIDE_IDENTIFIER) != 0 ? 2 : 1;
    size_t length_bytes = bytes[0] >> 3 & 3U;
    size_t header = 1 + id_bytes + length_bytes;
    if (left < header) {
        return TLV_FAULT_TRUNCATED_HEADER;
    }
    e->kind = (enum tlv_kind)(bytes[0] >> 6);
    e->id = (uint16_t)(id_bytes == 2 ? bytes[1] << 8 | bytes[2] : bytes[1]);
    e->length = length_bytes == 0 ? bytes[0] & 7U : 0;
    for (size_t i = 0; i < length_bytes; i++) {
        e->length = e->length << 8 | bytes[1 + id_bytes + i];
    }
    if (e->length > left - header) {
        return TLV_FAULT_TRUNCATED_VALUE;
    }
    e->value = bytes + header;
    *used = header + e->length;
    return TLV_OK;
}

/* `parent`: NULL at the top, where every kind may be. `base`: offset of bytes in the whole. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static enum tlv_fault read_list(struct tlv_list *list, const struct entry *parent,
                                const uint8_t *bytes, size_t length, size_t base, size_t *offset) {
    size_t at = 0;
    while (at < length) {
        struct entry e = {0};
        size_t used = 0;
        *offset = base + at;
        enum tlv_fault fault = read_entry(&e, bytes + at, length - at, &used);
        if (fault != TLV_OK) {
            return fault;
        }
        if (parent != NULL && !fits_inside(parent->kind, e.kind)) {
            return TLV_FAULT_NESTING;
        }
        struct tlv_node *node = tlv_add(list, e.kind, e.id);
        if (node == NULL) {
            return TLV_FAULT_MEMORY;
        }
        if (!tlv_kind_has_children(e.kind)) {
            fault = tlv_set_bytes(node, e.value, e.length) == 0 ? TLV_OK : TLV_FAULT_MEMORY;
        } else if (e.length > 0) {
            fault = read_list(&node->children, &e, e.value, e.length, base + at + (used - e.length),
                              offset);
        }
        if (fault != TLV_OK) {
            return fault;
        }
        at += used;
    }
    return TLV_OK;
}

enum tlv_fault tlv_decode(struct tlv_list *list, const uint8_t *bytes, size_t length,
                          size_t *offset) {
    size_t place = 0;
    *list = (struct tlv_list){0};
    enum tlv_fault fault = read_list(list, NULL, bytes, length, 0, &place);
    if (fault != TLV_OK) {
        tlv_clear(list);
        if (offset != NULL) {
            *offset = place;
        }
    }
    return fault;
}

static size_t header_size(uint16_t id, size_t length) {
    size_t length_bytes = length < 8 ? 0 : length <= 0xff ? 1 : length <= 0xffff ? 2 : 3;
    return 1U + (id > 0xff ? 2U : 1U) + length_bytes;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t list_size(const struct tlv_list *list);

/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t content_size(const struct tlv_node *node) {
    return tlv_kind_has_children(node->kind) ? list_size(&node->children) : node->length;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t list_size(const struct tlv_list *list) {
    size_t size = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t content = content_size(&list->items[i]);
        size += header_size(list->items[i].id, content) + content;
    }
    return size;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool nests(const struct tlv_list *list, const struct tlv_node *parent) {
    for (size_t i = 0; i < list->count; i++) {
        const struct tlv_node *node = &list->items[i];
        if ((parent != NULL && !fits_inside(parent->kind, node->kind)) ||
            (tlv_kind_has_children(node->kind) ? node->length > 0 || !nests(&node->children, node)
                                               : node->children.count > 0)) {
            return false;
        }
    }
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static uint8_t *write_list(const struct tlv_list *list, uint8_t *out) {
    for (size_t i = 0; i < list->count; i++) {
        const struct tlv_node *node = &list->items[i];
        size_t content = content_size(node);
        size_t header = header_size(node->id, content);
        size_t id_bytes = node->id > 0xff ? 2 : 1;
        size_t length_bytes = header - 1 - id_bytes;
        *out++ = (uint8_t)((unsigned)node->kind << 6 | (id_bytes == 2 ? WIDE_IDENTIFIER : 0U) |
                           length_bytes << 3 | (length_bytes == 0 ? content : 0));
        if (id_bytes == 2) {
            *out++ = (uint8_t)(node->id >> 8);
        }
        *out++ = (uint8_t)node->id;
        for (size_t byte = length_bytes; byte > 0; byte--) {
            *out++ = (uint8_t)(content >> (8 * (byte - 1)));
        }
        if (tlv_kind_has_children(node->kind)) {
            out = write_list(&node->children, out);
        } else if (content > 0) {
            memcpy(out, node->value, content);
            out += content;
        }
    }
    return out;
}

int tlv_encode(const struct tlv_list *list, uint8_t **out, size_t *length) {
    *out = NULL;
    if (!nests(list, NULL)) {
        return -EINVAL;
    }
    size_t size = list_size(list);
    if (size > LENGTH_MAX) { /* so no length field overflows either */
        return -EMSGSIZE;
    }
    *out = malloc(size == 0 ? 1 : size);
    if (*out == NULL) {
        return -ENOMEM;
    }
    (void)write_list(list, *out);
    *length = size;
    return 0;
}
