// SPDX-License-Identifier: Apache-2.0
#include "roles/talk.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

uint64_t talk_time(const struct talk *talk, uint64_t now_ns) {
    return talk->stamp_ns ? talk->stamp_ns : now_ns;
}

struct members *talk_members(const struct talk *talk, uint64_t exchange) {
    struct members *members = server_members(talk->server, NULL, &talk->remote);
    members_number(members, "association", (int64_t)talk->association);
    if (exchange) {
        members_number(members, "exchange", (int64_t)exchange);
    }
    return members;
}

static struct asked *find_asked(struct talk *talk, uint64_t exchange) {
    struct asked *asked = talk->asked;
    while (asked && asked->exchange != exchange) {
        asked = asked->next;
    }
    return asked;
}

static void forget_asked(struct talk *talk, uint64_t exchange) {
    for (struct asked **at = &talk->asked; *at; at = &(*at)->next) {
        if ((*at)->exchange == exchange) {
            struct asked *gone = *at;
            *at = gone->next;
            free(gone);
            return;
        }
    }
}

// what the layers tell

static void on_send(void *user, const uint8_t *bytes, size_t length, uint64_t now_ns) {
    struct talk *talk = user;
    const struct impair_item item = {
        .association = talk->association, .stamp_ns = now_ns, .bytes = bytes, .length = length};
    if (!talk->link) {
        return;
    }
    struct dtls_association *before = talk->server->at_hand;
    talk->server->at_hand = talk->link;
    impair_put(talk->server->impair_out, &item, now_ns);
    // gone if the association was closed meanwhile
    talk->server->at_hand = talk->link == before ? before : NULL;
}

static void on_request_repeated(void *user, uint64_t exchange, uint64_t now_ns) {
    struct talk *talk = user;
    server_report(talk->server, "request_repeated", talk_time(talk, now_ns),
                  talk_members(talk, exchange));
}

static void on_response_settled(void *user, uint64_t exchange, bool failed,
                                enum exchange_failure failure, uint64_t now_ns) {
    struct talk *talk = user;
    if (failed) {
        struct members *members = talk_members(talk, exchange);
        members_word(members, "reason", exchange_failure_text(failure));
        server_report(talk->server, "exchange_failed", talk_time(talk, now_ns), members);
    }
}

static void on_request_sent(void *user, uint64_t exchange, const struct message *request,
                            uint64_t now_ns) {
    struct talk *talk = user;
    uint32_t format;
    struct members *members = talk_members(talk, exchange);
    members_word(members, "type", message_type_text(request->type));
    members_number(members, "mid", request->mid);
    members_bytes(members, "token", request->token, request->token_length);
    members_word(members, "method", message_method_text(request->code));
    shown_options(members, "path", &request->options, MESSAGE_OPTION_URI_PATH);
    shown_options(members, "query", &request->options, MESSAGE_OPTION_URI_QUERY);
    if (message_options_get_uint(&request->options, MESSAGE_OPTION_CONTENT_FORMAT, &format)) {
        members_number(members, "content_format", format);
    }
    members_number(members, "content_length", (int64_t)request->payload_length);
    server_report(talk->server, "request_sent", now_ns, members);
}

static void on_request_retransmitted(void *user, uint64_t exchange, unsigned attempt,
                                     uint64_t now_ns) {
    struct talk *talk = user;
    struct members *members = talk_members(talk, exchange);
    members_number(members, "attempt", attempt);
    server_report(talk->server, "request_retransmitted", now_ns, members);
}

static void on_acknowledged(void *user, uint64_t exchange, uint64_t now_ns) {
    struct talk *talk = user;
    server_report(talk->server, "acknowledged", talk_time(talk, now_ns),
                  talk_members(talk, exchange));
}

static void add_code(struct members *members, uint8_t code) {
    char text[5];
    message_code_text(code, text);
    members_word(members, "code", text);
}

static void on_response(void *user, uint64_t exchange, const struct message *response,
                        uint64_t first_sent_ns, uint64_t now_ns) {
    struct talk *talk = user;
    const struct asked *asked = find_asked(talk, exchange);
    struct members *members = talk_members(talk, exchange);
    add_code(members, response->code);
    members_word(members, "type", message_type_text(response->type));
    shown_payload(members, response, asked ? asked->place : (struct place){.count = 0});
    if (message_options_find(&response->options, MESSAGE_OPTION_LOCATION_PATH)) {
        shown_options(members, "location_path", &response->options, MESSAGE_OPTION_LOCATION_PATH);
    }
    members_number(members, "sent_us", (int64_t)(first_sent_ns / CLOCK_NS_PER_US));
    server_report(talk->server, "response_received", talk_time(talk, now_ns), members);
    if (asked) {
        watch_response(talk, asked, response, now_ns);
    }
    forget_asked(talk, exchange);
}

static void on_failed(void *user, uint64_t exchange, enum exchange_failure failure,
                      uint64_t first_sent_ns, uint64_t now_ns) {
    struct talk *talk = user;
    struct members *members = talk_members(talk, exchange);
    (void)first_sent_ns;
    members_word(members, "reason", exchange_failure_text(failure));
    server_report(talk->server, "exchange_failed", talk_time(talk, now_ns), members);
    forget_asked(talk, exchange);
}

static void on_response_repeated(void *user, uint64_t exchange, const struct message *response,
                                 uint64_t now_ns) {
    struct talk *talk = user;
    struct members *members = talk_members(talk, exchange);
    add_code(members, response->code);
    members_word(members, "type", message_type_text(response->type));
    server_report(talk->server, "response_repeated", talk_time(talk, now_ns), members);
}

static const char *unmatched_name(enum exchange_unmatched why) {
    switch (why) {
    case EXCHANGE_UNKNOWN:
        return "unknown";
    case EXCHANGE_LATE:
        return "late";
    case EXCHANGE_ANSWERED:
        return "answered";
    case EXCHANGE_TOKEN_DIFFERS:
        return "token_differs";
    }
    return "unknown";
}

static void on_response_unmatched(void *user, uint64_t exchange, const struct message *response,
                                  enum exchange_unmatched why, uint64_t now_ns) {
    struct talk *talk = user;
    struct members *members = talk_members(talk, exchange);
    add_code(members, response->code);
    members_bytes(members, "token", response->token, response->token_length);
    members_word(members, "why", unmatched_name(why));
    server_report(talk->server, "response_unmatched", talk_time(talk, now_ns), members);
    if (why == EXCHANGE_TOKEN_DIFFERS) {
        watch_token_differs(talk, exchange, response, now_ns);
    }
}

static void on_malformed(void *user, enum message_fault fault, const uint8_t *bytes, size_t length,
                         uint64_t now_ns) {
    struct talk *talk = user;
    struct members *members = talk_members(talk, 0);
    members_word(members, "why", message_fault_text(fault));
    shown_head(members, "bytes", bytes, length);
    server_report(talk->server, "message_malformed", talk_time(talk, now_ns), members);
    watch_malformed(talk, fault, bytes, length, now_ns);
}

// life

struct talk *talk_new(struct server *server, struct dtls_association *association) {
    static const struct exchange_callbacks callbacks = {
        .send = on_send,
        .arrived = watch_message,
        .request = answer_request,
        .request_repeated = on_request_repeated,
        .response_settled = on_response_settled,
        .request_sent = on_request_sent,
        .request_retransmitted = on_request_retransmitted,
        .acknowledged = on_acknowledged,
        .response = on_response,
        .failed = on_failed,
        .response_repeated = on_response_repeated,
        .response_unmatched = on_response_unmatched,
        .malformed = on_malformed,
    };
    struct talk *talk = calloc(1, sizeof *talk);
    if (!talk) {
        return NULL;
    }
    talk->server = server;
    talk->association = dtls_association_number(association);
    talk->link = association;
    talk->remote = *dtls_association_remote(association);
    talk->timer.owner = talk;
    const struct block_config config = {
        .exchange = {.parameters = exchange_default_parameters(),
                     .callbacks = &callbacks,
                     .user = talk,
                     .next_exchange = &server->lane->next_exchange,
                     .seed = server->lane->seed * 1000003 + talk->association},
        .admit = answer_admit,
    };
    talk->layer = block_new(&config);
    if (!talk->layer) {
        free(talk);
        return NULL;
    }
    talk->next = server->talks;
    if (talk->next) {
        talk->next->previous = talk;
    }
    server->talks = talk;
    return talk;
}

void talk_bury(struct talk *talk) {
    struct server *server = talk->server;
    timers_unset(&server->timers, &talk->timer);
    rules_session_ends(&server->lane->rules, talk->association, false);
    talk->link = NULL;
    if (talk->previous) {
        talk->previous->next = talk->next;
    } else {
        server->talks = talk->next;
    }
    if (talk->next) {
        talk->next->previous = talk->previous;
    }
    talk->next = server->dead_talks;
    server->dead_talks = talk;
}

void talk_free(struct talk *talk, uint64_t now_ns) {
    block_close(talk->layer, now_ns);
    block_free(talk->layer);
    answer_forget(talk);
    while (talk->asked) {
        forget_asked(talk, talk->asked->exchange);
    }
    free(talk);
}

void server_reap(struct server *server) {
    while (server->dead_talks) {
        struct talk *talk = server->dead_talks;
        server->dead_talks = talk->next;
        talk_free(talk, clock_now_ns());
    }
}

// time and bytes

void talk_schedule(struct talk *talk) {
    if (!talk->link) {
        return; // the timer of a buried talk must stay unset
    }
    uint64_t deadline_ns = block_deadline(talk->layer);
    for (const struct pending *pending = talk->pending; pending; pending = pending->next) {
        deadline_ns = pending->due_ns < deadline_ns ? pending->due_ns : deadline_ns;
    }
    // without memory the next message or deadline of this client tries again
    (void)timers_set(&talk->server->timers, &talk->timer, deadline_ns);
}

void talk_receive(struct talk *talk, const uint8_t *bytes, size_t length, uint64_t stamp_ns,
                  uint64_t now_ns) {
    talk->stamp_ns = stamp_ns;
    block_receive(talk->layer, bytes, length, now_ns);
    talk->stamp_ns = 0;
    talk_schedule(talk);
}

void talk_advance(struct talk *talk, uint64_t now_ns) {
    block_advance(talk->layer, now_ns);
    answer_advance(talk, now_ns);
    talk_schedule(talk);
}

// our requests

/* The callbacks come while a request is sent, so its place must be known by then: the number that
 * it will get is the next one, since nothing else is numbered in between. */
static struct asked *ask(struct talk *talk, const struct message *request) {
    struct asked *asked = calloc(1, sizeof *asked);
    if (asked) {
        asked->exchange = talk->server->lane->next_exchange;
        asked->place = place_in_device_management(&request->options);
        asked->command = watch_sent(talk, request);
        asked->non = request->type == MESSAGE_NON;
        asked->next = talk->asked;
        talk->asked = asked;
    }
    return asked;
}

int server_request(struct server *server, uint64_t association, const struct message *request,
                   size_t block_size, uint64_t *exchange) {
    uint64_t now_ns = clock_now_ns();
    struct dtls_association *found = dtls_endpoint_find(server->endpoint, association);
    struct talk *talk = found ? dtls_association_context(found) : NULL;
    if (!talk) {
        return -ENOTCONN;
    }
    struct asked *asked = ask(talk, request);
    if (!asked) {
        return -ENOMEM;
    }
    uint64_t expected = asked->exchange;
    int result = block_request(talk->layer, request, block_size, exchange, now_ns);
    if (result < 0) {
        forget_asked(talk, expected);
    }
    talk_schedule(talk);
    server_reap(server);
    return result;
}

int server_release(struct server *server, uint64_t exchange, uint8_t code,
                   const struct content *content) {
    int result = -ENOENT;
    for (struct talk *talk = server->talks; talk && result == -ENOENT; talk = talk->next) {
        result = answer_release(talk, exchange, code, content, clock_now_ns());
        talk_schedule(talk);
    }
    server_reap(server);
    return result;
}
