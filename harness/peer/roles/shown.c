// SPDX-License-Identifier: Apache-2.0
#include "roles/shown.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lwm2m/link.h"
#include "lwm2m/objects.h"
#include "lwm2m/tlv.h"
#include "lwm2m/utf8.h"

enum { FORMAT_TEXT = 0, FORMAT_LINKS = 40, FORMAT_TLV = 11542, HEAD_BYTES = 64 };

void shown_head(struct members *members, const char *name, const uint8_t *bytes, size_t length) {
    members_bytes(members, name, bytes, length < HEAD_BYTES ? length : HEAD_BYTES);
}

void shown_options(struct members *members, const char *name, const struct message_options *options,
                   uint16_t number) {
    members_open_list(members, name);
    for (size_t i = 0; i < options->count; i++) {
        if (options->items[i].number == number) {
            members_text(members, NULL, options->items[i].value, options->items[i].length);
        }
    }
    members_close_list(members);
}

/* The value by the type of the resource; false if it does not fit, or there is no type. */
static bool add_typed(struct members *members, const struct tlv_node *node,
                      enum objects_type type) {
    int64_t number;
    uint64_t natural;
    uint16_t object, instance;
    bool truth;
    char link[16];
    switch (type) {
    case OBJECTS_STRING:
        members_text(members, "value", node->value, node->length);
        return true;
    case OBJECTS_INTEGER:
    case OBJECTS_TIME:
        if (tlv_get_integer(node, &number)) {
            members_number(members, "value", number);
            return true;
        }
        return false;
    case OBJECTS_UNSIGNED:
        if (tlv_get_unsigned(node, &natural) && natural <= INT64_MAX) {
            members_number(members, "value", (int64_t)natural);
            return true;
        }
        return false;
    case OBJECTS_BOOLEAN:
        if (tlv_get_boolean(node, &truth)) {
            members_boolean(members, "value", truth);
            return true;
        }
        return false;
    case OBJECTS_OBJECT_LINK:
        if (tlv_get_object_link(node, &object, &instance)) {
            snprintf(link, sizeof link, "%" PRIu16 ":%" PRIu16, object, instance);
            members_word(members, "value", link);
            return true;
        }
        return false;
    case OBJECTS_NONE:
    case OBJECTS_OPAQUE:
        break;
    }
    return false;
}

/* `type` is that of the enclosing multiple resource, if any. TLV nests three deep at most.
 * NOLINTNEXTLINE(misc-no-recursion) */
static void add_tlv(struct members *members, const char *name, const struct tlv_list *list,
                    const struct place *place, enum objects_type type) {
    members_open_list(members, name);
    for (size_t i = 0; i < list->count; i++) {
        const struct tlv_node *node = &list->items[i];
        if (node->kind == TLV_RESOURCE || node->kind == TLV_MULTIPLE_RESOURCE) {
            const struct objects_resource *resource =
                place->count > 0 ? objects_find(place->ids[0], node->id) : NULL;
            type = resource ? resource->type : OBJECTS_NONE;
        }
        members_open_object(members, NULL);
        members_word(members, "kind", tlv_kind_text(node->kind));
        members_number(members, "id", node->id);
        if (tlv_kind_has_children(node->kind)) {
            add_tlv(members, "children", &node->children, place, type);
        } else if (!add_typed(members, node, type)) {
            members_opaque(members, "value", node->value, node->length);
        }
        members_close_object(members);
    }
    members_close_list(members);
}

static void add_string(struct members *members, const char *name, const char *text) {
    members_text(members, name, (const uint8_t *)text, strlen(text));
}

static void add_link(struct members *members, const struct link_entry *link) {
    members_open_object(members, NULL);
    add_string(members, "target", link->target ? link->target : "");
    members_open_object(members, "attributes");
    for (size_t i = 0; i < link->attribute_count; i++) {
        const struct link_attribute *attribute = &link->attributes[i];
        if (link_find(link, attribute->name) != attribute) {
            continue; // of a repeated one the first counts
        }
        if (attribute->value) {
            add_string(members, attribute->name, attribute->value);
        } else {
            members_null(members, attribute->name);
        }
    }
    members_close_object(members);
    members_close_object(members);
}

static void add_decode_error(struct members *members, const char *why, size_t offset) {
    char text[120];
    snprintf(text, sizeof text, "%s at byte %zu", why, offset);
    members_word(members, "decode_error", text);
}

static void decode_links(struct members *members, const struct message *message) {
    struct link_list list;
    size_t offset = 0;
    enum link_fault fault = link_parse(&list, message->payload, message->payload_length, &offset);
    if (fault != LINK_OK) {
        add_decode_error(members, link_fault_text(fault), offset);
        return;
    }
    members_open_object(members, "decoded");
    members_open_list(members, "links");
    for (size_t i = 0; i < list.count; i++) {
        add_link(members, &list.items[i]);
    }
    members_close_list(members);
    members_close_object(members);
    link_clear(&list);
}

static void decode_tlv(struct members *members, const struct message *message, struct place place) {
    struct tlv_list list;
    size_t offset = 0;
    enum tlv_fault fault = tlv_decode(&list, message->payload, message->payload_length, &offset);
    if (fault != TLV_OK) {
        add_decode_error(members, tlv_fault_text(fault), offset);
        return;
    }
    members_open_object(members, "decoded");
    add_tlv(members, "tlv", &list, &place, OBJECTS_NONE);
    members_close_object(members);
    tlv_clear(&list);
}

static void decode_text(struct members *members, const struct message *message) {
    size_t offset = 0;
    if (!utf8_is_text(message->payload, message->payload_length, &offset)) {
        add_decode_error(members, "not UTF-8, or a control character", offset);
        return;
    }
    members_open_object(members, "decoded");
    members_text(members, "text", message->payload, message->payload_length);
    members_close_object(members);
}

void shown_payload(struct members *members, const struct message *message, struct place place) {
    uint32_t format;
    bool has_format =
        message_options_get_uint(&message->options, MESSAGE_OPTION_CONTENT_FORMAT, &format);
    if (has_format) {
        members_number(members, "content_format", format);
    }
    if (message->payload_length > 0) {
        members_bytes(members, "payload", message->payload, message->payload_length);
    }
    if (has_format && format == FORMAT_LINKS) {
        decode_links(members, message);
    } else if (has_format && format == FORMAT_TLV) {
        decode_tlv(members, message, place);
    } else if (has_format && format == FORMAT_TEXT) {
        decode_text(members, message);
    }
}
