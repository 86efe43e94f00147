// SPDX-License-Identifier: Apache-2.0
#include "audit/search.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK_BLOCKS = 400000, PROGRESS_MS = 1000, THREADS_MAX = 1024 };

/** One job while threads run it. */
struct work {
    const struct search *search;
    struct job *job;
    uint64_t next, chunk; // candidates; `next` is atomic
    unsigned running;     // threads, under the lock
    pthread_mutex_t lock;
    pthread_cond_t ended;
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *run_thread(void *context) {
    struct work *work = context;
    const struct material *material = work->search->material;
    while (!*work->search->stop && targets_open(material->targets) > 0) {
        uint64_t begin = __atomic_fetch_add(&work->next, work->chunk, __ATOMIC_RELAXED);
        if (begin >= work->job->limit) {
            break;
        }
        uint64_t left = work->job->limit - begin;
        uint64_t count = left < work->chunk ? left : work->chunk;
        job_run(work->job, material, begin, begin + count);
        __atomic_fetch_add(&work->job->done, count, __ATOMIC_RELAXED);
    }
    pthread_mutex_lock(&work->lock);
    work->running--;
    pthread_cond_signal(&work->ended);
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

static void wait_ms(struct work *work, long ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&work->ended, &work->lock, &until);
}

/** How far all jobs are, and how fast that goes. */
struct pace {
    double blocks, done; // of all jobs; of those that are over
    double seconds;      // that were spent on them
};

static void tell(const struct work *work, const struct jobs *jobs, struct pace *pace,
                 double seconds) {
    const struct search *search = work->search;
    double done =
        (double)__atomic_load_n(&work->job->done, __ATOMIC_RELAXED) * (double)work->job->cost;
    double spent = pace->seconds + seconds;
    struct progress progress = {
        .job = work->job,
        .number = (size_t)(work->job - jobs->items) + 1,
        .count = jobs->count,
        .part = (pace->done + done) / pace->blocks,
        .blocks_per_s = seconds > 0 ? done / seconds : 0,
        .seconds_left = -1,
    };
    if (pace->done + done > 0 && spent > 0) {
        progress.seconds_left = (pace->blocks - pace->done - done) * spent / (pace->done + done);
    }
    search->progress(search->context, &progress);
}

/* 0 or -EAGAIN; threads that could not be started are done without, if there is one at least. */
static int run_job(const struct search *search, struct jobs *jobs, struct job *job,
                   struct pace *pace) {
    struct work work = {.search = search, .job = job};
    pthread_t threads[THREADS_MAX];
    unsigned started = 0, wanted = search->threads < THREADS_MAX ? search->threads : THREADS_MAX;
    pthread_condattr_t attributes;
    double began = now_s(), told = began;
    work.chunk = CHUNK_BLOCKS / job->cost + 1;
    pthread_mutex_init(&work.lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&work.ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_lock(&work.lock);
    while (started < wanted && (uint64_t)started * work.chunk < job->limit &&
           pthread_create(&threads[started], NULL, run_thread, &work) == 0) {
        started++;
        work.running++;
    }
    while (work.running > 0) {
        wait_ms(&work, PROGRESS_MS / 10);
        if (now_s() - told >= PROGRESS_MS / 1000.0) {
            told = now_s();
            tell(&work, jobs, pace, told - began);
        }
    }
    pthread_mutex_unlock(&work.lock);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_cond_destroy(&work.ended);
    pthread_mutex_destroy(&work.lock);
    pace->seconds += now_s() - began;
    search->ended(search->context, job, now_s() - began);
    return started > 0 ? 0 : -EAGAIN;
}

int search_run(const struct search *search, struct jobs *jobs) {
    struct pace pace = {0};
    int result = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        pace.blocks += (double)jobs->items[i].limit * (double)jobs->items[i].cost;
    }
    for (size_t i = 0; i < jobs->count && result == 0; i++) {
        struct job *job = &jobs->items[i];
        if (job->limit > 0 && !*search->stop && targets_open(search->material->targets) > 0) {
            result = run_job(search, jobs, job, &pace);
        } else {
            search->ended(search->context, job, 0.0);
        }
        pace.done += (double)job->limit * (double)job->cost;
    }
    return result;
}
