/* SPDX-License-Identifier: Apache-2.0
 *
 * CoRE link format (RFC 6690), content format 40, as LwM2M uses it: the payload of Discover and of
 * Register. Beyond the RFC, an element without `<target>` that only has attributes is read, since
 * LwM2M 1.0 clients begin a Bootstrap-Discover payload by `lwm2m="1.0"` (ETS 1.0 and TS 1.0
 * examples).
 *
 * A list owns everything in it. Texts are UTF-8 without control characters and NUL-terminated:
 * input with anything else is a fault.
 */
#ifndef BOOTCHECK_LWM2M_LINK_H
#define BOOTCHECK_LWM2M_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_attribute {
    char *name;
    char *value; /* NULL if the attribute has none; without quotes and escapes */
    bool quoted;
};

struct link_entry {
    char *target; /* what is between < and >; NULL in the old form without URI reference */
    struct link_attribute *attributes;
    size_t attribute_count;
};

struct link_list {
    struct link_entry *items;
    size_t count;
};

enum link_fault {
    LINK_OK = 0,
    LINK_FAULT_TARGET,     /* an element begins neither with < nor with an attribute's name */
    LINK_FAULT_TARGET_END, /* no > */
    LINK_FAULT_SEPARATOR,  /* something else than ; or , after a target or attribute */
    LINK_FAULT_NAME,       /* an attribute without a name */
    LINK_FAULT_VALUE,      /* nothing, or a character that is not allowed, after = */
    LINK_FAULT_QUOTE,      /* a quoted value without end */
    LINK_FAULT_EMPTY,      /* an empty element: ,, or a comma at the start or end */
    LINK_FAULT_CHARACTER,  /* a control character, or not UTF-8 */
    LINK_FAULT_MEMORY,
};
const char *link_fault_text(enum link_fault fault);

/* Reads all bytes into *list, which needs no initialisation. With a fault the list is empty and
 * *offset (may be NULL) is the place. No bytes at all are a valid empty list. */
enum link_fault link_parse(struct link_list *list, const uint8_t *bytes, size_t length,
                           size_t *offset);
void link_clear(struct link_list *list);

/* The first attribute of this name (case counts), or NULL. */
const struct link_attribute *link_find(const struct link_entry *entry, const char *name);

/* Ids of a target like /1/0/3 below the alternate path `root` ("" or NULL: none; "/lwm2m"): writes
 * up to 4 ids and their count (0 for the root itself). False if the target is not such a path: not
 * below the root, not decimal, above 65535, with leading zeros, more than 4 ids. */
bool link_path(const char *target, const char *root, uint16_t ids[4], size_t *count);

#endif
