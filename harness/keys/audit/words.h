// SPDX-License-Identifier: Apache-2.0
/* Lists that a user can extend: words, labels, known keys; and the changes that people make to
 * words. */
#ifndef AUDIT_WORDS_H
#define AUDIT_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { WORD_MAX = 255, WORD_CHANGED_MAX = 2 * WORD_MAX };

struct word {
    uint8_t *bytes;
    size_t length;
    char *note; // of a known key: where it is from; else NULL
};

struct words {
    struct word *items;
    size_t count, space;
};

/** What kind of lines a file has. */
enum word_file {
    WORD_FILE_PLAIN, // a word a line
    WORD_FILE_KNOWN, // `hex:DIGITS SOURCE` or `text:WORD SOURCE`
};

/**
 * Read a file, after what is there already. Empty lines and those that begin with "# " are passed
 * over. 0, or a negative errno; -EINVAL: *line is the number of a line that is wrong.
 */
int words_read(struct words *words, const char *path, enum word_file kind, size_t *line);

/** Add one word (copied). 0 or -ENOMEM. */
int words_add(struct words *words, const uint8_t *bytes, size_t length, const char *note);
void words_free(struct words *words);

/** How many changes there are; number 0 is the word as it is. */
size_t words_changes(void);

/** A word with a change; its length, or 0: the change makes no difference. */
size_t words_changed(const struct word *word, size_t change, uint8_t changed[WORD_CHANGED_MAX]);

#endif
