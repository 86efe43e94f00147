// SPDX-License-Identifier: Apache-2.0
/* A hash table from 64-bit numbers to entries, of which there may be many for one number. */
#ifndef AUDIT_TABLE_H
#define AUDIT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_END UINT32_MAX

struct table_entry {
    uint64_t key;
    uint32_t index; // of a target
    uint32_t next;  // with the same head, TABLE_END at the end
};

struct table {
    struct table_entry *entries;
    uint32_t *heads;
    size_t count, space, head_count; // the last one is a power of two
};

/** An empty one; it takes memory with its first entry. */
void table_init(struct table *table);
void table_free(struct table *table);

/** 0, -ENOMEM, or -E2BIG beyond 2^32 - 2 entries. */
int table_add(struct table *table, uint64_t key, uint32_t index);

/** The first entry of a key, NULL: none. The newest comes first. */
const struct table_entry *table_first(const struct table *table, uint64_t key);

/** The next entry of the same key. */
const struct table_entry *table_next(const struct table *table, const struct table_entry *entry);

/** A number for bytes (FNV-1a, 64 bits). */
uint64_t table_number(const uint8_t *bytes, size_t length);

#endif
