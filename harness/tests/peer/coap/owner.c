/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void line(struct owner *o, const char *format, ...) {
    size_t used = strlen(o->log);
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, by va_start above */
    (void)vsnprintf(o->log + used, sizeof(o->log) - used, format, arguments);
    va_end(arguments);
}

static void keep_payload(struct owner *o, const struct message *m) {
    ck_assert_uint_le(m->payload_length, sizeof(o->payload));
    if (m->payload_length > 0) {
        memcpy(o->payload, m->payload, m->payload_length);
    }
    o->payload_length = m->payload_length;
}

static void on_send(void *user, const uint8_t *bytes, size_t length, uint64_t now_ns) {
    struct owner *o = user;
    (void)now_ns;
    ck_assert_uint_le(length, sizeof(o->sent));
    memcpy(o->sent, bytes, length);
    o->sent_length = length;
    o->sent_count++;
    struct message m;
    char code[5];
    ck_assert_int_eq(message_parse(&m, bytes, length), MESSAGE_OK);
    message_code_text(m.code, code);
    line(o, "send %s %s\n", message_type_text(m.type), code);
    message_clear(&m);
}

static void on_request(void *user, uint64_t exchange, const struct message *request,
                       bool mid_reused, uint64_t now_ns) {
    struct owner *o = user;
    (void)now_ns;
    o->exchange = exchange;
    keep_payload(o, request);
    line(o, "request %s%s\n", message_method_text(request->code), mid_reused ? " mid reused" : "");
}

static void on_request_repeated(void *user, uint64_t exchange, uint64_t now_ns) {
    (void)now_ns;
    line(user, "repeated %d\n", (int)exchange);
}

static void on_response_settled(void *user, uint64_t exchange, bool failed,
                                enum exchange_failure failure, uint64_t now_ns) {
    (void)now_ns;
    line(user, "settled %d %s\n", (int)exchange, failed ? exchange_failure_text(failure) : "well");
}

static void on_request_sent(void *user, uint64_t exchange, const struct message *request,
                            uint64_t now_ns) {
    (void)now_ns;
    line(user, "sent %d %s\n", (int)exchange, message_method_text(request->code));
}

static void on_request_retransmitted(void *user, uint64_t exchange, unsigned attempt,
                                     uint64_t now_ns) {
    (void)now_ns;
    line(user, "retransmitted %d attempt %u\n", (int)exchange, attempt);
}

static void on_acknowledged(void *user, uint64_t exchange, uint64_t now_ns) {
    (void)now_ns;
    line(user, "acknowledged %d\n", (int)exchange);
}

static void on_response(void *user, uint64_t exchange, const struct message *response,
                        uint64_t first_sent_ns, uint64_t now_ns) {
    struct owner *o = user;
    char code[5];
    (void)now_ns;
    o->first_sent_ns = first_sent_ns;
    keep_payload(o, response);
    message_code_text(response->code, code);
    line(o, "response %d %s\n", (int)exchange, code);
}

static void on_failed(void *user, uint64_t exchange, enum exchange_failure failure,
                      uint64_t first_sent_ns, uint64_t now_ns) {
    struct owner *o = user;
    (void)now_ns;
    o->first_sent_ns = first_sent_ns;
    line(o, "failed %d %s\n", (int)exchange, exchange_failure_text(failure));
}

static void on_response_repeated(void *user, uint64_t exchange, const struct message *response,
                                 uint64_t now_ns) {
    char code[5];
    (void)now_ns;
    message_code_text(response->code, code);
    line(user, "response again %d %s\n", (int)exchange, code);
}

static void on_response_unmatched(void *user, uint64_t exchange, const struct message *response,
                                  enum exchange_unmatched why, uint64_t now_ns) {
    static const char *const WHY[] = {"unknown", "late", "answered", "token differs"};
    (void)response;
    (void)now_ns;
    line(user, "unmatched %d %s\n", (int)exchange, WHY[why]);
}

static void on_ping(void *user, uint64_t now_ns) {
    (void)now_ns;
    line(user, "ping\n");
}

static void on_malformed(void *user, enum message_fault fault, const uint8_t *bytes, size_t length,
                         uint64_t now_ns) {
    (void)bytes;
    (void)length;
    (void)now_ns;
    line(user, "malformed: %s\n", message_fault_text(fault));
}

const struct exchange_callbacks OWNER_CALLBACKS = {
    .send = on_send,
    .request = on_request,
    .request_repeated = on_request_repeated,
    .response_settled = on_response_settled,
    .request_sent = on_request_sent,
    .request_retransmitted = on_request_retransmitted,
    .acknowledged = on_acknowledged,
    .response = on_response,
    .failed = on_failed,
    .response_repeated = on_response_repeated,
    .response_unmatched = on_response_unmatched,
    .ping = on_ping,
    .malformed = on_malformed,
};

void owner_expect(struct owner *o, const char *expected) {
    ck_assert_str_eq(o->log, expected);
    o->log[0] = '\0';
}

struct message owner_sent(const struct owner *o) {
    struct message m;
    ck_assert_int_eq(message_parse(&m, o->sent, o->sent_length), MESSAGE_OK);
    return m;
}
