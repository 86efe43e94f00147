// SPDX-License-Identifier: Apache-2.0
/*
 * Reads devices: a JSON object a line, with `line` (its number where it comes from), `key`
 * (hexadecimal) and, each a string that may be absent, `identity`, `endpoint`, `serial`, `mac`,
 * `imei`.
 */
#ifndef AUDIT_INPUT_H
#define AUDIT_INPUT_H

#include <stdio.h>

#include "audit/report.h"
#include "audit/targets.h"

/**
 * Read to the end. What cannot be taken is reported and passed over, and counted in *refused.
 * 0, -ENOMEM, -EIO; -EINVAL: what comes is not as it must be, which is the sender's fault.
 */
int input_read(FILE *stream, struct targets *targets, const struct report *report, size_t *refused);

#endif
