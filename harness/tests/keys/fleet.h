// SPDX-License-Identifier: Apache-2.0
/* Devices for tests, and what is found about them. */
#ifndef TESTS_KEYS_FLEET_H
#define TESTS_KEYS_FLEET_H

#include <stdbool.h>

#include "audit/targets.h"

/** Add a device called by its line, with a key of hexadecimal digits; serial may be NULL. */
void fleet_add(struct targets *targets, const char *key_hex, const char *serial);

/** Add one with a key of so many bytes. */
void fleet_add_bytes(struct targets *targets, const uint8_t *key, size_t length,
                     const char *serial);

/** A repeatable key that looks random. */
void fleet_random(uint32_t seed, uint8_t *key, size_t length);

/** Whether a finding with this id is there. */
bool fleet_has(const struct targets *targets, size_t index, const char *id, enum weight weight);

/** How many findings there are. */
size_t fleet_findings(const struct targets *targets, size_t index);

#endif
