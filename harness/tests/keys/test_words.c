// SPDX-License-Identifier: Apache-2.0
/* Lists of words and known keys: what is read, and which line is wrong. */
#include "audit/words.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_text(struct words *words, const char *text, enum word_file kind, size_t *line) {
    char path[] = P_tmpdir "/bootcheck-words-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq((int)write(file, text, strlen(text)), (int)strlen(text));
    close(file);
    int result = words_read(words, path, kind, line);
    unlink(path);
    return result;
}

START_TEST(words_are_read_and_comments_are_not) {
    struct words words = {0};
    size_t line;
    ck_assert_int_eq(read_text(&words, "# a list\n\none\r\n#two\nthree", WORD_FILE_PLAIN, &line),
                     0);
    ck_assert_uint_eq(words.count, 3);
    ck_assert_mem_eq(words.items[0].bytes, "one", 3);
    ck_assert_mem_eq(words.items[1].bytes, "#two", 4);
    ck_assert_mem_eq(words.items[2].bytes, "three", 5);
    words_free(&words);
}
END_TEST

START_TEST(known_keys_have_a_source) {
    struct words words = {0};
    size_t line;
    ck_assert_int_eq(
        read_text(&words, "hex:00ff a demo\ntext:key another\n", WORD_FILE_KNOWN, &line), 0);
    ck_assert_uint_eq(words.count, 2);
    ck_assert_mem_eq(words.items[0].bytes, "\x00\xff", 2);
    ck_assert_str_eq(words.items[0].note, "a demo");
    ck_assert_mem_eq(words.items[1].bytes, "key", 3);
    words_free(&words);
}
END_TEST

START_TEST(a_wrong_line_is_named) {
    static const char *const wrong[] = {"hex:00 a\nhex:0 b\n", "hex:00 a\nkey b\n",
                                        "hex:00 a\nhex:zz b\n", "hex:00 a\ntext: b\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct words words = {0};
        size_t line = 0;
        ck_assert_int_eq(read_text(&words, wrong[i], WORD_FILE_KNOWN, &line), -EINVAL);
        ck_assert_uint_eq(line, 2);
        words_free(&words);
    }
    struct words words = {0};
    size_t line;
    ck_assert_int_eq(words_read(&words, "/no/such/list", WORD_FILE_PLAIN, &line), -ENOENT);
}
END_TEST

START_TEST(changes_are_those_that_people_make) {
    static const char *const wanted[] = {"secret",     "Secret",   "SECRET",      "terces",
                                         "53cr37",     "secret1",  "Secret!",     "secret123",
                                         "SECRET2024", "secret07", "secretsecret"};
    struct words words = {0};
    bool found[sizeof wanted / sizeof *wanted] = {false};
    ck_assert_int_eq(words_add(&words, (const uint8_t *)"secret", 6, NULL), 0);
    for (size_t change = 0; change < words_changes(); change++) {
        uint8_t changed[WORD_CHANGED_MAX];
        size_t length = words_changed(&words.items[0], change, changed);
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            found[i] |= length == strlen(wanted[i]) && memcmp(changed, wanted[i], length) == 0;
        }
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        ck_assert_msg(found[i], "%s", wanted[i]);
    }
    words_free(&words);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, words_are_read_and_comments_are_not);
    tcase_add_test(tests, known_keys_have_a_source);
    tcase_add_test(tests, a_wrong_line_is_named);
    tcase_add_test(tests, changes_are_those_that_people_make);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
