/*
 * Errors as data. Owns how messages are put together; knows nothing of where they end up.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, enum error_code code, uint64_t position, const char *format, ...) {
    if (!error)
        return -1;
    error->code = code;
    error->position = position;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return -1;
}

int error_set_system(struct error *error, const char *format, ...) {
    int number = errno;
    if (!error)
        return -1;
    error->code = ERROR_SYSTEM;
    error->position = ERROR_NO_POSITION;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    char text[128];
    /* The GNU strerror_r is thread-safe and may return a constant instead of filling text. */
    snprintf(error->message + used, sizeof error->message - used, ": %s", strerror_r(number, text, sizeof text));
    return -1;
}

int error_prefix(struct error *error, const char *format, ...) {
    if (!error)
        return -1;
    char old[sizeof error->message];
    memcpy(old, error->message, sizeof old);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    snprintf(error->message + used, sizeof error->message - used, "%s", old);
    return -1;
}

int error_prefix_line(struct error *error, const char *text, size_t size) {
    size_t line = 1;
    if (error->position == ERROR_NO_POSITION)
        return -1;
    for (size_t i = 0; i < size && i < error->position; i++)
        line += text[i] == '\n';
    return error_prefix(error, "line %zu: ", line);
}

int error_exit_status(const struct error *error) {
    switch (error->code) {
    case ERROR_USAGE:
        return 2;
    case ERROR_DATA:
        return 65;
    default:
        return 1;
    }
}
