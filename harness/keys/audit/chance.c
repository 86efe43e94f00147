// SPDX-License-Identifier: Apache-2.0
#include "audit/chance.h"

#include <math.h>
#include <string.h>

enum { BYTES = 256 };

double chance_distinct(size_t length, size_t distinct) {
    double chances[CHANCE_LENGTH_MAX + 2] = {1.0}; // of so many different ones, byte after byte
    for (size_t i = 0; i < length; i++) {
        for (size_t n = i + 1; n > 0; n--) {
            double known = (double)n / BYTES, fresh = (double)(BYTES - n + 1) / BYTES;
            chances[n] = chances[n] * known + chances[n - 1] * fresh;
        }
        chances[0] = 0.0;
    }
    double sum = 0.0;
    for (size_t n = 0; n <= distinct && n <= length; n++) {
        sum += chances[n];
    }
    return sum;
}

double chance_ones(size_t length, size_t ones) {
    size_t bits = 8 * length;
    size_t fewer = 2 * ones <= bits ? ones : bits - ones;
    double sum = 0.0;
    if (2 * fewer == bits) {
        return 1.0;
    }
    for (size_t n = 0; n <= fewer; n++) {
        sum += exp(lgamma((double)bits + 1) - lgamma((double)n + 1) -
                   lgamma((double)(bits - n) + 1) - (double)bits * log(2.0));
    }
    return 2.0 * sum;
}

double chance_run(size_t count, size_t run) {
    // of a last run of so many bytes, and of none long enough so far
    double now[CHANCE_LENGTH_MAX + 1] = {0}, next[CHANCE_LENGTH_MAX + 1];
    double found = 0.0, all = 0.0;
    if (run > count) {
        return 0.0;
    }
    if (run <= 1) {
        return 1.0;
    }
    now[1] = 1.0;
    for (size_t i = 1; i < count; i++) {
        memset(next, 0, sizeof next);
        all = 0.0;
        for (size_t n = 1; n < run; n++) {
            all += now[n];
            if (n + 1 == run) {
                found += now[n] / BYTES;
            } else {
                next[n + 1] = now[n] / BYTES;
            }
        }
        next[1] = all * (BYTES - 1) / BYTES;
        memcpy(now, next, sizeof now);
    }
    return found;
}

double chance_set(size_t length, size_t set) {
    return pow((double)set / BYTES, (double)length);
}
