// SPDX-License-Identifier: Apache-2.0
#include "association.h"

#include "base/clock.h"
#include "dtls/random.h"
#include "traffic.h"

#include <string.h>
#include <sys/socket.h>

bool association_configure(mbedtls_ssl_config *config, int end) {
    static const int suites[] = {TRAFFIC_SUITE, 0};
    mbedtls_ssl_config_init(config);
    if (random_start() < 0 ||
        mbedtls_ssl_config_defaults(config, end, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        mbedtls_ssl_conf_psk(config, traffic_key, sizeof traffic_key,
                             (const unsigned char *)traffic_identity,
                             strlen(traffic_identity)) != 0) {
        return false;
    }
    mbedtls_ssl_conf_rng(config, random_bytes, NULL);
    mbedtls_ssl_conf_ciphersuites(config, suites);
    compat_dtls_1_2_only(config);
    return true;
}

static int send_datagram(void *context, const unsigned char *bytes, size_t length) {
    const struct association *association = context;
    const struct sockaddr *remote =
        association->connected ? NULL : (const struct sockaddr *)&association->remote;
    // a datagram that cannot be sent is lost as on a network
    (void)sendto(association->socket, bytes, length, MSG_NOSIGNAL, remote,
                 remote == NULL ? 0 : sizeof association->remote);
    return (int)length;
}

static int take_datagram(void *context, unsigned char *bytes, size_t room) {
    struct association *association = context;
    const uint8_t *input = association->input;
    association->input = NULL;
    if (input == NULL || association->input_length > room) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(bytes, input, association->input_length);
    return (int)association->input_length;
}

static void set_timer(void *context, uint32_t intermediate_ms, uint32_t final_ms) {
    struct association *association = context;
    association->intermediate_ns = CLOCK_NEVER;
    association->final_ns = CLOCK_NEVER;
    if (final_ms != 0) {
        uint64_t now_ns = clock_now_ns();
        association->intermediate_ns = now_ns + intermediate_ms * CLOCK_NS_PER_MS;
        association->final_ns = now_ns + final_ms * CLOCK_NS_PER_MS;
    }
}

static int get_timer(void *context) {
    const struct association *association = context;
    if (association->final_ns == CLOCK_NEVER) {
        return -1;
    }
    uint64_t now_ns = clock_now_ns();
    return now_ns >= association->final_ns ? 2 : now_ns >= association->intermediate_ns ? 1 : 0;
}

bool association_setup(struct association *association, const mbedtls_ssl_config *config,
                       int socket) {
    *association = (struct association){
        .socket = socket, .intermediate_ns = CLOCK_NEVER, .final_ns = CLOCK_NEVER};
    mbedtls_ssl_init(&association->ssl);
    if (mbedtls_ssl_setup(&association->ssl, config) != 0) {
        return false;
    }
    mbedtls_ssl_set_bio(&association->ssl, association, send_datagram, take_datagram, NULL);
    mbedtls_ssl_set_timer_cb(&association->ssl, association, set_timer, get_timer);
    return true;
}

void association_free(struct association *association) {
    mbedtls_ssl_free(&association->ssl);
}

void association_give(struct association *association, const uint8_t *bytes, size_t length) {
    association->input = bytes;
    association->input_length = length;
}
