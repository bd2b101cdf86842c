/*
 * Batches of whole lines. A batch ends at the last newline of its first LINES_BATCH_SIZE bytes, or, where one line is
 * longer, at that line's end: input_read delivers full counts, so that the cuts follow from the bytes alone. Knows
 * nothing of what is in a line.
 */
#include "base/lines.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

struct line_reader {
    const char *const *paths;
    size_t count, index;
    size_t limit;
    struct input *input; /* of paths[index]; NULL before it is opened */
    const char *file;
    struct bytes carry;               /* read from input, behind the last batch */
    uint64_t position;                /* of carry within the file */
    uint64_t number;                  /* of the last line given out */
    bool at_start;                    /* of a file: a BOM may stand here */
    struct error failure;             /* reported once the lines before it were given out */
    uint64_t bytes_before;            /* decompressed, of the files before */
    uint64_t raw_before;              /* raw, of the files before */
    uint64_t raw_total;               /* of all files, 0 where not known */
    _Atomic uint64_t bytes, raw_done; /* read so far; atomic because progress is shown on another thread */
};

static const char *const stdin_only[] = {"-"};

static uint64_t total_size(const char *const *paths, size_t count) {
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        int failed = strcmp(paths[i], "-") == 0 ? fstat(0, &status) : stat(paths[i], &status);
        if (failed || !S_ISREG(status.st_mode))
            return 0;
        total += (uint64_t)status.st_size;
    }
    return total;
}

struct line_reader *line_reader_new(const char *const *paths, size_t count, size_t limit) {
    struct line_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->paths = count ? paths : stdin_only;
    reader->count = count ? count : 1;
    reader->limit = limit;
    reader->raw_total = total_size(reader->paths, reader->count);
    return reader;
}

void line_reader_free(struct line_reader *reader) {
    if (!reader)
        return;
    input_close(reader->input);
    bytes_release(&reader->carry);
    free(reader);
}

static int open_file(struct line_reader *reader) {
    const char *path = reader->paths[reader->index];
    if (input_open(&reader->input, path, &reader->failure))
        return -1;
    reader->file = strcmp(path, "-") == 0 ? "stdin" : path;
    reader->position = reader->number = 0;
    reader->at_start = true;
    return 0;
}

static void close_file(struct line_reader *reader) {
    reader->bytes_before += input_position(reader->input);
    reader->raw_before += input_raw_position(reader->input);
    input_close(reader->input);
    reader->input = NULL;
    reader->index++;
}

/* Appends up to size bytes: 1 where all came, 0 at the end of the file, -1 where the stream is damaged behind what was
 * appended. */
static int append_input(struct line_reader *reader, struct bytes *data, size_t size, struct error *error) {
    ssize_t got = input_read(reader->input, bytes_reserve(data, size), size, error);
    if (got < 0)
        return -1;
    data->size += (size_t)got;
    if ((size_t)got == size)
        return 1;
    char none;
    return input_read(reader->input, &none, 1, error) < 0 ? -1 : 0;
}

/* The size of the whole lines at the front of data. */
static size_t whole_lines(const struct bytes *data) {
    const char *newline = data->size ? memrchr(data->data, '\n', data->size) : NULL;
    return newline ? (size_t)(newline - data->data) + 1 : 0;
}

/*
 * Reads on until the first line, longer than a batch, has its newline or is over the limit (and a BOM and a CR).
 * Returns as append_input, but 1 for a line with its newline: an end or damage behind it is met again by the next
 * batch.
 */
static int extend_line(struct line_reader *reader, struct bytes *data, size_t *whole, struct error *error) {
    int result = 1;
    while (result == 1 && data->size <= reader->limit + 4) {
        size_t searched = data->size;
        result = append_input(reader, data, LINES_BATCH_SIZE, error);
        const char *newline = memchr(data->data + searched, '\n', data->size - searched);
        if (newline) {
            *whole = (size_t)(newline - data->data) + 1;
            return 1;
        }
    }
    return result;
}

/*
 * Fills data with whole lines and leaves what follows them in carry. The unterminated rest of a sound stream is a line,
 * that of a damaged one is not.
 */
static void fill_data(struct line_reader *reader, struct bytes *data) {
    struct error damage = {0};
    int result = 1;
    bytes_clear(data);
    bytes_append_span(data, span_of_bytes(&reader->carry));
    bytes_clear(&reader->carry);
    if (data->size < LINES_BATCH_SIZE)
        result = append_input(reader, data, LINES_BATCH_SIZE - data->size, &damage);
    size_t whole = whole_lines(data);
    if (result == 1 && !whole)
        result = extend_line(reader, data, &whole, &damage);
    if (result < 0)
        reader->failure = damage;
    else if (result == 0 || !whole) /* the last line, or one over the limit, which split_lines refuses */
        whole = data->size;
    if (result == 1)
        bytes_append(&reader->carry, data->data + whole, data->size - whole);
    data->size = whole;
}

static void append_line(struct line_batch *batch, const struct line *line) {
    if (batch->count == batch->capacity) {
        batch->capacity = batch->capacity ? 2 * batch->capacity : 256;
        batch->lines = memory_resize(batch->lines, batch->capacity, sizeof *batch->lines);
    }
    batch->lines[batch->count++] = *line;
}

/* Lists the lines of data, up to one that is too long: then that is the failure, being before any damage. */
static void split_lines(struct line_reader *reader, struct line_batch *batch) {
    const struct bytes *data = &batch->data;
    size_t start = 0;
    if (reader->at_start && data->size >= 3 && memcmp(data->data, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    reader->at_start = false;
    while (start < data->size) {
        const char *text = data->data + start;
        const char *newline = memchr(text, '\n', data->size - start);
        size_t next = newline ? (size_t)(newline - data->data) + 1 : data->size;
        size_t size = newline ? (size_t)(newline - text) : data->size - start;
        if (size && text[size - 1] == '\r')
            size--;
        struct line line = {start, size, ++reader->number, reader->position + start};
        if (size > reader->limit) {
            error_set(&reader->failure, ERROR_DATA, line.position, "%s:%llu: line longer than %zu bytes", batch->file,
                      (unsigned long long)line.number, reader->limit);
            break;
        }
        if (size)
            append_line(batch, &line);
        start = next;
    }
    reader->position += data->size;
}

/* Tells other threads how far the reading is. */
static void publish_progress(struct line_reader *reader) {
    bool open = reader->input != NULL;
    atomic_store(&reader->bytes, reader->bytes_before + (open ? input_position(reader->input) : 0));
    atomic_store(&reader->raw_done, reader->raw_before + (open ? input_raw_position(reader->input) : 0));
}

int line_reader_next(struct line_reader *reader, struct line_batch *batch, struct error *error) {
    batch->count = 0;
    while (reader->failure.code == ERROR_NONE) {
        if (!reader->input) {
            if (reader->index == reader->count)
                return 0;
            if (open_file(reader))
                break;
        }
        batch->file = reader->file;
        fill_data(reader, &batch->data);
        if (!batch->data.size && reader->failure.code == ERROR_NONE)
            close_file(reader);
        split_lines(reader, batch);
        publish_progress(reader);
        if (batch->count)
            return 1;
    }
    if (error)
        *error = reader->failure;
    return -1;
}

void line_reader_return(struct line_reader *reader, struct line_batch *batch, size_t from) {
    if (from == 0 || from >= batch->count || reader->failure.code != ERROR_NONE)
        return;
    const struct line *line = &batch->lines[from];
    size_t size = batch->data.size - line->start;
    if (size > LINES_BATCH_SIZE / 2)
        return;
    struct bytes carry = {0};
    bytes_append(&carry, batch->data.data + line->start, size);
    bytes_append_span(&carry, span_of_bytes(&reader->carry));
    bytes_release(&reader->carry);
    reader->carry = carry;
    reader->position = line->position;
    reader->number = line->number - 1;
    batch->data.size = line->start;
    batch->count = from;
}

uint64_t line_reader_bytes(const struct line_reader *reader) {
    return atomic_load(&reader->bytes);
}

void line_reader_progress(const struct line_reader *reader, uint64_t *done, uint64_t *total) {
    *done = atomic_load(&reader->raw_done);
    *total = reader->raw_total;
}

void line_batch_release(struct line_batch *batch) {
    bytes_release(&batch->data);
    free(batch->lines);
    *batch = (struct line_batch){0};
}
