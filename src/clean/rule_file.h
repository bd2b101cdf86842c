/* Where rule files and the files that they name are found, and reading them. */
#ifndef CLEAN_RULE_FILE_H
#define CLEAN_RULE_FILE_H

#include "base/bytes.h"
#include "base/error.h"
#include "clean/rules.h"

/* Appends the path of a file that is named in the file `from`: beside it, unless the name is absolute. */
void rule_file_resolve(const char *from, const char *name, struct bytes *path);
/* Appends a whole file, which must be valid UTF-8, to *content. */
int rule_file_read(const char *path, struct bytes *content, struct error *error);
/* Appends the path of a preset. */
int rule_file_preset(struct span name, struct bytes *path, struct error *error);
/* Notes that a file is read; false where it was before. */
bool rule_file_is_new(struct rules *rules, const char *path);
/* Adds the words of a file, separated by white space, # beginning a comment, that is named in the rule file `from`. */
int rule_file_stop_words(const char *from, const char *name, struct span language, struct stop_words *stop_words,
                         struct error *error);
int rule_file_list(const char *from, const char *name, struct rule_list *list, struct error *error);

#endif
