/* SPDX-License-Identifier: Apache-2.0
 *
 * The resources of the objects that a bootstrap configures: 0 Security, 1 Server, 2 Access Control,
 * 3 Device, in the union of their versions up to LwM2M 1.2 (OMA registry 0.xml .. 3.xml and its
 * version_history). Constant data; nothing here is owned by the caller.
 */
#ifndef BOOTCHECK_LWM2M_OBJECTS_H
#define BOOTCHECK_LWM2M_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum objects_type {
    OBJECTS_NONE, /* executable: no value */
    OBJECTS_STRING,
    OBJECTS_INTEGER,
    OBJECTS_UNSIGNED,
    OBJECTS_BOOLEAN,
    OBJECTS_OPAQUE,
    OBJECTS_TIME,
    OBJECTS_OBJECT_LINK,
};
/* "none", "string", "integer", "unsigned", "boolean", "opaque", "time", "object_link". */
const char *objects_type_text(enum objects_type type);

struct objects_resource {
    const char *name;  /* of the registry */
    const char *since; /* "1.0", "1.1" or "1.2": the first version of the enabler that has it */
    enum objects_type type;
    uint16_t id;
    bool multiple;
    bool mandatory;
};

/* "LwM2M Security" .., or NULL for an object not in the table. */
const char *objects_name(uint16_t object);
/* The resources of an object in ascending order; NULL and 0 if it is not in the table. */
const struct objects_resource *objects_resources(uint16_t object, size_t *count);
/* NULL if unknown. */
const struct objects_resource *objects_find(uint16_t object, uint16_t resource);

#endif
