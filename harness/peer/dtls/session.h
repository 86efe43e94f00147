// SPDX-License-Identifier: Apache-2.0
/*
 * One DTLS session on mbedTLS, as server or as client. It is fed single records, tells what happens
 * through hooks and what became of it by its outcome; the endpoint above decides who gets which
 * record.
 *
 * Hooks run inside mbedTLS: they must neither free the session nor feed it. session_abandon() stops
 * it at the next chance.
 */
#ifndef DTLS_SESSION_H
#define DTLS_SESSION_H

#include "base/address.h"
#include "dtls/endpoint.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;
struct session_server;

struct session_hooks {
    /** Send a datagram. */
    void (*transmit)(void *context, const struct session *session, const uint8_t *bytes,
                     size_t length);
    /** Decrypted application data. */
    void (*plaintext)(void *context, struct session *session, const uint8_t *bytes, size_t length);
    /** The handshake is complete. */
    void (*up)(void *context, struct session *session);
    /** As server: find the key of an identity; `*key` is borrowed until this session's next call.
     * False: unknown. */
    bool (*key_of)(void *context, struct session *session, const uint8_t *identity, size_t length,
                   const uint8_t **key, size_t *key_length);
    /** A line of the NSS key log. */
    void (*secret)(void *context, const char *line);
    /** An alert that is about to be sent, or that came encrypted. */
    void (*alert)(void *context, const struct session *session, bool sent, struct dtls_alert alert);
};

enum session_outcome {
    SESSION_GOES_ON,
    SESSION_ASKED_FOR_COOKIE, // and knows nothing any more: feed it the next ClientHello of anyone
    SESSION_GOT_CLOSE_NOTIFY,
    SESSION_GOT_ALERT,
    SESSION_SENT_ALERT,
    SESSION_TIMED_OUT,
    SESSION_BROKE, // any other error of the library
};

struct session_settings {
    const uint16_t *suites;
    size_t suite_count;
    uint32_t timeout_min_ms;
    uint32_t timeout_max_ms;
    const struct dtls_credential
        *as_client; // its sessions are clients with this one; NULL: servers
};

/** What the sessions of a server share, or the one of a client has. 0, -ENOMEM, -ENOTSUP, -EMSGSIZE
 * (the client's credential) or -EIO; all is copied. */
int session_server_new(struct session_server **made, const struct session_settings *settings,
                       const struct session_hooks *hooks, void *context);

/** After all its sessions are freed. NULL is allowed. */
void session_server_free(struct session_server *server);

/** A session that waits for a ClientHello, or is to send one. NULL without memory. */
struct session *session_new(struct session_server *server);

/** NULL is allowed. */
void session_free(struct session *session);

/** Start afresh with this remote: for its ClientHello (the cookie is bound to it), or for ours,
 * which session_advance() sends. 0 or -ENOMEM. */
int session_begin(struct session *session, const struct address *remote);

/** One record with its header, as it came. */
enum session_outcome session_feed(struct session *session, const uint8_t *record, size_t length,
                                  uint64_t now_ns);

/** When session_advance() is due, or CLOCK_NEVER. */
uint64_t session_deadline(const struct session *session);

/** Retransmit the last flight, or give up; of a client that has just begun: send the first. */
enum session_outcome session_advance(struct session *session, uint64_t now_ns);

/** Encrypt and send. 0, -EMSGSIZE, -EIO. Only when it is up. */
int session_send(struct session *session, const uint8_t *bytes, size_t length, uint64_t now_ns);

/** Send close_notify. */
void session_close_notify(struct session *session, uint64_t now_ns);

/** Why a record that was fed and brought nothing brought nothing: true if it cannot be decrypted.
 */
bool session_cannot_decrypt(struct session *session, const uint8_t *record, size_t length);

/** Hooks may still run until the present call returns; its outcome means nothing then. */
void session_abandon(struct session *session);

/** Past the ClientHello: a handshake is under way or done. */
bool session_is_engaged(const struct session *session);

/** Counts application data records, alerts and handshake progress: to see whether a record did
 * anything. */
uint64_t session_progress(const struct session *session);

/** The negotiated suite, 0 before. */
uint16_t session_suite(const struct session *session);

const struct address *session_remote(const struct session *session);
void session_set_owner(struct session *session, void *owner);
void *session_owner(const struct session *session);

#endif
