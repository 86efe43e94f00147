// SPDX-License-Identifier: Apache-2.0
#include "dtls/record.h"

#include <string.h>

enum {
    HANDSHAKE_HEADER = 12,
    CLIENT_HELLO = 1,
    VERSION_MAJOR = 0xfe, // DTLS counts its versions down from 254 (RFC 6347 4.1)
};

/** A reader that fails for good once it was asked for more than there is. */
struct reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

static const uint8_t *take(struct reader *reader, size_t length) {
    if (reader->failed || length > reader->left) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *taken = reader->at;
    reader->at += length;
    reader->left -= length;
    return taken;
}

static uint64_t take_number(struct reader *reader, size_t length) {
    const uint8_t *bytes = take(reader, length);
    uint64_t number = 0;
    for (size_t i = 0; bytes != NULL && i < length; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

/** A vector whose length stands before it in `length_bytes` bytes. */
static struct reader take_vector(struct reader *reader, size_t length_bytes) {
    size_t length = (size_t)take_number(reader, length_bytes);
    const uint8_t *bytes = take(reader, length);
    return (struct reader){bytes, bytes == NULL ? 0 : length, bytes == NULL};
}

bool dtls_record_next(const uint8_t **bytes, size_t *length, struct dtls_record *record) {
    struct reader reader = {*bytes, *length, false};
    struct dtls_record read = {
        .content_type = (uint8_t)take_number(&reader, 1),
        .version = (uint16_t)take_number(&reader, 2),
        .epoch = (uint16_t)take_number(&reader, 2),
        .sequence = take_number(&reader, 6),
    };
    struct reader fragment = take_vector(&reader, 2);
    if (reader.failed || read.version >> 8 != VERSION_MAJOR ||
        read.content_type < DTLS_CONTENT_CHANGE_CIPHER_SPEC ||
        read.content_type > DTLS_CONTENT_APPLICATION_DATA) {
        return false;
    }
    read.fragment = fragment.at;
    read.length = fragment.left;
    *record = read;
    *bytes = reader.at;
    *length = reader.left;
    return true;
}

static void read_extensions(struct reader *body, struct dtls_client_hello *hello) {
    struct reader extensions = take_vector(body, 2);
    while (!extensions.failed && extensions.left > 0) {
        uint16_t type = (uint16_t)take_number(&extensions, 2);
        take_vector(&extensions, 2);
        if (!extensions.failed && hello->extension_count < DTLS_HELLO_LIST_MAX) {
            hello->extensions[hello->extension_count++] = type;
        }
    }
}

bool dtls_record_client_hello(const struct dtls_record *record, struct dtls_client_hello *hello) {
    if (record->content_type != DTLS_CONTENT_HANDSHAKE || record->epoch != 0) {
        return false;
    }
    struct reader reader = {record->fragment, record->length, false};
    uint64_t type = take_number(&reader, 1);
    uint64_t length = take_number(&reader, 3);
    take(&reader, 2); // message_seq
    uint64_t fragment_offset = take_number(&reader, 3);
    uint64_t fragment_length = take_number(&reader, 3);
    if (reader.failed || type != CLIENT_HELLO || fragment_offset != 0 ||
        fragment_length != length || length > reader.left) {
        return false;
    }
    struct reader body = {reader.at, (size_t)length, false};
    memset(hello, 0, sizeof *hello);
    hello->record_version = record->version;
    hello->record_sequence = record->sequence;
    hello->version = (uint16_t)take_number(&body, 2);
    const uint8_t *random = take(&body, DTLS_RANDOM_SIZE);
    hello->session_id = take_vector(&body, 1).left > 0;
    hello->cookie = take_vector(&body, 1).left > 0;
    struct reader suites = take_vector(&body, 2);
    take_vector(&body, 1); // compression methods
    if (body.failed || suites.left % 2 != 0) {
        return false;
    }
    memcpy(hello->random, random, DTLS_RANDOM_SIZE);
    while (suites.left > 0) {
        uint16_t suite = (uint16_t)take_number(&suites, 2);
        if (hello->suite_count < DTLS_HELLO_LIST_MAX) {
            hello->suites[hello->suite_count++] = suite;
        }
    }
    if (body.left > 0) {
        read_extensions(&body, hello);
    }
    return true;
}

bool dtls_record_alert(const struct dtls_record *record, struct dtls_alert *alert) {
    if (record->content_type != DTLS_CONTENT_ALERT || record->epoch != 0 || record->length != 2) {
        return false;
    }
    *alert = (struct dtls_alert){record->fragment[0], record->fragment[1]};
    return true;
}

const char *dtls_alert_name(uint8_t description) {
    static const struct {
        uint8_t number;
        const char *name;
    } names[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {21, "decryption_failed"},
        {22, "record_overflow"},
        {30, "decompression_failure"},
        {40, "handshake_failure"},
        {41, "no_certificate"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {60, "export_restriction"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"}, // RFC 7507
        {90, "user_canceled"},
        {100, "no_renegotiation"},
        {110, "unsupported_extension"},
        {112, "unrecognized_name"},               // RFC 6066
        {113, "bad_certificate_status_response"}, // RFC 6066
        {115, "unknown_psk_identity"},            // RFC 4279
        {120, "no_application_protocol"},         // RFC 7301
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == description) {
            return names[i].name;
        }
    }
    return "unknown";
}
