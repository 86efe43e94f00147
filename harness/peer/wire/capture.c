// SPDX-License-Identifier: Apache-2.0
#include "wire/capture.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "wire/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocks, options and types: draft-ietf-opsawg-pcapng 4. */
enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    LINKTYPE_RAW = 101,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_INTERFACE_NAME = 2,
    OPTION_PACKET_FLAGS = 2,
    OPTION_TIME_RESOLUTION = 9,
    OPTION_APPLICATION = 4,
};
static const uint32_t block_section = 0x0a0d0d0a;
static const uint32_t byte_order_magic = 0x1a2b3c4d;
static const uint32_t secrets_tls_key_log = 0x544c534b;

struct capture {
    int fd;
    int error; // first failure, negative errno
    int64_t offset_ns;
    uint16_t identification;
    struct buffer secrets; // lines of the key log
    struct buffer packets; // whole blocks
    struct buffer packet;  // the one being made
};

static int append_u16(struct buffer *buffer, uint16_t value) {
    return buffer_append(buffer, &value, sizeof value);
}

static int append_u32(struct buffer *buffer, uint32_t value) {
    return buffer_append(buffer, &value, sizeof value);
}

static int append_padded(struct buffer *buffer, const void *bytes, size_t length) {
    static const uint8_t zeros[4] = {0};
    int result = buffer_append(buffer, bytes, length);
    return result < 0 ? result : buffer_append(buffer, zeros, (4 - length % 4) % 4);
}

static int append_option(struct buffer *buffer, uint16_t code, const void *value, size_t length) {
    int result = append_u16(buffer, code);
    result = result < 0 ? result : append_u16(buffer, (uint16_t)length);
    return result < 0 ? result : append_padded(buffer, value, length);
}

/** A block's start with a place for its length; what returns is handed to finish_block(). */
static size_t start_block(struct buffer *buffer, uint32_t type) {
    size_t start = buffer->length;
    append_u32(buffer, type); // a failure shows in finish_block()
    append_u32(buffer, 0);
    return start;
}

/** Write the length at both ends; what does not fit into memory is taken back. 0 or -ENOMEM. */
static int finish_block(struct buffer *buffer, size_t start, int result) {
    uint32_t length = (uint32_t)(buffer->length - start + 4);
    if (result < 0 || length < 12 || append_u32(buffer, length) < 0) {
        buffer->length = start;
        return -ENOMEM;
    }
    memcpy(buffer->data + start + 4, &length, sizeof length);
    return 0;
}

static int append_headers(struct buffer *buffer) {
    static const char application[] = "bootcheck-peer " BOOTCHECK_VERSION;
    static const char interface[] = "peer";
    static const uint8_t nanoseconds = 9;
    static const uint64_t unknown_length = UINT64_MAX;

    size_t start = start_block(buffer, block_section);
    int result = append_u32(buffer, byte_order_magic);
    result |= append_u16(buffer, 1); // version 1.0
    result |= append_u16(buffer, 0);
    result |= buffer_append(buffer, &unknown_length, sizeof unknown_length);
    result |= append_option(buffer, OPTION_APPLICATION, application, sizeof application - 1);
    result |= append_option(buffer, OPTION_END, NULL, 0);
    result |= finish_block(buffer, start, result);

    start = start_block(buffer, BLOCK_INTERFACE);
    result |= append_u16(buffer, LINKTYPE_RAW);
    result |= append_u16(buffer, 0);
    result |= append_u32(buffer, 0); // packets are never cut
    result |= append_option(buffer, OPTION_INTERFACE_NAME, interface, sizeof interface - 1);
    result |= append_option(buffer, OPTION_TIME_RESOLUTION, &nanoseconds, 1);
    result |= append_option(buffer, OPTION_END, NULL, 0);
    return finish_block(buffer, start, result);
}

/** Remember the first failure for whoever asks. */
static int failed(struct capture *capture, int result) {
    if (result < 0 && capture->error == 0) {
        capture->error = result;
    }
    return capture->error;
}

static int write_all(struct capture *capture, struct buffer *buffer) {
    while (buffer->length > 0) {
        ssize_t written = write(capture->fd, buffer->data, buffer->length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            int error = errno;
            buffer_clear(buffer); // no use to try again for ever; the file ends here
            return failed(capture, -error);
        }
        buffer_consume(buffer, (size_t)written);
    }
    return capture->error;
}

struct capture *capture_new(const char *path) {
    struct capture *capture = calloc(1, sizeof *capture);
    if (capture == NULL) {
        return NULL;
    }
    capture->offset_ns = clock_realtime_offset_ns();
    capture->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); // it holds secrets
    int result = capture->fd < 0 ? -errno : append_headers(&capture->packets);
    result = result < 0 ? result : capture_flush(capture);
    if (result < 0) {
        capture_close(capture);
        errno = -result;
        return NULL;
    }
    return capture;
}

void capture_datagram(struct capture *capture, enum capture_direction direction,
                      const struct address *source, const struct address *destination,
                      const uint8_t *bytes, size_t length, uint64_t t_ns, const char *comment) {
    struct buffer *buffer = &capture->packets;
    uint64_t calendar_ns = t_ns + (uint64_t)capture->offset_ns;
    uint32_t flags = (uint32_t)direction;
    uint32_t captured = (uint32_t)packet_length(source, length);
    size_t start = start_block(buffer, BLOCK_PACKET);
    int result = append_u32(buffer, 0); // interface
    result |= append_u32(buffer, (uint32_t)(calendar_ns >> 32));
    result |= append_u32(buffer, (uint32_t)calendar_ns);
    result |= append_u32(buffer, captured);
    result |= append_u32(buffer, captured);
    buffer_clear(&capture->packet);
    result |= packet_append(&capture->packet, source, destination, capture->identification++, bytes,
                            length);
    result |= append_padded(buffer, capture->packet.data, capture->packet.length);
    if (comment != NULL) {
        result |= append_option(buffer, OPTION_COMMENT, comment, strlen(comment));
    }
    result |= append_option(buffer, OPTION_PACKET_FLAGS, &flags, sizeof flags);
    result |= append_option(buffer, OPTION_END, NULL, 0);
    failed(capture, finish_block(buffer, start, result));
}

void capture_secret(struct capture *capture, const char *line) {
    int result = buffer_append(&capture->secrets, line, strlen(line));
    failed(capture, result < 0 ? result : buffer_append(&capture->secrets, "\n", 1));
}

/** Put the secrets ahead of the packets: one write(2) for both. */
static int prepend_secrets(struct capture *capture) {
    struct buffer both = {0};
    size_t start = start_block(&both, BLOCK_SECRETS);
    int result = append_u32(&both, secrets_tls_key_log);
    result |= append_u32(&both, (uint32_t)capture->secrets.length);
    result |= append_padded(&both, capture->secrets.data, capture->secrets.length);
    result = finish_block(&both, start, result);
    result =
        result < 0 ? result : buffer_append(&both, capture->packets.data, capture->packets.length);
    if (result < 0) {
        buffer_free(&both);
        return result;
    }
    buffer_free(&capture->packets);
    capture->packets = both;
    buffer_clear(&capture->secrets);
    return 0;
}

int capture_flush(struct capture *capture) {
    if (capture->secrets.length > 0) {
        failed(capture, prepend_secrets(capture));
    }
    return write_all(capture, &capture->packets);
}

int capture_close(struct capture *capture) {
    if (capture == NULL) {
        return 0;
    }
    int result = capture->error;
    if (capture->fd >= 0) {
        result = capture_flush(capture);
        if (close(capture->fd) < 0) {
            result = failed(capture, -errno);
        }
    }
    buffer_free(&capture->secrets);
    buffer_free(&capture->packets);
    buffer_free(&capture->packet);
    free(capture);
    return result;
}
