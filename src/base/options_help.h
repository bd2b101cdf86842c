/* Private to options: the table of common options and what --help and --version print. */
#ifndef BASE_OPTIONS_HELP_H
#define BASE_OPTIONS_HELP_H

#include "base/options.h"

#define OPTIONS_COMMON_MAX 16 /* common options and the end of their table */
#define OPTIONS_THREADS_MAX 1024

/* The chosen common options as a table over *values, ended by OPTION_END; empty where values is NULL. */
void options_common_table(unsigned common, struct common_options *values, struct option table[OPTIONS_COMMON_MAX]);

/* Print to stdout and return the exit status: 0, or 1 where stdout could not be written. */
int options_print_help(const struct program *program, const struct option *common);
int options_print_version(void);

#endif
