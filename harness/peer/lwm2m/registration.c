/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/registration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwm2m/utf8.h"

enum { FORMAT_LINK = 40 };

/* True if the option is `name` or begins with `name=`; *value: what follows, NULL without =. */
static bool is_parameter(const struct message_option *option, const char *name, const char **value,
                         size_t *value_length) {
    size_t length = strlen(name);
    if (option->length < length || memcmp(option->value, name, length) != 0) {
        return false;
    }
    if (option->length == length) {
        *value = NULL;
        *value_length = 0;
        return true;
    }
    *value = (const char *)option->value + length + 1;
    *value_length = option->length - length - 1;
    return option->value[length] == '=';
}

static unsigned take_text(char **text, const char *value, size_t length) {
    if (*text != NULL) {
        return REGISTRATION_QUERY_REPEATED;
    }
    if (value == NULL || length == 0 || !utf8_is_text((const uint8_t *)value, length, NULL)) {
        return REGISTRATION_QUERY_MALFORMED;
    }
    *text = strndup(value, length);
    return *text == NULL ? REGISTRATION_MEMORY : 0;
}

static unsigned take_lifetime(struct registration *r, const char *value, size_t length) {
    uint64_t seconds = 0;
    if (r->has_lifetime) {
        return REGISTRATION_QUERY_REPEATED;
    }
    if (value == NULL || length == 0) {
        return REGISTRATION_QUERY_MALFORMED;
    }
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9' || seconds > UINT32_MAX) {
            return REGISTRATION_QUERY_MALFORMED;
        }
        seconds = 10 * seconds + (uint64_t)(value[i] - '0');
    }
    if (seconds > UINT32_MAX) {
        return REGISTRATION_QUERY_MALFORMED;
    }
    r->has_lifetime = true;
    r->lifetime_s = (uint32_t)seconds;
    return 0;
}

static unsigned take_parameter(struct registration *r, const struct message_option *option) {
    const char *value = NULL;
    size_t length = 0;
    const struct {
        const char *name;
        char **text;
    } texts[] = {
        {"ep", &r->endpoint}, {"lwm2m", &r->version}, {"b", &r->binding}, {"sms", &r->sms}};
    if (option->length == 0) {
        return REGISTRATION_QUERY_MALFORMED;
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (is_parameter(option, texts[i].name, &value, &length)) {
            return take_text(texts[i].text, value, length);
        }
    }
    if (is_parameter(option, "lt", &value, &length)) {
        return take_lifetime(r, value, length);
    }
    if (is_parameter(option, "Q", &value, &length)) {
        unsigned repeated = r->queue_mode ? REGISTRATION_QUERY_REPEATED : 0;
        r->queue_mode = true;
        return repeated | (value == NULL ? 0U : (unsigned)REGISTRATION_QUERY_MALFORMED);
    }
    return REGISTRATION_QUERY_UNKNOWN;
}

/* Whether the attribute is a space-separated list with this word (rt is such a list, RFC 6690 3.1).
 */
static bool has_word(const struct link_attribute *attribute, const char *word) {
    if (attribute == NULL || attribute->value == NULL) {
        return false;
    }
    size_t length = strlen(word);
    for (const char *at = attribute->value; *at != '\0';) {
        size_t span = strcspn(at, " ");
        if (span == length && memcmp(at, word, length) == 0) {
            return true;
        }
        at += span + strspn(at + span, " ");
    }
    return false;
}

static unsigned find_root(struct registration *r) {
    for (size_t i = 0; i < r->links.count; i++) {
        const struct link_entry *entry = &r->links.items[i];
        if (entry->target == NULL || !has_word(link_find(entry, "rt"), "oma.lwm2m")) {
            continue;
        }
        size_t length = strlen(entry->target);
        while (length > 0 && entry->target[length - 1] == '/') {
            length--;
        }
        if (length > 0) { /* </>: the default, no alternate path */
            r->root = strndup(entry->target, length);
            return r->root == NULL ? REGISTRATION_MEMORY : 0;
        }
    }
    return 0;
}

static unsigned take_objects(struct registration *r) {
    unsigned wrong = 0;
    r->objects = calloc(r->links.count + 1, sizeof(*r->objects));
    if (r->objects == NULL) {
        return REGISTRATION_MEMORY;
    }
    for (size_t i = 0; i < r->links.count; i++) {
        const struct link_entry *entry = &r->links.items[i];
        uint16_t ids[4];
        size_t count = 0;
        char path[sizeof("/65535/65535")];
        bool plain_root = entry->target != NULL && strcmp(entry->target, "/") == 0;
        if (entry->target == NULL ||
            (!plain_root && !link_path(entry->target, r->root, ids, &count)) || count > 2) {
            wrong |= REGISTRATION_PATH;
            continue;
        }
        if (count == 0) {
            continue;
        }
        if (count == 1) {
            (void)snprintf(path, sizeof(path), "/%u", ids[0]);
        } else {
            (void)snprintf(path, sizeof(path), "/%u/%u", ids[0], ids[1]);
        }
        r->objects[r->object_count] = strdup(path);
        if (r->objects[r->object_count] == NULL) {
            return wrong | REGISTRATION_MEMORY;
        }
        r->object_count++;
    }
    return wrong;
}

static unsigned take_payload(struct registration *r, const struct message *request,
                             enum link_fault *link_fault, size_t *link_offset) {
    uint32_t format = 0;
    unsigned wrong = 0;
    r->has_objects = true;
    if (!message_options_get_uint(&request->options, MESSAGE_OPTION_CONTENT_FORMAT, &format) ||
        format != FORMAT_LINK) {
        wrong = REGISTRATION_FORMAT; /* it may be link format all the same */
    }
    enum link_fault fault =
        link_parse(&r->links, request->payload, request->payload_length, link_offset);
    if (link_fault != NULL) {
        *link_fault = fault;
    }
    if (fault != LINK_OK) {
        return wrong | REGISTRATION_LINKS;
    }
    wrong |= find_root(r);
    return wrong | take_objects(r);
}

unsigned registration_parse(struct registration *r, const struct message *request,
                            enum link_fault *link_fault, size_t *link_offset) {
    unsigned wrong = 0;
    *r = (struct registration){0};
    if (link_fault != NULL) {
        *link_fault = LINK_OK;
    }
    for (size_t i = 0; i < request->options.count; i++) {
        if (request->options.items[i].number == MESSAGE_OPTION_URI_QUERY) {
            wrong |= take_parameter(r, &request->options.items[i]);
        }
    }
    if (r->endpoint == NULL) {
        wrong |= REGISTRATION_NO_ENDPOINT;
    }
    if (request->payload_length > 0) {
        wrong |= take_payload(r, request, link_fault, link_offset);
    }
    return wrong;
}

void registration_clear(struct registration *r) {
    for (size_t i = 0; i < r->object_count; i++) {
        free(r->objects[i]);
    }
    free(r->objects);
    link_clear(&r->links);
    free(r->endpoint);
    free(r->version);
    free(r->binding);
    free(r->sms);
    free(r->root);
    *r = (struct registration){0};
}
