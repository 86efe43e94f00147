// SPDX-License-Identifier: Apache-2.0
/*
 * The event log: numbers the events, writes each to events.jsonl and hands it on (to be sent as a
 * notification). Members and meaning: docs/peer-protocol.md.
 *
 * Lines are buffered and written by events_flush(), once a loop turn; what was flushed outlives a
 * SIGKILL. The file is local, so writing it may block for a moment; a full disk is told by
 * `failed`.
 */
#ifndef CONTROL_EVENTS_H
#define CONTROL_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "roles/members.h"

struct events;

/** Called with the JSON text of each event, without an end of line. */
typedef void (*events_reader_fn)(void *context, const char *text, size_t length);

/** Create (and empty) the file `path`. NULL with errno on failure. */
struct events *events_new(const char *path, events_reader_fn reader, void *context);

/** Flush, close and free. */
void events_free(struct events *events);

/** Report an event. The time is in nanoseconds on CLOCK_MONOTONIC. */
void events_report(struct events *events, const char *name, uint64_t t_ns,
                   const struct members *members);

/** Write what was reported to the file. */
void events_flush(struct events *events);

/** How many events there were. */
uint64_t events_count(const struct events *events);

/** An event was lost (no memory, or the file cannot be written). */
bool events_failed(const struct events *events);

#endif
