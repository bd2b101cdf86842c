/*
 * Spans and growing buffers. Knows nothing of encodings: a byte is a byte.
 */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct span span_of(const char *text) {
    return (struct span){text, text ? strlen(text) : 0};
}

struct span span_of_bytes(const struct bytes *bytes) {
    /* An empty buffer that never allocated is empty text, not absent. */
    return (struct span){bytes->data ? bytes->data : "", bytes->size};
}

bool span_equal(struct span a, struct span b) {
    if (!a.data || !b.data)
        return !a.data && !b.data;
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

bool span_is(struct span span, const char *text) {
    return span_equal(span, span_of(text));
}

size_t span_count(struct span span, char byte) {
    typedef int8_t block __attribute__((vector_size(16)));
    size_t count = 0, i = 0;
    while (span.size - i >= sizeof(block)) {
        block found = {0}, bytes; /* by lane; a lane holds no more than 127 */
        for (size_t round = 0; round < 127 && span.size - i >= sizeof(block); round++, i += sizeof(block)) {
            memcpy(&bytes, span.data + i, sizeof bytes);
            found -= bytes == (int8_t)byte; /* true is -1 */
        }
        for (size_t lane = 0; lane < sizeof(block); lane++)
            count += (size_t)found[lane];
    }
    for (; i < span.size; i++)
        count += span.data[i] == byte;
    return count;
}

struct span span_trim(struct span span, const char *set) {
    size_t size = strlen(set);
    while (span.size > 0 && memchr(set, span.data[0], size)) {
        span.data++;
        span.size--;
    }
    while (span.size > 0 && memchr(set, span.data[span.size - 1], size))
        span.size--;
    return span;
}

int span_compare(struct span a, struct span b) {
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

void bytes_release(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

void bytes_clear(struct bytes *bytes) {
    bytes->size = 0;
}

/* Grows by at least half, so that appending is linear; one byte more than asked keeps room for the NUL of bytes_text.
 */
static void bytes_grow(struct bytes *bytes, size_t more) {
    size_t needed;
    if (__builtin_add_overflow(bytes->size, more, &needed) || __builtin_add_overflow(needed, 1, &needed))
        needed = SIZE_MAX;
    size_t capacity = bytes->capacity + bytes->capacity / 2;
    if (capacity < needed)
        capacity = needed;
    if (capacity < 64)
        capacity = 64;
    bytes->data = memory_resize(bytes->data, capacity, 1);
    bytes->capacity = capacity;
}

char *bytes_reserve(struct bytes *bytes, size_t more) {
    if (bytes->capacity - bytes->size <= more)
        bytes_grow(bytes, more);
    return bytes->data + bytes->size;
}

void bytes_append(struct bytes *bytes, const void *data, size_t size) {
    char *end = bytes_reserve(bytes, size);
    if (size)
        memcpy(end, data, size);
    bytes->size += size;
}

void bytes_append_byte(struct bytes *bytes, char byte) {
    *bytes_reserve(bytes, 1) = byte;
    bytes->size++;
}

void bytes_append_span(struct bytes *bytes, struct span span) {
    bytes_append(bytes, span.data, span.size);
}

void bytes_append_text(struct bytes *bytes, const char *text) {
    bytes_append(bytes, text, strlen(text));
}

void bytes_append_format(struct bytes *bytes, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char *end = bytes_reserve(bytes, 128);
    int size = vsnprintf(end, 129, format, arguments);
    va_end(arguments);
    if (size > 128) {
        end = bytes_reserve(bytes, (size_t)size);
        vsnprintf(end, (size_t)size + 1, format, again);
    }
    va_end(again);
    if (size > 0)
        bytes->size += (size_t)size;
}

const char *bytes_text(struct bytes *bytes) {
    *bytes_reserve(bytes, 0) = '\0';
    return bytes->data;
}
