// SPDX-License-Identifier: Apache-2.0
/*
 * What an audit says, as JSON lines on a stream, told apart by `record`. A key is named by its
 * device and its fingerprint (the first 8 hexadecimal digits of its SHA-256), never by its value.
 */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include <stdio.h>

#include "audit/patterns.h"
#include "audit/search.h"
#include "audit/targets.h"

struct report {
    FILE *stream;
    const struct targets *targets;
};

/** `refused`: a device that cannot be taken. */
void report_refused(const struct report *report, uint32_t line, const char *error);

/** `read`: how many devices there are and how many different keys they have. */
void report_read(const struct report *report);

/** `hints`: how many keys each was seen of, and of how many random ones it would be. */
void report_hints(const struct report *report, const struct hint_counts *counts);

/** `plan`: how many searches, and how many blocks at most. */
void report_plan(const struct report *report, const struct jobs *jobs);

/** `finding`: what says low, as soon as it is found. A targets_told; the context is the report. */
void report_finding(void *report, size_t index, const struct finding *finding);

/** `progress`. */
void report_progress(void *report, const struct progress *progress);

/** `search`: what was tried by a job, and what was not. */
void report_search(void *report, const struct job *job, double seconds);

/** `key` for each device, then `end` with the sums. How many keys are low. */
size_t report_keys(const struct report *report, bool stopped);

#endif
