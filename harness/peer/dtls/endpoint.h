// SPDX-License-Identifier: Apache-2.0
/*
 * A DTLS 1.2 endpoint (RFC 6347) on one address, or the same without security: bytes of the wire
 * in, plaintext out, and everything that a tester must see of handshakes. It is a server, and a
 * client for associations that dtls_endpoint_connect() opens.
 *
 * Sans-I/O: the owner hands in datagrams and `now_ns`, and the endpoint calls back. All times are
 * CLOCK_MONOTONIC nanoseconds; `t_ns` of a callback is the receive stamp of the datagram that
 * caused it, or `now_ns` where none did.
 *
 * An *association* is one client address with its DTLS session. Without security it opens with the
 * first datagram. A ClientHello with a new random on a live 5-tuple (RFC 6347 4.2.8) makes a
 * *successor*: the old association lives until the new one is up and is then superseded.
 *
 * Callbacks may call every function of this header except dtls_endpoint_receive(), _advance() and
 * _free(); `transmit`, `secret` and `identity_offered` run inside the TLS library and must not send
 * either. Nothing is freed while a callback runs: a pointer to an association is valid until its
 * association_closed or handshake_failed callback has returned; keep its number to find it later.
 */
#ifndef DTLS_ENDPOINT_H
#define DTLS_ENDPOINT_H

#include "base/address.h"
#include "dtls/record.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dtls_endpoint;
struct dtls_association;

enum dtls_security { DTLS_SECURITY_NONE, DTLS_SECURITY_PSK };

/** RFC 4279; all bytes are borrowed for the call they are handed to. */
struct dtls_credential {
    const uint8_t *identity;
    size_t identity_length;
    const uint8_t *key;
    size_t key_length;
};

enum dtls_decision { DTLS_GO_ON, DTLS_SILENCE, DTLS_ALERT };

/** What happens to a handshake. */
struct dtls_policy {
    enum dtls_decision decision;
    uint8_t alert; // for DTLS_ALERT: the description of the fatal alert
};

enum dtls_close_reason {
    DTLS_CLOSED_BY_CLOSE_NOTIFY,
    DTLS_CLOSED_BY_ALERT,
    DTLS_CLOSED_DROPPED,
    DTLS_CLOSED_SUPERSEDED,
    DTLS_CLOSED_SERVER_CLOSED,
    DTLS_CLOSED_BY_ERROR,
};

/** All are required except where it says so. `association` may be NULL where it says so. */
struct dtls_callbacks {
    /** Send a datagram. */
    void (*transmit)(void *context, const struct address *remote, const uint8_t *bytes,
                     size_t length, uint64_t now_ns);

    /** Application data of an open association; one call a record. */
    void (*plaintext)(void *context, struct dtls_association *association, const uint8_t *bytes,
                      size_t length, uint64_t stamp_ns, uint64_t now_ns);

    /** A line of the NSS key log, for the capture. */
    void (*secret)(void *context, const char *line);

    /**
     * Asked once per new handshake (a new random), not when its ClientHello is repeated or shows
     * its cookie, unless dtls_endpoint_reconsider() was called in between.
     */
    struct dtls_policy (*decide)(void *context, const struct address *remote, uint64_t t_ns);

    /**
     * Every ClientHello, also repeated ones, before it is acted on. `association`: the open one or
     * the one in handshake, or NULL. `successor`: an open association is on this address.
     */
    void (*client_hello)(void *context, const struct address *remote,
                         const struct dtls_association *association,
                         const struct dtls_client_hello *hello, bool successor, uint64_t t_ns);

    /** The identity of a ClientKeyExchange that came. */
    void (*identity_offered)(void *context, const struct dtls_association *association,
                             const uint8_t *identity, size_t length, bool known, uint64_t t_ns);

    /**
     * `association` NULL: it failed at the ClientHello. `identity` NULL: none was seen. `reason`
     * (static): "wrong_key", "unknown_identity", "no_common_suite", "alert_sent" (another one),
     * "alert_received", "close_notify", "timeout", "abandoned" (the client began anew),
     * "armed_alert" (dtls_policy), "dropped", "server_closed", "error".
     */
    void (*handshake_failed)(void *context, const struct address *remote,
                             const struct dtls_association *association, const char *reason,
                             const uint8_t *identity, size_t identity_length, uint64_t t_ns);

    /** `successor_of`: the number of the association that it supersedes, or 0. */
    void (*association_opened)(void *context, struct dtls_association *association,
                               uint64_t successor_of, uint64_t t_ns);

    /** An association that was open is no more. */
    void (*association_closed)(void *context, struct dtls_association *association,
                               enum dtls_close_reason reason, uint64_t t_ns);

    /** `association` may be NULL. */
    void (*alert_sent)(void *context, const struct address *remote,
                       const struct dtls_association *association, struct dtls_alert alert,
                       uint64_t t_ns);

    /** `association` may be NULL. */
    void (*alert_received)(void *context, const struct address *remote,
                           const struct dtls_association *association, struct dtls_alert alert,
                           uint64_t t_ns);

    /** Not DTLS, or a record that no session can decrypt. `association` may be NULL; `why` is
     * static. */
    void (*undecodable)(void *context, const struct address *remote,
                        const struct dtls_association *association, const char *why,
                        const uint8_t *bytes, size_t length, uint64_t t_ns);
};

struct dtls_options {
    enum dtls_security security;
    const uint16_t *suites; // in the order of preference; NULL: dtls_default_suites
    size_t suite_count;
    uint64_t *last_association; // counts the numbers of associations; may be shared by endpoints
    uint64_t handshake_timeout_min_ns; // first retransmission; 0: 1 s (RFC 6347 4.2.4.1)
    uint64_t handshake_timeout_max_ns; // 0: 60 s
};

/**
 * `options` and `callbacks` are copied (`last_association` is borrowed). 0, -ENOMEM, -ENOTSUP (a
 * suite that the library cannot do) or -EIO.
 */
int dtls_endpoint_new(struct dtls_endpoint **made, const struct dtls_options *options,
                      const struct dtls_callbacks *callbacks, void *context);

/** Free all silently: no callback, no close_notify. NULL is allowed. Not from a callback. */
void dtls_endpoint_free(struct dtls_endpoint *endpoint);

/** Replace the accepted credentials (copied); open associations stay. 0, -ENOMEM, or -EMSGSIZE past
 * the limits (nothing changed). */
int dtls_endpoint_set_credentials(struct dtls_endpoint *endpoint,
                                  const struct dtls_credential *credentials, size_t count);

/** Ask `decide` again at the next ClientHello, also for handshakes that it was asked about before.
 */
void dtls_endpoint_reconsider(struct dtls_endpoint *endpoint);

/** A datagram came from `remote`. */
void dtls_endpoint_receive(struct dtls_endpoint *endpoint, const struct address *remote,
                           const uint8_t *bytes, size_t length, uint64_t stamp_ns, uint64_t now_ns);

/** How an association is to be opened. */
struct dtls_connect {
    const struct dtls_credential *credential; // NULL without security
    const uint16_t *suites;                   // NULL: dtls_default_suites
    size_t suite_count;
};

/**
 * Open an association with `remote`: without security at once, else by a handshake as DTLS client,
 * repeated and given up by dtls_endpoint_advance(). What becomes of it is told by
 * association_opened or handshake_failed with the number that is given here. An open association
 * with the remote is superseded. 0, -EALREADY (a handshake with it is under way), -EMSGSIZE (no
 * identity, or one or a key past the limits), -ENOTSUP (a suite that the library cannot do),
 * -ENOMEM or -EIO.
 */
int dtls_endpoint_connect(struct dtls_endpoint *endpoint, const struct address *remote,
                          const struct dtls_connect *how, uint64_t now_ns, uint64_t *number);

/** The accepted credential of that place in the list, or NULL; borrowed until they are replaced. */
const struct dtls_credential *dtls_endpoint_credential(const struct dtls_endpoint *endpoint,
                                                       size_t index);

/** Send application data. 0, -ENOTCONN (not open), -EMSGSIZE, -ENOMEM or -EIO. */
int dtls_endpoint_send(struct dtls_endpoint *endpoint, struct dtls_association *association,
                       const uint8_t *bytes, size_t length, uint64_t now_ns);

/** When dtls_endpoint_advance() is next due (handshake retransmissions), or CLOCK_NEVER. */
uint64_t dtls_endpoint_deadline(const struct dtls_endpoint *endpoint);

/** Do what is due. */
void dtls_endpoint_advance(struct dtls_endpoint *endpoint, uint64_t now_ns);

/**
 * Forget all associations and handshakes in progress; later records of theirs are undecodable until
 * a new ClientHello. `notify`: with close_notify, which is repeated to each that goes on all the
 * same. `reason` is told by association_closed. Returns how many were open.
 */
size_t dtls_endpoint_drop(struct dtls_endpoint *endpoint, bool notify,
                          enum dtls_close_reason reason, uint64_t now_ns);

/** Close one association. */
void dtls_endpoint_close(struct dtls_endpoint *endpoint, struct dtls_association *association,
                         bool notify, enum dtls_close_reason reason, uint64_t now_ns);

/** The open association of that number, or NULL. */
struct dtls_association *dtls_endpoint_find(const struct dtls_endpoint *endpoint, uint64_t number);

/** The open association that was opened last, or NULL. */
struct dtls_association *dtls_endpoint_newest(const struct dtls_endpoint *endpoint);

/** How many associations are open. */
size_t dtls_endpoint_count(const struct dtls_endpoint *endpoint);

/** Unique in the run, from 1. */
uint64_t dtls_association_number(const struct dtls_association *association);
const struct address *dtls_association_remote(const struct dtls_association *association);

/** The identity of the handshake; NULL and 0 without. */
const uint8_t *dtls_association_identity(const struct dtls_association *association,
                                         size_t *length);

/** It was opened by dtls_endpoint_connect(). */
bool dtls_association_initiated(const struct dtls_association *association);

/** The negotiated suite (IANA number), 0 without security or before it is known. */
uint16_t dtls_association_suite(const struct dtls_association *association);

/** A pointer of the owner's; NULL at first. Free what it points to in association_closed. */
void dtls_association_set_context(struct dtls_association *association, void *context);
void *dtls_association_context(const struct dtls_association *association);

/** The name in the control protocol: "close_notify", "alert", "dropped", "superseded",
 * "server_closed", "error". */
const char *dtls_close_reason_name(enum dtls_close_reason reason);

#endif
