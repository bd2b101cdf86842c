/*
 * Errors as data: library code returns 0 or -1 and fills a struct error; only programs print or exit.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_SYSTEM, /* the machine refused: open, read, write, thread; exit status 1 */
    ERROR_USAGE,  /* the command line is wrong; exit status 2 */
    ERROR_DATA,   /* the input is malformed, cut or beyond a documented limit; exit status 65 */
};

/* The position of an error that has none. */
#define ERROR_NO_POSITION UINT64_MAX

struct error {
    enum error_code code;
    uint64_t position; /* byte offset from the start of what was being read, or ERROR_NO_POSITION */
    char message[480]; /* one line without the program's name and without a newline */
};

/* Fills *error (which may be NULL) from a printf format. Always returns -1, so that callers can return its result. */
int error_set(struct error *error, enum error_code code, uint64_t position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As error_set with ERROR_SYSTEM and no position; appends ": " and the text of errno. */
int error_set_system(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts a printf-formatted prefix before the message: error_prefix(e, "%s: ", name). Always returns -1. */
int error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the error has a position within the text: puts "line N: " before the message, lines counted from 1. Always
 * returns -1. */
int error_prefix_line(struct error *error, const char *text, size_t size);

/* The exit status a program ends with after this error: 1, 2 or 65. */
int error_exit_status(const struct error *error);

#endif
