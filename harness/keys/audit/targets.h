// SPDX-License-Identifier: Apache-2.0
/*
 * The keys of an audit, what is known of their devices, and what has been found about them.
 *
 * Equal keys are one for searches: the first one stands for all. While searches run only
 * `targets_tell` changes anything, under a lock.
 */
#ifndef AUDIT_TARGETS_H
#define AUDIT_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is known of a device besides its key. */
enum value { VALUE_IDENTITY, VALUE_ENDPOINT, VALUE_SERIAL, VALUE_MAC, VALUE_IMEI, VALUES };

const char *value_id(enum value value);   // "serial"
const char *value_name(enum value value); // "serial number"

enum { TARGET_KEY_MAX = 128, TARGET_VALUE_MAX = 255, TARGETS_MAX = 1 << 24 };

struct target {
    const uint8_t *data;  // the key, then the values one after the other
    uint32_t line;        // of the input
    uint32_t first_equal; // the first target with this key
    uint32_t evidence;    // the newest one
    uint8_t key_length;
    uint8_t value_lengths[VALUES];
    bool derived; // see target_is_derived
};

/** How strong evidence is. */
enum weight {
    WEIGHT_HINT, // told; a random key may show it
    WEIGHT_LOW,  // the key has low entropy
};

/** A kind of evidence; many keys have the same. */
struct finding {
    const char *id;   // for programs: "sha256(pin)"
    const char *text; // for people
    enum weight weight;
    bool derivation; // how the key came about
    bool of_device;  // it says something of this device, not of all that have the key
};

/** A device as it is read. */
struct device {
    uint32_t line;
    const uint8_t *key;
    size_t key_length;
    const uint8_t *values[VALUES]; // of length 0: not known
    size_t value_lengths[VALUES];
};

struct targets;

struct targets *targets_new(void); // NULL without memory
void targets_free(struct targets *targets);

/**
 * Add a device (copied). 0; -EEXIST if the device was there before, with its line in *line; -E2BIG
 * if a key, a value or the number of devices is too great; -ENOMEM.
 */
int targets_add(struct targets *targets, const struct device *device, uint32_t *line);

size_t targets_count(const struct targets *targets);
const struct target *targets_at(const struct targets *targets, size_t index);

/** How many different keys there are, and how many of them no search has explained so far. */
size_t targets_different(const struct targets *targets);
size_t targets_open(const struct targets *targets);

/** Whether a search has found how the key came about; also while others search. */
bool target_is_derived(const struct target *target);

/** A value of a device; its length, 0: not known. */
size_t target_value(const struct target *target, enum value value, const uint8_t **bytes);

/** What a device is called: its endpoint, else its serial number, else its identity. */
enum value target_name(const struct target *target);

/** Find the first target with this key; its index or -ENOENT. */
int64_t targets_with_key(const struct targets *targets, const uint8_t *key, size_t length);

/** Add a finding to a key (texts are copied; what is known already is not told twice). 0 or
 * -ENOMEM.
 */
int targets_tell(struct targets *targets, size_t index, const struct finding *finding);

/** Called under the lock for each new finding. */
typedef void (*targets_told)(void *context, size_t index, const struct finding *finding);
void targets_on_told(struct targets *targets, targets_told told, void *context);

/** All findings about a target, the newest first: the next one, NULL at the end. Begin with 0. */
const struct finding *targets_next_finding(const struct targets *targets, size_t index,
                                           uint64_t *place);

#endif
