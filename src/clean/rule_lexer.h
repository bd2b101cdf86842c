/* Words, strings, numbers and patterns of rule files, one line at a time. Every failure names file, line and column. */
#ifndef CLEAN_RULE_LEXER_H
#define CLEAN_RULE_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

struct rule_lexer {
    const char *file;
    struct span text;
    size_t at;
    struct error *error;
};

/* Fills the error with "FILE:LINE:COLUMN: " and the message; columns count characters from 1. Always returns -1. */
int rule_lexer_fail(struct rule_lexer *lexer, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The line of a byte of the text, from 1. */
size_t rule_lexer_line(const struct rule_lexer *lexer, size_t at);

/* Goes over blanks and line continuations (a backslash at a line's end). True where the line, or what a comment leaves
 * of it, is at its end. */
bool rule_lexer_at_end(struct rule_lexer *lexer);
/* Goes to the next line that is not empty; false at the end of the file. */
bool rule_lexer_next_line(struct rule_lexer *lexer);
/* Fails unless the line is at its end. */
int rule_lexer_expect_end(struct rule_lexer *lexer);

/* Takes the character if it comes next. */
bool rule_lexer_take(struct rule_lexer *lexer, char c);
/* Shows the next word without taking it: a run of letters, digits, _ . - and of all characters beyond ASCII; empty
 * where none comes. */
struct span rule_lexer_peek_word(struct rule_lexer *lexer);
/* Takes a word; `what` says in the failure what was expected. */
int rule_lexer_word(struct rule_lexer *lexer, const char *what, struct span *word);
/* Takes the word if it comes next. */
bool rule_lexer_take_word(struct rule_lexer *lexer, const char *word);

/* True where the word comes behind the next one. */
bool rule_lexer_is_followed_by(struct rule_lexer *lexer, const char *word);

/* "text", with \n \t \" \\ \u{HEX} and a backslash at a line's end for nothing; several in a row are one; "text" * 40
 * repeats. Appended to *out. */
int rule_lexer_string(struct rule_lexer *lexer, struct bytes *out);
/* /source/flags. Both borrow from the text. */
int rule_lexer_pattern(struct rule_lexer *lexer, struct span *source, struct span *flags);
int rule_lexer_number(struct rule_lexer *lexer, double *number);
/* The character that comes next, 0 at the end of the line. */
char rule_lexer_peek(struct rule_lexer *lexer);

#endif
