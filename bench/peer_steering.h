// SPDX-License-Identifier: Apache-2.0
/*
 * Steers a Bootstrap-Server of the peer in place of the driver: each client whose Bootstrap-Request
 * was answered gets the requests of traffic.h, the next one when the one before was answered.
 */
#ifndef BENCH_PEER_STEERING_H
#define BENCH_PEER_STEERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "roles/members.h"
#include "roles/server.h"

struct steering {
    struct server *server;
    /** Send a request on an association; 0 or -errno. */
    int (*send)(void *context, uint64_t association, size_t step);
    void *context;
    uint8_t *steps; // of each association, by its number: requests that were sent
    size_t step_count;
    uint64_t *due; // associations that are to get their next request
    size_t due_count;
    size_t due_room;
    uint64_t bootstraps; // that were finished
    bool failed;
};

/** An event of the peer: nothing is sent yet, since that is not allowed in a callback. */
void steering_event(struct steering *steering, const char *name, const struct members *members);

/** At the end of a turn: send what is due. */
void steering_act(struct steering *steering);

/** Send a request by server_request(): the way without the control protocol. */
int steering_send_plain(struct server *server, uint64_t association, size_t step);

void steering_free(struct steering *steering);

#endif
