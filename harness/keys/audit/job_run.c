// SPDX-License-Identifier: Apache-2.0
/* The candidates of a job, and what is told when one of them gives a key. */
#include <stdio.h>
#include <string.h>

#include "audit/device_texts.h"
#include "audit/job.h"

enum { ID_SIZE = 64, NAME_SIZE = 160, COMBINED_MAX = WORD_CHANGED_MAX + 8 + TARGET_VALUE_MAX };

/** A candidate while it is tried. */
struct trial {
    const struct job *job;
    const struct material *material;
    struct input input;
    uint8_t first[HASH_MAX]; // what was derived
    const char *how;         // the secret is written, "" as it is
    enum value value;        // of SOURCE_DEVICE: what the secret is
    const char *note;        // of a known key
    bool changed;            // the word
    size_t digits;           // of the PIN
    // where the secret is put together
    uint8_t block[HASH_BLOCK], secret[WORD_CHANGED_MAX], combined[COMBINED_MAX];
    struct device_text texts[DEVICE_TEXTS_MAX];
};

static void secret_name(const struct trial *trial, char id[ID_SIZE], char name[NAME_SIZE]) {
    switch (trial->job->source) {
    case SOURCE_PIN:
    case SOURCE_PIN_AND_DEVICE:
        snprintf(id, ID_SIZE, "pin");
        snprintf(name, NAME_SIZE, "a PIN of %zu digits", trial->digits);
        break;
    case SOURCE_WORD:
    case SOURCE_WORD_AND_DEVICE:
        snprintf(id, ID_SIZE, trial->note ? "known" : "word");
        if (trial->note) {
            snprintf(name, NAME_SIZE, "a key that is known from %.100s", trial->note);
        } else {
            snprintf(name, NAME_SIZE, "a word of the list%s", trial->changed ? ", changed" : "");
        }
        break;
    case SOURCE_DEVICE:
        snprintf(id, ID_SIZE, "%s", value_id(trial->value));
        snprintf(name, NAME_SIZE, "the device's %s%s", value_name(trial->value), trial->how);
        break;
    }
}

static const char *form_text(enum form form) {
    static const char *const texts[FORMS] = {
        [FORM_HEX] = ", as the text of hexadecimal digits", [FORM_BASE64] = ", as base64 text"};
    return texts[form] ? texts[form] : "";
}

/* Tell that the candidate gives a key; `part` says which part of it. */
static void tell(const struct trial *trial, size_t target, const char *part, enum form form) {
    const struct job *job = trial->job;
    char id[ID_SIZE], name[NAME_SIZE], derivation[ID_SIZE], what[JOB_TEXT_SIZE];
    char label[JOB_TEXT_SIZE], finding_id[JOB_TEXT_SIZE], text[2 * JOB_TEXT_SIZE];
    const char *value = job->value < VALUES ? value_id(job->value) : "";
    char with[NAME_SIZE] = "";
    bool first = job->combine == COMBINE_SECRET_FIRST;
    secret_name(trial, id, name);
    job_label(job, label);
    derivation_id(&job->derivation, derivation, sizeof derivation);
    derivation_text(&job->derivation, label, what, sizeof what);
    if (job->combine == COMBINE_NONE) {
        snprintf(finding_id, sizeof finding_id, "%s(%s%s%s)", derivation, id, *value ? "," : "",
                 value);
    } else {
        snprintf(finding_id, sizeof finding_id, "%s(%s+%s)", derivation, first ? id : value,
                 first ? value : id);
        snprintf(with, sizeof with, " %s the device's %s%s", first ? "before" : "after",
                 value_name(job->value), trial->how);
    }
    snprintf(text, sizeof text, "%s %s%s%s%s", what, name, with, part, form_text(form));
    struct finding finding = {finding_id, text, WEIGHT_LOW, true,
                              job->source != SOURCE_PIN && job->source != SOURCE_WORD};
    // without memory for it the verdict would be wrong; the count of open keys stays right
    if (targets_tell(trial->material->targets, target, &finding) < 0) {
        fputs("bootcheck-audit-keys: no memory for a finding\n", stderr);
    }
}

/* Whether a key is part of what was derived, in a form. */
static void try_derived(const struct trial *trial, size_t index, enum form form) {
    const struct target *target = targets_at(trial->material->targets, index);
    uint8_t bytes[TARGET_KEY_MAX];
    char text[ID_SIZE];
    size_t length = form_decode(target->data, target->key_length, form, bytes);
    enum part part =
        derivation_part(&trial->job->derivation, &trial->input, trial->first, bytes, length);
    if (part != PART_NONE) {
        part_text(part, length, text, sizeof text);
        tell(trial, index, text, form);
    }
}

static void found_derived(void *context, uint32_t target, enum form form, enum layout layout) {
    (void)layout;
    try_derived(context, target, form);
}

static void found_plain(void *context, uint32_t target, enum form form, enum layout layout) {
    static const char *const texts[LAYOUTS] = {"", ", padded", ", padded on the left",
                                               ", repeated"};
    tell(context, target, texts[layout], form);
}

static uint32_t first_word(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

enum { TAIL = 16 }; // the last bytes that are taken of a longer digest

/* Look up what was derived from a candidate that is the same for all devices. */
static void look_up(struct trial *trial) {
    const uint8_t *first = trial->first;
    const struct lookup *lookup = &trial->material->lookup;
    size_t size = hash_size(trial->job->derivation.hash);
    if (lookup_may_begin(lookup, first_word(first))) {
        lookup_prefix(lookup, first, found_derived, trial);
    }
    if (size > TAIL && lookup_may_begin(lookup, first_word(first + size - TAIL))) {
        lookup_prefix(lookup, first + size - TAIL, found_derived, trial);
    }
}

static void try_for_all(struct trial *trial) {
    if (trial->job->derivation.mode == MODE_PLAIN) {
        lookup_text(&trial->material->lookup, trial->input.secret, trial->input.secret_length,
                    found_plain, trial);
        return;
    }
    derivation_first(&trial->job->derivation, &trial->input, trial->first);
    look_up(trial);
}

static void try_plain(struct trial *trial, size_t index) {
    const struct target *target = targets_at(trial->material->targets, index);
    uint8_t bytes[TARGET_KEY_MAX];
    const uint8_t *core;
    for (enum form form = 0; form < FORMS; form++) {
        size_t length = form_decode(target->data, target->key_length, form, bytes);
        for (enum layout layout = 0; layout < LAYOUTS && length > 0; layout++) {
            if (layout_core(bytes, length, layout, &core) == trial->input.secret_length &&
                memcmp(core, trial->input.secret, trial->input.secret_length) == 0) {
                found_plain(trial, (uint32_t)index, form, layout);
                return;
            }
        }
    }
    size_t length = target->key_length; // a text that is cut to the length of the key
    if (length >= LOOKUP_PREFIX && length < trial->input.secret_length) {
        if (memcmp(target->data, trial->input.secret, length) == 0) {
            tell(trial, index, ", its beginning", FORM_BYTES);
        } else if (memcmp(target->data, trial->input.secret + trial->input.secret_length - length,
                          length) == 0) {
            tell(trial, index, ", its end", FORM_BYTES);
        }
    }
}

/* Try a candidate for one device only. */
static void try_for_one(struct trial *trial, size_t index) {
    if (trial->job->derivation.mode == MODE_PLAIN) {
        try_plain(trial, index);
        return;
    }
    derivation_first(&trial->job->derivation, &trial->input, trial->first);
    for (enum form form = 0; form < FORMS; form++) {
        try_derived(trial, index, form);
    }
}

// sources

/* The PIN of an index, in ASCII; its length. */
static size_t pin_of(uint64_t index, uint8_t *pin) {
    size_t length = 1;
    while (pins_up_to((unsigned)length) <= index) {
        length++;
    }
    index -= pins_up_to((unsigned)length - 1);
    for (size_t i = length; i > 0; i--) {
        pin[i - 1] = (uint8_t)('0' + index % 10);
        index /= 10;
    }
    return length;
}

/* Make it the next one; false when there is none of this length. */
static bool next_pin(uint8_t *pin, size_t length) {
    for (size_t i = length; i > 0; i--) {
        if (pin[i - 1] != '9') {
            pin[i - 1]++;
            return true;
        }
        pin[i - 1] = '0';
    }
    return false;
}

/** Candidates that are hashed before any is looked up, so that the filter is in the cache by then.
 */
enum { BATCH = 32 };

/* Look up those of a batch whose first words may be of a key. */
static void look_up_batch(struct trial *trial, uint64_t index, size_t count,
                          const struct hash_state states[BATCH], size_t tail) {
    enum hash hash = trial->job->derivation.hash;
    const struct lookup *lookup = &trial->material->lookup;
    for (size_t i = 0; i < count; i++) {
        if (lookup_may_begin(lookup, hash_word(hash, &states[i], 0)) ||
            (tail && lookup_may_begin(lookup, hash_word(hash, &states[i], tail)))) {
            hash_bytes(hash, &states[i], trial->first);
            trial->input.secret = trial->secret;
            trial->input.secret_length = trial->digits = pin_of(index + i, trial->secret);
            look_up(trial);
        }
    }
}

/* The one search that is long and cheap: the block is made once, and only its digits change. */
static uint64_t run_pin_digests(struct trial *trial, uint64_t index, uint64_t end) {
    enum hash hash = trial->job->derivation.hash;
    const struct lookup *lookup = &trial->material->lookup;
    size_t tail = (hash_size(hash) - TAIL) / 4; // 0: of MD5 there is no tail
    struct hash_state start, states[BATCH];
    size_t length = pin_of(index, trial->block);
    bool more = true;
    hash_pad(hash, trial->block, length, length);
    hash_init(hash, &start);
    while (more && index < end) {
        size_t count = 0;
        while (more && count < BATCH && index + count < end) {
            struct hash_state *state = &states[count++];
            *state = start;
            hash_block(hash, state, trial->block);
            lookup_prefetch(lookup, hash_word(hash, state, 0));
            lookup_prefetch(lookup, hash_word(hash, state, tail));
            more = next_pin(trial->block, length);
        }
        look_up_batch(trial, index, count, states, tail);
        index += count;
    }
    return index;
}

static void run_pins(struct trial *trial, uint64_t begin, uint64_t end) {
    while (begin < end) {
        if (trial->job->derivation.mode == MODE_DIGEST) {
            begin = run_pin_digests(trial, begin, end);
            continue;
        }
        trial->input.secret = trial->secret;
        trial->input.secret_length = trial->digits = pin_of(begin++, trial->secret);
        try_for_all(trial);
    }
}

/* The word of an index, changed; false when the change makes no difference. */
static bool word_of(struct trial *trial, uint64_t index) {
    const struct words *words = trial->job->words;
    const struct word *word = &words->items[index % words->count];
    size_t change = (size_t)(index / words->count);
    trial->input.secret = trial->secret;
    trial->input.secret_length = words_changed(word, change, trial->secret);
    trial->changed = change > 0;
    trial->note = word->note;
    return trial->input.secret_length > 0;
}

static void run_words(struct trial *trial, uint64_t begin, uint64_t end) {
    for (; begin < end; begin++) {
        if (word_of(trial, begin)) {
            try_for_all(trial);
        }
    }
}

static void run_devices(struct trial *trial, uint64_t begin, uint64_t end) {
    struct device_text *texts = trial->texts;
    for (; begin < end; begin++) {
        const struct target *target = targets_at(trial->material->targets, begin);
        if (target_is_derived(target)) {
            continue;
        }
        if (trial->job->value < VALUES) {
            trial->input.label_length =
                target_value(target, trial->job->value, &trial->input.label);
            if (trial->input.label_length == 0) {
                continue;
            }
        }
        size_t count = device_texts(target, texts);
        for (size_t i = 0; i < count; i++) {
            trial->input.secret = texts[i].bytes;
            trial->input.secret_length = texts[i].length;
            trial->value = texts[i].value;
            trial->how = texts[i].how;
            try_for_one(trial, begin);
        }
    }
}

/* Try the secret put together with a value, with what is usually between them. */
static void try_combined(struct trial *trial, size_t index, const uint8_t *value, size_t length) {
    static const struct {
        const char *text, *how;
    } between[] = {{"", ""}, {":", ", with a colon between"}, {"-", ", with a dash between"}};
    const struct input secret = trial->input;
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        const struct {
            const uint8_t *bytes;
            size_t length;
        } parts[3] = {{secret.secret, secret.secret_length},
                      {(const uint8_t *)between[i].text, strlen(between[i].text)},
                      {value, length}};
        size_t used = 0;
        for (size_t part = 0; part < 3; part++) {
            size_t at = trial->job->combine == COMBINE_SECRET_FIRST ? part : 2 - part;
            memcpy(trial->combined + used, parts[at].bytes, parts[at].length);
            used += parts[at].length;
        }
        trial->how = between[i].how;
        trial->input.secret = trial->combined;
        trial->input.secret_length = used;
        try_for_one(trial, index);
    }
    trial->input = secret;
    trial->how = "";
}

static void run_with_devices(struct trial *trial, uint64_t begin, uint64_t end) {
    const struct job *job = trial->job;
    size_t devices = targets_count(trial->material->targets);
    for (; begin < end; begin++) {
        size_t index = (size_t)(begin % devices);
        const struct target *target = targets_at(trial->material->targets, index);
        const uint8_t *value;
        size_t length = target_value(target, job->value, &value);
        if (length == 0 || target_is_derived(target)) {
            continue;
        }
        if (job->source == SOURCE_PIN_AND_DEVICE) {
            trial->input.secret = trial->secret;
            trial->input.secret_length = trial->digits = pin_of(begin / devices, trial->secret);
        } else if (!word_of(trial, begin / devices)) {
            continue;
        }
        if (job->combine != COMBINE_NONE) {
            try_combined(trial, index, value, length);
        } else {
            trial->input.label = value;
            trial->input.label_length = length;
            try_for_one(trial, index);
        }
    }
}

void job_run(const struct job *job, const struct material *material, uint64_t begin, uint64_t end) {
    struct trial trial = {.job = job, .material = material, .how = "", .value = VALUES};
    if (job->label) {
        trial.input.label = job->label->bytes;
        trial.input.label_length = job->label->length;
    }
    trial.input.label_hmac = job->label_hmac_ready ? &job->label_hmac : NULL;
    switch (job->source) {
    case SOURCE_PIN:
        run_pins(&trial, begin, end);
        break;
    case SOURCE_WORD:
        run_words(&trial, begin, end);
        break;
    case SOURCE_DEVICE:
        run_devices(&trial, begin, end);
        break;
    case SOURCE_PIN_AND_DEVICE:
    case SOURCE_WORD_AND_DEVICE:
        run_with_devices(&trial, begin, end);
        break;
    }
}
