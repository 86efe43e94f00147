/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/link.h"

#include <stdlib.h>
#include <string.h>

#include "lwm2m/utf8.h"

struct reader {
    const char *start;
    const char *at;
    const char *end;
};

const char *link_fault_text(enum link_fault fault) {
    switch (fault) {
    case LINK_OK:
        return "";
    case LINK_FAULT_TARGET:
        return "link begins neither with < nor with an attribute";
    case LINK_FAULT_TARGET_END:
        return "link target without >";
    case LINK_FAULT_SEPARATOR:
        return "neither ; nor , after a link target or attribute";
    case LINK_FAULT_NAME:
        return "link attribute without a name";
    case LINK_FAULT_VALUE:
        return "link attribute without a lawful value after =";
    case LINK_FAULT_QUOTE:
        return "quoted value without end";
    case LINK_FAULT_EMPTY:
        return "empty link";
    case LINK_FAULT_CHARACTER:
        return "control character or not UTF-8";
    case LINK_FAULT_MEMORY:
        return "out of memory";
    }
    return "?";
}

static void clear_entry(struct link_entry *entry) {
    for (size_t i = 0; i < entry->attribute_count; i++) {
        free(entry->attributes[i].name);
        free(entry->attributes[i].value);
    }
    free(entry->attributes);
    free(entry->target);
}

void link_clear(struct link_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        clear_entry(&list->items[i]);
    }
    free(list->items);
    *list = (struct link_list){0};
}

/* RFC 6690 section 2, ptokenchar: what may be in a value without quotes. */
static bool is_value_character(char c) {
    return c > ' ' && c < 0x7f && strchr("\",;\\", c) == NULL;
}

/* RFC 5987 parmname, and the * at the end of title*. */
static bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$&+-.^_`|~*", c) != NULL);
}

static char peek(const struct reader *r) {
    if (r->at < r->end) {
        return *r->at;
    }
    return '\0'; /* a NUL in the input was refused before */
}

/* White space around separators is not in the RFC's grammar for CoAP, but harmless and seen. */
static void skip_space(struct reader *r) {
    while (peek(r) == ' ') {
        r->at++;
    }
}

static enum link_fault read_quoted(struct reader *r, char **value) {
    const char *open = r->at++;
    char *text = malloc((size_t)(r->end - open) + 1);
    size_t length = 0;
    if (text == NULL) {
        return LINK_FAULT_MEMORY;
    }
    while (peek(r) != '"') {
        if (peek(r) == '\\') {
            r->at++;
        }
        if (r->at >= r->end) {
            free(text);
            r->at = open;
            return LINK_FAULT_QUOTE;
        }
        text[length++] = *r->at++;
    }
    r->at++;
    text[length] = '\0';
    *value = text;
    return LINK_OK;
}

static enum link_fault read_value(struct reader *r, struct link_attribute *attribute) {
    if (peek(r) == '"') {
        attribute->quoted = true;
        return read_quoted(r, &attribute->value);
    }
    const char *start = r->at;
    while (is_value_character(peek(r))) {
        r->at++;
    }
    if (r->at == start) {
        return LINK_FAULT_VALUE;
    }
    attribute->value = strndup(start, (size_t)(r->at - start));
    return attribute->value == NULL ? LINK_FAULT_MEMORY : LINK_OK;
}

static enum link_fault read_attribute(struct reader *r, struct link_entry *entry) {
    const char *start = r->at;
    while (is_name_character(peek(r))) {
        r->at++;
    }
    if (r->at == start) {
        return LINK_FAULT_NAME;
    }
    struct link_attribute *grown =
        realloc(entry->attributes, (entry->attribute_count + 1) * sizeof(*entry->attributes));
    if (grown == NULL) {
        return LINK_FAULT_MEMORY;
    }
    entry->attributes = grown;
    struct link_attribute *attribute = &grown[entry->attribute_count];
    *attribute = (struct link_attribute){.name = strndup(start, (size_t)(r->at - start))};
    if (attribute->name == NULL) {
        return LINK_FAULT_MEMORY;
    }
    entry->attribute_count++;
    if (peek(r) != '=') {
        return LINK_OK;
    }
    r->at++;
    return read_value(r, attribute);
}

static enum link_fault read_target(struct reader *r, struct link_entry *entry) {
    const char *start = r->at + 1;
    const char *close = memchr(start, '>', (size_t)(r->end - start));
    if (close == NULL) {
        return LINK_FAULT_TARGET_END;
    }
    entry->target = strndup(start, (size_t)(close - start));
    r->at = close + 1;
    return entry->target == NULL ? LINK_FAULT_MEMORY : LINK_OK;
}

/* Reads one element, up to a comma or the end. */
static enum link_fault read_entry(struct reader *r, struct link_entry *entry) {
    enum link_fault fault = LINK_OK;
    skip_space(r);
    if (r->at >= r->end || peek(r) == ',') {
        return LINK_FAULT_EMPTY;
    }
    if (peek(r) == '<') {
        fault = read_target(r, entry);
    } else if (is_name_character(peek(r))) {
        fault = read_attribute(r, entry); /* the old form, without URI reference */
    } else {
        return LINK_FAULT_TARGET;
    }
    while (fault == LINK_OK) {
        skip_space(r);
        if (r->at >= r->end || peek(r) == ',') {
            return LINK_OK;
        }
        if (peek(r) != ';') {
            return LINK_FAULT_SEPARATOR;
        }
        r->at++;
        skip_space(r);
        fault = read_attribute(r, entry);
    }
    return fault;
}

static enum link_fault read_all(struct reader *r, struct link_list *list) {
    size_t capacity = 0;
    while (true) {
        if (list->count == capacity) {
            capacity = capacity == 0 ? 16 : 2 * capacity;
            struct link_entry *grown = realloc(list->items, capacity * sizeof(*grown));
            if (grown == NULL) {
                return LINK_FAULT_MEMORY;
            }
            list->items = grown;
        }
        struct link_entry *entry = &list->items[list->count++];
        *entry = (struct link_entry){0};
        enum link_fault fault = read_entry(r, entry);
        if (fault != LINK_OK || r->at >= r->end) {
            return fault;
        }
        r->at++; /* the comma */
    }
}

enum link_fault link_parse(struct link_list *list, const uint8_t *bytes, size_t length,
                           size_t *offset) {
    *list = (struct link_list){0};
    size_t place = 0;
    enum link_fault fault = LINK_OK;
    if (length == 0) {
        return LINK_OK;
    }
    if (!utf8_is_text(bytes, length, &place)) {
        fault = LINK_FAULT_CHARACTER;
    } else {
        struct reader r = {(const char *)bytes, (const char *)bytes, (const char *)bytes + length};
        fault = read_all(&r, list);
        place = (size_t)(r.at - r.start);
    }
    if (fault != LINK_OK) {
        link_clear(list);
        if (offset != NULL) {
            *offset = place;
        }
    }
    return fault;
}

const struct link_attribute *link_find(const struct link_entry *entry, const char *name) {
    for (size_t i = 0; i < entry->attribute_count; i++) {
        if (strcmp(entry->attributes[i].name, name) == 0) {
            return &entry->attributes[i];
        }
    }
    return NULL;
}

/* A decimal id of at most 65535 at text, without leading zeros; NULL if there is none, else its
 * end. */
static const char *read_id(const char *text, uint16_t *id) {
    uint32_t value = 0;
    const char *at = text;
    while (*at >= '0' && *at <= '9' && value <= UINT16_MAX) {
        value = 10 * value + (uint32_t)(*at++ - '0');
    }
    if (at == text || value > UINT16_MAX || (*text == '0' && at > text + 1)) {
        return NULL;
    }
    *id = (uint16_t)value;
    return at;
}

bool link_path(const char *target, const char *root, uint16_t ids[4], size_t *count) {
    size_t root_length = root == NULL ? 0 : strlen(root);
    while (root_length > 0 && root[root_length - 1] == '/') {
        root_length--;
    }
    if (strncmp(target, root == NULL ? "" : root, root_length) != 0) {
        return false;
    }
    const char *at = target + root_length;
    *count = 0;
    if (*at == '\0' || strcmp(at, "/") == 0) {
        return root_length > 0 || *at == '/';
    }
    while (*at == '/' && *count < 4) {
        at = read_id(at + 1, &ids[*count]);
        if (at == NULL) {
            return false;
        }
        (*count)++;
    }
    return *at == '\0';
}
