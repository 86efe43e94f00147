// SPDX-License-Identifier: Apache-2.0
/*
 * The members of one event, written as JSON text while they are added: events are many, and
 * building a tree of each costs ten times as much. What comes from the network passes the known
 * keys on its way (docs/peer-protocol.md, Conventions); names and words of ours do not.
 *
 * The name of a member is NULL within a list. Without memory `failed` is set and the event is lost.
 */
#ifndef ROLES_MEMBERS_H
#define ROLES_MEMBERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "roles/redact.h"

struct members {
    struct buffer text; // `"name":value,…` without the outer braces
    const struct redact *keys;
    bool comma; // one is due before the next member
    bool failed;
};

/** Start an event's members; the memory of the last one is used again. */
void members_begin(struct members *members, const struct redact *keys);
void members_free(struct members *members);

/** A word of ours: UTF-8 that needs no escapes but those of JSON. */
void members_word(struct members *members, const char *name, const char *word);
void members_number(struct members *members, const char *name, int64_t value);
void members_boolean(struct members *members, const char *name, bool value);
void members_null(struct members *members, const char *name);

/** Bytes in hexadecimal. */
void members_bytes(struct members *members, const char *name, const uint8_t *bytes, size_t length);

/** {"hex": …}, or if it is a key as a whole its redaction. */
void members_opaque(struct members *members, const char *name, const uint8_t *bytes, size_t length);

/** Text from the network; as members_opaque() if it is not UTF-8 without control characters. */
void members_text(struct members *members, const char *name, const uint8_t *bytes, size_t length);

/** An object or list; what is added until members_close() is in it. */
void members_open_object(struct members *members, const char *name);
void members_open_list(struct members *members, const char *name);
void members_close_object(struct members *members);
void members_close_list(struct members *members);

/** The members of a JSON object of ours; takes it over. */
void members_splice(struct members *members, json_t *object);

#endif
