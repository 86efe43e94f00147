/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <check.h>
#include <string.h>

struct owner owner;
struct exchange_layer *layer;
uint64_t now;

void new_layer(void) {
    struct exchange_config config = {.parameters = exchange_default_parameters(),
                                     .callbacks = &OWNER_CALLBACKS,
                                     .user = &owner,
                                     .next_exchange = &owner.next_exchange,
                                     .seed = 7};
    config.parameters.ack_random_permille = 1000; /* timeouts of exactly 2, 4, 8 ... s */
    memset(&owner, 0, sizeof(owner));
    owner.next_exchange = 1;
    now = START;
    layer = exchange_new(&config);
    ck_assert_ptr_nonnull(layer);
}

void free_layer(void) {
    exchange_free(layer);
}

uint64_t send_request(enum message_type type) {
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, type, MESSAGE_DELETE, 0);
    ck_assert_int_eq(exchange_request(layer, &m, &exchange, now), 0);
    return exchange;
}

void client_sends(enum message_type type, uint8_t code, uint16_t mid, bool with_token) {
    struct message request = owner_sent(&owner);
    uint8_t bytes[12];
    size_t token_length = with_token ? request.token_length : 0;
    bytes[0] = (uint8_t)(0x40 | (unsigned)type << 4 | token_length);
    bytes[1] = code;
    bytes[2] = (uint8_t)(mid >> 8);
    bytes[3] = (uint8_t)mid;
    memcpy(bytes + 4, request.token, token_length);
    message_clear(&request);
    exchange_receive(layer, bytes, 4 + token_length, now);
}

uint16_t sent_mid(void) {
    struct message m = owner_sent(&owner);
    uint16_t mid = m.mid;
    message_clear(&m);
    return mid;
}

void respond(uint8_t code, bool separate, enum exchange_how expected) {
    const struct exchange_answer answer = {.code = code, .separate = separate};
    enum exchange_how how = EXCHANGE_NON_RESPONSE;
    ck_assert_int_eq(exchange_respond(layer, owner.exchange, &answer, &how, now), 0);
    ck_assert_int_eq(how, expected);
}
