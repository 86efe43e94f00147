/* SPDX-License-Identifier: Apache-2.0
 *
 * The TLV format of LwM2M, content format 11542 (TS 1.0.2 section 6.4.3, TS 1.1.1 Core 7.4.3, with
 * its examples), between bytes and a tree. A list owns its nodes, a node its value and children.
 *
 * Reading: a length is taken in any width, and what does not nest is a fault. Writing: the shortest
 * form.
 */
#ifndef BOOTCHECK_LWM2M_TLV_H
#define BOOTCHECK_LWM2M_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of bits 7-6 of the type byte. */
enum tlv_kind {
    TLV_OBJECT_INSTANCE = 0,   /* children: resources, multiple resources */
    TLV_RESOURCE_INSTANCE = 1, /* value */
    TLV_MULTIPLE_RESOURCE = 2, /* children: resource instances */
    TLV_RESOURCE = 3,          /* value */
};

struct tlv_node;

/* A zeroed list is a valid empty one. */
struct tlv_list {
    struct tlv_node *items;
    size_t count;
    size_t capacity;
};

struct tlv_node {
    enum tlv_kind kind;
    uint16_t id;
    uint8_t *value; /* of the two kinds with a value; NULL if length is 0 */
    size_t length;
    struct tlv_list children; /* of the two kinds with children */
};

enum tlv_fault {
    TLV_OK = 0,
    TLV_FAULT_TRUNCATED_HEADER, /* the bytes end in a type, identifier or length */
    TLV_FAULT_TRUNCATED_VALUE,  /* a length reaches beyond the end (of the enclosing value) */
    TLV_FAULT_NESTING,          /* a kind that cannot be inside the enclosing one */
    TLV_FAULT_MEMORY,
};
const char *tlv_fault_text(enum tlv_fault fault);
/* "object_instance", "resource_instance", "multiple_resource", "resource". */
const char *tlv_kind_text(enum tlv_kind kind);
bool tlv_kind_has_children(enum tlv_kind kind);

/* Reads all bytes into *list, which needs no initialisation. With a fault the list is empty and
 * *offset (may be NULL) is the place of the entry in question. No bytes at all are a valid empty
 * list. */
enum tlv_fault tlv_decode(struct tlv_list *list, const uint8_t *bytes, size_t length,
                          size_t *offset);

/* *out is malloc'ed and becomes the caller's (never NULL on success). 0, -EINVAL (a child of a
 * wrong kind), -EMSGSIZE (longer than 2^24 - 1 bytes), -ENOMEM. */
int tlv_encode(const struct tlv_list *list, uint8_t **out, size_t *length);

void tlv_clear(struct tlv_list *list);

/* Appends a node without value and children. NULL without memory. The pointer is valid until the
 * next tlv_add to the same list. */
struct tlv_node *tlv_add(struct tlv_list *list, enum tlv_kind kind, uint16_t id);

/* The first node of this kind and id, or NULL. */
const struct tlv_node *tlv_find(const struct tlv_list *list, enum tlv_kind kind, uint16_t id);

/* Values by data type (TS Core appendix C). Each replaces the value. 0 or -ENOMEM. */
int tlv_set_bytes(struct tlv_node *node, const void *bytes, size_t length); /* string, opaque */
int tlv_set_integer(struct tlv_node *node, int64_t value);   /* also time: 1, 2, 4 or 8 bytes */
int tlv_set_unsigned(struct tlv_node *node, uint64_t value); /* 1, 2, 4 or 8 bytes */
int tlv_set_boolean(struct tlv_node *node, bool value);      /* 1 byte */
int tlv_set_float(struct tlv_node *node, double value);      /* 4 bytes if that is exact, else 8 */
int tlv_set_object_link(struct tlv_node *node, uint16_t object, uint16_t instance);

/* The way back; false if the value has no length that the type allows. */
bool tlv_get_integer(const struct tlv_node *node, int64_t *value);
bool tlv_get_unsigned(const struct tlv_node *node, uint64_t *value);
bool tlv_get_boolean(const struct tlv_node *node, bool *value);
bool tlv_get_float(const struct tlv_node *node, double *value);
bool tlv_get_object_link(const struct tlv_node *node, uint16_t *object, uint16_t *instance);

#endif
