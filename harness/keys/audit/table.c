// SPDX-License-Identifier: Apache-2.0
#include "audit/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SPACE_FIRST = 64 };

void table_init(struct table *table) {
    memset(table, 0, sizeof *table);
}

void table_free(struct table *table) {
    free(table->entries);
    free(table->heads);
    table_init(table);
}

static size_t head_of(const struct table *table, uint64_t key) {
    key *= UINT64_C(0x9e3779b97f4a7c15); // keys are bytes of others: their low bits may be alike
    return (size_t)(key >> 32) & (table->head_count - 1);
}

static int grow(struct table *table) {
    size_t space = table->space ? 2 * table->space : SPACE_FIRST;
    if (space >= TABLE_END) {
        return -E2BIG;
    }
    struct table_entry *entries = realloc(table->entries, space * sizeof *entries);
    if (!entries) {
        return -ENOMEM;
    }
    table->entries = entries;
    uint32_t *heads = malloc(space * sizeof *heads);
    if (!heads) {
        return -ENOMEM;
    }
    free(table->heads);
    table->heads = heads;
    table->head_count = space;
    table->space = space;
    memset(heads, 0xff, space * sizeof *heads);
    for (size_t i = 0; i < table->count; i++) {
        size_t head = head_of(table, entries[i].key);
        entries[i].next = heads[head];
        heads[head] = (uint32_t)i;
    }
    return 0;
}

int table_add(struct table *table, uint64_t key, uint32_t index) {
    if (table->count == table->space) {
        int result = grow(table);
        if (result < 0) {
            return result;
        }
    }
    size_t head = head_of(table, key);
    table->entries[table->count] = (struct table_entry){key, index, table->heads[head]};
    table->heads[head] = (uint32_t)table->count++;
    return 0;
}

static const struct table_entry *from(const struct table *table, uint32_t at, uint64_t key) {
    while (at != TABLE_END && table->entries[at].key != key) {
        at = table->entries[at].next;
    }
    return at == TABLE_END ? NULL : &table->entries[at];
}

const struct table_entry *table_first(const struct table *table, uint64_t key) {
    return table->count ? from(table, table->heads[head_of(table, key)], key) : NULL;
}

const struct table_entry *table_next(const struct table *table, const struct table_entry *entry) {
    return from(table, entry->next, entry->key);
}

uint64_t table_number(const uint8_t *bytes, size_t length) {
    uint64_t number = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        number = (number ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return number;
}
