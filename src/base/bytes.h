/*
 * Text as pointer + size (NUL is data): spans that borrow and buffers that own.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes. data == NULL means absent, which differs from empty. */
struct span {
    const char *data;
    size_t size;
};

/* An owned growing buffer; zero-initialised is valid and empty. One spare byte past size is always allocatable, never
 * counted. */
struct bytes {
    char *data;
    size_t size;
    size_t capacity;
};

#define SPAN_LITERAL(text) ((struct span){(text), sizeof(text) - 1})
struct span span_of(const char *text); /* of a NUL-terminated string, without the NUL; absent for NULL */
struct span span_of_bytes(const struct bytes *bytes);
bool span_equal(struct span a, struct span b); /* by content; absent equals only absent */
bool span_is(struct span span, const char *text);
size_t span_count(struct span span, char byte); /* how often the byte comes */
/* Without the bytes of a set, a string, at both ends. */
struct span span_trim(struct span span, const char *set);
int span_compare(struct span a, struct span b); /* memcmp order, shorter first among equals */

void bytes_release(struct bytes *bytes); /* frees and zeroes */
void bytes_clear(struct bytes *bytes);   /* size 0, keeps the memory */
/* Makes room for `more` bytes past size (and a NUL after them) and returns the address of the first. */
char *bytes_reserve(struct bytes *bytes, size_t more);
void bytes_append(struct bytes *bytes, const void *data, size_t size);
void bytes_append_byte(struct bytes *bytes, char byte);
void bytes_append_span(struct bytes *bytes, struct span span);
void bytes_append_text(struct bytes *bytes, const char *text);
void bytes_append_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *bytes_text(struct bytes *bytes); /* NUL-terminated view, valid until the next change */

#endif
