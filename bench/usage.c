// SPDX-License-Identifier: Apache-2.0
#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

void usage_tell_port(uint16_t port) {
    printf("{\"port\": %d}\n", port);
    fflush(stdout);
}

static int64_t microseconds(struct timeval time) {
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

void usage_tell(uint64_t bootstraps) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"user_us\": %" PRId64 ", \"system_us\": %" PRId64 ", \"bootstraps\": %" PRIu64
           ", \"peak_kb\": %ld}\n",
           microseconds(usage.ru_utime), microseconds(usage.ru_stime), bootstraps, usage.ru_maxrss);
    fflush(stdout);
}

bool usage_asked(uint64_t bootstraps) {
    char bytes[64];
    ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
    for (ssize_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            usage_tell(bootstraps);
        }
    }
    return length > 0;
}
