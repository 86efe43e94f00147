// SPDX-License-Identifier: Apache-2.0
/* A UDP address: IPv4 or IPv6 with a port. Plain data, copied by assignment. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    union {
        struct sockaddr generic;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
};

/** Longest text of address_format() with its NUL. */
#define ADDRESS_TEXT_SIZE 80

/** Read a numeric IPv4 or IPv6 address (no name is looked up). 0 or -EINVAL. */
int address_parse(struct address *address, const char *host, uint16_t port);

/** Read what address_format() writes. The port is not 0. 0 or -EINVAL. */
int address_parse_remote(struct address *address, const char *text);

/** "127.0.0.1:5683" or "[::1]:5683" with its zone if it has one. Returns `text`. */
const char *address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/** The address without port and brackets. Returns `text`. */
const char *address_host(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

uint16_t address_port(const struct address *address);

/** The size that the socket calls want for this family. */
socklen_t address_length(const struct address *address);

/** Same family, address, port and zone. */
bool address_equal(const struct address *a, const struct address *b);

/** A hash for tables; not stable between runs of different builds. */
uint32_t address_hash(const struct address *address);

#endif
