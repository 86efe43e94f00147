// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** "fe80::1%eth0": the zone by name or number. */
static int parse_zone(const char *zone, uint32_t *number) {
    unsigned int index = if_nametoindex(zone);
    if (index == 0) {
        char *end = NULL;
        unsigned long value = strtoul(zone, &end, 10);
        if (*zone == '\0' || *end != '\0' || value == 0 || value > UINT32_MAX) {
            return -EINVAL;
        }
        index = (unsigned int)value;
    }
    *number = index;
    return 0;
}

int address_parse(struct address *address, const char *host, uint16_t port) {
    struct address parsed;
    memset(&parsed, 0, sizeof parsed);
    if (inet_pton(AF_INET, host, &parsed.socket.v4.sin_addr) == 1) {
        parsed.socket.v4.sin_family = AF_INET;
        parsed.socket.v4.sin_port = htons(port);
        *address = parsed;
        return 0;
    }
    char text[ADDRESS_TEXT_SIZE];
    size_t length = strlen(host);
    if (length >= sizeof text) {
        return -EINVAL;
    }
    memcpy(text, host, length + 1);
    char *zone = strchr(text, '%');
    if (zone != NULL) {
        *zone++ = '\0';
        if (parse_zone(zone, &parsed.socket.v6.sin6_scope_id) < 0) {
            return -EINVAL;
        }
    }
    if (inet_pton(AF_INET6, text, &parsed.socket.v6.sin6_addr) != 1) {
        return -EINVAL;
    }
    parsed.socket.v6.sin6_family = AF_INET6;
    parsed.socket.v6.sin6_port = htons(port);
    *address = parsed;
    return 0;
}

int address_parse_remote(struct address *address, const char *text) {
    char host[ADDRESS_TEXT_SIZE];
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);
    if (length == 0 || length >= sizeof host || colon[1] < '0' || colon[1] > '9') {
        return -EINVAL;
    }
    char *end = NULL;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || port == 0 || port > UINT16_MAX) {
        return -EINVAL;
    }
    bool v6 = text[0] == '[';
    if (v6 ? text[length - 1] != ']' : memchr(text, ':', length) != NULL) {
        return -EINVAL; // an IPv6 address without brackets may end in what looks like a port
    }
    size_t inner = v6 ? length - 2 : length;
    memcpy(host, text + (v6 ? 1 : 0), inner);
    host[inner] = '\0';
    return address_parse(address, host, (uint16_t)port);
}

const char *address_host(const struct address *address, char text[ADDRESS_TEXT_SIZE]) {
    text[0] = '\0';
    if (address->socket.generic.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->socket.v4.sin_addr, text, ADDRESS_TEXT_SIZE);
        return text;
    }
    inet_ntop(AF_INET6, &address->socket.v6.sin6_addr, text, ADDRESS_TEXT_SIZE);
    if (address->socket.v6.sin6_scope_id != 0) {
        size_t length = strlen(text);
        char name[IF_NAMESIZE];
        if (if_indextoname(address->socket.v6.sin6_scope_id, name) != NULL) {
            snprintf(text + length, ADDRESS_TEXT_SIZE - length, "%%%s", name);
        } else {
            snprintf(text + length, ADDRESS_TEXT_SIZE - length, "%%%u",
                     address->socket.v6.sin6_scope_id);
        }
    }
    return text;
}

const char *address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]) {
    char host[ADDRESS_TEXT_SIZE];
    address_host(address, host);
    bool v6 = address->socket.generic.sa_family == AF_INET6;
    // Addresses and zone names leave room: 45 + 1 + 15 + brackets and port.
    int written = snprintf(text, ADDRESS_TEXT_SIZE, v6 ? "[%.66s]:%u" : "%.66s:%u", host,
                           (unsigned int)address_port(address));
    return written < 0 ? "" : text;
}

uint16_t address_port(const struct address *address) {
    return ntohs(address->socket.generic.sa_family == AF_INET6 ? address->socket.v6.sin6_port
                                                               : address->socket.v4.sin_port);
}

socklen_t address_length(const struct address *address) {
    return address->socket.generic.sa_family == AF_INET6 ? sizeof address->socket.v6
                                                         : sizeof address->socket.v4;
}

bool address_equal(const struct address *a, const struct address *b) {
    if (a->socket.generic.sa_family != b->socket.generic.sa_family ||
        address_port(a) != address_port(b)) {
        return false;
    }
    if (a->socket.generic.sa_family == AF_INET) {
        return a->socket.v4.sin_addr.s_addr == b->socket.v4.sin_addr.s_addr;
    }
    return a->socket.v6.sin6_scope_id == b->socket.v6.sin6_scope_id &&
           memcmp(&a->socket.v6.sin6_addr, &b->socket.v6.sin6_addr,
                  sizeof a->socket.v6.sin6_addr) == 0;
}

uint32_t address_hash(const struct address *address) {
    const uint8_t *bytes = address->socket.generic.sa_family == AF_INET6
                               ? (const uint8_t *)&address->socket.v6.sin6_addr
                               : (const uint8_t *)&address->socket.v4.sin_addr;
    size_t length = address->socket.generic.sa_family == AF_INET6 ? 16 : 4;
    uint32_t hash = 2166136261U; // FNV-1a
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * 16777619U;
    }
    hash = (hash ^ (address_port(address) >> 8)) * 16777619U;
    return (hash ^ (address_port(address) & 255)) * 16777619U;
}
