// SPDX-License-Identifier: Apache-2.0
#include "audit/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "audit/hash.h"
#include "base/hex.h"

enum { FINGERPRINT_BYTES = 4 };

/* Write a record in one piece: several threads do. Takes the object. */
static void put(const struct report *report, json_t *object) {
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (text) {
        fprintf(report->stream, "%s\n", text);
    } else {
        fputs("bootcheck-audit-keys: no memory for a record\n", stderr);
    }
    free(text);
    json_decref(object);
}

static void flush(const struct report *report) {
    fflush(report->stream);
}

void report_refused(const struct report *report, uint32_t line, const char *error) {
    put(report, json_pack("{s:s, s:I, s:s}", "record", "refused", "line", (json_int_t)line, "error",
                          error));
}

void report_read(const struct report *report) {
    put(report, json_pack("{s:s, s:I, s:I}", "record", "read", "devices",
                          (json_int_t)targets_count(report->targets), "keys",
                          (json_int_t)targets_different(report->targets)));
    flush(report);
}

void report_hints(const struct report *report, const struct hint_counts *counts) {
    json_t *hints = json_object();
    for (enum hint hint = 0; hint < HINTS; hint++) {
        json_object_set_new(hints, hint_id(hint),
                            json_pack("{s:I, s:f}", "seen", (json_int_t)counts->seen[hint],
                                      "expected", counts->expected[hint]));
    }
    put(report, json_pack("{s:s, s:I, s:o}", "record", "hints", "keys", (json_int_t)counts->keys,
                          "of", hints));
}

void report_plan(const struct report *report, const struct jobs *jobs) {
    double blocks = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        blocks += (double)jobs->items[i].limit * (double)jobs->items[i].cost;
    }
    put(report, json_pack("{s:s, s:I, s:f}", "record", "plan", "searches", (json_int_t)jobs->count,
                          "blocks", blocks));
    flush(report);
}

/* Line, device and fingerprint, in a new object. */
static json_t *named(const struct report *report, size_t index, const char *record) {
    const struct target *target = targets_at(report->targets, index);
    uint8_t digest[HASH_MAX];
    char fingerprint[2 * FINGERPRINT_BYTES + 1];
    const uint8_t *name;
    size_t length = target_value(target, target_name(target), &name);
    hash_digest(HASH_SHA256, target->data, target->key_length, digest);
    hex_encode(digest, FINGERPRINT_BYTES, fingerprint);
    return json_pack("{s:s, s:I, s:o, s:s}", "record", record, "line", (json_int_t)target->line,
                     "device", json_stringn((const char *)name, length), "fingerprint",
                     fingerprint);
}

static json_t *finding_json(const struct finding *finding) {
    return json_pack("{s:s, s:s, s:s}", "id", finding->id, "weight",
                     finding->weight == WEIGHT_LOW ? "low" : "hint", "text", finding->text);
}

void report_finding(void *context, size_t index, const struct finding *finding) {
    const struct report *report = context;
    if (finding->weight == WEIGHT_LOW) {
        json_t *object = named(report, index, "finding");
        json_t *members = finding_json(finding);
        if (object && members) {
            json_object_update(object, members);
        }
        json_decref(members);
        put(report, object);
        if (finding->derivation) {
            flush(report);
        }
    }
}

void report_progress(void *context, const struct progress *progress) {
    const struct report *report = context;
    char text[JOB_TEXT_SIZE];
    job_text(progress->job, text);
    put(report,
        json_pack("{s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:I}", "record", "progress", "text", text,
                  "number", (json_int_t)progress->number, "count", (json_int_t)progress->count,
                  "part", progress->part, "rate",
                  progress->blocks_per_s / (double)progress->job->cost, "seconds_left",
                  progress->seconds_left, "open", (json_int_t)targets_open(report->targets)));
    flush(report);
}

void report_search(void *context, const struct job *job, double seconds) {
    const struct report *report = context;
    char text[JOB_TEXT_SIZE], id[JOB_TEXT_SIZE], left[JOB_TEXT_SIZE];
    job_text(job, text);
    job_id(job, id);
    job_left(job, left);
    put(report, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:f}", "record", "search", "id",
                          id, "text", text, "candidates", (json_int_t)job->candidates, "budget",
                          (json_int_t)job->limit, "tried", (json_int_t)job->done, "blocks_each",
                          (json_int_t)job->cost, "left", left, "seconds", seconds));
    flush(report);
}

static bool put_key(const struct report *report, size_t index) {
    json_t *object = named(report, index, "key"), *evidence = json_array();
    const struct finding *finding;
    uint64_t place = 0;
    bool low = false;
    while ((finding = targets_next_finding(report->targets, index, &place))) {
        low |= finding->weight == WEIGHT_LOW;
        json_array_append_new(evidence, finding_json(finding));
    }
    json_object_set_new(object, "verdict", json_string(low ? "low" : "no evidence of low"));
    json_object_set_new(object, "evidence", evidence);
    put(report, object);
    return low;
}

size_t report_keys(const struct report *report, bool stopped) {
    size_t low = 0, count = targets_count(report->targets);
    for (size_t i = 0; i < count; i++) {
        low += put_key(report, i);
    }
    put(report, json_pack("{s:s, s:I, s:I, s:b}", "record", "end", "low", (json_int_t)low,
                          "no_evidence", (json_int_t)(count - low), "stopped", stopped));
    flush(report);
    return low;
}
