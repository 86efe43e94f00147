// SPDX-License-Identifier: Apache-2.0
/*
 * The peer as a whole: the servers of the lane, and the control protocol's methods on them
 * (docs/peer-protocol.md). Nothing here reads or writes the control connection: main.c does.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/events.h"
#include "control/params.h"
#include "control/rpc.h"
#include "roles/redact.h"
#include "roles/server.h"

enum { CONTROL_PROTOCOL = 1 };

struct control {
    struct server_lane lane;
    struct events *events;
    struct redact *keys;
    struct rpc *rpc;
    struct server **servers;
    size_t server_count;
    struct wire_counts closed; // datagrams of the servers that are closed
    uint64_t heartbeat_ns;     // when the next one is due
    bool greeted;              // hello was said
    bool stopping;             // the loop is to end
    bool overloaded;
};

/** Open the files in `directory` and report the start. `loop` is borrowed. 0 or -errno. */
int control_open(struct control *control, struct loop *loop, const char *directory, uint64_t seed);

/** Close the servers, report the end, flush and close the files. The rpc stays, for its output. */
void control_close(struct control *control);

/** Write what this turn reported. A lane whose reports are lost is overloaded. */
void control_end_turn(struct control *control);

/** End the loop after this turn. */
void control_stop(struct control *control);

/** Report that the lane cannot be judged (once), and end. `server` may be NULL. */
void control_overload(struct control *control, const char *server, const char *why, uint64_t t_ns);

/** The server of that name, or NULL. */
struct server *control_find(struct control *control, const char *name);

/** The server that the member `server` names, or NULL with the error set. */
struct server *control_named_server(struct control *control, struct params params);

// The methods: as rpc_handler_fn.

json_t *control_make_key(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_open_server(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_set_credentials(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_close_server(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_drop_associations(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_arm(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_connect(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_impair(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_release(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_send_request(struct control *control, json_t *params, struct rpc_error *error);
json_t *control_send_raw(struct control *control, json_t *params, struct rpc_error *error);

#endif
