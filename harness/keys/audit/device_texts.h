// SPDX-License-Identifier: Apache-2.0
/* What a device's key may be made of: its values, and the ways in which they are written. */
#ifndef AUDIT_DEVICE_TEXTS_H
#define AUDIT_DEVICE_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "audit/targets.h"

enum { DEVICE_TEXTS_MAX = 8 * VALUES };

struct device_text {
    enum value value;
    const char *how; // ", in capitals"; "" as given
    uint8_t bytes[TARGET_VALUE_MAX];
    size_t length;
};

/** All texts of a device, none twice; their number. */
size_t device_texts(const struct target *target, struct device_text texts[DEVICE_TEXTS_MAX]);

#endif
