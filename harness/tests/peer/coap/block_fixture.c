/* SPDX-License-Identifier: Apache-2.0 */
#include "block_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct owner owner;
struct block_layer *layer;
uint64_t now;
bool admitted;
uint16_t client_mid;
uint8_t body[100000];
const struct block NONE = {0};

static bool admit(void *user, const struct message *request, uint64_t now_ns) {
    ck_assert_ptr_eq(user, &owner);
    ck_assert(message_is_request(request));
    ck_assert_uint_eq(now_ns, now);
    return admitted;
}

void new_layer(void) {
    struct block_config config = {.exchange = {.parameters = exchange_default_parameters(),
                                               .callbacks = &OWNER_CALLBACKS,
                                               .user = &owner,
                                               .next_exchange = &owner.next_exchange,
                                               .seed = 7},
                                  .admit = admit};
    config.exchange.parameters.ack_random_permille = 1000;
    memset(&owner, 0, sizeof(owner));
    owner.next_exchange = 1;
    now = 1000 * SECOND;
    admitted = true;
    client_mid = 0x100;
    for (size_t i = 0; i < sizeof(body); i++) {
        body[i] = (uint8_t)(i * 31 + i / 256);
    }
    layer = block_new(&config);
    ck_assert_ptr_nonnull(layer);
}

void free_layer(void) {
    block_free(layer);
}

void add_block(struct message *m, uint16_t number, struct block b) {
    uint32_t exponent = 0;
    while ((size_t)16 << exponent < b.size) {
        exponent++;
    }
    if (b.present) {
        ck_assert_int_eq(message_options_add_uint(&m->options, number,
                                                  b.number << 4 | (b.more ? 8U : 0U) | exponent),
                         0);
    }
}

void receive(struct message *m) {
    uint8_t *bytes = NULL;
    size_t length = 0;
    ck_assert_int_eq(message_build(m, &bytes, &length), 0);
    block_receive(layer, bytes, length, now);
    free(bytes);
    message_clear(m);
}

void client_answers(uint8_t code, struct block block1, struct block block2, const uint8_t *payload,
                    size_t length, const char *etag) {
    struct message request = owner_sent(&owner);
    struct message m;
    message_init(&m, MESSAGE_ACK, code, request.mid);
    memcpy(m.token, request.token, sizeof(m.token));
    m.token_length = request.token_length;
    message_clear(&request);
    add_block(&m, MESSAGE_OPTION_BLOCK1, block1);
    add_block(&m, MESSAGE_OPTION_BLOCK2, block2);
    if (etag != NULL) {
        ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_ETAG, etag, strlen(etag)),
                         0);
    }
    ck_assert_int_eq(message_set_payload(&m, payload, length), 0);
    receive(&m);
}

void client_posts(struct block block1, const uint8_t *payload, size_t length) {
    struct message m;
    message_init(&m, MESSAGE_CON, MESSAGE_POST, client_mid++);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "rd", 2), 0);
    add_block(&m, MESSAGE_OPTION_BLOCK1, block1);
    ck_assert_int_eq(message_set_payload(&m, payload, length), 0);
    receive(&m);
}

void client_gets(struct block block2) {
    struct message m;
    message_init(&m, MESSAGE_CON, MESSAGE_GET, client_mid++);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "bspack", 6), 0);
    add_block(&m, MESSAGE_OPTION_BLOCK2, block2);
    receive(&m);
}

void expect_sent_block(uint16_t option, struct block expected, const uint8_t *payload,
                       size_t length) {
    struct message m = owner_sent(&owner);
    struct block_option b = {0};
    ck_assert_int_eq(block_option_get(&m.options, option, &b), expected.present);
    ck_assert_uint_eq(b.number, expected.number);
    ck_assert_int_eq(b.more, expected.more);
    ck_assert_uint_eq(b.size, expected.size);
    ck_assert_uint_eq(m.payload_length, length);
    if (length > 0) {
        ck_assert_mem_eq(m.payload, payload, length);
    }
    message_clear(&m);
}

uint64_t request(uint8_t code, size_t payload_length, size_t block_size) {
    struct message m;
    uint64_t exchange = 0;
    message_init(&m, MESSAGE_CON, code, 0);
    ck_assert_int_eq(message_options_add(&m.options, MESSAGE_OPTION_URI_PATH, "0", 1), 0);
    ck_assert_int_eq(message_set_payload(&m, body, payload_length), 0);
    ck_assert_int_eq(block_request(layer, &m, block_size, &exchange, now), 0);
    message_clear(&m);
    return exchange;
}
