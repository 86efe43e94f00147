// SPDX-License-Identifier: Apache-2.0
/* Ties the layers of one server together: udp, wire, dtls, and a talk per association. */
#include "roles/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "roles/server_state.h"
#include "roles/talk.h"

struct members *server_members(const struct server *server,
                               const struct dtls_association *association,
                               const struct address *remote) {
    char text[ADDRESS_TEXT_SIZE];
    struct members *members = &server->lane->members;
    members_begin(members, server->lane->report.keys);
    members_word(members, "server", server->name);
    if (association) {
        members_number(members, "association", (int64_t)dtls_association_number(association));
    }
    if (remote) {
        members_word(members, "remote", address_format(remote, text));
    }
    return members;
}

void server_report(const struct server *server, const char *name, uint64_t t_ns,
                   const struct members *members) {
    server->lane->report.event(server->lane->report.context, name, t_ns, members);
}

static void report_impaired(const struct server *server, struct members *members, bool inbound,
                            const char *layer, enum impair_fault fault, uint64_t t_ns) {
    members_word(members, "direction", inbound ? "in" : "out");
    members_word(members, "layer", layer);
    members_word(members, "what", impair_fault_name(fault));
    server_report(server, "impaired", t_ns, members);
}

// udp and wire

static void on_datagram(void *context, const struct address *remote, const uint8_t *bytes,
                        size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *server = context;
    if (server->overloaded) {
        return;
    }
    if (flood_count(&server->flood, remote, now_ns)) {
        char text[ADDRESS_TEXT_SIZE], why[160];
        server->overloaded = true;
        snprintf(why, sizeof why, "%s sends more than %d datagrams a second",
                 address_format(remote, text), FLOOD_PER_SECOND);
        server->lane->report.overloaded(server->lane->report.context, server->name, why, now_ns);
        return;
    }
    wire_port_receive(server->port, remote, bytes, length, stamp_ns, now_ns);
    server_reap(server);
}

static void on_icmp_error(void *context, const struct address *remote, uint8_t type, uint8_t code,
                          uint64_t now_ns) {
    struct server *server = context;
    struct members *members = server_members(server, NULL, remote);
    members_number(members, "type", type);
    members_number(members, "code", code);
    server_report(server, "icmp_error", now_ns, members);
}

static int on_wire_transmit(void *context, const struct address *remote, const uint8_t *bytes,
                            size_t length) {
    struct server *server = context;
    return udp_socket_send(server->socket, remote, bytes, length);
}

static void on_wire_deliver(void *context, const struct address *remote, const uint8_t *bytes,
                            size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *server = context;
    dtls_endpoint_receive(server->endpoint, remote, bytes, length, stamp_ns, now_ns);
}

static void on_wire_impaired(void *context, enum wire_direction direction, enum impair_fault fault,
                             const struct address *remote, uint64_t now_ns) {
    struct server *server = context;
    report_impaired(server, server_members(server, NULL, remote), direction == WIRE_IN, "wire",
                    fault, now_ns);
}

// dtls and the impairments above it

static void on_dtls_transmit(void *context, const struct address *remote, const uint8_t *bytes,
                             size_t length, uint64_t now_ns) {
    struct server *server = context;
    wire_port_send(server->port, remote, bytes, length, now_ns);
}

static void on_plaintext(void *context, struct dtls_association *association, const uint8_t *bytes,
                         size_t length, uint64_t stamp_ns, uint64_t now_ns) {
    struct server *server = context;
    const struct impair_item item = {.association = dtls_association_number(association),
                                     .stamp_ns = stamp_ns,
                                     .bytes = bytes,
                                     .length = length};
    server->at_hand = association;
    impair_put(server->impair_in, &item, now_ns);
    server->at_hand = NULL;
}

/* The open association of that number, or NULL. */
static struct dtls_association *find(const struct server *server, uint64_t number) {
    bool at_hand = server->at_hand && dtls_association_number(server->at_hand) == number;
    return at_hand ? server->at_hand : dtls_endpoint_find(server->endpoint, number);
}

static void report_message_impaired(struct server *server, bool inbound, enum impair_fault fault,
                                    const struct impair_item *item, uint64_t now_ns) {
    const struct dtls_association *association = find(server, item->association);
    struct members *members = server_members(
        server, association, association ? dtls_association_remote(association) : NULL);
    struct message message;
    char text[5];
    if (message_parse(&message, item->bytes, item->length) != MESSAGE_FAULT_TOO_SHORT) {
        message_code_text(message.code, text);
        members_number(members, "mid", message.mid);
        members_word(members, "code", text);
    }
    message_clear(&message);
    report_impaired(server, members, inbound, "message", fault, now_ns);
}

static void on_met_in(void *context, enum impair_fault fault, const struct impair_item *item,
                      uint64_t now_ns) {
    report_message_impaired(context, true, fault, item, now_ns);
}

static void on_met_out(void *context, enum impair_fault fault, const struct impair_item *item,
                       uint64_t now_ns) {
    report_message_impaired(context, false, fault, item, now_ns);
}

static void on_pass_in(void *context, const struct impair_item *item, bool copy, uint64_t now_ns) {
    struct server *server = context;
    struct dtls_association *association = find(server, item->association);
    struct talk *talk = association ? dtls_association_context(association) : NULL;
    (void)copy;
    if (talk) {
        talk_receive(talk, item->bytes, item->length, item->stamp_ns, now_ns);
    }
}

static void on_pass_out(void *context, const struct impair_item *item, bool copy, uint64_t now_ns) {
    struct server *server = context;
    struct dtls_association *association = find(server, item->association);
    (void)copy;
    if (association) {
        // a datagram that cannot be sent is lost as on a network: reliability is the layer above's
        (void)dtls_endpoint_send(server->endpoint, association, item->bytes, item->length, now_ns);
    }
}

// the loop

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t on_deadline(void *context) {
    const struct server *server = context;
    uint64_t deadline_ns = timers_next(&server->timers);
    deadline_ns = earlier(deadline_ns, wire_port_deadline(server->port));
    deadline_ns = earlier(deadline_ns, dtls_endpoint_deadline(server->endpoint));
    deadline_ns = earlier(deadline_ns, impair_deadline(server->impair_in));
    return earlier(deadline_ns, impair_deadline(server->impair_out));
}

static void on_advance(void *context, uint64_t now_ns) {
    struct server *server = context;
    struct talk *talk;
    wire_port_advance(server->port, now_ns);
    dtls_endpoint_advance(server->endpoint, now_ns);
    impair_advance(server->impair_in, now_ns);
    impair_advance(server->impair_out, now_ns);
    while ((talk = timers_due(&server->timers, now_ns)) != NULL) {
        talk_advance(talk, now_ns);
    }
    server_reap(server);
}

// life

static void server_free(struct server *server) {
    loop_remove_timed(server->lane->loop, server);
    if (server->socket) {
        udp_socket_close(server->socket);
    }
    server_reap(server);
    dtls_endpoint_free(server->endpoint);
    wire_port_free(server->port);
    impair_free(server->impair_in);
    impair_free(server->impair_out);
    policy_clear(&server->policy);
    registry_clear(&server->registry);
    timers_free(&server->timers);
    free(server->name);
    free(server);
}

static int open_layers(struct server *server, const struct server_options *options) {
    static const struct udp_callbacks udp = {.datagram = on_datagram, .icmp_error = on_icmp_error};
    static const struct wire_callbacks wire = {
        .transmit = on_wire_transmit, .deliver = on_wire_deliver, .impaired = on_wire_impaired};
    static const struct impair_callbacks in = {.pass = on_pass_in, .met = on_met_in};
    static const struct impair_callbacks out = {.pass = on_pass_out, .met = on_met_out};
    struct dtls_callbacks dtls = {.transmit = on_dtls_transmit, .plaintext = on_plaintext};
    server_dtls_callbacks(&dtls);
    const struct dtls_options dtls_options = {.security = options->security,
                                              .suites = options->suites,
                                              .suite_count = options->suite_count,
                                              .last_association = &server->lane->last_association};
    server->impair_in = impair_new(&in, server);
    server->impair_out = impair_new(&out, server);
    if (!server->name || !server->impair_in || !server->impair_out) {
        return -ENOMEM;
    }
    int result = dtls_endpoint_new(&server->endpoint, &dtls_options, &dtls, server);
    if (result == 0) {
        result = dtls_endpoint_set_credentials(server->endpoint, options->credentials,
                                               options->credential_count);
    }
    if (result == 0) {
        result =
            udp_socket_open(&server->socket, server->lane->loop, &options->local, &udp, server);
    }
    if (result < 0) {
        return result;
    }
    server->local = *udp_socket_local(server->socket);
    server->port = wire_port_new(server->lane->capture, &server->local, &wire, server);
    return server->port ? loop_add_timed(server->lane->loop, on_deadline, on_advance, server)
                        : -ENOMEM;
}

static void report_server(const struct server *server, const char *event) {
    char host[ADDRESS_TEXT_SIZE];
    struct members *members = server_members(server, NULL, NULL);
    members_word(members, "role", server->role == SERVER_BOOTSTRAP ? "bootstrap" : "lwm2m");
    members_word(members, "address", address_host(&server->local, host));
    members_number(members, "port", address_port(&server->local));
    members_word(members, "security", server->security == DTLS_SECURITY_PSK ? "psk" : "none");
    server_report(server, event, clock_now_ns(), members);
}

int server_open(struct server **opened, struct server_lane *lane,
                const struct server_options *options) {
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        return -ENOMEM;
    }
    server->lane = lane;
    server->name = strdup(options->name);
    server->role = options->role;
    server->security = options->security;
    int result = open_layers(server, options);
    if (result < 0) {
        server_free(server);
        return result;
    }
    report_server(server, "server_opened");
    *opened = server;
    return 0;
}

void server_close(struct server *server, bool notify) {
    dtls_endpoint_drop(server->endpoint, notify, DTLS_CLOSED_SERVER_CLOSED, clock_now_ns());
    server_reap(server);
    report_server(server, "server_closed");
    server_free(server);
}

const char *server_name(const struct server *server) {
    return server->name;
}

const struct address *server_local(const struct server *server) {
    return &server->local;
}

enum dtls_security server_security(const struct server *server) {
    return server->security;
}

size_t server_associations(const struct server *server) {
    return dtls_endpoint_count(server->endpoint);
}

struct wire_counts server_counts(const struct server *server) {
    return wire_port_counts(server->port);
}

int server_set_credentials(struct server *server, const struct dtls_credential *credentials,
                           size_t count) {
    return dtls_endpoint_set_credentials(server->endpoint, credentials, count);
}

size_t server_drop_associations(struct server *server, bool notify) {
    size_t dropped =
        dtls_endpoint_drop(server->endpoint, notify, DTLS_CLOSED_DROPPED, clock_now_ns());
    server_reap(server);
    return dropped;
}

int server_arm(struct server *server, enum operation operation, const struct answer *answers,
               size_t count) {
    int result = policy_arm(&server->policy, operation, answers, count);
    if (result == 0 && operation == OPERATION_HANDSHAKE) {
        dtls_endpoint_reconsider(server->endpoint); // a client that repeats its hello meets it, too
    }
    return result;
}

uint64_t server_association(const struct server *server, uint64_t number) {
    const struct dtls_association *found = number ? dtls_endpoint_find(server->endpoint, number)
                                                  : dtls_endpoint_newest(server->endpoint);
    return found ? dtls_association_number(found) : 0;
}

int server_send_raw(struct server *server, uint64_t association, const uint8_t *bytes,
                    size_t length, bool wire) {
    uint64_t now_ns = clock_now_ns();
    struct dtls_association *found = dtls_endpoint_find(server->endpoint, association);
    if (!found) {
        return -ENOTCONN;
    }
    if (!wire) {
        return dtls_endpoint_send(server->endpoint, found, bytes, length, now_ns);
    }
    wire_port_send(server->port, dtls_association_remote(found), bytes, length, now_ns);
    return 0;
}

int server_impair(struct server *server, enum wire_direction direction, bool wire,
                  const struct impair_plan *plan) {
    if (wire) {
        return wire_port_impair(server->port, direction, plan);
    }
    return impair_set(direction == WIRE_IN ? server->impair_in : server->impair_out, plan);
}
