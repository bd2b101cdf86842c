/*
 * Cutting streams at delimiters and at the ends of JSON objects, without holding more than one piece.
 */
#include "crawl/pieces.h"

#include <ctype.h>
#include <string.h>

#define STEP ((size_t)64 << 10)

/* Takes bytes that were peeked. */
static int consume(struct input *input, size_t size, struct error *error) {
    char scratch[4096];
    while (size > 0) {
        size_t step = size < sizeof scratch ? size : sizeof scratch;
        if (input_read(input, scratch, step, error) < 0)
            return -1;
        size -= step;
    }
    return 0;
}

/* Shows what is at hand, and reads on where that is hardly anything: input_peek reads no more than it is asked for. */
static int view_some(struct input *input, struct span *view, struct error *error) {
    if (input_peek(input, 1, view, error) < 0)
        return -1;
    return view->size == 1 ? input_peek(input, STEP, view, error) : 0;
}

static void keep(struct bytes *out, struct span bytes, uint64_t limit, bool *too_long) {
    if (out->size + bytes.size > limit)
        *too_long = true;
    else if (!*too_long)
        bytes_append_span(out, bytes);
}

int pieces_read_until(struct input *input, char delimiter, uint64_t limit, struct bytes *out, bool *too_long,
                      struct error *error) {
    bool any = false;
    for (;;) {
        struct span view;
        if (view_some(input, &view, error) < 0)
            return -1;
        if (view.size == 0)
            return any;
        any = true;
        const char *found = memchr(view.data, delimiter, view.size);
        size_t size = found ? (size_t)(found - view.data) + 1 : view.size;
        keep(out, (struct span){view.data, size}, limit, too_long);
        if (consume(input, size, error) < 0)
            return -1;
        if (found)
            return 1;
    }
}

/* Where in an object a scan stands. */
struct nesting {
    size_t depth;
    bool in_string, escaped;
};

/* The size up to the end of the object that began before or begins here, or text.size where it goes on; depth 0 tells
 * its end. */
static size_t scan_object(struct nesting *nesting, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (nesting->in_string) {
            if (nesting->escaped)
                nesting->escaped = false;
            else if (byte == '\\')
                nesting->escaped = true;
            else if (byte == '"')
                nesting->in_string = false;
        } else if (byte == '"') {
            nesting->in_string = true;
        } else if (byte == '{' || byte == '[') {
            nesting->depth++;
        } else if ((byte == '}' || byte == ']') && --nesting->depth == 0) {
            return i + 1;
        }
    }
    return text.size;
}

/* JSON Lines is what begins with an object that ends on its own line. */
static int begin(struct object_scanner *scanner, struct error *error) {
    struct span view;
    scanner->begun = true;
    if (input_peek(scanner->input, STEP, &view, error) < 0)
        return -1;
    size_t at = 0;
    if (view.size >= 3 && memcmp(view.data, "\xEF\xBB\xBF", 3) == 0) {
        if (consume(scanner->input, 3, error) < 0 || input_peek(scanner->input, STEP, &view, error) < 0)
            return -1;
    }
    while (at < view.size && isspace((unsigned char)view.data[at]))
        at++;
    if (at == view.size || view.data[at] != '{')
        return 0;
    const char *newline = memchr(view.data + at, '\n', view.size - at);
    size_t line = newline ? (size_t)(newline - view.data) - at : view.size - at;
    struct nesting nesting = {0};
    scan_object(&nesting, (struct span){view.data + at, line});
    scanner->by_line = nesting.depth == 0 || (!newline && view.size >= STEP);
    return 0;
}

static bool is_blank(const struct bytes *line) {
    for (size_t i = 0; i < line->size; i++) {
        if (!isspace((unsigned char)line->data[i]))
            return false;
    }
    return true;
}

static int next_line(struct object_scanner *scanner, struct bytes *object, uint64_t *position, bool *too_long,
                     struct error *error) {
    for (;;) {
        bytes_clear(object);
        *position = input_position(scanner->input);
        int status = pieces_read_until(scanner->input, '\n', scanner->limit, object, too_long, error);
        if (status <= 0 || *too_long)
            return status;
        if (is_blank(object))
            continue;
        while (object->size > 0 && (object->data[object->size - 1] == '\n' || object->data[object->size - 1] == '\r'))
            object->size--;
        return 1;
    }
}

/* Passes white space, commas and the brackets of the one array; 1 at an object's start, 0 at the end, -1 at anything
 * else. */
static int find_object(struct object_scanner *scanner, struct error *error) {
    for (;;) {
        struct span view;
        if (view_some(scanner->input, &view, error) < 0)
            return -1;
        if (view.size == 0) {
            if (scanner->in_array)
                return error_set(error, ERROR_DATA, input_position(scanner->input), "the input ends within an array");
            return 0;
        }
        char byte = *view.data;
        if (byte == '{' && !scanner->after_array)
            return 1;
        if (byte == '[' && !scanner->in_array && !scanner->after_array) {
            scanner->in_array = true;
        } else if (byte == ']' && scanner->in_array) {
            scanner->in_array = false;
            scanner->after_array = true;
        } else if (!isspace((unsigned char)byte) && !(byte == ',' && scanner->in_array)) {
            return error_set(error, ERROR_DATA, input_position(scanner->input), "an object was expected here");
        }
        if (consume(scanner->input, 1, error) < 0)
            return -1;
    }
}

int object_scanner_next(struct object_scanner *scanner, struct bytes *object, uint64_t *position, bool *too_long,
                        struct error *error) {
    *too_long = false;
    if (!scanner->begun && begin(scanner, error) < 0)
        return -1;
    if (scanner->by_line)
        return next_line(scanner, object, position, too_long, error);
    int status = find_object(scanner, error);
    if (status <= 0)
        return status;
    *position = input_position(scanner->input);
    struct nesting nesting = {0};
    do {
        struct span view;
        if (view_some(scanner->input, &view, error) < 0)
            return -1;
        if (view.size == 0)
            return error_set(error, ERROR_DATA, *position, "the input ends within an object");
        view.size = scan_object(&nesting, view);
        keep(object, view, scanner->limit, too_long);
        if (consume(scanner->input, view.size, error) < 0)
            return -1;
    } while (nesting.depth > 0);
    return 1;
}
