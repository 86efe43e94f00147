// SPDX-License-Identifier: Apache-2.0
/*
 * What can be read of DTLS without keys: record headers, ClientHello, alerts in the clear
 * (RFC 6347 4.1 and 4.2, RFC 5246 7.2). Every function takes a length and survives any bytes.
 */
#ifndef DTLS_RECORD_H
#define DTLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DTLS_CONTENT_CHANGE_CIPHER_SPEC = 20,
    DTLS_CONTENT_ALERT = 21,
    DTLS_CONTENT_HANDSHAKE = 22,
    DTLS_CONTENT_APPLICATION_DATA = 23,
};

#define DTLS_RECORD_HEADER 13
#define DTLS_VERSION_1_2 0xfefd
#define DTLS_RANDOM_SIZE 32

/** Suites and extensions past these are not listed. */
#define DTLS_HELLO_LIST_MAX 128

struct dtls_record {
    uint8_t content_type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence;
    const uint8_t *fragment; // in the parsed bytes
    size_t length;           // of the fragment
};

struct dtls_client_hello {
    uint16_t version;        // of the ClientHello
    uint16_t record_version; // of the record it came in
    uint64_t record_sequence;
    uint8_t random[DTLS_RANDOM_SIZE];
    bool cookie;     // a cookie is shown
    bool session_id; // resumption is offered
    uint16_t suites[DTLS_HELLO_LIST_MAX];
    size_t suite_count;
    uint16_t extensions[DTLS_HELLO_LIST_MAX];
    size_t extension_count;
};

struct dtls_alert {
    uint8_t level;       // 1 warning, 2 fatal
    uint8_t description; // RFC 5246 7.2
};

/** Read the record at `*bytes` and move on past it. False, and nothing moved, if there is no whole
 * record. */
bool dtls_record_next(const uint8_t **bytes, size_t *length, struct dtls_record *record);

/** Read a ClientHello in the clear (epoch 0, unfragmented). False if the record is none. */
bool dtls_record_client_hello(const struct dtls_record *record, struct dtls_client_hello *hello);

/** Read an alert in the clear (epoch 0). False if the record is none. */
bool dtls_record_alert(const struct dtls_record *record, struct dtls_alert *alert);

/** The name of an alert as in RFC 5246 7.2 ("bad_record_mac"); "unknown" if it has none. */
const char *dtls_alert_name(uint8_t description);

#endif
