// SPDX-License-Identifier: Apache-2.0
#include "wire/packet.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>

enum { TTL = 64 };

/** Add to a ones' complement sum (RFC 1071); an odd last byte is padded with zero. */
static uint32_t sum(uint32_t so_far, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i + 1 < length; i += 2) {
        so_far += (uint32_t)(at[i] << 8 | at[i + 1]);
    }
    if (length % 2 != 0) {
        so_far += (uint32_t)(at[length - 1] << 8);
    }
    return so_far;
}

static uint16_t folded(uint32_t total) {
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return htons((uint16_t)~total);
}

static bool is_v6(const struct address *address) {
    return address->socket.generic.sa_family == AF_INET6;
}

static struct udphdr udp_header(const struct address *source, const struct address *destination,
                                const uint8_t *bytes, size_t length) {
    struct udphdr udp = {
        .uh_sport = htons(address_port(source)),
        .uh_dport = htons(address_port(destination)),
        .uh_ulen = htons((uint16_t)(sizeof udp + length)),
    };
    uint32_t total = 0; // of the pseudo-header first
    if (is_v6(source)) {
        total = sum(total, &source->socket.v6.sin6_addr, 16);
        total = sum(total, &destination->socket.v6.sin6_addr, 16);
    } else {
        total = sum(total, &source->socket.v4.sin_addr, 4);
        total = sum(total, &destination->socket.v4.sin_addr, 4);
    }
    total += IPPROTO_UDP + (uint32_t)(sizeof udp + length);
    total = sum(total, &udp, sizeof udp);
    total = sum(total, bytes, length);
    udp.uh_sum = folded(total);
    if (udp.uh_sum == 0) {
        udp.uh_sum = 0xffff; // zero would mean none (RFC 768)
    }
    return udp;
}

static int append_v4(struct buffer *buffer, const struct address *source,
                     const struct address *destination, uint16_t identification, size_t length) {
    struct ip ip = {
        .ip_v = 4,
        .ip_hl = sizeof ip / 4,
        .ip_len = htons((uint16_t)packet_length(source, length)),
        .ip_id = htons(identification),
        .ip_ttl = TTL,
        .ip_p = IPPROTO_UDP,
        .ip_src = source->socket.v4.sin_addr,
        .ip_dst = destination->socket.v4.sin_addr,
    };
    ip.ip_sum = folded(sum(0, &ip, sizeof ip));
    return buffer_append(buffer, &ip, sizeof ip);
}

static int append_v6(struct buffer *buffer, const struct address *source,
                     const struct address *destination, size_t length) {
    struct ip6_hdr ip;
    memset(&ip, 0, sizeof ip);
    ip.ip6_flow = htonl(6U << 28);
    ip.ip6_plen = htons((uint16_t)(sizeof(struct udphdr) + length));
    ip.ip6_nxt = IPPROTO_UDP;
    ip.ip6_hlim = TTL;
    ip.ip6_src = source->socket.v6.sin6_addr;
    ip.ip6_dst = destination->socket.v6.sin6_addr;
    return buffer_append(buffer, &ip, sizeof ip);
}

size_t packet_length(const struct address *source, size_t length) {
    size_t ip = is_v6(source) ? sizeof(struct ip6_hdr) : sizeof(struct ip);
    return ip + sizeof(struct udphdr) + length;
}

int packet_append(struct buffer *buffer, const struct address *source,
                  const struct address *destination, uint16_t identification, const uint8_t *bytes,
                  size_t length) {
    if (buffer_reserve(buffer, packet_length(source, length)) < 0) {
        return -ENOMEM; // so that the appends below cannot fail half-way
    }
    struct udphdr udp = udp_header(source, destination, bytes, length);
    int result = is_v6(source) ? append_v6(buffer, source, destination, length)
                               : append_v4(buffer, source, destination, identification, length);
    if (result == 0) {
        result = buffer_append(buffer, &udp, sizeof udp);
    }
    return result == 0 ? buffer_append(buffer, bytes, length) : result;
}
