// SPDX-License-Identifier: Apache-2.0
#include "rules/rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "rules/rules_internal.h"

static const struct {
    const char *name;
    const char *requirement;
} texts[RULES] = {
    [RULE_CONFIRMABLE] = {"confirmable", "SEQ-20"},
    [RULE_OBJECT_LIST] = {"object-list", "ACC-02"},
    [RULE_OBJECT_LIST_OSCORE] = {"object-list-oscore", "ACC-02"},
    [RULE_OBJECT_LIST_FORMAT] = {"object-list-format", "REG-02"},
    [RULE_OBJECT_LIST_WHOLE] = {"object-list-whole", "REG-03"},
    [RULE_REGISTER_PARAMETERS] = {"register-parameters", "REG-01"},
    [RULE_REGISTER_ENDPOINT] = {"register-endpoint", "REG-01"},
    [RULE_BOOTSTRAP_REQUEST] = {"bootstrap-request", "REQ-01"},
    [RULE_BOOTSTRAP_ENDPOINT] = {"bootstrap-request-endpoint", "REQ-02"},
    [RULE_PREFERRED_FORMAT] = {"preferred-format", "REQ-03"},
    [RULE_BOOTSTRAP_BARE] = {"bootstrap-request-bare", "REQ-04"},
    [RULE_WRITE_CODES] = {"write-codes", "WRI-06"},
    [RULE_DELETE_CODES] = {"delete-codes", "DEL-08"},
    [RULE_DISCOVER_CODES] = {"discover-codes", "DSC-07"},
    [RULE_READ_CODES] = {"read-codes", "RDR-03"},
    [RULE_FINISH_CODES] = {"finish-codes", "FIN-12"},
    [RULE_DISCOVER_FORMAT] = {"discover-format", "DSC-01"},
    [RULE_DISCOVER_VERSION] = {"discover-version", "DSC-02"},
    [RULE_VERSIONS_AGREE] = {"versions-agree", "DSC-02"},
    [RULE_REGISTER_AFTER_FINISH] = {"register-after-finish", "SEQ-16"},
    [RULE_MESSAGE_FORMAT] = {"message-format", "MSG-01"},
    [RULE_MESSAGE_ID] = {"message-id", "MSG-02"},
    [RULE_TOKEN] = {"token", "MSG-03"},
    [RULE_NON_NOT_ACKNOWLEDGED] = {"non-not-acknowledged", "MSG-04"},
    [RULE_RETRANSMISSION] = {"retransmission", "MSG-05"},
    [RULE_ANSWERED_ALIKE] = {"answered-alike", "WRI-12"},
    [RULE_DELETED_SERVER] = {"deleted-server", "SEQ-18"},
    [RULE_NOTHING_IN_THE_CLEAR] = {"nothing-in-the-clear", "SEC-01"},
};

const char *rules_name(enum rule rule) {
    return texts[rule].name;
}

const char *rules_requirement(enum rule rule) {
    return texts[rule].requirement;
}

void rules_hold(const struct rules_case *held, enum rule rule) {
    held->rules->held[rule]++;
}

void rules_break(const struct rules_case *held, enum rule rule, const uint8_t *bytes, size_t length,
                 const char *format, ...) {
    struct rules_found *found = held->found;
    held->rules->broken[rule]++;
    if (found->count == RULES_FOUND_MAX) {
        return;
    }
    struct rules_breach *breach = &found->items[found->count++];
    va_list arguments;
    breach->rule = rule;
    breach->bytes = bytes;
    breach->length = length;
    breach->earlier_ns = 0;
    va_start(arguments, format);
    (void)vsnprintf(breach->what, sizeof breach->what, format, arguments);
    va_end(arguments);
}

void rules_since(const struct rules_case *held, uint64_t earlier_ns) {
    if (held->found->count > 0) {
        held->found->items[held->found->count - 1].earlier_ns = earlier_ns;
    }
}
