// SPDX-License-Identifier: Apache-2.0
/* What the servers of the bench tell on standard output, each line a JSON object. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stdbool.h>
#include <stdint.h>

/** {"port": …}: the server is ready. */
void usage_tell_port(uint16_t port);

/** The process's CPU time until now, in microseconds by getrusage(2), and how many bootstraps it
 * has finished. */
void usage_tell(uint64_t bootstraps);

/** Take what came on standard input: each line asks for usage_tell(). False at its end. */
bool usage_asked(uint64_t bootstraps);

#endif
