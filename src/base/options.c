/*
 * Owns command lines: finds options in the program's table and in the table of common options, stores their values, and
 * ends the process where the header says so. It knows nothing of what a program does with the values.
 */
#include "base/options.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/options_help.h"
#include "base/output.h"
#include "base/pipeline.h"

/* The name for messages: with the verbosity, the one mutable global of the library. */
static const char *current_program = "gpt-tools";

const char *program_name(void) {
    return current_program;
}

/* ---- the common options as a table ---- */

static const char *const progress_choices[] = {"auto", "always", "never", NULL};

void options_common_table(unsigned common, struct common_options *values, struct option table[OPTIONS_COMMON_MAX]) {
    const struct {
        unsigned which;
        struct option option;
    } all[] = {
        {COMMON_OUTPUT,
         {'o', "output", OPTION_TEXT, &values->output, "FILE", "write to FILE instead of stdout", 0, 0, NULL}},
        {COMMON_THREADS,
         {'j', "threads", OPTION_COUNT, &values->threads, "N", "worker threads", 1, OPTIONS_THREADS_MAX, NULL}},
        {COMMON_MEMORY,
         {0, "memory", OPTION_SIZE, &values->memory, "SIZE", "memory for sorting before spilling to disk", 0, 0, NULL}},
        {COMMON_SEED, {0, "seed", OPTION_COUNT, &values->seed, "N", "seed of what is random", 0, 0, NULL}},
        {COMMON_REJECTS,
         {0, "rejects", OPTION_TEXT, &values->rejects, "FILE", "write dropped records and why to FILE", 0, 0, NULL}},
        {COMMON_SKIP_BAD,
         {0, "skip-bad", OPTION_TEXT, &values->skip_bad, "FILE", "divert bad lines to FILE and go on", 0, 0, NULL}},
        {COMMON_STATS, {0, "stats", OPTION_TEXT, &values->stats, "FILE", "write counters as JSON to FILE", 0, 0, NULL}},
        {COMMON_STRICT, {0, "strict", OPTION_FLAG, &values->strict, NULL, "stop at the first bad entry", 0, 0, NULL}},
        {COMMON_PROGRESS,
         {0, "progress", OPTION_CHOICE, &values->progress, "WHEN", "show progress on stderr", 0, 0, progress_choices}},
        {COMMON_QUIET, {'q', "quiet", OPTION_FLAG, &values->quiet, NULL, "no summary, errors only", 0, 0, NULL}},
        {COMMON_QUIET, {'v', "verbose", OPTION_FLAG, &values->verbose, NULL, "say more", 0, 0, NULL}},
    };
    _Static_assert(sizeof all / sizeof *all < OPTIONS_COMMON_MAX, "room for OPTION_END");
    size_t count = 0;
    for (size_t i = 0; values && i < sizeof all / sizeof *all; i++)
        if (common & all[i].which)
            table[count++] = all[i].option;
    table[count] = (struct option)OPTION_END;
}

static void common_options_default(struct common_options *values) {
    *values = (struct common_options){.memory = (uint64_t)1 << 30};
    values->threads = pipeline_default_workers();
    if (values->threads > OPTIONS_THREADS_MAX)
        values->threads = OPTIONS_THREADS_MAX;
}

/* ---- wrong usage ---- */

static void __attribute__((noreturn, format(printf, 1, 2))) usage_fail(const char *format, ...) {
    char message[480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s: %s\n%s: try '%s --help'\n", current_program, message, current_program, current_program);
    exit(2);
}

/* ---- values ---- */

/* Decimal digits alone, so that neither signs nor white space nor hexadecimal slip in. */
static int parse_count(const char *text, uint64_t *count) {
    if (!*text || text[strspn(text, "0123456789")])
        return -1;
    errno = 0;
    *count = strtoull(text, NULL, 10);
    return errno ? -1 : 0;
}

static int parse_number(const char *text, double *number) {
    if (!*text || text[strspn(text, "0123456789+-.eE")])
        return -1;
    char *end;
    *number = strtod(text, &end);
    return *end || !isfinite(*number) ? -1 : 0;
}

int options_parse_size(const char *text, uint64_t *size) {
    size_t digits = strspn(text, "0123456789.");
    if (!digits || digits > 40 || strchr(text, '.') == text)
        return -1;
    char number[48];
    memcpy(number, text, digits);
    number[digits] = '\0';
    static const char units[] = "KMGT";
    const char *suffix = text + digits;
    int shift = 0;
    if (*suffix) {
        const char *unit = strchr(units, *suffix >= 'a' ? *suffix - 'a' + 'A' : *suffix);
        if (!unit || suffix[1])
            return -1;
        shift = 10 * (int)(unit - units + 1);
    }
    uint64_t whole;
    if (parse_count(number, &whole) == 0) { /* exact where the number is whole */
        if (whole > UINT64_MAX >> shift)
            return -1;
        *size = whole << shift;
        return 0;
    }
    double value;
    if (parse_number(number, &value) < 0)
        return -1;
    value = ldexp(value, shift);
    if (value >= 0x1p63)
        return -1;
    *size = (uint64_t)value;
    return 0;
}

/* A maximum of 0 above a positive minimum is no maximum. */
static bool within_bounds(const struct option *option, double value) {
    if (option->minimum == 0 && option->maximum == 0)
        return true;
    if (value < option->minimum)
        return false;
    return value <= option->maximum || (option->maximum == 0 && option->minimum > 0);
}

static void __attribute__((noreturn)) value_fail(const struct option *option, const char *text) {
    if (option->type == OPTION_CHOICE) {
        char choices[320];
        size_t used = 0;
        for (size_t i = 0; option->choices[i] && used < sizeof choices; i++)
            used += (size_t)snprintf(choices + used, sizeof choices - used, "%s%s", i ? ", " : "", option->choices[i]);
        usage_fail("--%s: '%s' is none of %s", option->name, text, choices);
    }
    const char *kind = option->type == OPTION_COUNT  ? "a whole number"
                       : option->type == OPTION_SIZE ? "a size such as 512M"
                                                     : "a number";
    if (option->minimum == 0 && option->maximum == 0)
        usage_fail("--%s: '%s' is not %s", option->name, text, kind);
    if (option->maximum == 0 && option->minimum > 0)
        usage_fail("--%s: '%s' is not %s of at least %.15g", option->name, text, kind, option->minimum);
    usage_fail("--%s: '%s' is not %s from %.15g to %.15g", option->name, text, kind, option->minimum, option->maximum);
}

static void store_choice(const struct option *option, const char *text) {
    for (int i = 0; option->choices[i]; i++)
        if (strcmp(option->choices[i], text) == 0) {
            *(int *)option->target = i;
            return;
        }
    value_fail(option, text);
}

static void store_value(const struct option *option, const char *text) {
    uint64_t count;
    double number;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)option->target = true;
        return;
    case OPTION_TEXT:
        *(const char **)option->target = text;
        return;
    case OPTION_COUNT:
    case OPTION_SIZE:
        if ((option->type == OPTION_SIZE ? options_parse_size(text, &count) : parse_count(text, &count)) < 0 ||
            !within_bounds(option, (double)count))
            value_fail(option, text);
        *(uint64_t *)option->target = count;
        return;
    case OPTION_NUMBER:
        if (parse_number(text, &number) < 0 || !within_bounds(option, number))
            value_fail(option, text);
        *(double *)option->target = number;
        return;
    case OPTION_CHOICE:
        store_choice(option, text);
        return;
    case OPTION_LIST: {
        struct option_list *list = option->target;
        list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
        list->items[list->count++] = text;
        return;
    }
    }
}

void options_release(struct option_list *list) {
    free(list->items);
    *list = (struct option_list){0};
}

/* ---- the walk over argv ---- */

struct walk {
    const struct program *program;
    struct option common[OPTIONS_COMMON_MAX];
    int argc;
    char **argv;
    int next; /* the argument after the one in work */
};

static const struct option *find_in(const struct option *table, const char *name, size_t size, char letter) {
    for (; table && table->name; table++)
        if (letter ? table->letter == letter : strlen(table->name) == size && memcmp(table->name, name, size) == 0)
            return table;
    return NULL;
}

/* The program's own table goes first, so that it may give a common option another help text. */
static const struct option *find_option(const struct walk *walk, const char *name, size_t size, char letter) {
    const struct option *own = find_in(walk->program->options, name, size, letter);
    return own ? own : find_in(walk->common, name, size, letter);
}

static const char *take_argument(struct walk *walk, const struct option *option) {
    if (walk->next >= walk->argc)
        usage_fail("--%s needs a value (%s)", option->name, option->argument);
    return walk->argv[walk->next++];
}

static void parse_long(struct walk *walk, const char *text) {
    size_t size = strcspn(text, "=");
    const char *value = text[size] ? text + size + 1 : NULL;
    const struct option *option = find_option(walk, text, size, 0);
    if (!option && strcmp(text, "help") == 0)
        exit(options_print_help(walk->program, walk->common));
    if (!option && strcmp(text, "version") == 0)
        exit(options_print_version());
    if (!option)
        usage_fail("unknown option --%.*s", (int)size, text);
    if (option->type == OPTION_FLAG && value)
        usage_fail("--%s takes no value", option->name);
    if (option->type != OPTION_FLAG && !value)
        value = take_argument(walk, option);
    store_value(option, value);
}

static void parse_short(struct walk *walk, const char *text) {
    for (; *text; text++) {
        const struct option *option = find_option(walk, NULL, 0, *text);
        if (!option)
            usage_fail("unknown option -%c", *text);
        if (option->type != OPTION_FLAG) {
            store_value(option, text[1] ? text + 1 : take_argument(walk, option));
            return;
        }
        store_value(option, NULL);
    }
}

/* Parses all options and moves the operands, in order, to the end of argv; returns the index of the first. */
static int walk_arguments(struct walk *walk) {
    char **operands = memory_allocate(((size_t)walk->argc + 1) * sizeof *operands);
    char **others = memory_allocate(((size_t)walk->argc + 1) * sizeof *others);
    size_t operand_count = 0, other_count = 0;
    bool options_end = false;
    for (walk->next = 1; walk->next < walk->argc;) {
        int first = walk->next;
        char *argument = walk->argv[walk->next++];
        if (options_end || argument[0] != '-' || !argument[1]) {
            operands[operand_count++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0)
            options_end = true;
        else if (argument[1] == '-')
            parse_long(walk, argument + 2);
        else
            parse_short(walk, argument + 1);
        for (int i = first; i < walk->next; i++)
            others[other_count++] = walk->argv[i];
    }
    if (walk->argc > 0) {
        memcpy(walk->argv + 1, others, other_count * sizeof *others);
        memcpy(walk->argv + 1 + other_count, operands, operand_count * sizeof *operands);
    }
    free(operands);
    free(others);
    return walk->argc - (int)operand_count;
}

/* ---- signals ---- */

/* SA_RESETHAND has restored the default: raised again, the signal ends the process with the status that the caller's
 * shell expects. */
static void end_on_signal(int number) {
    output_remove_temporaries();
    raise(number);
}

static void set_signals(void) {
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is then a write error like any other, and cleans up */
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction action;
        if (sigaction(ending[i], NULL, &action) < 0 || action.sa_handler == SIG_IGN)
            continue; /* nohup and background jobs of a shell stay as they were */
        memset(&action, 0, sizeof action);
        sigemptyset(&action.sa_mask);
        action.sa_flags = (int)SA_RESETHAND;
        action.sa_handler = end_on_signal;
        sigaction(ending[i], &action, NULL);
    }
}

void options_parse(const struct program *program, int argc, char **argv, int *first_operand) {
    current_program = program->name;
    set_signals();
    if (program->values)
        common_options_default(program->values);
    struct walk walk = {.program = program, .argc = argc, .argv = argv};
    options_common_table(program->common, program->values, walk.common);
    *first_operand = walk_arguments(&walk);
    size_t operands = (size_t)(argc - *first_operand);
    if (operands < program->minimum_operands)
        usage_fail("missing operand; usage: %s %s", program->name, program->usage);
    if (operands > program->maximum_operands)
        usage_fail("unexpected operand '%s'", argv[(size_t)*first_operand + program->maximum_operands]);
}

/* ---- messages ---- */

int program_fail(const struct error *error) {
    fprintf(stderr, "%s: %s\n", current_program, error->message);
    if (error->code == ERROR_USAGE)
        fprintf(stderr, "%s: try '%s --help'\n", current_program, current_program);
    return error_exit_status(error);
}

void program_say(const struct common_options *options, const char *format, ...) {
    if (options && options->quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fprintf(stderr, "%s: ", current_program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
}
