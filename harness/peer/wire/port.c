// SPDX-License-Identifier: Apache-2.0
#include "wire/port.h"

#include <stdbool.h>
#include <stdlib.h>

enum { DIRECTIONS = WIRE_OUT + 1 };

struct path {
    struct wire_port *port;
    enum wire_direction direction;
    struct impair *impair;
};

struct wire_port {
    struct capture *capture;
    struct address local;
    struct wire_callbacks callbacks;
    void *context;
    struct path paths[DIRECTIONS];
    struct wire_counts counts;
};

static const char *comment_on(const struct impair_item *item) {
    if ((item->faults & 1U << IMPAIR_DROP) != 0) {
        return "impaired: drop";
    }
    if ((item->faults & 1U << IMPAIR_DUPLICATE) != 0) {
        return "impaired: duplicate";
    }
    return (item->faults & 1U << IMPAIR_DELAY) != 0 ? "impaired: delay" : NULL;
}

static void capture_item(const struct path *path, const struct impair_item *item, uint64_t t_ns) {
    struct wire_port *port = path->port;
    if (port->capture == NULL) {
        return;
    }
    bool in = path->direction == WIRE_IN;
    capture_datagram(port->capture, in ? CAPTURE_INBOUND : CAPTURE_OUTBOUND,
                     in ? &item->remote : &port->local, in ? &port->local : &item->remote,
                     item->bytes, item->length, t_ns, comment_on(item));
}

/**
 * A delayed inbound datagram is captured when the layers above get it, with its arrival's stamp: a
 * dissector wants the handshake in the order in which its secrets come.
 */
static void pass_in(const struct path *path, const struct impair_item *item, bool copy,
                    uint64_t now_ns) {
    struct wire_port *port = path->port;
    if (!copy) {
        capture_item(path, item, item->stamp_ns);
    }
    port->callbacks.deliver(port->context, &item->remote, item->bytes, item->length, item->stamp_ns,
                            now_ns);
}

static void pass_out(const struct path *path, const struct impair_item *item, uint64_t now_ns) {
    struct wire_port *port = path->port;
    if (port->callbacks.transmit(port->context, &item->remote, item->bytes, item->length) < 0) {
        port->counts.failed++;
        return;
    }
    port->counts.out++;
    capture_item(path, item, now_ns);
}

static void pass(void *context, const struct impair_item *item, bool copy, uint64_t now_ns) {
    const struct path *path = context;
    if (path->direction == WIRE_IN) {
        pass_in(path, item, copy, now_ns);
    } else {
        pass_out(path, item, now_ns);
    }
}

static void met(void *context, enum impair_fault fault, const struct impair_item *item,
                uint64_t now_ns) {
    const struct path *path = context;
    struct wire_port *port = path->port;
    if (path->direction == WIRE_IN && fault == IMPAIR_DROP) {
        capture_item(path, item, item->stamp_ns); // it was on the wire
    }
    if (port->callbacks.impaired != NULL) {
        port->callbacks.impaired(port->context, path->direction, fault, &item->remote, now_ns);
    }
}

struct wire_port *wire_port_new(struct capture *capture, const struct address *local,
                                const struct wire_callbacks *callbacks, void *context) {
    static const struct impair_callbacks impair_callbacks = {pass, met};
    struct wire_port *port = calloc(1, sizeof *port);
    if (port == NULL) {
        return NULL;
    }
    port->capture = capture;
    port->local = *local;
    port->callbacks = *callbacks;
    port->context = context;
    for (int i = 0; i < DIRECTIONS; i++) {
        struct path *path = &port->paths[i];
        path->port = port;
        path->direction = (enum wire_direction)i;
        path->impair = impair_new(&impair_callbacks, path);
        if (path->impair == NULL) {
            wire_port_free(port);
            return NULL;
        }
    }
    return port;
}

void wire_port_free(struct wire_port *port) {
    if (port == NULL) {
        return;
    }
    for (int i = 0; i < DIRECTIONS; i++) {
        impair_free(port->paths[i].impair);
    }
    free(port);
}

void wire_port_receive(struct wire_port *port, const struct address *remote, const uint8_t *bytes,
                       size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct impair_item item = {
        .remote = *remote, .stamp_ns = stamp_ns, .bytes = bytes, .length = length};
    port->counts.in++;
    impair_put(port->paths[WIRE_IN].impair, &item, now_ns);
}

void wire_port_send(struct wire_port *port, const struct address *remote, const uint8_t *bytes,
                    size_t length, uint64_t now_ns) {
    struct impair_item item = {
        .remote = *remote, .stamp_ns = now_ns, .bytes = bytes, .length = length};
    impair_put(port->paths[WIRE_OUT].impair, &item, now_ns);
}

int wire_port_impair(struct wire_port *port, enum wire_direction direction,
                     const struct impair_plan *plan) {
    return impair_set(port->paths[direction].impair, plan);
}

uint64_t wire_port_deadline(const struct wire_port *port) {
    uint64_t in = impair_deadline(port->paths[WIRE_IN].impair);
    uint64_t out = impair_deadline(port->paths[WIRE_OUT].impair);
    return in < out ? in : out;
}

void wire_port_advance(struct wire_port *port, uint64_t now_ns) {
    for (int i = 0; i < DIRECTIONS; i++) {
        impair_advance(port->paths[i].impair, now_ns);
    }
}

struct wire_counts wire_port_counts(const struct wire_port *port) {
    return port->counts;
}
