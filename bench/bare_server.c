// SPDX-License-Identifier: Apache-2.0
/*
 * bench-bare-server: what a bootstrap costs a server that only does it: mbedTLS, epoll, one socket,
 * a table by port. No capture, no events, no de-duplication, no impairments. It knows the load
 * client only: IPv4, one credential, and it answers whatever is asked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "association.h"
#include "brief.h"
#include "dtls/random.h"
#include "traffic.h"
#include "usage.h"

enum { PORTS = 65536, DATAGRAM_MAX = 2048, RECEIVE_BUFFER = 1 << 20, IDLE_MS = 1000 };

struct client {
    struct association association;
    bool up;
    size_t step;              // the request that is under way, from 1; 0: none yet
    uint8_t sent[BRIEF_SIZE]; // it, to be sent again
    size_t sent_length;
};

struct server {
    mbedtls_ssl_config config;
    mbedtls_ssl_cookie_ctx cookies;
    int socket;
    int epoll;
    struct client *clients[PORTS];
    struct client *listener; // takes hellos until one shows its cookie
    uint64_t bootstraps;
    uint16_t next_mid;
};

// messages

static void send_message(struct client *client, const struct brief_writer *message) {
    (void)mbedtls_ssl_write(&client->association.ssl, message->bytes, message->length);
}

static void send_request(struct server *server, struct client *client) {
    const struct traffic_request *request = &traffic_requests[client->step];
    const uint8_t token[2] = {(uint8_t)client->step, 0xb5};
    struct brief_writer message;
    brief_begin(&message, BRIEF_CON, request->code, server->next_mid++, token, sizeof token);
    for (size_t i = 0; i < 2 && request->path[i] != NULL; i++) {
        brief_option(&message, BRIEF_URI_PATH, request->path[i], strlen(request->path[i]));
    }
    if (request->content_format != TRAFFIC_NONE) {
        brief_option_uint(&message, BRIEF_CONTENT_FORMAT, (uint16_t)request->content_format);
    }
    if (request->accept != TRAFFIC_NONE) {
        brief_option_uint(&message, BRIEF_ACCEPT, (uint16_t)request->accept);
    }
    if (request->length > 0) {
        brief_payload(&message, request->payload, request->length);
    }
    memcpy(client->sent, message.bytes, message.length);
    client->sent_length = message.length;
    client->step++;
    send_message(client, &message);
}

static void on_message(struct server *server, struct client *client, const uint8_t *bytes,
                       size_t length) {
    struct brief message;
    struct brief_writer reply;
    if (!brief_read(&message, bytes, length)) {
        return;
    }
    if (message.type == BRIEF_CON) {
        brief_begin(&reply, BRIEF_ACK, BRIEF_CHANGED, message.mid, message.token,
                    message.token_length);
        send_message(client, &reply);
        if (client->step == 0) {
            send_request(server, client);
        }
        return;
    }
    bool awaited =
        client->step > 0 && message.token_length > 0 && message.token[0] == client->step - 1;
    if (awaited && client->step < TRAFFIC_REQUESTS) {
        send_request(server, client);
    } else if (awaited) {
        client->sent_length = 0;
        server->bootstraps++;
    }
}

// clients

static struct client *client_new(struct server *server) {
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL ||
        !association_setup(&client->association, &server->config, server->socket)) {
        fprintf(stderr, "bench-bare-server: no memory\n");
        exit(EXIT_FAILURE);
    }
    return client;
}

static void client_free(struct server *server, struct client *client) {
    server->clients[ntohs(client->association.remote.sin_port)] = NULL;
    association_free(&client->association);
    free(client);
}

/* Let mbedTLS work on the datagram that it was given; false when the association has ended. */
static bool advance(struct server *server, struct client *client) {
    uint8_t bytes[BRIEF_SIZE];
    mbedtls_ssl_context *ssl = &client->association.ssl;
    int result = client->up ? 0 : mbedtls_ssl_handshake(ssl);
    client->up = client->up || result == 0;
    while (client->up && (result = mbedtls_ssl_read(ssl, bytes, sizeof bytes)) > 0) {
        on_message(server, client, bytes, (size_t)result);
    }
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        mbedtls_ssl_close_notify(ssl);
    }
    return result == MBEDTLS_ERR_SSL_WANT_READ;
}

/* A datagram of nobody: a ClientHello, with or without cookie. */
static void greet(struct server *server, const struct sockaddr_in *remote, const uint8_t *bytes,
                  size_t length) {
    struct client *client = server->listener;
    mbedtls_ssl_context *ssl = &client->association.ssl;
    client->association.remote = *remote;
    mbedtls_ssl_set_client_transport_id(ssl, (const unsigned char *)remote, sizeof *remote);
    association_give(&client->association, bytes, length);
    if (advance(server, client) && ssl->state > MBEDTLS_SSL_CLIENT_HELLO) {
        server->clients[ntohs(remote->sin_port)] = client;
        server->listener = client_new(server);
    } else {
        mbedtls_ssl_session_reset(ssl);
    }
}

// the loop

static void read_socket(struct server *server) {
    for (;;) {
        uint8_t bytes[DATAGRAM_MAX];
        struct sockaddr_in remote = {0};
        socklen_t size = sizeof remote;
        ssize_t length =
            recvfrom(server->socket, bytes, sizeof bytes, 0, (struct sockaddr *)&remote, &size);
        if (length < 0 && errno == EAGAIN) {
            return;
        }
        if (length < 0) {
            continue; // EINTR, or an ICMP error
        }
        struct client *client = server->clients[ntohs(remote.sin_port)];
        if (client == NULL) {
            greet(server, &remote, bytes, (size_t)length);
            continue;
        }
        association_give(&client->association, bytes, (size_t)length);
        if (!advance(server, client)) {
            client_free(server, client);
        }
    }
}

/* Nothing has come for a while: what is under way was lost. */
static void repeat(struct server *server) {
    for (size_t port = 0; port < PORTS; port++) {
        struct client *client = server->clients[port];
        if (client == NULL) {
            continue;
        }
        if (client->up && client->sent_length > 0) {
            (void)mbedtls_ssl_write(&client->association.ssl, client->sent, client->sent_length);
        } else if (!client->up && !advance(server, client)) {
            client_free(server, client);
        }
    }
}

static int serve(struct server *server) {
    for (;;) {
        struct epoll_event events[2];
        int count = epoll_wait(server->epoll, events, 2, IDLE_MS);
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        if (count == 0) {
            repeat(server);
        }
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == server->socket) {
                read_socket(server);
            } else if (!usage_asked(server->bootstraps)) {
                return 0;
            }
        }
    }
}

static int watch(const struct server *server, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event);
}

static int open_socket(struct server *server) {
    const int buffer = RECEIVE_BUFFER;
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof local;
    server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->socket < 0 || server->epoll < 0 ||
        setsockopt(server->socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) < 0 ||
        bind(server->socket, (struct sockaddr *)&local, size) < 0 ||
        getsockname(server->socket, (struct sockaddr *)&local, &size) < 0 ||
        watch(server, server->socket) < 0 || watch(server, STDIN_FILENO) < 0) {
        return -errno;
    }
    usage_tell_port(ntohs(local.sin_port));
    return 0;
}

int main(void) {
    static struct server server;
    mbedtls_ssl_cookie_init(&server.cookies);
    if (!association_configure(&server.config, MBEDTLS_SSL_IS_SERVER) ||
        mbedtls_ssl_cookie_setup(&server.cookies, random_bytes, NULL) != 0) {
        fprintf(stderr, "bench-bare-server: mbedTLS cannot be configured\n");
        return EXIT_FAILURE;
    }
    mbedtls_ssl_conf_dtls_cookies(&server.config, mbedtls_ssl_cookie_write,
                                  mbedtls_ssl_cookie_check, &server.cookies);
    int result = open_socket(&server);
    if (result == 0) {
        server.listener = client_new(&server);
        result = serve(&server);
        client_free(&server, server.listener);
    }
    for (size_t port = 0; port < PORTS; port++) {
        if (server.clients[port] != NULL) {
            client_free(&server, server.clients[port]);
        }
    }
    mbedtls_ssl_cookie_free(&server.cookies);
    mbedtls_ssl_config_free(&server.config);
    if (result < 0) {
        fprintf(stderr, "bench-bare-server: %s\n", strerror(-result));
    }
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
