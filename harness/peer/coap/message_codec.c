/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages from bytes and to bytes: the lenient walk, and everything that touches libcoap.
 */
#include "coap/message.h"

#include <coap3/coap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_LENGTH = 4, PAYLOAD_MARKER = 0xff };

struct value_limit {
    uint16_t number;
    uint16_t minimum;
    uint16_t maximum;
};

/* RFC 7252 table 4, RFC 7641, 7959, 7967, 8613, 8768, 9175. */
static const struct value_limit VALUE_LIMITS[] = {
    {1, 0, 8},     {3, 1, 255},  {4, 1, 8},    {5, 0, 0},    {6, 0, 3},   {7, 0, 2},
    {8, 0, 255},   {9, 0, 255},  {11, 0, 255}, {12, 0, 2},   {14, 0, 4},  {15, 0, 255},
    {16, 1, 1},    {17, 0, 2},   {20, 0, 255}, {23, 0, 3},   {27, 0, 3},  {28, 0, 4},
    {35, 1, 1034}, {39, 1, 255}, {60, 0, 4},   {252, 1, 40}, {258, 0, 1}, {292, 0, 8},
};

static bool value_length_allowed(uint32_t number, size_t length) {
    for (size_t i = 0; i < sizeof(VALUE_LIMITS) / sizeof(VALUE_LIMITS[0]); i++) {
        if (VALUE_LIMITS[i].number == number) {
            return length >= VALUE_LIMITS[i].minimum && length <= VALUE_LIMITS[i].maximum;
        }
    }
    return true;
}

struct cursor {
    const uint8_t *at;
    size_t left;
};

/* The extended delta or length of an option (RFC 7252 3.1); nibble is not 15. */
static bool read_extended(struct cursor *c, unsigned nibble, uint32_t *value) {
    if (nibble < 13) {
        *value = nibble;
        return true;
    }
    size_t extra = nibble - 12U;
    if (c->left < extra) {
        return false;
    }
    *value = nibble == 13 ? 13U + c->at[0] : 269U + ((uint32_t)c->at[0] << 8) + c->at[1];
    c->at += extra;
    c->left -= extra;
    return true;
}

/* Reads the option at the cursor. *number: in, that of the option before. */
static enum message_fault read_option(struct cursor *c, uint32_t *number,
                                      struct message_options *options) {
    unsigned delta_nibble = c->at[0] >> 4;
    unsigned length_nibble = c->at[0] & 15U;
    uint32_t delta = 0;
    uint32_t length = 0;
    c->at++;
    c->left--;
    if (delta_nibble == 15) {
        return MESSAGE_FAULT_OPTION_DELTA;
    }
    if (length_nibble == 15) {
        return MESSAGE_FAULT_OPTION_LENGTH;
    }
    if (!read_extended(c, delta_nibble, &delta) || !read_extended(c, length_nibble, &length) ||
        length > c->left) {
        return MESSAGE_FAULT_OPTION_TRUNCATED;
    }
    *number += delta;
    if (*number > UINT16_MAX) {
        return MESSAGE_FAULT_OPTION_NUMBER;
    }
    const uint8_t *value = c->at;
    c->at += length;
    c->left -= length;
    bool allowed = value_length_allowed(*number, length);
    bool critical = (*number & 1U) != 0; /* RFC 7252 5.4.6 */
    if (!allowed && !critical) {
        return MESSAGE_FAULT_OPTION_VALUE_ELECTIVE;
    }
    if (message_options_add(options, (uint16_t)*number, value, length) != 0) {
        return MESSAGE_FAULT_MEMORY;
    }
    return allowed ? MESSAGE_OK : MESSAGE_FAULT_OPTION_VALUE_CRITICAL;
}

static bool value_fault(enum message_fault fault) {
    return fault == MESSAGE_FAULT_OPTION_VALUE_CRITICAL ||
           fault == MESSAGE_FAULT_OPTION_VALUE_ELECTIVE;
}

static enum message_fault read_options_and_payload(struct message *m, struct cursor c) {
    enum message_fault seen = MESSAGE_OK;
    uint32_t number = 0;
    while (c.left > 0) {
        if (c.at[0] == PAYLOAD_MARKER) {
            if (c.left == 1) {
                return MESSAGE_FAULT_PAYLOAD_MISSING;
            }
            if (message_set_payload(m, c.at + 1, c.left - 1) != 0) {
                return MESSAGE_FAULT_MEMORY;
            }
            break;
        }
        enum message_fault fault = read_option(&c, &number, &m->options);
        if (fault != MESSAGE_OK && !value_fault(fault)) {
            return fault;
        }
        if (fault == MESSAGE_FAULT_OPTION_VALUE_CRITICAL || seen == MESSAGE_OK) {
            seen = fault == MESSAGE_OK ? seen : fault; /* the critical one is the one to act on */
        }
    }
    return seen;
}

/* What type and code must not be together (RFC 7252 4.2, 4.3 and 12.1). */
static enum message_fault check_code(const struct message *m, size_t length) {
    unsigned class = m->code >> 5;
    if (class == 1 || class >= 6) {
        return MESSAGE_FAULT_CODE_RESERVED;
    }
    if (m->code == MESSAGE_EMPTY) {
        if (length > HEADER_LENGTH) {
            return MESSAGE_FAULT_EMPTY_NOT_EMPTY;
        }
        return m->type == MESSAGE_NON ? MESSAGE_FAULT_EMPTY_NON : MESSAGE_OK;
    }
    if (m->type == MESSAGE_RST) {
        return MESSAGE_FAULT_RST_NOT_EMPTY;
    }
    return m->type == MESSAGE_ACK && class == 0 ? MESSAGE_FAULT_ACK_REQUEST : MESSAGE_OK;
}

static enum message_fault walk(struct message *m, const uint8_t *bytes, size_t length) {
    if (length < HEADER_LENGTH) {
        return MESSAGE_FAULT_TOO_SHORT;
    }
    message_init(m, (enum message_type)(bytes[0] >> 4 & 3), bytes[1],
                 (uint16_t)(bytes[2] << 8 | bytes[3]));
    if (bytes[0] >> 6 != 1) {
        return MESSAGE_FAULT_VERSION;
    }
    size_t token_length = bytes[0] & 15U;
    if (token_length > MESSAGE_TOKEN_MAX) {
        return MESSAGE_FAULT_TOKEN_LENGTH;
    }
    enum message_fault fault = check_code(m, length);
    if (fault != MESSAGE_OK) {
        return fault;
    }
    if (length < HEADER_LENGTH + token_length) {
        return MESSAGE_FAULT_TOKEN_TRUNCATED;
    }
    if (token_length > 0) {
        memcpy(m->token, bytes + HEADER_LENGTH, token_length);
    }
    m->token_length = token_length;
    struct cursor rest = {bytes + HEADER_LENGTH + token_length,
                          length - HEADER_LENGTH - token_length};
    return read_options_and_payload(m, rest);
}

/* libcoap writes its opinion of every bad message to standard error: not in our process. */
static coap_pdu_t *new_pdu(const struct message *m, size_t size) {
    coap_set_log_level((coap_log_t)0);
    return coap_pdu_init((coap_pdu_type_t)m->type, (coap_pdu_code_t)m->code, m->mid, size);
}

static bool same_options(const struct message *m, const coap_pdu_t *pdu) {
    coap_opt_iterator_t iterator;
    size_t i = 0;
    coap_option_iterator_init(pdu, &iterator, COAP_OPT_ALL);
    for (coap_opt_t *option = coap_option_next(&iterator); option != NULL;
         option = coap_option_next(&iterator), i++) {
        const struct message_option *ours = i < m->options.count ? &m->options.items[i] : NULL;
        if (ours == NULL || ours->number != iterator.number ||
            ours->length != coap_opt_length(option) ||
            (ours->length > 0 && memcmp(ours->value, coap_opt_value(option), ours->length) != 0)) {
            return false;
        }
    }
    return i == m->options.count;
}

static bool codec_agrees(const struct message *m, const uint8_t *bytes, size_t length) {
    coap_pdu_t *pdu = new_pdu(m, length);
    if (pdu == NULL) {
        return false;
    }
    bool same = false;
    if (coap_pdu_parse(COAP_PROTO_UDP, bytes, length, pdu) != 0) {
        coap_bin_const_t token = coap_pdu_get_token(pdu);
        size_t payload_length = 0;
        const uint8_t *payload = NULL;
        (void)coap_get_data(pdu, &payload_length, &payload);
        same = (int)coap_pdu_get_type(pdu) == (int)m->type &&
               (int)coap_pdu_get_code(pdu) == (int)m->code && coap_pdu_get_mid(pdu) == m->mid &&
               token.length == m->token_length &&
               (token.length == 0 || memcmp(token.s, m->token, token.length) == 0) &&
               payload_length == m->payload_length &&
               (payload_length == 0 || memcmp(payload, m->payload, payload_length) == 0) &&
               same_options(m, pdu);
    }
    coap_delete_pdu(pdu);
    return same;
}

/* The codec refuses an empty Uri-Query, which RFC 7252 table 4 allows. */
static bool beyond_codec(const struct message *m) {
    for (size_t i = 0; i < m->options.count; i++) {
        const struct message_option *option = &m->options.items[i];
        if (option->number == MESSAGE_OPTION_URI_QUERY && option->length == 0) {
            return true;
        }
    }
    return false;
}

enum message_fault message_parse(struct message *m, const uint8_t *bytes, size_t length) {
    *m = (struct message){0};
    enum message_fault fault = walk(m, bytes, length);
    if (fault == MESSAGE_OK && !beyond_codec(m) && !codec_agrees(m, bytes, length)) {
        return MESSAGE_FAULT_CODEC;
    }
    return fault;
}

/* Fills the codec's PDU. False if it refuses something. */
static bool fill_pdu(coap_pdu_t *pdu, const struct message *m) {
    if (m->token_length > 0 && coap_add_token(pdu, m->token_length, m->token) == 0) {
        return false;
    }
    for (size_t i = 0; i < m->options.count; i++) {
        const struct message_option *option = &m->options.items[i];
        if (!value_length_allowed(option->number, option->length) ||
            coap_add_option(pdu, option->number, option->length, option->value) == 0) {
            return false;
        }
    }
    /* The codec adds a Hop-Limit of its own to a request with Proxy-Uri: what is not as asked is
     * refused. */
    return same_options(m, pdu) &&
           (m->payload_length == 0 || coap_add_data(pdu, m->payload_length, m->payload) != 0);
}

/* The codec's public interface has no "serialise": header and token are written here, and its
 * options are one contiguous run that ends at the end of the last one's value. */
static int write_pdu(const coap_pdu_t *pdu, const struct message *m, uint8_t *out, size_t *length) {
    coap_opt_iterator_t iterator;
    const uint8_t *first = NULL;
    const uint8_t *end = NULL;
    size_t at = HEADER_LENGTH;
    out[0] = (uint8_t)(1U << 6 | (unsigned)m->type << 4 | (unsigned)m->token_length);
    out[1] = m->code;
    out[2] = (uint8_t)(m->mid >> 8);
    out[3] = (uint8_t)m->mid;
    memcpy(out + at, m->token, m->token_length);
    at += m->token_length;
    coap_option_iterator_init(pdu, &iterator, COAP_OPT_ALL);
    for (coap_opt_t *option = coap_option_next(&iterator); option != NULL;
         option = coap_option_next(&iterator)) {
        first = first == NULL ? option : first;
        end = coap_opt_value(option) + coap_opt_length(option);
    }
    if (first != NULL) {
        memcpy(out + at, first, (size_t)(end - first));
        at += (size_t)(end - first);
    }
    if (m->payload_length > 0) {
        size_t payload_length = 0;
        const uint8_t *payload = NULL;
        if (coap_get_data(pdu, &payload_length, &payload) == 0) {
            return -EINVAL;
        }
        out[at++] = PAYLOAD_MARKER;
        memcpy(out + at, payload, payload_length);
        at += payload_length;
    }
    *length = at;
    return 0;
}

int message_build(const struct message *m, uint8_t **out, size_t *length) {
    *out = NULL;
    if (m->token_length > MESSAGE_TOKEN_MAX) {
        return -EINVAL;
    }
    size_t size = m->token_length + 1 + m->payload_length;
    for (size_t i = 0; i < m->options.count; i++) {
        size += 5 + m->options.items[i].length;
    }
    uint8_t *bytes = malloc(HEADER_LENGTH + size);
    coap_pdu_t *pdu = new_pdu(m, size);
    int error = bytes == NULL || pdu == NULL ? -ENOMEM : 0;
    if (error == 0) {
        error = fill_pdu(pdu, m) ? write_pdu(pdu, m, bytes, length) : -EINVAL;
    }
    if (pdu != NULL) {
        coap_delete_pdu(pdu);
    }
    if (error != 0) {
        free(bytes);
        return error;
    }
    *out = bytes;
    return 0;
}
