/*
 * Any bytes as an input stream: reading in small and in large steps, with and without peeking, gives the same bytes,
 * the same verdict and the same message; and a damaged stream is an ERROR_DATA, never anything else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/input.h"

#define MOST ((size_t)4 << 20) /* bombs are cut off here */

/* Returns the verdict; *got receives the bytes. */
static int read_stream(struct span data, size_t step, bool peek, struct bytes *got, struct error *error) {
    struct input *input;
    ssize_t size = input_open_memory(&input, "fuzz", data, error);
    if (size < 0)
        abort();
    do {
        struct span view = {0};
        if (peek && input_peek(input, step, &view, error) < 0 && view.size)
            abort();
        char *target = bytes_reserve(got, step);
        size = input_read(input, target, step, error);
        if (size > 0 && view.size && memcmp(view.data, target, 1) != 0)
            abort();
        if (size > 0)
            got->size += (size_t)size;
    } while (size > 0 && got->size < MOST);
    input_close(input);
    return size < 0 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span span = {(const char *)data, size};
    struct bytes large = {0}, small = {0};
    struct error error = {0}, again = {0};
    int verdict = read_stream(span, 1 << 16, false, &large, &error);
    size_t step = size ? 1 + data[size - 1] : 1;
    int other = read_stream(span, step, size % 2, &small, &again);
    if (large.size < MOST && small.size < MOST) {
        if (verdict != other || large.size != small.size ||
            (large.size && memcmp(large.data, small.data, large.size) != 0))
            abort();
        if (verdict < 0 && (error.code != ERROR_DATA || strcmp(error.message, again.message) != 0))
            abort();
    }
    bytes_release(&large);
    bytes_release(&small);
    return 0;
}
