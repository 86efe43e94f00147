// SPDX-License-Identifier: Apache-2.0
/* bootcheck-audit-keys: devices in (audit/input.h), what is found about their keys out (report.h).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/input.h"
#include "audit/patterns.h"
#include "audit/relations.h"
#include "audit/report.h"
#include "audit/search.h"

enum { EXIT_USAGE = 2, EXIT_TROUBLE = 4 };
#define BUDGET_DEFAULT 120 // millions of blocks: all PINs of 8 digits through a hash
#define MILLION 1000000ULL

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

struct settings {
    uint64_t budget; // blocks
    unsigned threads;
    bool quick;
};

static const char usage[] =
    "usage: bootcheck-audit-keys [--words FILE] [--known FILE] [--labels FILE] [--budget N]\n"
    "                            [--threads N] [--quick] < DEVICES > RECORDS\n"
    "Lists may be given more than once. --budget: millions of blocks for each search (120).\n";

static bool read_number(const char *text, unsigned long long least, unsigned long long most,
                        unsigned long long *number) {
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return !errno && *text >= '0' && *text <= '9' && !*end && *number >= least && *number <= most;
}

static bool read_list(struct words *words, const char *path, enum word_file kind) {
    size_t line = 0;
    int result = words_read(words, path, kind, &line);
    if (result == -EINVAL) {
        fprintf(stderr, "%s:%zu: %s\n", path, line,
                kind == WORD_FILE_KNOWN ? "must be hex:DIGITS or text:WORD, a space and the source"
                                        : "is longer than 255 bytes");
    } else if (result < 0) {
        fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(-result));
    }
    return result == 0;
}

static bool read_options(int count, char **words, struct settings *settings,
                         struct material *material) {
    static const struct option options[] = {
        {"words", required_argument, NULL, 'w'},
        {"known", required_argument, NULL, 'k'},
        {"labels", required_argument, NULL, 'l'},
        {"budget", required_argument, NULL, 'b'},
        {"threads", required_argument, NULL, 't'},
        {"quick", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
    };
    unsigned long long number;
    int option;
    while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
        bool good = true;
        switch (option) {
        case 'w':
            good = read_list(&material->words, optarg, WORD_FILE_PLAIN);
            break;
        case 'k':
            good = read_list(&material->known, optarg, WORD_FILE_KNOWN);
            break;
        case 'l':
            good = read_list(&material->labels, optarg, WORD_FILE_PLAIN);
            break;
        case 'b':
            good = read_number(optarg, 1, 1000000000, &number);
            settings->budget = number * MILLION;
            break;
        case 't':
            good = read_number(optarg, 1, 1024, &number);
            settings->threads = (unsigned)number;
            break;
        case 'q':
            settings->quick = true;
            break;
        default:
            good = false;
        }
        if (!good) {
            return false;
        }
    }
    return optind == count;
}

static int audit(const struct settings *settings, struct material *material, size_t refused) {
    struct targets *targets = material->targets;
    struct report report = {stdout, targets};
    struct hint_counts hints;
    struct jobs jobs = {0};
    struct search search = {material,        settings->threads, &stopped,
                            report_progress, report_search,     &report};
    report_read(&report);
    targets_on_told(targets, report_finding, &report);
    int result = patterns_find(targets, &hints);
    if (result == 0) {
        report_hints(&report, &hints);
        result = relations_find(targets);
    }
    if (result == 0) {
        result = lookup_init(&material->lookup, targets);
    }
    if (result == 0) {
        result = jobs_plan(&jobs, material, settings->budget, settings->quick);
        if (result == 0) {
            report_plan(&report, &jobs);
            result = search_run(&search, &jobs);
        }
        lookup_free(&material->lookup);
    }
    jobs_free(&jobs);
    if (result < 0) {
        fprintf(stderr, "bootcheck-audit-keys: %s\n", strerror(-result));
    }
    // what was found before a trouble is told all the same
    size_t low = report_keys(&report, stopped || result < 0);
    if (result < 0 || stopped) {
        return EXIT_TROUBLE;
    }
    return refused ? EXIT_USAGE : low > 0;
}

static int run(const struct settings *settings, struct material *material) {
    struct report report = {stdout, material->targets};
    size_t refused;
    int result = input_read(stdin, material->targets, &report, &refused);
    if (result < 0) {
        fprintf(stderr, "bootcheck-audit-keys: devices cannot be read: %s\n", strerror(-result));
        return EXIT_TROUBLE;
    }
    return audit(settings, material, refused);
}

int main(int count, char **words) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct settings settings = {BUDGET_DEFAULT * MILLION, cores > 0 ? (unsigned)cores : 1, false};
    struct material material = {.targets = targets_new()};
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    int code = EXIT_TROUBLE;
    // the empty label comes first: it is the most usual one
    if (material.targets && words_add(&material.labels, (const uint8_t *)"", 0, NULL) == 0) {
        if (read_options(count, words, &settings, &material)) {
            code = run(&settings, &material);
        } else {
            fputs(usage, stderr);
            code = EXIT_USAGE;
        }
    }
    words_free(&material.words);
    words_free(&material.labels);
    words_free(&material.known);
    targets_free(material.targets);
    return code;
}
