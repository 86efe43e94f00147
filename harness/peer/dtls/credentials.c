// SPDX-License-Identifier: Apache-2.0
#include "dtls/credentials.h"

#include "dtls/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *copy_of(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length + 1); // also for none a pointer
    if (copy != NULL && length > 0) {
        memcpy(copy, bytes, length);
    }
    return copy;
}

static int add(struct credentials *credentials, const struct dtls_credential *source) {
    size_t at = credentials->count;
    uint8_t *identity = copy_of(source->identity, source->identity_length);
    uint8_t *key = copy_of(source->key, source->key_length);
    if (identity == NULL || key == NULL) {
        free(identity);
        free(key);
        return -ENOMEM;
    }
    credentials->identities[at] = identity;
    credentials->keys[at] = key;
    credentials->list[at] =
        (struct dtls_credential){identity, source->identity_length, key, source->key_length};
    credentials->count++;
    return 0;
}

int credentials_set(struct credentials *credentials, const struct dtls_credential *list,
                    size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (list[i].identity_length > dtls_limit_identity() || list[i].key_length == 0 ||
            list[i].key_length > dtls_limit_key()) {
            return -EMSGSIZE;
        }
    }
    struct credentials copy = {
        .list = calloc(count + 1, sizeof(struct dtls_credential)),
        .identities = calloc(count + 1, sizeof(uint8_t *)),
        .keys = calloc(count + 1, sizeof(uint8_t *)),
    };
    if (copy.list == NULL || copy.identities == NULL || copy.keys == NULL) {
        credentials_clear(&copy);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (add(&copy, &list[i]) < 0) {
            credentials_clear(&copy);
            return -ENOMEM;
        }
    }
    credentials_clear(credentials);
    *credentials = copy;
    return 0;
}

const struct dtls_credential *credentials_find(const struct credentials *credentials,
                                               const uint8_t *identity, size_t length) {
    for (size_t i = 0; i < credentials->count; i++) {
        const struct dtls_credential *credential = &credentials->list[i];
        if (credential->identity_length == length &&
            memcmp(credential->identity, identity, length) == 0) {
            return credential;
        }
    }
    return NULL;
}

void credentials_clear(struct credentials *credentials) {
    for (size_t i = 0; i < credentials->count; i++) {
        explicit_bzero(credentials->keys[i], credentials->list[i].key_length);
        free(credentials->keys[i]);
        free(credentials->identities[i]);
    }
    free(credentials->list);
    free(credentials->identities);
    free(credentials->keys);
    *credentials = (struct credentials){0};
}
