// SPDX-License-Identifier: Apache-2.0
/* Runs jobs one after the other, each on all threads, with progress, until all is done or stopped.
 */
#ifndef AUDIT_SEARCH_H
#define AUDIT_SEARCH_H

#include <signal.h>

#include "audit/job.h"

struct progress {
    const struct job *job;
    size_t number, count; // of the job, from 1, and of all jobs
    double part;          // of all work, 0 to 1
    double blocks_per_s;  // in this job so far
    double seconds_left;  // an estimate for all; below 0: none yet
};

typedef void (*search_progress)(void *context, const struct progress *progress);

/** After a job: how long it took and whether it was stopped before its limit. */
typedef void (*search_ended)(void *context, const struct job *job, double seconds);

struct search {
    const struct material *material;
    unsigned threads;
    volatile sig_atomic_t *stop; // set from a signal: end soon
    search_progress progress;
    search_ended ended;
    void *context;
};

/** Run all jobs. A search that no key is left for is not made. 0, or -EAGAIN without a thread. */
int search_run(const struct search *search, struct jobs *jobs);

#endif
