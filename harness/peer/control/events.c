// SPDX-License-Identifier: Apache-2.0
#include "control/events.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"

/* A turn that reports more than this writes in between, so that a flood does not grow the buffer.
 */
#define FLUSH_AT ((size_t)256 << 10)

struct events {
    events_reader_fn reader;
    void *context;
    struct buffer pending;
    uint64_t count;
    int file;
    bool failed;
};

struct events *events_new(const char *path, events_reader_fn reader, void *context) {
    struct events *events = calloc(1, sizeof *events);
    if (!events) {
        return NULL;
    }
    events->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (events->file < 0) {
        int error = errno;
        free(events);
        errno = error;
        return NULL;
    }
    events->reader = reader;
    events->context = context;
    return events;
}

void events_free(struct events *events) {
    if (events) {
        events_flush(events);
        close(events->file);
        buffer_free(&events->pending);
        free(events);
    }
}

/* Append the event to what is pending: {"t":…,"seq":…,"event":…,MEMBERS} */
static int append(struct events *events, const char *name, uint64_t t_ns,
                  const struct members *members) {
    char head[120];
    int length =
        snprintf(head, sizeof head, "{\"t\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"event\":\"%s\"",
                 (uint64_t)(t_ns / CLOCK_NS_PER_US), events->count + 1, name);
    if (length >= (int)sizeof head || members->failed ||
        buffer_reserve(&events->pending, (size_t)length + members->text.length + 3) < 0) {
        return -ENOMEM;
    }
    buffer_append(&events->pending, head, (size_t)length);
    if (members->text.length > 0) {
        buffer_append(&events->pending, ",", 1);
        buffer_append(&events->pending, members->text.data, members->text.length);
    }
    return buffer_append(&events->pending, "}\n", 2);
}

void events_report(struct events *events, const char *name, uint64_t t_ns,
                   const struct members *members) {
    size_t start = events->pending.length;
    if (append(events, name, t_ns, members) < 0) {
        events->failed = true;
        return;
    }
    events->count++;
    events->reader(events->context, (const char *)events->pending.data + start,
                   events->pending.length - start - 1);
    if (events->pending.length >= FLUSH_AT) {
        events_flush(events);
    }
}

void events_flush(struct events *events) {
    size_t done = 0;
    while (done < events->pending.length) {
        ssize_t n = write(events->file, events->pending.data + done, events->pending.length - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            events->failed = true;
            break;
        }
        done += (size_t)n;
    }
    events->pending.length = 0;
}

uint64_t events_count(const struct events *events) {
    return events->count;
}

bool events_failed(const struct events *events) {
    return events->failed;
}
