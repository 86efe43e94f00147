// SPDX-License-Identifier: Apache-2.0
#include "fleet.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "audit/hash.h"
#include "base/hex.h"

void fleet_add_bytes(struct targets *targets, const uint8_t *key, size_t length,
                     const char *serial) {
    char identity[32];
    uint32_t before, line = (uint32_t)targets_count(targets) + 2;
    snprintf(identity, sizeof identity, "device-%u", line);
    struct device device = {.line = line, .key = key, .key_length = length};
    device.values[VALUE_IDENTITY] = (const uint8_t *)identity;
    device.value_lengths[VALUE_IDENTITY] = strlen(identity);
    device.values[VALUE_SERIAL] = (const uint8_t *)serial;
    device.value_lengths[VALUE_SERIAL] = serial ? strlen(serial) : 0;
    ck_assert_int_eq(targets_add(targets, &device, &before), 0);
}

void fleet_add(struct targets *targets, const char *key_hex, const char *serial) {
    uint8_t key[TARGET_KEY_MAX];
    ck_assert_int_eq(hex_decode(key_hex, strlen(key_hex), key), 0);
    fleet_add_bytes(targets, key, strlen(key_hex) / 2, serial);
}

void fleet_random(uint32_t seed, uint8_t *key, size_t length) {
    uint8_t digest[HASH_MAX];
    ck_assert_uint_le(length, sizeof digest);
    hash_digest(HASH_SHA256, (const uint8_t *)&seed, sizeof seed, digest);
    memcpy(key, digest, length);
}

bool fleet_has(const struct targets *targets, size_t index, const char *id, enum weight weight) {
    const struct finding *finding;
    uint64_t place = 0;
    while ((finding = targets_next_finding(targets, index, &place))) {
        if (strcmp(finding->id, id) == 0) {
            return finding->weight == weight;
        }
    }
    return false;
}

size_t fleet_findings(const struct targets *targets, size_t index) {
    uint64_t place = 0;
    size_t count = 0;
    while (targets_next_finding(targets, index, &place)) {
        count++;
    }
    return count;
}
