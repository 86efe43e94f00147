// SPDX-License-Identifier: Apache-2.0
#include "dtls/flows.h"

#include <stdlib.h>

enum {
    FIRST_BUCKETS = 64,
    SWEEP_EVERY = 4096, // flows
};

static struct flow **bucket_of(const struct flows *flows, const struct address *remote) {
    return &flows->buckets[address_hash(remote) & (flows->bucket_count - 1)];
}

static int grow(struct flows *flows) {
    struct flows grown = {.bucket_count =
                              flows->bucket_count == 0 ? FIRST_BUCKETS : flows->bucket_count * 2,
                          .count = flows->count};
    grown.buckets = calloc(grown.bucket_count, sizeof(struct flow *));
    if (grown.buckets == NULL) {
        return -1;
    }
    for (size_t i = 0; i < flows->bucket_count; i++) {
        while (flows->buckets[i] != NULL) {
            struct flow *flow = flows->buckets[i];
            flows->buckets[i] = flow->next;
            struct flow **bucket = bucket_of(&grown, &flow->remote);
            flow->next = *bucket;
            *bucket = flow;
        }
    }
    free(flows->buckets);
    *flows = grown;
    return 0;
}

static void sweep(struct flows *flows, bool all) {
    for (size_t i = 0; i < flows->bucket_count; i++) {
        for (struct flow **link = &flows->buckets[i]; *link != NULL;) {
            struct flow *flow = *link;
            if (all || (flow->open == NULL && flow->pending == NULL)) {
                *link = flow->next;
                session_free(flow->closed);
                free(flow);
                flows->count--;
            } else {
                link = &flow->next;
            }
        }
    }
}

struct flow *flows_find(const struct flows *flows, const struct address *remote) {
    if (flows->bucket_count == 0) {
        return NULL;
    }
    struct flow *flow = *bucket_of(flows, remote);
    while (flow != NULL && !address_equal(&flow->remote, remote)) {
        flow = flow->next;
    }
    return flow;
}

struct flow *flows_make(struct flows *flows, const struct address *remote) {
    struct flow *flow = flows_find(flows, remote);
    if (flow != NULL) {
        return flow;
    }
    if (flows->count % SWEEP_EVERY == SWEEP_EVERY - 1) {
        sweep(flows, false);
    }
    if (flows->count >= flows->bucket_count && grow(flows) < 0) {
        return NULL;
    }
    flow = calloc(1, sizeof *flow);
    if (flow == NULL) {
        return NULL;
    }
    flow->remote = *remote;
    struct flow **bucket = bucket_of(flows, remote);
    flow->next = *bucket;
    *bucket = flow;
    flows->count++;
    return flow;
}

void flows_clear(struct flows *flows) {
    sweep(flows, true);
    free(flows->buckets);
    *flows = (struct flows){0};
}
