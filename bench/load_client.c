// SPDX-License-Identifier: Apache-2.0
/*
 * bench-load-client: many clients that bootstrap at once from 127.0.0.1, in one event loop. Each
 * bootstrap is a fresh socket and a full handshake; then the Bootstrap-Request, the answers to what
 * the server asks, and after the Bootstrap-Finish a close_notify each way. Ends by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "association.h"
#include "base/clock.h"
#include "brief.h"
#include "traffic.h"

enum { DATAGRAM_MAX = 2048, SWEEP_MS = 100, CLIENTS_MAX = 10000 };

/* RFC 7252 4.8: ACK_TIMEOUT. What takes longer than the limit has failed. */
#define ACK_TIMEOUT_NS (2 * CLOCK_NS_PER_S)
#define BOOTSTRAP_LIMIT_NS (20 * CLOCK_NS_PER_S)
#define CLOSE_LIMIT_NS CLOCK_NS_PER_S // a lost close_notify is not repeated (RFC 6347 4.2.7)

enum stage { IDLE, SHAKING_HANDS, ASKED, SERVED, CLOSING };

struct client {
    struct association association;
    enum stage stage;
    uint16_t mid;
    uint64_t began_ns;
    uint64_t sent_ns; // the Bootstrap-Request or close_notify
};

struct load {
    mbedtls_ssl_config config;
    struct sockaddr_in server;
    int epoll;
    struct client *clients;
    size_t client_count;
    uint64_t wanted; // bootstraps
    uint64_t started;
    uint64_t completed;
    uint64_t failed;
    uint64_t repeated; // Bootstrap-Requests and handshake timeouts
    uint64_t end_ns;   // of the run, at the latest
};

// one bootstrap

static bool begin(struct load *load, struct client *client) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (fd < 0 || connect(fd, (struct sockaddr *)&load->server, sizeof load->server) < 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        fprintf(stderr, "bench-load-client: %s\n", strerror(errno));
        return false;
    }
    mbedtls_ssl_session_reset(&client->association.ssl);
    client->association.socket = fd;
    client->association.connected = true;
    client->stage = SHAKING_HANDS;
    client->mid = (uint16_t)load->started++;
    client->began_ns = clock_now_ns();
    return true;
}

static void finish(struct load *load, struct client *client, bool completed) {
    *(completed ? &load->completed : &load->failed) += 1;
    close(client->association.socket);
    client->stage = IDLE;
}

static void ask(struct client *client) {
    struct brief_writer request;
    char query[24];
    const uint8_t token[4] = {0xb5, 0, (uint8_t)(client->mid >> 8), (uint8_t)client->mid};
    int length = snprintf(query, sizeof query, "ep=bench-%05u", (unsigned)client->mid);
    brief_begin(&request, BRIEF_CON, BRIEF_POST, client->mid, token, sizeof token);
    brief_option(&request, BRIEF_URI_PATH, "bs", 2);
    brief_option(&request, BRIEF_URI_QUERY, query, (size_t)length);
    (void)mbedtls_ssl_write(&client->association.ssl, request.bytes, request.length);
    client->stage = ASKED;
    client->sent_ns = clock_now_ns();
}

static void answer(struct client *client, const struct brief *request) {
    struct brief_writer response;
    bool read = request->code == BRIEF_GET;
    bool last = request->code == BRIEF_POST && request->first_path_length == 2 &&
                memcmp(request->first_path, "bs", 2) == 0;
    brief_begin(&response, BRIEF_ACK, read ? BRIEF_CONTENT : BRIEF_CHANGED, request->mid,
                request->token, request->token_length);
    if (read) {
        brief_option_uint(&response, BRIEF_CONTENT_FORMAT, TRAFFIC_LINK_FORMAT);
        brief_payload(&response, traffic_objects, strlen(traffic_objects));
    }
    (void)mbedtls_ssl_write(&client->association.ssl, response.bytes, response.length);
    if (last) {
        mbedtls_ssl_close_notify(&client->association.ssl);
        client->stage = CLOSING;
        client->sent_ns = clock_now_ns();
    }
}

/* False if the server says what it must not say. */
static bool on_message(struct client *client, const uint8_t *bytes, size_t length) {
    struct brief message;
    if (!brief_read(&message, bytes, length)) {
        return false;
    }
    if (message.type == BRIEF_ACK) {
        client->stage = client->stage == ASKED ? SERVED : client->stage;
        return message.code == BRIEF_CHANGED && message.mid == client->mid;
    }
    if (client->stage == SERVED) { // else the ACK before it was lost: it will be repeated
        answer(client, &message);
    }
    return message.type == BRIEF_CON;
}

/* Let mbedTLS work on what it was given. */
static void advance(struct load *load, struct client *client) {
    uint8_t bytes[BRIEF_SIZE];
    mbedtls_ssl_context *ssl = &client->association.ssl;
    int result = 0;
    if (client->stage == SHAKING_HANDS) {
        result = mbedtls_ssl_handshake(ssl);
        if (result == 0) {
            ask(client);
        }
    }
    while (result >= 0) {
        result = mbedtls_ssl_read(ssl, bytes, sizeof bytes);
        if (result > 0 && !on_message(client, bytes, (size_t)result)) {
            result = MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
        }
    }
    if (result != MBEDTLS_ERR_SSL_WANT_READ) {
        finish(load, client,
               client->stage == CLOSING && result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    }
}

// the loop

static void read_socket(struct load *load, struct client *client) {
    uint8_t bytes[DATAGRAM_MAX];
    ssize_t length = 0;
    while (client->stage != IDLE &&
           (length = recv(client->association.socket, bytes, sizeof bytes, 0)) >= 0) {
        association_give(&client->association, bytes, (size_t)length);
        advance(load, client);
    }
    if (length < 0 && errno != EAGAIN && errno != EINTR) {
        finish(load, client, false); // ICMP: nobody is there
    }
}

static void sweep_one(struct load *load, struct client *client, uint64_t now_ns) {
    if (client->stage == CLOSING && now_ns - client->sent_ns >= CLOSE_LIMIT_NS) {
        finish(load, client, true);
    } else if (now_ns - client->began_ns >= BOOTSTRAP_LIMIT_NS) {
        finish(load, client, false);
    } else if (client->stage == SHAKING_HANDS && now_ns >= client->association.final_ns) {
        load->repeated++;
        advance(load, client);
    } else if (client->stage == ASKED && now_ns - client->sent_ns >= ACK_TIMEOUT_NS) {
        load->repeated++;
        ask(client);
    }
}

/* Start what is to be started, and repeat what was lost. */
static bool sweep(struct load *load, bool all) {
    uint64_t now_ns = clock_now_ns();
    for (size_t i = 0; i < load->client_count; i++) {
        struct client *client = &load->clients[i];
        if (all && client->stage != IDLE) {
            sweep_one(load, client, now_ns);
        }
        if (client->stage == IDLE && load->started < load->wanted) {
            if (!begin(load, client)) {
                return false;
            }
            advance(load, client);
        }
    }
    return now_ns < load->end_ns;
}

static bool run(struct load *load) {
    enum { EVENTS = 64 };
    uint64_t swept_ns = clock_now_ns();
    bool going_on = sweep(load, false);
    while (going_on && load->completed + load->failed < load->wanted) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(load->epoll, events, EVENTS, SWEEP_MS);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            read_socket(load, client);
            if (client->stage == IDLE && load->started < load->wanted) {
                going_on = begin(load, client);
                advance(load, client);
            }
        }
        uint64_t now_ns = clock_now_ns();
        if (now_ns - swept_ns >= SWEEP_MS * CLOCK_NS_PER_MS) {
            going_on = sweep(load, true) && going_on;
            swept_ns = now_ns;
        }
    }
    return load->completed == load->wanted;
}

// start

static uint64_t number(const char *text, uint64_t max) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    return errno != 0 || *end != '\0' || value > max ? 0 : value;
}

static bool set_up(struct load *load) {
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->clients = calloc(load->client_count, sizeof *load->clients);
    if (load->epoll < 0 || load->clients == NULL ||
        !association_configure(&load->config, MBEDTLS_SSL_IS_CLIENT)) {
        return false;
    }
    for (size_t i = 0; i < load->client_count; i++) {
        if (!association_setup(&load->clients[i].association, &load->config, -1)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    static struct load load;
    uint64_t port = argc == 5 ? number(argv[1], UINT16_MAX) : 0;
    load.client_count = argc == 5 ? (size_t)number(argv[2], CLIENTS_MAX) : 0;
    load.wanted = argc == 5 ? number(argv[3], UINT32_MAX) : 0;
    uint64_t limit_s = argc == 5 ? number(argv[4], 3600) : 0;
    if (port == 0 || load.client_count == 0 || load.wanted == 0 || limit_s == 0) {
        fprintf(stderr, "usage: bench-load-client PORT CLIENTS BOOTSTRAPS SECONDS\n");
        return 2;
    }
    load.server = (struct sockaddr_in){.sin_family = AF_INET,
                                       .sin_port = htons((uint16_t)port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!set_up(&load)) {
        fprintf(stderr, "bench-load-client: cannot be set up\n");
        return EXIT_FAILURE;
    }
    uint64_t began_ns = clock_now_ns();
    load.end_ns = began_ns + limit_s * CLOCK_NS_PER_S;
    bool whole = run(&load);
    printf("{\"completed\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"repeated\": %" PRIu64
           ", \"elapsed_us\": %" PRIu64 "}\n",
           load.completed, load.failed, load.repeated,
           (uint64_t)((clock_now_ns() - began_ns) / CLOCK_NS_PER_US));
    for (size_t i = 0; i < load.client_count; i++) {
        association_free(&load.clients[i].association);
    }
    free(load.clients);
    mbedtls_ssl_config_free(&load.config);
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
