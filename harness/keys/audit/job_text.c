// SPDX-License-Identifier: Apache-2.0
/* What is said of a job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/job.h"

enum { PART_SIZE = 96 };

void job_label(const struct job *job, char text[JOB_TEXT_SIZE]) {
    if (job->value < VALUES) {
        snprintf(text, JOB_TEXT_SIZE, "the device's %s", value_name(job->value));
    } else if (job->label && job->label->length > 0) {
        snprintf(text, JOB_TEXT_SIZE, "\"%.*s\"", (int)job->label->length,
                 (const char *)job->label->bytes);
    } else {
        snprintf(text, JOB_TEXT_SIZE, "empty");
    }
}

static const char *words_name(const struct job *job) {
    if (job->known) {
        return "known keys";
    }
    return job->changes > 1 ? "words of the list, also changed" : "words of the list";
}

void job_text(const struct job *job, char text[JOB_TEXT_SIZE]) {
    char label[JOB_TEXT_SIZE], what[JOB_TEXT_SIZE], with[PART_SIZE] = "";
    job_label(job, label);
    derivation_text(&job->derivation, label, what, sizeof what);
    if (job->combine != COMBINE_NONE) {
        snprintf(with, sizeof with, " %s the device's %s",
                 job->combine == COMBINE_SECRET_FIRST ? "before" : "after", value_name(job->value));
    }
    switch (job->source) {
    case SOURCE_PIN:
    case SOURCE_PIN_AND_DEVICE:
        snprintf(text, JOB_TEXT_SIZE, "%.128s PINs of 1 to %d digits%s", what, PIN_DIGITS_MAX,
                 with);
        break;
    case SOURCE_WORD:
    case SOURCE_WORD_AND_DEVICE:
        snprintf(text, JOB_TEXT_SIZE, "%.128s %s%s", what, words_name(job), with);
        break;
    case SOURCE_DEVICE:
        snprintf(text, JOB_TEXT_SIZE, "%.128s the device's own values", what);
        break;
    }
}

void job_id(const struct job *job, char text[JOB_TEXT_SIZE]) {
    static const char *const sources[] = {"pin", "word", "device", "pin", "word"};
    char id[PART_SIZE];
    const char *secret = job->known ? "known" : sources[job->source];
    derivation_id(&job->derivation, id, sizeof id);
    if (job->combine != COMBINE_NONE) {
        bool first = job->combine == COMBINE_SECRET_FIRST;
        const char *value = value_id(job->value);
        snprintf(text, JOB_TEXT_SIZE, "%s(%s+%s)", id, first ? secret : value,
                 first ? value : secret);
    } else if (job->value < VALUES) {
        snprintf(text, JOB_TEXT_SIZE, "%s(%s,%s)", id, secret, value_id(job->value));
    } else {
        snprintf(text, JOB_TEXT_SIZE, "%s(%s)", id, secret);
    }
}

/* How far PINs were searched, where all of a length or only some of it were. */
static void pins_left(uint64_t pins, char text[JOB_TEXT_SIZE]) {
    unsigned whole = 0;
    while (whole < PIN_DIGITS_MAX && pins_up_to(whole + 1) <= pins) {
        whole++;
    }
    uint64_t of_next = pins_up_to(whole + 1) - pins_up_to(whole);
    uint64_t left = pins_up_to(whole + 1) - pins;
    char rest[PART_SIZE] = "";
    if (whole + 1 < PIN_DIGITS_MAX) {
        snprintf(rest, sizeof rest, " and all of more digits");
    }
    snprintf(text, JOB_TEXT_SIZE, "%" PRIu64 " of %" PRIu64 " PINs of %u digits%s", left, of_next,
             whole + 1, rest);
}

void job_left(const struct job *job, char text[JOB_TEXT_SIZE]) {
    uint64_t left = job->candidates - job->done;
    *text = '\0';
    if (left == 0) {
        return;
    }
    if (job->source == SOURCE_PIN) {
        pins_left(job->done, text);
    } else if (job->source == SOURCE_PIN_AND_DEVICE) {
        uint64_t devices = job->candidates / pins_up_to(PIN_DIGITS_MAX);
        pins_left(job->done / devices, text);
    } else {
        snprintf(text, JOB_TEXT_SIZE, "%" PRIu64 " of %" PRIu64 " candidates", left,
                 job->candidates);
    }
}
