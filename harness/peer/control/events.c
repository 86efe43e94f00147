// SPDX-License-Identifier: Apache-2.0
#include "control/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "control/redact.h"

/* A turn that reports more than this writes in between, so that a flood does not grow the buffer.
 */
#define FLUSH_AT ((size_t)256 << 10)

struct events {
    const struct redact *keys;
    events_reader_fn reader;
    void *context;
    struct buffer pending;
    uint64_t count;
    int file;
    bool failed;
};

struct events *events_new(const char *path, const struct redact *keys, events_reader_fn reader,
                          void *context) {
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
    events->keys = keys;
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

/* The whole event as text, to be freed, or NULL. */
static char *render(struct events *events, const char *name, uint64_t t_ns, json_t *members) {
    json_t *event = json_pack("{s:I, s:I, s:s}", "t", (json_int_t)(t_ns / 1000), "seq",
                              (json_int_t)events->count + 1, "event", name);
    char *text = NULL;
    if (event && members && json_object_update(event, members) == 0 &&
        redact_event(events->keys, event) == 0) {
        text = json_dumps(event, JSON_COMPACT);
    }
    json_decref(event);
    return text;
}

void events_report(struct events *events, const char *name, uint64_t t_ns, json_t *members) {
    char *text = render(events, name, t_ns, members);
    json_decref(members);
    if (!text) {
        events->failed = true;
        return;
    }
    size_t length = strlen(text);
    if (buffer_append(&events->pending, text, length) < 0 ||
        buffer_append(&events->pending, "\n", 1) < 0) {
        events->failed = true;
    }
    events->count++;
    events->reader(events->context, text, length);
    free(text);
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
