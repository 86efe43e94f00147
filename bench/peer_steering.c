// SPDX-License-Identifier: Apache-2.0
#include "peer_steering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "coap/message.h"
#include "traffic.h"

/* The member `association` of an event, or 0. */
static uint64_t association_of(const struct members *members) {
    static const char name[] = "\"association\":";
    const uint8_t *end = members->text.data + members->text.length;
    const uint8_t *at = members->text.length == 0 ? NULL
                                                  : memmem(members->text.data, members->text.length,
                                                           name, sizeof name - 1);
    uint64_t number = 0;
    for (at = at ? at + sizeof name - 1 : end; at < end && *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint64_t)(*at - '0');
    }
    return number;
}

static bool make_room(struct steering *steering, uint64_t association) {
    if (association >= steering->step_count) {
        size_t count = (size_t)association * 2 + 64;
        uint8_t *steps = realloc(steering->steps, count);
        if (!steps) {
            return false;
        }
        memset(steps + steering->step_count, 0, count - steering->step_count);
        steering->steps = steps;
        steering->step_count = count;
    }
    if (steering->due_count == steering->due_room) {
        size_t room = steering->due_room * 2 + 64;
        uint64_t *due = realloc(steering->due, room * sizeof *due);
        if (!due) {
            return false;
        }
        steering->due = due;
        steering->due_room = room;
    }
    return true;
}

void steering_event(struct steering *steering, const char *name, const struct members *members) {
    if (strcmp(name, "response_sent") != 0 && strcmp(name, "response_received") != 0) {
        return;
    }
    uint64_t association = association_of(members);
    if (!make_room(steering, association)) {
        steering->failed = true;
    } else if (steering->steps[association] == TRAFFIC_REQUESTS) {
        steering->bootstraps++;
    } else {
        steering->due[steering->due_count++] = association;
    }
}

void steering_act(struct steering *steering) {
    for (size_t i = 0; i < steering->due_count; i++) {
        uint64_t association = steering->due[i];
        int result = steering->send(steering->context, association, steering->steps[association]++);
        steering->failed = steering->failed || (result < 0 && result != -ENOTCONN);
    }
    steering->due_count = 0;
}

int steering_send_plain(struct server *server, uint64_t association, size_t step) {
    const struct traffic_request *wanted = &traffic_requests[step];
    struct message request;
    uint64_t exchange;
    int result = 0;
    message_init(&request, MESSAGE_CON, wanted->code, 0);
    for (size_t i = 0; i < 2 && wanted->path[i] && result == 0; i++) {
        result = message_options_add(&request.options, MESSAGE_OPTION_URI_PATH, wanted->path[i],
                                     strlen(wanted->path[i]));
    }
    if (wanted->content_format != TRAFFIC_NONE && result == 0) {
        result = message_options_add_uint(&request.options, MESSAGE_OPTION_CONTENT_FORMAT,
                                          (uint32_t)wanted->content_format);
    }
    if (wanted->accept != TRAFFIC_NONE && result == 0) {
        result = message_options_add_uint(&request.options, MESSAGE_OPTION_ACCEPT,
                                          (uint32_t)wanted->accept);
    }
    if (result == 0) {
        result = message_set_payload(&request, wanted->payload, wanted->length);
    }
    if (result == 0) {
        result = server_request(server, association, &request, 0, &exchange);
    }
    message_clear(&request);
    return result;
}

void steering_free(struct steering *steering) {
    free(steering->steps);
    free(steering->due);
}
