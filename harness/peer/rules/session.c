// SPDX-License-Identifier: Apache-2.0
/* What a bootstrap session writes, as far as the rules need to know it. */
#include <stdio.h>
#include <string.h>

#include "rules/rules_internal.h"

static bool is_of_authority(uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '.' || byte == ':' || byte == '[' ||
           byte == ']' || byte == '-';
}

size_t rules_uri_length(const uint8_t *bytes, size_t length) {
    static const char *const schemes[] = {"coap://", "coaps://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t end = strlen(schemes[i]);
        if (length > end && memcmp(bytes, schemes[i], end) == 0) {
            while (end < length && is_of_authority(bytes[end])) {
                end++;
            }
            return end;
        }
    }
    return 0;
}

static void remember(struct rules *rules, uint64_t association, const uint8_t *uri, size_t length) {
    if (length >= RULES_URI_SIZE) {
        return;
    }
    struct rules_written *written = &rules->written[rules->next_written];
    rules->next_written = (rules->next_written + 1) % RULES_WRITTEN_MAX;
    *written = (struct rules_written){.association = association};
    memcpy(written->uri, uri, length);
}

void rules_write(struct rules *rules, uint64_t association, const struct message *request) {
    static const uint8_t no_security[] = {0xc1, 0x02, 0x03}; // TLV of /0/x/2 = 3, NoSec
    const uint8_t *payload = request->payload;
    rules_account_written(rules, request);
    for (size_t i = 0; i < request->payload_length; i++) {
        size_t left = request->payload_length - i;
        size_t length = rules_uri_length(payload + i, left);
        if (length > 0) {
            remember(rules, association, payload + i, length);
            i += length - 1;
        } else if (left >= sizeof no_security &&
                   memcmp(payload + i, no_security, sizeof no_security) == 0) {
            rules->no_security_written = true;
        }
    }
}

void rules_session_ends(struct rules *rules, uint64_t association, bool by_finish) {
    for (size_t i = 0; i < RULES_ACCOUNTS_MAX && !by_finish; i++) {
        if (rules->accounts[i].deleted_in == association) {
            rules->accounts[i].deleted_in = 0; // a session that fails has deleted nothing
        }
    }
    for (size_t i = 0; i < RULES_WRITTEN_MAX; i++) {
        struct rules_written *written = &rules->written[i];
        if (written->association == association && !written->finished) {
            written->finished = by_finish;
            written->association = by_finish ? association : 0;
        }
    }
}

void rules_hold_first_register(const struct rules_case *held, const char *uri) {
    const struct rules_written *last = NULL;
    for (size_t i = 0; i < RULES_WRITTEN_MAX; i++) {
        // the newest one counts, which is behind those before it in the ring
        const struct rules_written *written =
            &held->rules->written[(held->rules->next_written + i) % RULES_WRITTEN_MAX];
        if (written->association != 0 && strcmp(written->uri, uri) == 0) {
            last = written;
        }
    }
    if (last == NULL) {
        return;
    }
    rules_hold(held, RULE_REGISTER_AFTER_FINISH);
    if (!last->finished) {
        rules_break(held, RULE_REGISTER_AFTER_FINISH, NULL, 0,
                    "a Register comes to a newly written account before the Finish was sent");
    }
}
