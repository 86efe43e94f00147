// SPDX-License-Identifier: Apache-2.0
/* A search: one derivation applied to one source of secrets, as far as its budget goes. */
#ifndef AUDIT_JOB_H
#define AUDIT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/derivation.h"
#include "audit/lookup.h"
#include "audit/targets.h"
#include "audit/words.h"

enum source {
    SOURCE_PIN,
    SOURCE_WORD,   // of a list, with its changes
    SOURCE_DEVICE, // the device's own values
    SOURCE_PIN_AND_DEVICE,
    SOURCE_WORD_AND_DEVICE,
};

/** How a secret and a value of the device go together before they are hashed. */
enum combine { COMBINE_NONE, COMBINE_SECRET_FIRST, COMBINE_VALUE_FIRST };

enum { PIN_DIGITS_MAX = 8, JOB_TEXT_SIZE = 256 };

struct job {
    enum source source;
    struct derivation derivation;
    enum combine combine;
    const struct words *words; // of SOURCE_WORD and SOURCE_WORD_AND_DEVICE
    bool known;                // they are known keys
    size_t changes;            // of words that are tried, at least 1
    const struct word *label;  // NULL: none, or a value of the device
    enum value value;          // of the device: what is combined, or the label; VALUES: none
    struct hmac label_hmac;
    bool label_hmac_ready;
    unsigned share;      // its budget is that of the audit, divided by this
    uint64_t candidates; // in all
    uint64_t limit;      // as many as its budget allows
    uint64_t cost;       // blocks that a candidate takes
    uint64_t done;       // candidates; atomic
};

struct jobs {
    struct job *items;
    size_t count, space;
};

/** What the searches are made from. */
struct material {
    struct targets *targets;
    struct lookup lookup;
    struct words words, labels, known;
};

/** How many PINs there are of 1 to `digits` digits. */
uint64_t pins_up_to(unsigned digits);

/**
 * All searches for these keys, the most likely ones first. `budget`: blocks for each; `quick`: only
 * those without a device in between and without PBKDF2. 0 or -ENOMEM.
 */
int jobs_plan(struct jobs *jobs, const struct material *material, uint64_t budget, bool quick);
void jobs_free(struct jobs *jobs);

/** What a job searches: "SHA-256 of PINs of 1 to 8 digits". */
void job_text(const struct job *job, char text[JOB_TEXT_SIZE]);

/** For programs: "sha256(pin)". */
void job_id(const struct job *job, char text[JOB_TEXT_SIZE]);

/** The label as in texts. */
void job_label(const struct job *job, char text[JOB_TEXT_SIZE]);

/** What of a job has not been searched: empty when nothing is left. */
void job_left(const struct job *job, char text[JOB_TEXT_SIZE]);

/** Try the candidates from `begin` on and before `end`. Many threads at once. */
void job_run(const struct job *job, const struct material *material, uint64_t begin, uint64_t end);

#endif
