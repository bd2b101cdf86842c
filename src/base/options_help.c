/* Owns the layout of --help and --version. It reads the tables and the defaults in their targets, and decides nothing.
 */
#include "base/options_help.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define HELP_COLUMN 28 /* where descriptions begin; a longer option gets a line of its own */

/* Sizes are shown in the largest unit that divides them, as they may be typed. */
static void append_size(struct bytes *out, uint64_t size) {
    static const char units[] = "\0KMGT";
    size_t unit = 0;
    while (unit < 4 && size && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    bytes_append_format(out, "%llu", (unsigned long long)size);
    if (unit)
        bytes_append_byte(out, units[unit]);
}

static void append_default(struct bytes *out, const struct option *option) {
    bytes_append_text(out, " (default: ");
    switch (option->type) {
    case OPTION_COUNT:
        bytes_append_format(out, "%llu", (unsigned long long)*(const uint64_t *)option->target);
        break;
    case OPTION_SIZE:
        append_size(out, *(const uint64_t *)option->target);
        break;
    case OPTION_NUMBER:
        bytes_append_format(out, "%.15g", *(const double *)option->target);
        break;
    case OPTION_CHOICE:
        bytes_append_text(out, option->choices[*(const int *)option->target]);
        break;
    default:
        break;
    }
    bytes_append_byte(out, ')');
}

static void append_choices(struct bytes *out, const struct option *option) {
    for (size_t i = 0; option->choices[i]; i++)
        bytes_append_format(out, "%s%s", i ? ", " : ": ", option->choices[i]);
}

static void append_line(struct bytes *out, const char *left, size_t left_size, const char *help) {
    bytes_append(out, left, left_size);
    if (left_size + 2 > HELP_COLUMN) {
        bytes_append_byte(out, '\n');
        left_size = 0;
    }
    bytes_append_format(out, "%*s%s", (int)(HELP_COLUMN - left_size), "", help);
}

static void append_option(struct bytes *out, const struct option *option) {
    struct bytes left = {0};
    if (option->letter)
        bytes_append_format(&left, "  -%c, --%s", option->letter, option->name);
    else
        bytes_append_format(&left, "      --%s", option->name);
    if (option->type != OPTION_FLAG)
        bytes_append_format(&left, " %s", option->argument);
    append_line(out, left.data, left.size, option->help);
    bytes_release(&left);
    if (option->type == OPTION_CHOICE)
        append_choices(out, option);
    if (option->type == OPTION_COUNT || option->type == OPTION_SIZE || option->type == OPTION_NUMBER ||
        option->type == OPTION_CHOICE)
        append_default(out, option);
    bytes_append_byte(out, '\n');
}

static int print_all(struct bytes *text) {
    int failed = fwrite(text->data, 1, text->size, stdout) != text->size;
    failed |= fflush(stdout) != 0;
    bytes_release(text);
    if (!failed)
        return 0;
    fprintf(stderr, "%s: stdout: %s\n", program_name(), strerror(errno));
    return 1;
}

/* A common option that the program's own table redefines is listed once, as the program's. */
static bool redefined(const struct program *program, const struct option *common) {
    for (const struct option *own = program->options; own && own->name; own++)
        if (strcmp(own->name, common->name) == 0)
            return true;
    return false;
}

int options_print_help(const struct program *program, const struct option *common) {
    struct bytes out = {0};
    bytes_append_format(&out, "Usage: %s %s\n%s\n\nOptions:\n", program->name, program->usage, program->purpose);
    for (const struct option *option = program->options; option && option->name; option++)
        append_option(&out, option);
    for (const struct option *option = common; option->name; option++)
        if (!redefined(program, option))
            append_option(&out, option);
    static const char help[] = "      --help", version[] = "      --version";
    append_line(&out, help, sizeof help - 1, "print this help and exit\n");
    append_line(&out, version, sizeof version - 1, "print the version and exit\n");
    return print_all(&out);
}

int options_print_version(void) {
    struct bytes out = {0};
    bytes_append_format(&out, "%s (gpt-tools) " GPT_VERSION "\n", program_name());
    return print_all(&out);
}
