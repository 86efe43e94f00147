// SPDX-License-Identifier: Apache-2.0
/* Which searches are made, in which order, and how far each may go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/job.h"

enum {
    FIRST_SPACE = 64,
    SHARE_LABEL = 10,      // of a search with one of several labels
    SHARE_WITH_DEVICE = 10 // of a search of PINs for each device
};

static const uint32_t iterations[] = {1, 1000, 4096, 10000};
static const enum hash pbkdf2_hashes[] = {HASH_SHA256, HASH_SHA1};
static const enum hash hashes[] = {HASH_SHA256, HASH_MD5, HASH_SHA1};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct plan {
    struct jobs *jobs;
    const struct material *material;
    uint64_t budget;
    bool quick;
    bool has[VALUES]; // whether any device has this value
    int result;
};

uint64_t pins_up_to(unsigned digits) {
    uint64_t count = 0;
    for (uint64_t of_length = 10; digits > 0; digits--, of_length *= 10) {
        count += of_length;
    }
    return count;
}

static uint64_t candidates_of(const struct job *job, const struct material *material) {
    uint64_t words = job->words ? (uint64_t)job->words->count * job->changes : 0;
    uint64_t devices = targets_count(material->targets);
    switch (job->source) {
    case SOURCE_PIN:
        return pins_up_to(PIN_DIGITS_MAX);
    case SOURCE_WORD:
        return words;
    case SOURCE_DEVICE:
        return devices;
    case SOURCE_PIN_AND_DEVICE:
        return pins_up_to(PIN_DIGITS_MAX) * devices;
    case SOURCE_WORD_AND_DEVICE:
        return words * devices;
    }
    return 0;
}

static void add(struct plan *plan, struct job job) {
    struct jobs *jobs = plan->jobs;
    enum { TEXTS_USUAL = 4, COMBINED_WITH = 3 }; // ways to write a value, and things in between
    if (plan->result < 0) {
        return;
    }
    if (jobs->count == jobs->space) {
        size_t space = jobs->space ? 2 * jobs->space : FIRST_SPACE;
        struct job *items = realloc(jobs->items, space * sizeof *items);
        if (!items) {
            plan->result = -ENOMEM;
            return;
        }
        jobs->items = items;
        jobs->space = space;
    }
    if (job.label && job.derivation.mode == MODE_HMAC_OF_SECRET) {
        hmac_start(job.derivation.hash, &job.label_hmac, job.label->bytes, job.label->length);
        job.label_hmac_ready = true;
    }
    job.share = job.share ? job.share : 1;
    job.cost = derivation_blocks(&job.derivation, job.label_hmac_ready) *
               (job.source == SOURCE_DEVICE ? TEXTS_USUAL : 1) *
               (job.combine != COMBINE_NONE ? COMBINED_WITH : 1);
    job.candidates = candidates_of(&job, plan->material);
    uint64_t most = plan->budget / job.share / job.cost;
    job.limit = job.candidates < most ? job.candidates : most;
    if (job.candidates > 0) {
        jobs->items[jobs->count++] = job;
    }
}

/* The job with a hash, with HMAC both ways. */
static void add_hmacs(struct plan *plan, struct job job) {
    for (size_t i = 0; i < COUNT(hashes); i++) {
        job.derivation.hash = hashes[i];
        job.derivation.mode = MODE_HMAC_OF_SECRET;
        add(plan, job);
        job.derivation.mode = MODE_HMAC_BY_SECRET;
        add(plan, job);
    }
}

static void add_digests(struct plan *plan, struct job job) {
    job.derivation.mode = MODE_DIGEST;
    for (size_t i = 0; i < COUNT(hashes); i++) {
        job.derivation.hash = hashes[i];
        add(plan, job);
    }
}

static void add_pbkdf2(struct plan *plan, struct job job) {
    job.derivation.mode = MODE_PBKDF2;
    for (size_t i = 0; i < COUNT(pbkdf2_hashes); i++) {
        job.derivation.hash = pbkdf2_hashes[i];
        for (size_t j = 0; j < COUNT(iterations); j++) {
            job.derivation.iterations = iterations[j];
            add(plan, job);
        }
    }
}

/* Every derivation of the secret alone. */
static void add_alone(struct plan *plan, struct job job) {
    const struct words *labels = &plan->material->labels;
    job.value = VALUES;
    if (job.source != SOURCE_PIN) { // a PIN as it is shows without a search
        job.derivation.mode = MODE_PLAIN;
        add(plan, job);
    }
    add_digests(plan, job);
    for (size_t i = 0; i < labels->count && !plan->quick; i++) {
        job.label = &labels->items[i];
        job.share = i == 0 || job.source != SOURCE_PIN ? 1 : SHARE_LABEL;
        add_hmacs(plan, job);
    }
}

static void add_alone_slow(struct plan *plan, struct job job) {
    const struct words *labels = &plan->material->labels;
    job.value = VALUES;
    for (size_t i = 0; i < labels->count; i++) {
        job.label = &labels->items[i];
        job.share = i == 0 ? 1 : SHARE_LABEL;
        add_pbkdf2(plan, job);
    }
}

/* A secret together with each value of the device. */
static void add_with_device(struct plan *plan, struct job job) {
    for (enum value value = 0; value < VALUES; value++) {
        if (plan->has[value]) {
            job.value = value;
            job.combine = COMBINE_SECRET_FIRST;
            add_digests(plan, job);
            job.combine = COMBINE_VALUE_FIRST;
            add_digests(plan, job);
            job.combine = COMBINE_NONE;
            add_hmacs(plan, job);
        }
    }
}

static void add_with_device_slow(struct plan *plan, struct job job) {
    for (enum value value = 0; value < VALUES; value++) {
        if (plan->has[value]) {
            job.value = value;
            add_pbkdf2(plan, job);
        }
    }
}

static void find_values(struct plan *plan) {
    const struct targets *targets = plan->material->targets;
    for (size_t i = 0; i < targets_count(targets); i++) {
        for (enum value value = 0; value < VALUES; value++) {
            plan->has[value] |= targets_at(targets, i)->value_lengths[value] > 0;
        }
    }
}

int jobs_plan(struct jobs *jobs, const struct material *material, uint64_t budget, bool quick) {
    struct plan plan = {jobs, material, budget, quick, {false}, 0};
    struct job known = {
        .source = SOURCE_WORD, .words = &material->known, .known = true, .changes = 1};
    struct job word = {
        .source = SOURCE_WORD, .words = &material->words, .changes = words_changes()};
    struct job device = {.source = SOURCE_DEVICE}, pin = {.source = SOURCE_PIN};
    find_values(&plan);
    add_alone(&plan, known);
    add_alone(&plan, device);
    add_alone(&plan, word);
    add_alone(&plan, pin);
    if (quick) {
        return plan.result;
    }
    struct job word_and_device = {
        .source = SOURCE_WORD_AND_DEVICE, .words = &material->words, .changes = words_changes()};
    struct job known_and_device = word_and_device;
    known_and_device.words = &material->known;
    known_and_device.known = true;
    known_and_device.changes = 1;
    struct job of_value = device;
    struct job pin_and_device = {.source = SOURCE_PIN_AND_DEVICE, .share = SHARE_WITH_DEVICE};
    for (enum value value = 0; value < VALUES; value++) {
        if (plan.has[value]) { // one value of the device with another
            of_value.value = value;
            add_hmacs(&plan, of_value);
        }
    }
    add_with_device(&plan, word_and_device);
    add_with_device(&plan, known_and_device);
    add_alone_slow(&plan, known);
    add_alone_slow(&plan, device);
    add_with_device_slow(&plan, of_value);
    add_alone_slow(&plan, word);
    add_with_device(&plan, pin_and_device);
    add_with_device_slow(&plan, word_and_device);
    add_alone_slow(&plan, pin);
    add_with_device_slow(&plan, pin_and_device);
    return plan.result;
}

void jobs_free(struct jobs *jobs) {
    free(jobs->items);
    memset(jobs, 0, sizeof *jobs);
}
