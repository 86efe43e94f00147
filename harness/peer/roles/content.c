// SPDX-License-Identifier: Apache-2.0
#include "roles/content.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "lwm2m/objects.h"
#include "lwm2m/tlv.h"

enum { FORMAT_TLV = 11542, OBJECT_SECURITY = 0, RESOURCE_SECRET_KEY = 5 };

__attribute__((format(printf, 2, 3))) static int refuse(char why[CONTENT_WHY_SIZE],
                                                        const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, CONTENT_WHY_SIZE, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* A resource or resource instance id that is a member's name. */
static bool parse_id(const char *text, uint16_t *id) {
    char *end;
    size_t length = strlen(text);
    if (length == 0 || length > 5 || strspn(text, "0123456789") != length ||
        (length > 1 && text[0] == '0')) {
        return false;
    }
    unsigned long value = strtoul(text, &end, 10);
    *id = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* Exactly the members that are named. */
static bool has_only(json_t *object, const char *a, const char *b, const char *c) {
    size_t expected = (a != NULL) + (size_t)(b != NULL) + (size_t)(c != NULL);
    return json_object_size(object) == expected && (!a || json_object_get(object, a)) &&
           (!b || json_object_get(object, b)) && (!c || json_object_get(object, c));
}

static int set_opaque(struct tlv_node *node, json_t *value) {
    const char *text = json_string_value(json_object_get(value, "hex"));
    if (!text || !has_only(value, "hex", NULL, NULL)) {
        return -EINVAL;
    }
    size_t digits = strlen(text);
    uint8_t *bytes = malloc(digits / 2 + 1);
    if (!bytes) {
        return -ENOMEM;
    }
    int result = hex_decode(text, digits, bytes);
    result = result < 0 ? result : tlv_set_bytes(node, bytes, digits / 2);
    free(bytes);
    return result;
}

static int set_link(struct tlv_node *node, json_t *value) {
    const char *text = json_string_value(value);
    const char *colon = text ? strchr(text, ':') : NULL;
    uint16_t object, instance;
    char first[6] = "";
    if (!colon || colon - text >= (ptrdiff_t)sizeof first) {
        return -EINVAL;
    }
    memcpy(first, text, (size_t)(colon - text));
    if (!parse_id(first, &object) || !parse_id(colon + 1, &instance)) {
        return -EINVAL;
    }
    return tlv_set_object_link(node, object, instance);
}

static int set_value(struct tlv_node *node, enum objects_type type, json_t *value) {
    switch (type) {
    case OBJECTS_STRING:
        return json_is_string(value)
                   ? tlv_set_bytes(node, json_string_value(value), json_string_length(value))
                   : -EINVAL;
    case OBJECTS_INTEGER:
    case OBJECTS_TIME:
        return json_is_integer(value) ? tlv_set_integer(node, json_integer_value(value)) : -EINVAL;
    case OBJECTS_UNSIGNED:
        return json_is_integer(value) && json_integer_value(value) >= 0
                   ? tlv_set_unsigned(node, (uint64_t)json_integer_value(value))
                   : -EINVAL;
    case OBJECTS_BOOLEAN:
        return json_is_boolean(value) ? tlv_set_boolean(node, json_is_true(value)) : -EINVAL;
    case OBJECTS_OPAQUE:
        return set_opaque(node, value);
    case OBJECTS_OBJECT_LINK:
        return set_link(node, value);
    case OBJECTS_NONE:
        break;
    }
    return -EINVAL;
}

static int add_multiple(struct tlv_list *list, const struct objects_resource *resource,
                        json_t *instances) {
    const char *name;
    json_t *value;
    struct tlv_node *multiple = tlv_add(list, TLV_MULTIPLE_RESOURCE, resource->id);
    if (!multiple) {
        return -ENOMEM;
    }
    json_object_foreach(instances, name, value) {
        uint16_t id;
        if (!parse_id(name, &id)) {
            return -EINVAL;
        }
        struct tlv_node *node = tlv_add(&multiple->children, TLV_RESOURCE_INSTANCE, id);
        int result = node ? set_value(node, resource->type, value) : -ENOMEM;
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

/* A resource that no version of the object has: its bytes are given. */
static int add_unknown(struct tlv_list *list, uint16_t id, json_t *value,
                       char why[CONTENT_WHY_SIZE]) {
    struct tlv_node *node = tlv_add(list, TLV_RESOURCE, id);
    int result = node ? set_opaque(node, value) : -ENOMEM;
    if (result == -EINVAL) {
        return refuse(why, "resource %u is not known of this object: give {hex: its bytes}", id);
    }
    return result;
}

static int add_resource(struct tlv_list *list, uint16_t object, const char *name, json_t *value,
                        char why[CONTENT_WHY_SIZE]) {
    uint16_t id;
    if (!parse_id(name, &id)) {
        return refuse(why, "%.8s is no number of a resource", name);
    }
    const struct objects_resource *resource = objects_find(object, id);
    if (!resource) {
        return add_unknown(list, id, value, why);
    }
    json_t *instances = json_object_get(value, "instances");
    if (resource->multiple !=
        (json_is_object(instances) && has_only(value, "instances", NULL, NULL))) {
        return refuse(why, "resource %u of object %u is%s multiple", id, object,
                      resource->multiple ? "" : " not");
    }
    struct tlv_node *node = NULL;
    int result = resource->multiple ? add_multiple(list, resource, instances)
                 : (node = tlv_add(list, TLV_RESOURCE, id)) != NULL
                     ? set_value(node, resource->type, value)
                     : -ENOMEM;
    if (result == -EINVAL) {
        return refuse(why, "resource %u of object %u: not a value of type %s", id, object,
                      objects_type_text(resource->type));
    }
    return result;
}

/* The resources of one instance: into its own node at the level of the object, else into `list`. */
static int add_instance(struct tlv_list *list, uint16_t object, bool own_node, json_t *instance,
                        char why[CONTENT_WHY_SIZE]) {
    const char *name;
    json_t *value;
    json_t *id = json_object_get(instance, "id");
    json_t *resources = json_object_get(instance, "resources");
    if (!has_only(instance, "id", "resources", NULL) || !json_is_integer(id) ||
        json_integer_value(id) < 0 || json_integer_value(id) > UINT16_MAX ||
        !json_is_object(resources)) {
        return refuse(why, "an instance is {id: 0 to 65535, resources: {…}}");
    }
    if (own_node) {
        struct tlv_node *node =
            tlv_add(list, TLV_OBJECT_INSTANCE, (uint16_t)json_integer_value(id));
        if (!node) {
            return -ENOMEM;
        }
        list = &node->children;
    }
    json_object_foreach(resources, name, value) {
        int result = add_resource(list, object, name, value, why);
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

static int build(struct tlv_list *list, json_t *tlv, char why[CONTENT_WHY_SIZE]) {
    json_t *object = json_object_get(tlv, "object");
    const char *level = json_string_value(json_object_get(tlv, "level"));
    json_t *instances = json_object_get(tlv, "instances");
    size_t count = json_array_size(instances);
    json_int_t number = json_integer_value(object);
    if (!has_only(tlv, "object", "level", "instances") || !level || !json_is_array(instances)) {
        return refuse(why, "tlv has object, level and instances");
    }
    if (!json_is_integer(object) || number < 0 || number > UINT16_MAX ||
        !objects_name((uint16_t)number)) {
        return refuse(why, "object: one of 0, 1, 2, 3");
    }
    bool of_object = strcmp(level, "object") == 0, of_resource = strcmp(level, "resource") == 0;
    if (!of_object && !of_resource && strcmp(level, "instance") != 0) {
        return refuse(why, "level: one of object, instance, resource");
    }
    if (!of_object && count != 1) {
        return refuse(why, "exactly one instance at level %s", level);
    }
    if (of_resource &&
        json_object_size(json_object_get(json_array_get(instances, 0), "resources")) != 1) {
        return refuse(why, "exactly one resource at level resource");
    }
    for (size_t i = 0; i < count; i++) {
        int result =
            add_instance(list, (uint16_t)number, of_object, json_array_get(instances, i), why);
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

int content_encode_tlv(struct content *content, json_t *tlv, char why[CONTENT_WHY_SIZE]) {
    struct tlv_list list = {0};
    *content = (struct content){.present = true, .format = FORMAT_TLV};
    snprintf(why, CONTENT_WHY_SIZE, "no memory");
    int result = build(&list, tlv, why);
    if (result == 0) {
        result = tlv_encode(&list, &content->payload, &content->length);
        if (result == -EMSGSIZE) {
            result = refuse(why, "longer than TLV allows");
        }
    }
    tlv_clear(&list);
    return result;
}

void content_clear(struct content *content) {
    free(content->payload);
    *content = (struct content){0};
}

/* Object instances nest once. NOLINTNEXTLINE(misc-no-recursion) */
static void tlv_secrets(const struct tlv_list *list,
                        void (*secret)(void *context, const uint8_t *key, size_t length),
                        void *context) {
    for (size_t i = 0; i < list->count; i++) {
        const struct tlv_node *node = &list->items[i];
        if (node->kind == TLV_OBJECT_INSTANCE) {
            tlv_secrets(&node->children, secret, context);
        } else if (node->kind == TLV_RESOURCE && node->id == RESOURCE_SECRET_KEY &&
                   node->length > 0) {
            secret(context, node->value, node->length);
        }
    }
}

void content_secrets(const struct content *content, struct place place,
                     void (*secret)(void *context, const uint8_t *key, size_t length),
                     void *context) {
    struct tlv_list list;
    if (!content->present || place.count == 0 || place.ids[0] != OBJECT_SECURITY) {
        return;
    }
    if (content->format != FORMAT_TLV) {
        if (place.count == 3 && place.ids[2] == RESOURCE_SECRET_KEY && content->length > 0) {
            secret(context, content->payload, content->length);
        }
    } else if (tlv_decode(&list, content->payload, content->length, NULL) == TLV_OK) {
        tlv_secrets(&list, secret, context);
        tlv_clear(&list);
    }
}
