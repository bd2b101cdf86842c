/*
 * Reading records of an archive one after the other, and going on after damage: lengths that are wrong, garbage between
 * records, members of a compressed file that cannot be decoded. Knows records only through a layout, and nothing of
 * what is in them.
 */
#include "crawl/archive.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* How much of the input is looked at at a time. */
#define VIEW_SIZE ((size_t)16 << 10)

struct archive_reader *archive_open(struct input *input, const struct crawl_options *options,
                                    const struct archive_layout *layout) {
    struct archive_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->layout = layout;
    reader->input = input;
    reader->max_record = options->max_record;
    reader->verify = options->verify;
    return reader;
}

int archive_take(struct input *input, uint64_t size, struct bytes *sink, struct error *error) {
    char scratch[16384];
    while (size > 0) {
        size_t step = sink ? (size_t)1 << 20 : sizeof scratch;
        if (step > size)
            step = (size_t)size;
        ssize_t got = input_read(input, sink ? bytes_reserve(sink, step) : scratch, step, error);
        if (got < 0)
            return -1;
        if (sink)
            sink->size += (size_t)got;
        /* A short count may come before an error as well as before the end. */
        if ((size_t)got < step)
            return input_read(input, scratch, 1, error) < 0 ? -1 : 0;
        size -= (uint64_t)got;
    }
    return 1;
}

bool archive_read_length(struct span text, uint64_t *length) {
    *length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!isdigit((unsigned char)text.data[i]) || *length > UINT64_MAX / 16)
            return false;
        *length = *length * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

static bool is_newline(char character) {
    return character == '\n' || character == '\r';
}

static struct span rest_of(struct span text, size_t at) {
    return (struct span){text.data + at, text.size - at};
}

/* Goes to the next line that may be a record's start. *skipped: there was something before it. 1 found, 0 end, -1
 * error. */
static int find_record(struct archive_reader *reader, bool *skipped, struct error *error) {
    const struct archive_layout *layout = reader->layout;
    bool line_start = true;
    *skipped = false;
    for (;;) {
        struct span view;
        if (input_peek(reader->input, VIEW_SIZE, &view, error) < 0)
            return -1;
        if (view.size == 0)
            return 0;
        size_t at = 0;
        for (; at < view.size; at++) {
            bool newline = is_newline(view.data[at]);
            if (line_start && !newline) {
                /* The line may go on beyond the view, except where the view is all there is. */
                if (view.size == VIEW_SIZE && view.size - at < layout->start_size)
                    break;
                if (layout->is_start(rest_of(view, at)))
                    return archive_take(reader->input, at, NULL, error) < 0 ? -1 : 1;
            }
            line_start = view.data[at] == '\n';
            *skipped = *skipped || !newline;
        }
        if (archive_take(reader->input, at, NULL, error) < 0)
            return -1;
    }
}

int archive_check_damage(struct archive_reader *reader, struct span view, uint64_t position, struct error *error) {
    uint64_t start;
    if (!input_is_damaged(reader->input, &start) || start > position)
        return 0;
    if (archive_take(reader->input, view.size, NULL, error) < 0)
        return -1;
    return input_peek(reader->input, 1, &view, error) < 0 ? -1 : 0;
}

/* After the block of a record at position: 1 where a record or the end follows, 0 where something else does, -1 where
 * reading failed or the record lies in what turned out to be damaged. */
static int check_boundary(struct archive_reader *reader, uint64_t position, struct error *error) {
    struct span view;
    const char *separator = reader->layout->separator;
    size_t start_size = reader->layout->start_size, want = start_size + 8;
    for (;;) {
        struct error later;
        /* Damage right behind the record is the next call's to report. */
        if (input_peek(reader->input, want, &view, &later) < 0)
            return archive_check_damage(reader, (struct span){NULL, 0}, position, error) < 0 ? -1 : 1;
        size_t at = 0;
        while (at < view.size && is_newline(view.data[at]))
            at++;
        bool all = view.size < want;
        if (!all && view.size - at < start_size && want < VIEW_SIZE) {
            want *= 2;
            continue;
        }
        if (all && archive_check_damage(reader, view, position, error) < 0)
            return -1;
        if (separator && at >= strlen(separator) && memcmp(view.data, separator, strlen(separator)) == 0)
            return 1;
        /* A few bytes at the end are the next call's to report. */
        return at == view.size || (all && view.size - at < 5) || reader->layout->is_start(rest_of(view, at));
    }
}

/*
 * The block is longer than it should be: what it took in of the records after it is read again. So little may be read
 * twice that a file of nothing but wrong lengths is still read in a time that grows with its size.
 */
static void give_back(struct archive_reader *reader, struct span block) {
    const struct archive_layout *layout = reader->layout;
    size_t last_line = 0, at = 0;
    for (const char *newline; at < block.size && (newline = memchr(block.data + at, '\n', block.size - at));) {
        last_line = at = (size_t)(newline - block.data) + 1;
        if (layout->is_start(rest_of(block, at)))
            break;
    }
    /* The last line may be the first half of a start. */
    if (last_line == 0 || block.size - last_line == 0 ||
        (!layout->is_start(rest_of(block, last_line)) && block.size - last_line > layout->start_size))
        return;
    struct span rest = rest_of(block, last_line);
    if (reader->given_back + rest.size > 4 * (input_position(reader->input) + reader->max_record))
        return;
    reader->given_back += rest.size;
    input_unread(reader->input, rest);
}

int archive_read_block(struct archive_reader *reader, struct crawl_entry *entry, uint64_t length, struct error *error) {
    bool wanted = entry->outcome == CRAWL_CONVERTED;
    if (wanted && length > reader->max_record) {
        crawl_break(entry, entry->position, "a record of %llu bytes is over --max-record", (unsigned long long)length);
        wanted = false;
    }
    bool held = wanted || length <= ARCHIVE_HELD_SIZE;
    int taken = archive_take(reader->input, length, held ? &entry->data : NULL, error);
    if (taken < 0)
        return -1;
    int sound = taken ? check_boundary(reader, entry->position, error) : 0;
    if (sound < 0)
        return -1;
    if (sound == 0) {
        if (taken)
            crawl_break(entry, entry->position, "the record is not %llu bytes long, as its header says",
                        (unsigned long long)length);
        else
            crawl_break(entry, entry->position, "the input ends within a record");
        give_back(reader, span_of_bytes(&entry->data));
    }
    if (entry->outcome != CRAWL_CONVERTED)
        bytes_release(&entry->data);
    return 1;
}

static int next_record(struct archive_reader *reader, struct crawl_entry *entry, struct error *error) {
    bool skipped;
    uint64_t before = input_position(reader->input);
    int status = find_record(reader, &skipped, error);
    if (status < 0)
        return -1;
    bool lost = reader->lost;
    reader->lost = false;
    if (skipped && !lost) {
        entry->position = before;
        crawl_break(entry, before, "%llu bytes between records are no record",
                    (unsigned long long)(input_position(reader->input) - before));
        return 1;
    }
    if (status == 0)
        return 0;
    entry->position = input_position(reader->input);
    status = reader->layout->read_record(reader, entry, error);
    reader->lost = entry->outcome == CRAWL_BROKEN;
    return status;
}

int archive_next(struct archive_reader *reader, struct crawl_entry *entry, struct error *error) {
    int status = next_record(reader, entry, error);
    if (status >= 0 || error->code != ERROR_DATA)
        return status;
    uint64_t position;
    struct error later;
    int resumed = input_resume(reader->input, reader->layout->begins_member, &position, &later);
    if (resumed < 0)
        *error = later;
    if (resumed <= 0)
        return -1;
    bytes_release(&entry->data);
    crawl_break(entry, error->position, "%s; goes on at compressed byte %llu", error->message,
                (unsigned long long)position);
    reader->lost = false;
    return 1;
}
