// SPDX-License-Identifier: Apache-2.0
/* Which accounts of LwM2M Servers a session deletes: a client is no longer registered there (TS
 * 1.1 and 1.2 Core 6.1.3.3 step 3). Accounts from the factory are not known here. */
#include <string.h>

#include "lwm2m/place.h"
#include "lwm2m/tlv.h"
#include "rules/rules_internal.h"

/* What was on its way when the session ended may still come. */
#define CROSSING_NS (UINT64_C(2) * 1000000000)

enum { SECURITY = 0, RESOURCE_URI = 0 };

static struct rules_account *find(struct rules *rules, uint16_t instance) {
    for (size_t i = 0; i < RULES_ACCOUNTS_MAX; i++) {
        struct rules_account *account = &rules->accounts[i];
        if (account->used && account->gone_ns == 0 && account->instance == instance) {
            return account;
        }
    }
    return NULL;
}

static void remember(struct rules *rules, uint16_t instance, const uint8_t *bytes, size_t length) {
    size_t uri_length = rules_uri_length(bytes, length);
    if (uri_length == 0 || uri_length >= RULES_URI_SIZE) {
        return;
    }
    struct rules_account *account = find(rules, instance);
    if (account == NULL) {
        account = &rules->accounts[rules->next_account];
        rules->next_account = (rules->next_account + 1) % RULES_ACCOUNTS_MAX;
    }
    *account = (struct rules_account){.used = true, .instance = instance};
    memcpy(account->uri, bytes, uri_length);
}

void rules_account_written(struct rules *rules, const struct message *request) {
    struct tlv_list list;
    struct place place = place_of(&request->options);
    if (place.count == 0 || place.ids[0] != SECURITY) {
        return;
    }
    if (place.count == 3 && place.ids[2] == RESOURCE_URI) {
        remember(rules, place.ids[1], request->payload, request->payload_length); // if it is text
    }
    if (tlv_decode(&list, request->payload, request->payload_length, NULL) != TLV_OK) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct tlv_node *node = &list.items[i];
        const struct tlv_node *uri = node->kind == TLV_OBJECT_INSTANCE
                                         ? tlv_find(&node->children, TLV_RESOURCE, RESOURCE_URI)
                                     : node->kind == TLV_RESOURCE && node->id == RESOURCE_URI
                                         ? node
                                         : NULL;
        if (uri != NULL && (place.count > 1 || node->kind == TLV_OBJECT_INSTANCE)) {
            remember(rules, place.count > 1 ? place.ids[1] : node->id, uri->value, uri->length);
        }
    }
    tlv_clear(&list);
}

void rules_deleted(struct rules *rules, uint64_t association, const struct place *place) {
    if (place->count > 2 || (place->count > 0 && place->ids[0] != SECURITY)) {
        return;
    }
    for (size_t i = 0; i < RULES_ACCOUNTS_MAX; i++) {
        struct rules_account *account = &rules->accounts[i];
        if (account->used && account->gone_ns == 0 &&
            (place->count < 2 || account->instance == place->ids[1])) {
            account->deleted_in = association;
        }
    }
}

void rules_finished(struct rules *rules, uint64_t association, uint64_t t_ns) {
    for (size_t i = 0; i < RULES_ACCOUNTS_MAX; i++) {
        struct rules_account *account = &rules->accounts[i];
        if (account->deleted_in == association) {
            account->deleted_in = 0;
            account->gone_ns = t_ns;
        }
    }
}

void rules_hold_deleted(const struct rules_case *held, const struct rules_request *request) {
    const struct rules_account *gone = NULL;
    bool any = false;
    for (size_t i = 0; i < RULES_ACCOUNTS_MAX; i++) {
        const struct rules_account *account = &held->rules->accounts[i];
        any |= account->gone_ns != 0;
        if (!account->used || request->at == NULL || strcmp(account->uri, request->at) != 0) {
            continue;
        }
        if (account->gone_ns == 0) { // also where another one of the same server was deleted
            return;
        }
        gone = account;
    }
    if (any) {
        rules_hold(held, RULE_DELETED_SERVER);
    }
    if (gone != NULL && request->t_ns > gone->gone_ns + CROSSING_NS) {
        rules_break(held, RULE_DELETED_SERVER, NULL, 0,
                    "%s comes to a server %u s after its account was deleted",
                    request->operation == OPERATION_REGISTER ? "a Register" : "an Update",
                    (unsigned)((request->t_ns - gone->gone_ns) / 1000000000));
        rules_since(held, gone->gone_ns);
    }
}
