// SPDX-License-Identifier: Apache-2.0
#include "udp/loop.h"

#include "base/clock.h"
#include "udp/lateness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* What is removed during a turn is only marked, and freed when the turn is over: epoll_wait(2) may
 * have handed out a pointer to it already. */

struct watch {
    int fd; // -1: removed
    loop_ready_fn ready;
    void *context;
    struct watch *next;
};

struct timed {
    loop_deadline_fn deadline; // NULL: removed
    loop_advance_fn advance;
    void *context;
    struct timed *next;
};

struct turn_end {
    loop_turn_fn end;
    void *context;
    struct turn_end *next;
};

struct loop {
    int epoll;
    int timer;
    uint64_t armed_ns; // what the timerfd is set to, CLOCK_NEVER: not set
    struct watch *watches;
    struct timed *timed;
    struct turn_end *ends;
    bool removed;
    bool stopped;
    struct lateness lateness;
};

struct loop *loop_new(void) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return NULL;
    }
    loop->armed_ns = CLOCK_NEVER;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN}; // data.ptr NULL: the timer
    if (loop->epoll < 0 || loop->timer < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timer, &event) < 0) {
        int error = errno;
        loop_free(loop);
        errno = error;
        return NULL;
    }
    return loop;
}

static void free_removed(struct loop *loop, bool all) {
    for (struct watch **link = &loop->watches; *link != NULL;) {
        struct watch *watch = *link;
        if (all || watch->fd < 0) {
            *link = watch->next;
            free(watch);
        } else {
            link = &watch->next;
        }
    }
    for (struct timed **link = &loop->timed; *link != NULL;) {
        struct timed *timed = *link;
        if (all || timed->deadline == NULL) {
            *link = timed->next;
            free(timed);
        } else {
            link = &timed->next;
        }
    }
    loop->removed = false;
}

void loop_free(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    free_removed(loop, true);
    while (loop->ends != NULL) {
        struct turn_end *end = loop->ends;
        loop->ends = end->next;
        free(end);
    }
    if (loop->timer >= 0) {
        close(loop->timer);
    }
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    free(loop);
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_fn ready, void *context) {
    struct watch *watch = malloc(sizeof *watch);
    if (watch == NULL) {
        return -ENOMEM;
    }
    *watch = (struct watch){.fd = fd, .ready = ready, .context = context, .next = loop->watches};
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        int error = errno;
        free(watch);
        return -error;
    }
    loop->watches = watch;
    return 0;
}

static struct watch *find_watch(const struct loop *loop, int fd) {
    struct watch *watch = loop->watches;
    while (watch != NULL && watch->fd != fd) {
        watch = watch->next;
    }
    return watch;
}

int loop_rewatch(struct loop *loop, int fd, uint32_t events) {
    struct watch *watch = find_watch(loop, fd);
    if (watch == NULL) {
        return -ENOENT;
    }
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

void loop_unwatch(struct loop *loop, int fd) {
    struct watch *watch = find_watch(loop, fd);
    if (watch == NULL) {
        return;
    }
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    watch->fd = -1;
    loop->removed = true;
}

int loop_add_timed(struct loop *loop, loop_deadline_fn deadline, loop_advance_fn advance,
                   void *context) {
    struct timed *timed = malloc(sizeof *timed);
    if (timed == NULL) {
        return -ENOMEM;
    }
    *timed = (struct timed){deadline, advance, context, loop->timed};
    loop->timed = timed;
    return 0;
}

void loop_remove_timed(struct loop *loop, const void *context) {
    for (struct timed *timed = loop->timed; timed != NULL; timed = timed->next) {
        if (timed->deadline != NULL && timed->context == context) {
            timed->deadline = NULL;
            loop->removed = true;
        }
    }
}

int loop_add_end_of_turn(struct loop *loop, loop_turn_fn end, void *context) {
    struct turn_end *added = malloc(sizeof *added);
    if (added == NULL) {
        return -ENOMEM;
    }
    *added = (struct turn_end){.end = end, .context = context};
    struct turn_end **link = &loop->ends;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = added;
    return 0;
}

static uint64_t earliest(const struct loop *loop) {
    uint64_t earliest = CLOCK_NEVER;
    for (struct timed *timed = loop->timed; timed != NULL; timed = timed->next) {
        if (timed->deadline != NULL) {
            uint64_t deadline = timed->deadline(timed->context);
            earliest = deadline < earliest ? deadline : earliest;
        }
    }
    return earliest;
}

static int arm(struct loop *loop, uint64_t deadline_ns) {
    if (deadline_ns == loop->armed_ns) {
        return 0;
    }
    struct itimerspec setting = {0}; // zero: not set
    if (deadline_ns != CLOCK_NEVER) {
        setting.it_value.tv_sec = (time_t)(deadline_ns / CLOCK_NS_PER_S);
        setting.it_value.tv_nsec = (long)(deadline_ns % CLOCK_NS_PER_S);
    }
    if (timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &setting, NULL) < 0) {
        return -errno;
    }
    loop->armed_ns = deadline_ns;
    return 0;
}

static void serve_timer(struct loop *loop) {
    uint64_t expirations = 0;
    if (read(loop->timer, &expirations, sizeof expirations) > 0) {
        loop->armed_ns = CLOCK_NEVER;
    }
}

static void advance_due(struct loop *loop) {
    for (struct timed *timed = loop->timed; timed != NULL; timed = timed->next) {
        if (timed->deadline == NULL) {
            continue;
        }
        uint64_t deadline = timed->deadline(timed->context);
        uint64_t now = clock_now_ns();
        if (deadline <= now) {
            lateness_record(&loop->lateness, now - deadline);
            timed->advance(timed->context, now);
        }
    }
}

int loop_turn(struct loop *loop, uint64_t deadline_ns) {
    enum { EVENTS = 64 };
    struct epoll_event events[EVENTS];
    uint64_t next = earliest(loop);
    next = deadline_ns < next ? deadline_ns : next;
    bool due = next <= clock_now_ns();
    int result = due ? 0 : arm(loop, next);
    if (result < 0) {
        return result;
    }
    int count = epoll_wait(loop->epoll, events, EVENTS, due ? 0 : -1);
    if (count < 0 && errno != EINTR) {
        return -errno;
    }
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        if (watch == NULL) {
            serve_timer(loop);
        } else if (watch->fd >= 0) {
            watch->ready(watch->context, events[i].events);
        }
    }
    advance_due(loop);
    for (struct turn_end *end = loop->ends; end != NULL; end = end->next) {
        end->end(end->context);
    }
    if (loop->removed) {
        free_removed(loop, false);
    }
    return 0;
}

int loop_run(struct loop *loop) {
    loop->stopped = false;
    while (!loop->stopped) {
        int result = loop_turn(loop, CLOCK_NEVER);
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

void loop_stop(struct loop *loop) {
    loop->stopped = true;
}

struct loop_lateness loop_lateness(const struct loop *loop) {
    return lateness_figures(&loop->lateness);
}
