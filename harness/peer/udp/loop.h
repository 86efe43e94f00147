// SPDX-License-Identifier: Apache-2.0
/*
 * The peer's one event loop: epoll, single thread, no locks.
 *
 * A turn: wait for readiness or the earliest deadline; call the ready descriptors' functions; call
 * `advance` of every timed source whose deadline has come; call the end-of-turn functions in the
 * order they were added. Functions may add and remove descriptors and sources at any time, also
 * themselves. Waiting is precise to nanoseconds (timerfd), and the loop keeps a record of how late
 * deadlines were served, because timing verdicts depend on it.
 */
#ifndef UDP_LOOP_H
#define UDP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/** `events` are EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP of epoll_ctl(2). */
typedef void (*loop_ready_fn)(void *context, uint32_t events);
/** The source's earliest deadline (CLOCK_MONOTONIC), or CLOCK_NEVER. Asked every turn: be quick. */
typedef uint64_t (*loop_deadline_fn)(void *context);
/** Do what is due at `now_ns`. */
typedef void (*loop_advance_fn)(void *context, uint64_t now_ns);
typedef void (*loop_turn_fn)(void *context);

/** How late timed sources were served; microseconds. Percentiles are exact to about 3 %. */
struct loop_lateness {
    uint64_t fired;
    uint64_t p50_us;
    uint64_t p999_us;
    uint64_t max_us;
};

/** NULL with errno on failure. */
struct loop *loop_new(void);

/** Descriptors are not closed: they belong to who added them. Not from within the loop. */
void loop_free(struct loop *loop);

/** Watch a descriptor for `events` (level-triggered). 0 or -errno. */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_fn ready, void *context);

/** Change what a watched descriptor is watched for. 0 or -errno. */
int loop_rewatch(struct loop *loop, int fd, uint32_t events);

/** Stop watching; call it before close(2). Its function is not called again, even this turn. */
void loop_unwatch(struct loop *loop, int fd);

/** Add a timed source. 0 or -ENOMEM. */
int loop_add_timed(struct loop *loop, loop_deadline_fn deadline, loop_advance_fn advance,
                   void *context);

/** Remove the timed sources with this context. */
void loop_remove_timed(struct loop *loop, const void *context);

/** Add a function that ends every turn. 0 or -ENOMEM. */
int loop_add_end_of_turn(struct loop *loop, loop_turn_fn end, void *context);

/** Run turns until loop_stop(). 0 or -errno of a failed wait. */
int loop_run(struct loop *loop);

/** One turn that waits no longer than until `deadline_ns`. 0 or -errno. For tests and shut-down. */
int loop_turn(struct loop *loop, uint64_t deadline_ns);

/** End loop_run() after this turn. */
void loop_stop(struct loop *loop);

struct loop_lateness loop_lateness(const struct loop *loop);

#endif
