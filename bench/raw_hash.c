// SPDX-License-Identifier: Apache-2.0
/*
 * PINs of eight digits through SHA-256, on all cores, by turns: the library's block function alone,
 * and the search of the audit with so many keys. Prints a JSON line a round: hashes per second.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/job.h"

enum { THREADS_MAX = 256, KEY = 16, CHUNK = 100000 };

struct turn {
    const struct material *material; // NULL: the block function alone
    const struct job *job;
    uint64_t count; // candidates of each thread
    unsigned number;
    uint32_t seen; // so that no compiler leaves the work out
};

static double now_s(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *hash_alone(void *context) {
    struct turn *turn = context;
    uint8_t block[HASH_BLOCK] = {"00000000"};
    struct hash_state start, state;
    hash_pad(HASH_SHA256, block, PIN_DIGITS_MAX, PIN_DIGITS_MAX);
    hash_init(HASH_SHA256, &start);
    for (uint64_t i = 0; i < turn->count; i++) {
        memcpy(block, &i, PIN_DIGITS_MAX);
        state = start;
        hash_block(HASH_SHA256, &state, block);
        turn->seen ^= state.words[0];
    }
    return NULL;
}

static void *search(void *context) {
    struct turn *turn = context;
    uint64_t begin = pins_up_to(PIN_DIGITS_MAX - 1) + turn->number * turn->count;
    for (uint64_t at = 0; at < turn->count; at += CHUNK) {
        job_run(turn->job, turn->material, begin + at, begin + at + CHUNK);
    }
    return NULL;
}

/* Hashes per second on so many threads; *cpu_ns: of all threads, for one hash. */
static double measure(struct turn turn, unsigned threads, double *cpu_ns) {
    pthread_t running[THREADS_MAX];
    struct turn turns[THREADS_MAX];
    double began = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; i < threads; i++) {
        turns[i] = turn;
        turns[i].number = i;
        if (pthread_create(&running[i], NULL, turn.material ? search : hash_alone, &turns[i]) !=
            0) {
            fputs("no thread\n", stderr);
            exit(1);
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(running[i], NULL);
    }
    double hashes = (double)turn.count * threads;
    *cpu_ns = (now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e9 / hashes;
    return hashes / (now_s(CLOCK_MONOTONIC) - began);
}

static struct targets *random_keys(unsigned long count) {
    struct targets *targets = targets_new();
    for (unsigned long i = 0; targets && i < count; i++) {
        uint8_t digest[HASH_MAX];
        char name[32];
        uint32_t before;
        struct device device = {.line = (uint32_t)i, .key = digest, .key_length = KEY};
        int length = snprintf(name, sizeof name, "bench %lu", i);
        hash_digest(HASH_SHA256, (const uint8_t *)name, (size_t)length, digest);
        device.values[VALUE_IDENTITY] = (const uint8_t *)name;
        device.value_lengths[VALUE_IDENTITY] = (size_t)length;
        if (targets_add(targets, &device, &before) < 0) {
            targets_free(targets);
            return NULL;
        }
    }
    return targets;
}

int main(int count, char **words) {
    unsigned rounds = count > 1 ? (unsigned)atoi(words[1]) : 5;
    unsigned long keys = count > 2 ? strtoul(words[2], NULL, 10) : 1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
    struct material material = {.targets = random_keys(keys)};
    struct job job = {
        .source = SOURCE_PIN, .derivation = {MODE_DIGEST, HASH_SHA256, 0}, .value = VALUES};
    if (!material.targets || lookup_init(&material.lookup, material.targets) < 0) {
        return 1;
    }
    for (unsigned round = 0; round < rounds; round++) {
        struct turn turn = {.count = 40 * CHUNK};
        double alone_ns, search_ns, alone = measure(turn, threads, &alone_ns);
        turn.material = &material;
        turn.job = &job;
        double search_per_s = measure(turn, threads, &search_ns);
        printf("{\"keys\": %lu, \"alone\": %.0f, \"search\": %.0f, \"alone_ns\": %.2f, "
               "\"search_ns\": %.2f}\n",
               keys, alone, search_per_s, alone_ns, search_ns);
        fflush(stdout);
    }
    lookup_free(&material.lookup);
    targets_free(material.targets);
    return 0;
}
