// SPDX-License-Identifier: Apache-2.0
#include "roles/shown.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "lwm2m/link.h"
#include "lwm2m/objects.h"
#include "lwm2m/tlv.h"

enum { FORMAT_TEXT = 0, FORMAT_LINKS = 40, FORMAT_TLV = 11542, HEAD_BYTES = 64 };

json_t *shown_bytes(const uint8_t *bytes, size_t length) {
    char *text = malloc(2 * length + 1);
    if (!text) {
        return NULL;
    }
    hex_encode(bytes, length, text);
    json_t *shown = json_stringn_nocheck(text, 2 * length);
    free(text);
    return shown;
}

json_t *shown_head(const uint8_t *bytes, size_t length) {
    return shown_bytes(bytes, length < HEAD_BYTES ? length : HEAD_BYTES);
}

json_t *shown_text(const uint8_t *bytes, size_t length) {
    json_t *text = json_stringn(length ? (const char *)bytes : "", length);
    return text ? text : json_pack("{s:o}", "hex", shown_bytes(bytes, length));
}

json_t *shown_options(const struct message_options *options, uint16_t number) {
    json_t *list = json_array();
    for (size_t i = 0; i < options->count; i++) {
        if (options->items[i].number == number) {
            json_array_append_new(list,
                                  shown_text(options->items[i].value, options->items[i].length));
        }
    }
    return list;
}

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

struct shown_place shown_place_of(const struct message_options *options) {
    struct shown_place place = {.count = 0};
    for (size_t i = 0; i < options->count && place.count < 3; i++) {
        if (options->items[i].number == MESSAGE_OPTION_URI_PATH) {
            if (!segment_id(&options->items[i], &place.ids[place.count])) {
                return (struct shown_place){.count = 0};
            }
            place.count++;
        }
    }
    return place;
}

static json_t *shown_value(const struct tlv_node *node, const struct objects_resource *resource) {
    int64_t number;
    uint64_t natural;
    uint16_t object, instance;
    bool truth;
    char link[16];
    switch (resource ? resource->type : OBJECTS_NONE) {
    case OBJECTS_STRING:
        return shown_text(node->value, node->length);
    case OBJECTS_INTEGER:
    case OBJECTS_TIME:
        if (tlv_get_integer(node, &number)) {
            return json_integer(number);
        }
        break;
    case OBJECTS_UNSIGNED:
        if (tlv_get_unsigned(node, &natural) && natural <= INT64_MAX) {
            return json_integer((json_int_t)natural);
        }
        break;
    case OBJECTS_BOOLEAN:
        if (tlv_get_boolean(node, &truth)) {
            return json_boolean(truth);
        }
        break;
    case OBJECTS_OBJECT_LINK:
        if (tlv_get_object_link(node, &object, &instance)) {
            snprintf(link, sizeof link, "%" PRIu16 ":%" PRIu16, object, instance);
            return json_string(link);
        }
        break;
    case OBJECTS_NONE:
    case OBJECTS_OPAQUE:
        break;
    }
    return json_pack("{s:o}", "hex", shown_bytes(node->value, node->length));
}

/* `resource` is that of the enclosing multiple resource, or NULL. TLV nests three deep at most.
 * NOLINTNEXTLINE(misc-no-recursion) */
static json_t *shown_tlv(const struct tlv_list *list, const struct shown_place *place,
                         const struct objects_resource *resource) {
    json_t *nodes = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct tlv_node *node = &list->items[i];
        const struct objects_resource *own = resource;
        if (node->kind == TLV_RESOURCE || node->kind == TLV_MULTIPLE_RESOURCE) {
            own = place->count > 0 ? objects_find(place->ids[0], node->id) : NULL;
        }
        json_t *shown =
            json_pack("{s:s, s:i}", "kind", tlv_kind_text(node->kind), "id", (int)node->id);
        if (tlv_kind_has_children(node->kind)) {
            json_object_set_new(shown, "children", shown_tlv(&node->children, place, own));
        } else {
            json_object_set_new(shown, "value", shown_value(node, own));
        }
        json_array_append_new(nodes, shown);
    }
    return nodes;
}

static json_t *shown_link(const struct link_entry *link) {
    json_t *attributes = json_object();
    for (size_t i = 0; i < link->attribute_count; i++) {
        const struct link_attribute *attribute = &link->attributes[i];
        if (!json_object_get(attributes, attribute->name)) { // the first one counts
            json_object_set_new(attributes, attribute->name,
                                attribute->value ? json_string(attribute->value) : json_null());
        }
    }
    return json_pack("{s:s, s:o}", "target", link->target ? link->target : "", "attributes",
                     attributes);
}

static void set_decode_error(json_t *event, const char *why, size_t offset) {
    json_object_set_new(event, "decode_error", json_sprintf("%s at byte %zu", why, offset));
}

static void decode_links(json_t *event, const struct message *message) {
    struct link_list list;
    size_t offset = 0;
    enum link_fault fault = link_parse(&list, message->payload, message->payload_length, &offset);
    if (fault != LINK_OK) {
        set_decode_error(event, link_fault_text(fault), offset);
        return;
    }
    json_t *links = json_array();
    for (size_t i = 0; i < list.count; i++) {
        json_array_append_new(links, shown_link(&list.items[i]));
    }
    link_clear(&list);
    json_object_set_new(event, "decoded", json_pack("{s:o}", "links", links));
}

static void decode_tlv(json_t *event, const struct message *message, struct shown_place place) {
    struct tlv_list list;
    size_t offset = 0;
    enum tlv_fault fault = tlv_decode(&list, message->payload, message->payload_length, &offset);
    if (fault != TLV_OK) {
        set_decode_error(event, tlv_fault_text(fault), offset);
        return;
    }
    json_object_set_new(event, "decoded",
                        json_pack("{s:o}", "tlv", shown_tlv(&list, &place, NULL)));
    tlv_clear(&list);
}

static void decode_text(json_t *event, const struct message *message) {
    json_t *text = json_stringn(message->payload_length ? (const char *)message->payload : "",
                                message->payload_length);
    if (text) {
        json_object_set_new(event, "decoded", json_pack("{s:o}", "text", text));
    } else {
        json_object_set_new(event, "decode_error", json_string("not UTF-8"));
    }
}

void shown_add_payload(json_t *event, const struct message *message, struct shown_place place) {
    uint32_t format;
    bool has_format =
        message_options_get_uint(&message->options, MESSAGE_OPTION_CONTENT_FORMAT, &format);
    if (has_format) {
        json_object_set_new(event, "content_format", json_integer(format));
    }
    if (message->payload_length > 0) {
        json_object_set_new(event, "payload",
                            shown_bytes(message->payload, message->payload_length));
    }
    if (has_format && format == FORMAT_LINKS) {
        decode_links(event, message);
    } else if (has_format && format == FORMAT_TLV) {
        decode_tlv(event, message, place);
    } else if (has_format && format == FORMAT_TEXT) {
        decode_text(event, message);
    }
}
