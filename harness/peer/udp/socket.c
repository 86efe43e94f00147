// SPDX-License-Identifier: Apache-2.0
#include "udp/socket.h"

#include "base/clock.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    READS_PER_WAKE_UP = 64,
    SEND_ATTEMPTS = 4,
    DATAGRAM_MAX = 65535,
    RECEIVE_BUFFER = 1 << 20, // so that a stall of the machine loses nothing
};

struct udp_socket {
    struct loop *loop;
    int fd;
    struct address local;
    struct udp_callbacks callbacks;
    void *context;
    uint64_t last_stamp_ns;
    bool reading; // a callback may run: udp_socket_close() only marks
    bool closed;
    uint8_t datagram[DATAGRAM_MAX];
};

/** The kernel's stamp of a message on the monotonic clock; now if it has none. */
static uint64_t stamp_of(struct udp_socket *socket, struct msghdr *message, int64_t offset_ns,
                         uint64_t now_ns) {
    uint64_t stamp = now_ns;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            int64_t real = (int64_t)t.tv_sec * (int64_t)CLOCK_NS_PER_S + t.tv_nsec;
            stamp = (uint64_t)(real - offset_ns);
        }
    }
    // The calendar clock may have been set meanwhile: never later than now, never back.
    stamp = stamp > now_ns ? now_ns : stamp;
    stamp = stamp < socket->last_stamp_ns ? socket->last_stamp_ns : stamp;
    socket->last_stamp_ns = stamp;
    return stamp;
}

static void read_datagrams(struct udp_socket *socket) {
    int64_t offset_ns = clock_realtime_offset_ns();
    for (int i = 0; i < READS_PER_WAKE_UP && !socket->closed; i++) {
        struct address remote;
        memset(&remote, 0, sizeof remote);
        union {
            char bytes[256];
            struct cmsghdr align;
        } control;
        struct iovec piece = {socket->datagram, sizeof socket->datagram};
        struct msghdr message = {.msg_name = &remote,
                                 .msg_namelen = sizeof remote,
                                 .msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        ssize_t length = recvmsg(socket->fd, &message, 0);
        if (length < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return;
            }
            continue; // EINTR, or a pending ICMP error, which the error queue tells in full
        }
        uint64_t now = clock_now_ns();
        uint64_t stamp = stamp_of(socket, &message, offset_ns, now);
        socket->callbacks.datagram(socket->context, &remote, socket->datagram, (size_t)length,
                                   stamp, now);
    }
}

static void tell_icmp(struct udp_socket *socket, struct msghdr *message,
                      const struct address *remote) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        bool ours = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
        if (!ours) {
            continue;
        }
        struct sock_extended_err error;
        memcpy(&error, CMSG_DATA(c), sizeof error);
        bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
        if (icmp && socket->callbacks.icmp_error != NULL) {
            socket->callbacks.icmp_error(socket->context, remote, error.ee_type, error.ee_code,
                                         clock_now_ns());
        }
    }
}

static void read_errors(struct udp_socket *socket) {
    for (int i = 0; i < READS_PER_WAKE_UP && !socket->closed; i++) {
        struct address remote; // that the failed datagram went to
        memset(&remote, 0, sizeof remote);
        union {
            char bytes[512];
            struct cmsghdr align;
        } control;
        uint8_t ignored[1];
        struct iovec piece = {ignored, sizeof ignored};
        struct msghdr message = {.msg_name = &remote,
                                 .msg_namelen = sizeof remote,
                                 .msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        if (recvmsg(socket->fd, &message, MSG_ERRQUEUE) < 0) {
            // An error that is not in the queue would wake the loop for ever: take it away, too.
            int error = 0;
            socklen_t length = sizeof error;
            (void)getsockopt(socket->fd, SOL_SOCKET, SO_ERROR, &error, &length);
            return;
        }
        tell_icmp(socket, &message, &remote);
    }
}

static void ready(void *context, uint32_t events) {
    struct udp_socket *socket = context;
    socket->reading = true;
    if ((events & EPOLLERR) != 0) {
        read_errors(socket);
    }
    if ((events & EPOLLIN) != 0) {
        read_datagrams(socket);
    }
    socket->reading = false;
    if (socket->closed) {
        free(socket);
    }
}

static int set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_options(int fd, bool v6) {
    int result = set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (result == 0) {
        result = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
                    : set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
    }
    if (result == 0 && v6) {
        result = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (result == 0) {
        result = set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER); // as much as is allowed
    }
    return result;
}

static int open_bound(struct udp_socket *opened, const struct address *local) {
    opened->fd =
        socket(local->socket.generic.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (opened->fd < 0) {
        return -errno;
    }
    int result = set_options(opened->fd, local->socket.generic.sa_family == AF_INET6);
    if (result < 0) {
        return result;
    }
    if (bind(opened->fd, &local->socket.generic, address_length(local)) < 0) {
        return -errno;
    }
    socklen_t length = sizeof opened->local;
    if (getsockname(opened->fd, &opened->local.socket.generic, &length) < 0) {
        return -errno;
    }
    return loop_watch(opened->loop, opened->fd, EPOLLIN, ready, opened);
}

int udp_socket_open(struct udp_socket **opened, struct loop *loop, const struct address *local,
                    const struct udp_callbacks *callbacks, void *context) {
    struct udp_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        return -ENOMEM;
    }
    socket->loop = loop;
    socket->callbacks = *callbacks;
    socket->context = context;
    int result = open_bound(socket, local);
    if (result < 0) {
        if (socket->fd >= 0) {
            close(socket->fd);
        }
        free(socket);
        return result;
    }
    *opened = socket;
    return 0;
}

const struct address *udp_socket_local(const struct udp_socket *socket) {
    return &socket->local;
}

int udp_socket_send(struct udp_socket *socket, const struct address *remote, const uint8_t *bytes,
                    size_t length) {
    if (socket->closed) {
        return -EBADF;
    }
    int error = 0;
    for (int attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
        if (sendto(socket->fd, bytes, length, MSG_NOSIGNAL, &remote->socket.generic,
                   address_length(remote)) >= 0) {
            return 0;
        }
        error = errno;
        if (error == EAGAIN || error == EMSGSIZE) {
            break;
        }
        // Else it may be the pending ICMP error of another remote; the failed call took it away.
    }
    return -error;
}

void udp_socket_close(struct udp_socket *socket) {
    if (socket->closed) {
        return;
    }
    socket->closed = true;
    loop_unwatch(socket->loop, socket->fd);
    close(socket->fd);
    if (!socket->reading) {
        free(socket);
    }
}
