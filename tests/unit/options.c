/* Command lines: every type of option in every spelling, operands, and what ends the process. */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/options.h"
#include "base/output.h"
#include "folder.h"

static const char *const colours[] = {"red", "green", NULL};

static struct values {
    struct common_options common;
    bool flag;
    const char *text;
    uint64_t count, size;
    double number;
    int colour;
    struct option_list list;
} values;

static const struct option table[] = {
    {'f', "flag", OPTION_FLAG, &values.flag, NULL, "a flag", 0, 0, NULL},
    {'t', "text", OPTION_TEXT, &values.text, "TEXT", "a text", 0, 0, NULL},
    {'c', "count", OPTION_COUNT, &values.count, "N", "a count", 2, 9, NULL},
    {0, "size", OPTION_SIZE, &values.size, "SIZE", "a size", 0, 0, NULL},
    {'n', "number", OPTION_NUMBER, &values.number, "X", "a number", -1, 1, NULL},
    {0, "colour", OPTION_CHOICE, &values.colour, "NAME", "a choice", 0, 0, colours},
    {'l', "list", OPTION_LIST, &values.list, "ITEM", "a list", 0, 0, NULL},
    OPTION_END,
};

static const struct program program = {.name = "gpt-test",
                                       .purpose = "Test.",
                                       .usage = "[OPTIONS] [FILE...]",
                                       .options = table,
                                       .common = COMMON_STAGE | COMMON_SEED,
                                       .values = &values.common,
                                       .minimum_operands = 0,
                                       .maximum_operands = 3};

/* Splits a line at blanks and parses it; returns the index of the first operand. */
static int parse_into(char *line, char **arguments, int *count) {
    *count = 0;
    arguments[(*count)++] = (char[]){"gpt-test"};
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        arguments[(*count)++] = word;
    arguments[*count] = NULL;
    int first;
    options_parse(&program, *count, arguments, &first);
    return first;
}

/* Parses, and compares the operands, joined by blanks. */
static void parse(const char *text, const char *operands) {
    static char line[512]; /* options borrow from it */
    char *arguments[64];
    int count;
    options_release(&values.list);
    values = (struct values){.number = 0.5, .count = 3};
    snprintf(line, sizeof line, "%s", text);
    int first = parse_into(line, arguments, &count);
    struct bytes joined = {0};
    for (int i = first; i < count; i++) {
        if (i > first)
            bytes_append_byte(&joined, ' ');
        bytes_append_text(&joined, arguments[i]);
    }
    ck_assert_str_eq(bytes_text(&joined), operands);
    bytes_release(&joined);
}

START_TEST(test_spellings) {
    parse("--text a --text=b", "");
    ck_assert_str_eq(values.text, "b");
    parse("--text= x", "x");
    ck_assert_str_eq(values.text, "");
    parse("-tx -t y", "");
    ck_assert_str_eq(values.text, "y");
    parse("-fqc4", "");
    ck_assert(values.flag && values.common.quiet);
    ck_assert_uint_eq(values.count, 4);
    parse("-ft -f", "");
    ck_assert(values.flag);
    ck_assert_str_eq(values.text, "-f");
    parse("--number -0.25 -n1e-3", "");
    ck_assert_double_eq(values.number, 1e-3);
    parse("--colour green", "");
    ck_assert_int_eq(values.colour, 1);
    parse("-l a --list b -lc", "");
    ck_assert_uint_eq(values.list.count, 3);
    ck_assert_str_eq(values.list.items[2], "c");
}
END_TEST

START_TEST(test_operands) {
    parse("", "");
    parse("a -f b", "a b");
    ck_assert(values.flag);
    parse("- -t - x", "- x");
    ck_assert_str_eq(values.text, "-");
    parse("a -- -f --text", "a -f --text");
    ck_assert(!values.flag && !values.text);
}
END_TEST

START_TEST(test_defaults) {
    parse("", "");
    ck_assert_double_eq(values.number, 0.5);
    ck_assert_uint_ge(values.common.threads, 1);
    ck_assert_uint_eq(values.common.seed, 0);
    ck_assert_ptr_null(values.common.output);
    parse("--seed 18446744073709551615 -j 1024 -o out --progress never", "");
    ck_assert_uint_eq(values.common.seed, UINT64_MAX);
    ck_assert_uint_eq(values.common.threads, 1024);
    ck_assert_str_eq(values.common.output, "out");
    ck_assert_int_eq(values.common.progress, 2);
}
END_TEST

START_TEST(test_sizes) {
    static const struct {
        const char *text;
        uint64_t size;
    } good[] = {{"0", 0},
                {"512", 512},
                {"64K", 65536},
                {"64k", 65536},
                {"1.5G", 1610612736},
                {"2T", (uint64_t)2 << 40},
                {"0.5K", 512},
                {"18446744073709551615", UINT64_MAX},
                {"16777215T", (uint64_t)16777215 << 40}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t size = 1;
        ck_assert_msg(options_parse_size(good[i].text, &size) == 0, "%s", good[i].text);
        ck_assert_uint_eq(size, good[i].size);
    }
    static const char *const bad[] = {"",         "K",  "-1",  "+1",   " 1",  "1 ",  "1KB",
                                      "1X",       ".5", "1..", "0x10", "1e3", "nan", "18446744073709551616",
                                      "16777216T"};
    uint64_t size;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(options_parse_size(bad[i], &size) < 0, "'%s' was taken", bad[i]);
}
END_TEST

/* Runs a command line in a process of its own with stdout to a file; returns its wait status. */
static int run(const char *text, const char *out) {
    pid_t child = fork();
    if (child == 0) {
        if (!freopen(out, "w", stdout) || !freopen(folder_path("err"), "w", stderr))
            _exit(99);
        char line[512], *arguments[64];
        int count;
        snprintf(line, sizeof line, "%s", text);
        parse_into(line, arguments, &count);
        exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void expect_in_file(const char *path, const char *part) {
    char content[8192];
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    fclose(file);
    ck_assert_msg(strstr(content, part) != NULL, "no \"%s\" in:\n%s", part, content);
}

START_TEST(test_wrong_usage) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--nope", "gpt-test: unknown option --nope\ngpt-test: try 'gpt-test --help'\n"},
        {"--nope=3", "unknown option --nope\n"},
        {"--tex a", "unknown option --tex\n"},
        {"-fz", "unknown option -z\n"},
        {"--flag=1", "--flag takes no value\n"},
        {"--text", "--text needs a value (TEXT)\n"},
        {"-t", "--text needs a value (TEXT)\n"},
        {"--count 1", "--count: '1' is not a whole number from 2 to 9\n"},
        {"--count -3", "--count: '-3' is not a whole number"},
        {"--count 3x", "--count: '3x' is not a whole number"},
        {"--seed 18446744073709551616", "--seed: '18446744073709551616' is not a whole number\n"},
        {"--number nan", "--number: 'nan' is not a number from -1 to 1\n"},
        {"--number 1e999", "--number: '1e999'"},
        {"--size 3Q", "--size: '3Q' is not a size such as 512M\n"},
        {"--colour blue", "--colour: 'blue' is none of red, green\n"},
        {"--memory 1G", "unknown option --memory\n"}, /* common, but not of this program */
        {"a b c d", "unexpected operand 'd'\n"},
        {"-j 0", "--threads: '0'"},
        {"-j 1025", "--threads: '1025'"},
        {"--help=x", "unknown option --help\n"},
    };
    folder_make();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = run(cases[i].line, "/dev/null");
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 2, "%s: status %x", cases[i].line, status);
        expect_in_file(folder_path("err"), cases[i].message);
    }
    folder_remove();
}
END_TEST

START_TEST(test_help_and_version) {
    folder_make();
    values = (struct values){.number = 0.5, .count = 3, .size = 3 << 20, .colour = 1};
    ck_assert_int_eq(run("-f --help --nope", folder_path("out")), 0);
    expect_in_file(folder_path("out"),
                   "Usage: gpt-test [OPTIONS] [FILE...]\nTest.\n\nOptions:\n  -f, --flag                a flag\n");
    expect_in_file(folder_path("out"), "\n  -c, --count N             a count (default: 3)\n");
    expect_in_file(folder_path("out"), "\n      --size SIZE           a size (default: 3M)\n");
    expect_in_file(folder_path("out"), "\n  -n, --number X            a number (default: 0.5)\n");
    expect_in_file(folder_path("out"), "\n      --colour NAME         a choice: red, green (default: green)\n");
    ck_assert_int_eq(run("--version", folder_path("out")), 0);
    expect_in_file(folder_path("out"), "gpt-test (gpt-tools) " GPT_VERSION "\n");
    ck_assert_int_eq(WEXITSTATUS(run("--help", "/dev/full")), 1);
    ck_assert_int_eq(WEXITSTATUS(run("--version", "/dev/full")), 1);
    folder_remove();
}
END_TEST

/* A signal removes the temporary, and ends the process as that signal does. */
static void expect_signal(int number) {
    folder_make();
    pid_t child = fork();
    if (child == 0) {
        char line[] = "", *arguments[4];
        int count;
        parse_into(line, arguments, &count);
        struct output *output;
        if (output_open(&output, folder_path("out"), NULL) == 0)
            output_write(output, "x", 1, NULL);
        if (folder_count() == 1)
            raise(number);
        _exit(99);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), number);
    ck_assert_uint_eq(folder_count(), 0);
    folder_remove();
}

START_TEST(test_signals) {
    expect_signal(SIGINT);
    expect_signal(SIGTERM);
    expect_signal(SIGHUP);
}
END_TEST

START_TEST(test_ignored_signals_stay_ignored) {
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    parse("", "");
    raise(SIGINT);
    ck_assert_ptr_eq((void *)signal(SIGINT, SIG_DFL), (void *)SIG_IGN);
    ck_assert_ptr_eq((void *)signal(SIGPIPE, SIG_DFL), (void *)SIG_DFL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, test_spellings);
    tcase_add_test(tests, test_operands);
    tcase_add_test(tests, test_defaults);
    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_wrong_usage);
    tcase_add_test(tests, test_help_and_version);
    tcase_add_test(tests, test_signals);
    tcase_add_test(tests, test_ignored_signals_stay_ignored);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
