// SPDX-License-Identifier: Apache-2.0
#include "dtls/session.h"

#include "base/clock.h"
#include "base/hex.h"
#include "dtls/compat.h"
#include "dtls/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLAINTEXT_MAX = 16384, // RFC 5246 6.2.1
    MASTER_SECRET_SIZE = 48,
    STEPS_MAX = 64, // per record; a guard, a handshake needs some ten
};

struct session_server {
    mbedtls_ssl_config config;
    mbedtls_ssl_cookie_ctx cookies;
    int *suites; // 0-terminated, as mbedTLS wants it
    bool is_client;
    struct compat_key_log key_log;
    struct session_hooks hooks;
    void *context;
    struct session *current; // mbedTLS's key callback does not say whose it is
    uint8_t plaintext[PLAINTEXT_MAX];
};

struct session {
    mbedtls_ssl_context ssl;
    struct session_server *server;
    struct address remote;
    void *owner;
    uint64_t now_ns;
    uint64_t intermediate_ns; // mbedTLS's timer, CLOCK_NEVER: not set
    uint64_t final_ns;
    const uint8_t *input; // the record that mbedTLS has not read yet, or NULL
    size_t input_length;
    bool used; // it has state to be reset
    bool up;
    bool abandoned;
    bool sent_fatal;
    bool encrypted_alert_sent; // by mbedTLS on its own: which one, its return code tells
    bool closing;
    uint64_t progress;
};

static void tell_alert(struct session *session, bool sent, uint8_t level, uint8_t description) {
    struct session_server *server = session->server;
    session->progress++;
    session->sent_fatal = session->sent_fatal || (sent && level == MBEDTLS_SSL_ALERT_LEVEL_FATAL);
    server->hooks.alert(server->context, session, sent, (struct dtls_alert){level, description});
}

/** Look for alerts in what goes out: those in the clear can be read, of others we know by whom. */
static void watch_output(struct session *session, const uint8_t *bytes, size_t length) {
    struct dtls_record record;
    struct dtls_alert alert;
    while (dtls_record_next(&bytes, &length, &record)) {
        if (dtls_record_alert(&record, &alert)) {
            tell_alert(session, true, alert.level, alert.description);
        } else if (record.content_type == DTLS_CONTENT_ALERT && session->closing) {
            tell_alert(session, true, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                       MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY);
        } else if (record.content_type == DTLS_CONTENT_ALERT) {
            session->encrypted_alert_sent = true;
        }
    }
}

static int send_datagram(void *context, const unsigned char *bytes, size_t length) {
    struct session *session = context;
    watch_output(session, bytes, length);
    session->server->hooks.transmit(session->server->context, session, bytes, length);
    return (int)length;
}

static int receive_record(void *context, unsigned char *bytes, size_t room) {
    struct session *session = context;
    const uint8_t *input = session->input;
    session->input = NULL;
    if (input == NULL || session->input_length > room) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(bytes, input, session->input_length);
    // Some clients put 0xfe00 on the ClientHello of a re-handshake, which mbedTLS takes only as the
    // first record of a session and not when it is repeated.
    if (bytes[0] == DTLS_CONTENT_HANDSHAKE && bytes[2] != 0xff && bytes[2] != 0xfd) {
        bytes[2] = DTLS_VERSION_1_2 & 0xff;
    }
    return (int)session->input_length;
}

static void set_timer(void *context, uint32_t intermediate_ms, uint32_t final_ms) {
    struct session *session = context;
    session->intermediate_ns = CLOCK_NEVER;
    session->final_ns = CLOCK_NEVER;
    if (final_ms != 0) {
        session->intermediate_ns = session->now_ns + intermediate_ms * CLOCK_NS_PER_MS;
        session->final_ns = session->now_ns + final_ms * CLOCK_NS_PER_MS;
    }
}

static int get_timer(void *context) {
    const struct session *session = context;
    if (session->final_ns == CLOCK_NEVER) {
        return -1;
    }
    if (session->now_ns >= session->final_ns) {
        return 2;
    }
    return session->now_ns >= session->intermediate_ns ? 1 : 0;
}

static int set_key(void *context, mbedtls_ssl_context *ssl, const unsigned char *identity,
                   size_t length) {
    struct session_server *server = context;
    const uint8_t *key = NULL;
    size_t key_length = 0;
    if (!server->hooks.key_of(server->context, server->current, identity, length, &key,
                              &key_length)) {
        return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
    }
    return mbedtls_ssl_set_hs_psk(ssl, key, key_length);
}

/** A line of the NSS key log: CLIENT_RANDOM, the random, the master secret. */
static void log_secret(void *context, const unsigned char *random,
                       const unsigned char *master_secret) {
    static const char label[] = "CLIENT_RANDOM ";
    enum { RANDOM_AT = sizeof label - 1, SPACE_AT = RANDOM_AT + 2 * DTLS_RANDOM_SIZE };
    struct session_server *server = context;
    char line[SPACE_AT + 1 + 2 * MASTER_SECRET_SIZE + 1];
    memcpy(line, label, RANDOM_AT);
    hex_encode(random, DTLS_RANDOM_SIZE, line + RANDOM_AT);
    line[SPACE_AT] = ' ';
    hex_encode(master_secret, MASTER_SECRET_SIZE, line + SPACE_AT + 1);
    server->hooks.secret(server->context, line);
}

static int configure_server(struct session_server *server) {
    mbedtls_ssl_config *config = &server->config;
    if (mbedtls_ssl_cookie_setup(&server->cookies, random_bytes, NULL) != 0) {
        return -EIO;
    }
    mbedtls_ssl_conf_dtls_cookies(config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check,
                                  &server->cookies);
    mbedtls_ssl_conf_psk_cb(config, set_key, server);
    return 0;
}

static int configure_client(struct session_server *server, const struct dtls_credential *own) {
    // Nothing is resumed: every session that we open shows which key the other side has.
    mbedtls_ssl_conf_session_tickets(&server->config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    return mbedtls_ssl_conf_psk(&server->config, own->key, own->key_length, own->identity,
                                own->identity_length) == 0
               ? 0
               : -EMSGSIZE;
}

static int configure(struct session_server *server, const struct session_settings *settings) {
    server->suites = calloc(settings->suite_count + 1, sizeof *server->suites);
    if (server->suites == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < settings->suite_count; i++) {
        server->suites[i] = settings->suites[i];
        if (mbedtls_ssl_ciphersuite_from_id(settings->suites[i]) == NULL) {
            return -ENOTSUP;
        }
    }
    mbedtls_ssl_config *config = &server->config;
    server->is_client = settings->as_client != NULL;
    if (random_start() < 0 ||
        mbedtls_ssl_config_defaults(
            config, server->is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
            MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        return -EIO;
    }
    mbedtls_ssl_conf_rng(config, random_bytes, NULL);
    // Explicitly: left to itself mbedTLS prefers suites that the capture's readers cannot decrypt.
    mbedtls_ssl_conf_ciphersuites(config, server->suites);
    mbedtls_ssl_conf_handshake_timeout(config, settings->timeout_min_ms, settings->timeout_max_ms);
    compat_dtls_1_2_only(config);
    return settings->as_client != NULL ? configure_client(server, settings->as_client)
                                       : configure_server(server);
}

int session_server_new(struct session_server **made, const struct session_settings *settings,
                       const struct session_hooks *hooks, void *context) {
    struct session_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return -ENOMEM;
    }
    mbedtls_ssl_config_init(&server->config);
    mbedtls_ssl_cookie_init(&server->cookies);
    server->key_log = (struct compat_key_log){log_secret, server};
    server->hooks = *hooks;
    server->context = context;
    int result = configure(server, settings);
    if (result < 0) {
        session_server_free(server);
        return result;
    }
    *made = server;
    return 0;
}

void session_server_free(struct session_server *server) {
    if (server == NULL) {
        return;
    }
    mbedtls_ssl_cookie_free(&server->cookies);
    mbedtls_ssl_config_free(&server->config);
    free(server->suites);
    free(server);
}

struct session *session_new(struct session_server *server) {
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        return NULL;
    }
    session->server = server;
    session->intermediate_ns = CLOCK_NEVER;
    session->final_ns = CLOCK_NEVER;
    mbedtls_ssl_init(&session->ssl);
    compat_log_keys(&server->config, &session->ssl, &server->key_log);
    if (mbedtls_ssl_setup(&session->ssl, &server->config) != 0) {
        session_free(session);
        return NULL;
    }
    mbedtls_ssl_set_bio(&session->ssl, session, send_datagram, receive_record, NULL);
    mbedtls_ssl_set_timer_cb(&session->ssl, session, set_timer, get_timer);
    return session;
}

void session_free(struct session *session) {
    if (session == NULL) {
        return;
    }
    mbedtls_ssl_free(&session->ssl);
    free(session);
}

int session_begin(struct session *session, const struct address *remote) {
    session->remote = *remote;
    session->intermediate_ns = CLOCK_NEVER;
    session->final_ns = CLOCK_NEVER;
    session->sent_fatal = false;
    session->encrypted_alert_sent = false;
    if (session->used && mbedtls_ssl_session_reset(&session->ssl) != 0) {
        return -ENOMEM;
    }
    // The reset forgets the transport id as well: always both.
    if (!session->server->is_client &&
        mbedtls_ssl_set_client_transport_id(&session->ssl,
                                            (const unsigned char *)&session->remote.socket,
                                            address_length(&session->remote)) != 0) {
        return -ENOMEM;
    }
    session->used = true;
    return 0;
}

/** mbedTLS's answer to the last call as an outcome; negative errors only. */
static enum session_outcome outcome_of(struct session *session, int result) {
    if (session->encrypted_alert_sent) {
        session->encrypted_alert_sent = false;
        // A refused renegotiation is a warning and no error; any other is fatal.
        bool refused = result == MBEDTLS_ERR_SSL_WANT_READ;
        tell_alert(session, true,
                   refused ? MBEDTLS_SSL_ALERT_LEVEL_WARNING : MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                   refused ? MBEDTLS_SSL_ALERT_MSG_NO_RENEGOTIATION
                           : MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
    }
    switch (result) {
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        return SESSION_GOES_ON;
    case MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED:
        return SESSION_ASKED_FOR_COOKIE;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return SESSION_GOT_CLOSE_NOTIFY;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return SESSION_GOT_ALERT;
    case MBEDTLS_ERR_SSL_TIMEOUT:
        return SESSION_TIMED_OUT;
    default:
        return session->sent_fatal ? SESSION_SENT_ALERT : SESSION_BROKE;
    }
}

/** Let mbedTLS work until it wants the next record. */
static enum session_outcome run(struct session *session) {
    struct session_server *server = session->server;
    for (int step = 0; step < STEPS_MAX && !session->abandoned; step++) {
        int result = 0;
        if (!session->up) {
            result = mbedtls_ssl_handshake(&session->ssl);
            if (result == 0) {
                session->up = true;
                session->progress++;
                server->hooks.up(server->context, session);
                continue;
            }
        } else {
            result = mbedtls_ssl_read(&session->ssl, server->plaintext, sizeof server->plaintext);
            if (result >= 0) {
                session->progress++;
                server->hooks.plaintext(server->context, session, server->plaintext,
                                        (size_t)result);
                continue;
            }
        }
        bool unread = session->input != NULL; // a timer was due first
        if (result != MBEDTLS_ERR_SSL_WANT_READ || !unread) {
            return outcome_of(session, result);
        }
    }
    return SESSION_GOES_ON;
}

static void enter(struct session *session, uint64_t now_ns) {
    session->now_ns = now_ns;
    session->server->current = session;
}

enum session_outcome session_feed(struct session *session, const uint8_t *record, size_t length,
                                  uint64_t now_ns) {
    enter(session, now_ns);
    session->input = record;
    session->input_length = length;
    bool encrypted_alert =
        length > 4 && record[0] == DTLS_CONTENT_ALERT && (record[3] | record[4]) != 0;
    if (encrypted_alert) {
        // So that an alert seen afterwards is this one. Those in the clear the endpoint has read.
        session->ssl.in_msgtype = 0;
    }
    enum session_outcome outcome = run(session);
    session->input = NULL;
    if (encrypted_alert && session->ssl.in_msgtype == MBEDTLS_SSL_MSG_ALERT) {
        tell_alert(session, false, session->ssl.in_msg[0], session->ssl.in_msg[1]);
    }
    return outcome;
}

uint64_t session_deadline(const struct session *session) {
    return session->final_ns;
}

enum session_outcome session_advance(struct session *session, uint64_t now_ns) {
    enter(session, now_ns);
    return run(session);
}

int session_send(struct session *session, const uint8_t *bytes, size_t length, uint64_t now_ns) {
    struct session *outer = session->server->current; // it may be sent from a hook
    enter(session, now_ns);
    int most = mbedtls_ssl_get_max_out_record_payload(&session->ssl);
    int result = -EIO;
    if (most >= 0 && length > (size_t)most) {
        result = -EMSGSIZE;
    } else if (mbedtls_ssl_write(&session->ssl, bytes, length) >= 0) {
        result = 0;
    }
    session->server->current = outer;
    return result;
}

void session_close_notify(struct session *session, uint64_t now_ns) {
    struct session *outer = session->server->current;
    enter(session, now_ns);
    session->closing = true;
    mbedtls_ssl_close_notify(&session->ssl);
    session->closing = false;
    session->server->current = outer;
}

bool session_cannot_decrypt(struct session *session, const uint8_t *record, size_t length) {
    uint8_t *copy = malloc(length); // it is overwritten
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, record, length);
    int result = mbedtls_ssl_check_record(&session->ssl, copy, length);
    free(copy);
    // Repeated records and those of a past epoch are MBEDTLS_ERR_SSL_UNEXPECTED_RECORD.
    return result == MBEDTLS_ERR_SSL_INVALID_MAC || result == MBEDTLS_ERR_SSL_INVALID_RECORD;
}

void session_abandon(struct session *session) {
    session->abandoned = true;
}

bool session_is_engaged(const struct session *session) {
    return session->up || session->ssl.state > MBEDTLS_SSL_CLIENT_HELLO;
}

uint64_t session_progress(const struct session *session) {
    return session->progress;
}

uint16_t session_suite(const struct session *session) {
    const char *name = mbedtls_ssl_get_ciphersuite(&session->ssl);
    return name == NULL ? 0 : (uint16_t)mbedtls_ssl_get_ciphersuite_id(name);
}

const struct address *session_remote(const struct session *session) {
    return &session->remote;
}

void session_set_owner(struct session *session, void *owner) {
    session->owner = owner;
}

void *session_owner(const struct session *session) {
    return session->owner;
}
