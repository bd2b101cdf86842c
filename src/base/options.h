/*
 * Command lines: one table gives parsing, --help and what the tests hold against the man page. Long options as --name
 * VALUE or --name=VALUE, short ones as -n VALUE or -nVALUE, flags may be bundled, "--" ends options, FILE operands may
 * stand between options.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option_type {
    OPTION_FLAG,   /* bool */
    OPTION_TEXT,   /* const char *, borrowed from argv */
    OPTION_COUNT,  /* uint64_t, minimum..maximum */
    OPTION_SIZE,   /* uint64_t bytes: 512, 64K, 1.5G (powers of 1024), minimum..maximum */
    OPTION_NUMBER, /* double, minimum..maximum */
    OPTION_CHOICE, /* int: the index into the NULL-terminated list choices */
    OPTION_LIST,   /* struct option_list: each use appends */
};

struct option_list {
    const char **items; /* borrowed strings; freed by options_release or never */
    size_t count;
};

struct option {
    char letter;      /* 0 for none */
    const char *name; /* long name without dashes */
    enum option_type type;
    void *target;            /* of the type above; holds the default before parsing */
    const char *argument;    /* what --help calls the value, e.g. "FILE"; NULL for flags */
    const char *help;        /* one line; --help adds the default of numbers and choices */
    double minimum, maximum; /* both 0: no bounds; a maximum of 0 above a positive minimum: no maximum */
    const char *const *choices;
};

/* Ends every option table. */
#define OPTION_END \
    { 0, NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0, NULL }

/* What every stage has (DESIGN section 2). Zero-initialise, then common_options_default. */
struct common_options {
    uint64_t threads; /* -j */
    uint64_t memory;  /* --memory, bytes */
    uint64_t seed;    /* --seed */
    const char *output, *stats, *rejects, *skip_bad;
    bool strict, quiet, verbose;
    int progress; /* 0 auto, 1 always, 2 never */
};

/* Which of the common options a program takes: a program never lists one that does nothing. */
enum common_option {
    COMMON_THREADS = 1,
    COMMON_MEMORY = 2,
    COMMON_SEED = 4,
    COMMON_OUTPUT = 8,
    COMMON_STATS = 16,
    COMMON_REJECTS = 32,
    COMMON_SKIP_BAD = 64,
    COMMON_STRICT = 128,
    COMMON_PROGRESS = 256,
    COMMON_QUIET = 512, /* -q and -v */
    COMMON_STAGE = COMMON_THREADS | COMMON_OUTPUT | COMMON_STATS | COMMON_REJECTS | COMMON_SKIP_BAD | COMMON_PROGRESS |
                   COMMON_QUIET,
};

struct program {
    const char *name;                          /* "gpt-clean" */
    const char *purpose;                       /* one line for --help */
    const char *usage;                         /* "[OPTIONS] [FILE...]" */
    const struct option *options;              /* its own, ended by OPTION_END; may be NULL */
    unsigned common;                           /* of enum common_option */
    struct common_options *values;             /* defaults are set by options_parse before parsing */
    size_t minimum_operands, maximum_operands; /* maximum 0: none allowed; SIZE_MAX: any number */
};

/*
 * Parses argv, which is permuted so that the operands stand at its end; *first_operand is the index of the first.
 * Prints and exits itself only for --help and --version (status 0, or 1 where stdout fails) and for wrong usage (status
 * 2, a line naming the option, and a hint). Also sets the program name for messages, SIGPIPE to its default, and
 * handlers of INT, TERM and HUP that remove temporaries and end as usual; a limit on file sizes becomes a write error.
 */
void options_parse(const struct program *program, int argc, char **argv, int *first_operand);
void options_release(struct option_list *list);

/* "64K" → bytes. Returns 0 or -1. Exposed for tests and for values inside lists. */
int options_parse_size(const char *text, uint64_t *size);

/* Prints "NAME: " and the message to stderr, with a hint after wrong usage; returns the exit status that fits the
 * error. */
int program_fail(const struct error *error);
/* A printf line on stderr after "NAME: ", unless -q. */
void program_say(const struct common_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *program_name(void);

#endif
