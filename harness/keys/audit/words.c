// SPDX-License-Identifier: Apache-2.0
#include "audit/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

enum { FIRST_SPACE = 256, YEAR_FIRST = 1980, YEAR_LAST = 2030, ENDING_SIZE = 8 };

int words_add(struct words *words, const uint8_t *bytes, size_t length, const char *note) {
    if (words->count == words->space) {
        size_t space = words->space ? 2 * words->space : FIRST_SPACE;
        struct word *items = realloc(words->items, space * sizeof *items);
        if (!items) {
            return -ENOMEM;
        }
        words->items = items;
        words->space = space;
    }
    struct word word = {malloc(length + 1), length, note ? strdup(note) : NULL};
    if (!word.bytes || (note && !word.note)) {
        free(word.bytes);
        free(word.note);
        return -ENOMEM;
    }
    memcpy(word.bytes, bytes, length);
    words->items[words->count++] = word;
    return 0;
}

void words_free(struct words *words) {
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i].bytes);
        free(words->items[i].note);
    }
    free(words->items);
    memset(words, 0, sizeof *words);
}

static int add_known(struct words *words, char *line) {
    static const char hex[] = "hex:", text[] = "text:";
    uint8_t bytes[WORD_MAX];
    char *note = line + strcspn(line, " \t");
    if (*note) {
        *note++ = '\0';
    }
    note += strspn(note, " \t");
    if (strncmp(line, text, strlen(text)) == 0 && line[strlen(text)]) {
        line += strlen(text);
        return words_add(words, (const uint8_t *)line, strlen(line), note);
    }
    size_t digits = strlen(line) - (strncmp(line, hex, strlen(hex)) == 0 ? strlen(hex) : 0);
    if (digits == strlen(line) || digits == 0 || digits > 2 * sizeof bytes ||
        hex_decode(line + strlen(hex), digits, bytes) < 0) {
        return -EINVAL;
    }
    return words_add(words, bytes, digits / 2, note);
}

int words_read(struct words *words, const char *path, enum word_file kind, size_t *line) {
    char text[2 * WORD_MAX + 256];
    FILE *file = fopen(path, "r");
    if (!file) {
        return -errno;
    }
    int result = 0;
    *line = 0;
    while (result == 0 && fgets(text, sizeof text, file)) {
        size_t length = strcspn(text, "\r\n");
        bool whole = text[length] != '\0' || feof(file);
        text[length] = '\0';
        ++*line;
        if (!whole || (kind == WORD_FILE_PLAIN && length > WORD_MAX)) {
            result = -EINVAL;
        } else if (length == 0 || strcmp(text, "#") == 0 || strncmp(text, "# ", 2) == 0) {
            continue;
        } else if (kind == WORD_FILE_KNOWN) {
            result = add_known(words, text);
        } else {
            result = words_add(words, (const uint8_t *)text, length, NULL);
        }
    }
    if (result == 0 && ferror(file)) {
        result = -EIO;
    }
    fclose(file);
    return result;
}

// changes: a way to write the word, and an ending

enum way { WAY_PLAIN, WAY_LOWER, WAY_UPPER, WAY_CAPITAL, WAY_REVERSED, WAY_LEET, WAYS };

static const char *const endings[] = {"",  "1",    "123",  "1234",   "12345", "123456",
                                      "!", "1!",   "123!", "!!",     "@",     "#",
                                      ".", "@123", "_psk", "_lwm2m", "key",   "psk"};

enum {
    FIXED = sizeof endings / sizeof *endings,
    DIGIT = FIXED,        // 0 to 9
    DIGITS = DIGIT + 10,  // 00 to 99
    YEARS = DIGITS + 100, // four digits
    DOUBLED = YEARS + YEAR_LAST - YEAR_FIRST + 1,
    ENDINGS
};

size_t words_changes(void) {
    return (size_t)ENDINGS * WAYS;
}

static uint8_t leet(uint8_t letter) {
    static const char from[] = "aeiostAEIOST", to[] = "431057431057";
    const char *found = letter ? strchr(from, letter) : NULL;
    return found ? (uint8_t)to[found - from] : letter;
}

static void write_in(enum way way, const struct word *word, uint8_t *out) {
    for (size_t i = 0; i < word->length; i++) {
        uint8_t letter = word->bytes[i];
        switch (way) {
        case WAY_LOWER:
            letter = (uint8_t)tolower(letter);
            break;
        case WAY_UPPER:
            letter = (uint8_t)toupper(letter);
            break;
        case WAY_CAPITAL:
            letter = (uint8_t)(i == 0 ? toupper(letter) : tolower(letter));
            break;
        case WAY_REVERSED:
            letter = word->bytes[word->length - 1 - i];
            break;
        case WAY_LEET:
            letter = leet(letter);
            break;
        case WAY_PLAIN:
        case WAYS:
            break;
        }
        out[i] = letter;
    }
}

static size_t ending_of(size_t number, char ending[ENDING_SIZE]) {
    int length;
    if (number < FIXED) {
        length = snprintf(ending, ENDING_SIZE, "%s", endings[number]);
    } else if (number < DIGITS) {
        length = snprintf(ending, ENDING_SIZE, "%zu", number - DIGIT);
    } else if (number < YEARS) {
        length = snprintf(ending, ENDING_SIZE, "%02zu", number - DIGITS);
    } else {
        length = snprintf(ending, ENDING_SIZE, "%zu", number - YEARS + YEAR_FIRST);
    }
    return (size_t)length;
}

size_t words_changed(const struct word *word, size_t change, uint8_t changed[WORD_CHANGED_MAX]) {
    enum way way = (enum way)(change % WAYS);
    size_t number = change / WAYS, length = word->length;
    char ending[ENDING_SIZE];
    write_in(way, word, changed);
    if (way != WAY_PLAIN && memcmp(changed, word->bytes, length) == 0) {
        return 0;
    }
    if (number == DOUBLED) {
        memcpy(changed + length, changed, length);
        return 2 * length;
    }
    size_t added = ending_of(number, ending);
    memcpy(changed + length, ending, added);
    return length + added;
}
