/*
 * Files → batches of entries, on one thread. Owns which file and format is being read and the ids of entries without
 * one of their own. Knows nothing of what an entry becomes.
 */
#include "crawl/intake.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* What a format is recognised by. */
#define START_SIZE ((size_t)64 << 10)

/* Hashes seen so far: open addressing, linear probing; 0 is a free slot. */
struct seen {
    uint64_t *slots;
    size_t capacity, count;
};

struct intake {
    const struct file_list *files;
    const struct crawl_format *forced;
    const struct crawl_options *options;
    size_t next_file;
    struct input *input;
    const struct crawl_format *format;
    void *reader;
    const char *file; /* name for messages */
    struct seen seen;
    uint64_t ordinal; /* of the next entry, from 1 */
    uint64_t bytes, raw_closed;
    _Atomic uint64_t raw;
};

static void seen_put(struct seen *seen, uint64_t hash) {
    size_t at = (size_t)hash & (seen->capacity - 1);
    while (seen->slots[at])
        at = (at + 1) & (seen->capacity - 1);
    seen->slots[at] = hash;
}

/* True where the hash was there before, or where no more can be remembered. */
static bool seen_before(struct seen *seen, uint64_t hash) {
    hash += hash == 0;
    if (seen->count * 2 >= seen->capacity) {
        struct seen old = *seen;
        seen->capacity = old.capacity ? old.capacity * 2 : 1024;
        seen->slots = memory_zeroed(seen->capacity, sizeof *seen->slots);
        for (size_t i = 0; i < old.capacity; i++) {
            if (old.slots[i])
                seen_put(seen, old.slots[i]);
        }
        free(old.slots);
    }
    for (size_t at = (size_t)hash & (seen->capacity - 1); seen->slots[at]; at = (at + 1) & (seen->capacity - 1)) {
        if (seen->slots[at] == hash)
            return true;
    }
    if (seen->count == INTAKE_IDS_MAX)
        return true;
    seen_put(seen, hash);
    seen->count++;
    return false;
}

static void give_id(struct intake *intake, struct crawl_entry *entry) {
    struct bytes *id = &entry->field[FIELD_ID];
    if (id->size > 0 || entry->names_itself || entry->outcome != CRAWL_CONVERTED)
        return;
    struct hash128 hash = hash128(span_of_bytes(&entry->data));
    char hex[HASH128_HEX_SIZE + 1];
    hash128_hex(hash, hex);
    bytes_append_text(id, hex);
    if (seen_before(&intake->seen, hash.low))
        bytes_append_format(id, "-%llu", (unsigned long long)intake->ordinal);
}

struct intake *intake_new(const struct file_list *files, const struct crawl_format *format,
                          const struct crawl_options *options) {
    struct intake *intake = memory_zeroed(1, sizeof *intake);
    intake->files = files;
    intake->forced = format;
    intake->options = options;
    intake->ordinal = 1;
    return intake;
}

static void close_file(struct intake *intake) {
    if (intake->reader)
        intake->format->close(intake->reader);
    intake->reader = NULL;
    if (intake->input) {
        intake->bytes += input_position(intake->input);
        intake->raw_closed += input_raw_position(intake->input);
        intake->raw = intake->raw_closed;
    }
    input_close(intake->input);
    intake->input = NULL;
}

void intake_free(struct intake *intake) {
    if (!intake)
        return;
    close_file(intake);
    free(intake->seen.slots);
    free(intake);
}

uint64_t intake_bytes(const struct intake *intake) {
    return intake->bytes;
}

uint64_t intake_raw_bytes(const struct intake *intake) {
    return intake->raw;
}

/* A whole file that cannot be read counts as one broken entry. */
static int break_file(struct crawl_entry *entry, const struct error *error) {
    if (error->code != ERROR_DATA)
        return -1;
    crawl_break_error(entry, error);
    return 1;
}

static bool begins_archive(struct span start) {
    return crawl_warc.recognise(start, "") > 0 || crawl_arc.recognise(start, "") > 0;
}

/* Where what can be read of a damaged first member is no archive's start, but the start of a member behind the damage
 * is: breaks the entry for the damage and lets reading go on there. */
static bool look_behind_damage(struct intake *intake, struct crawl_entry *entry, struct span start) {
    uint64_t position;
    struct bytes kept = {0};
    struct error error;
    struct span none;
    bytes_append_span(&kept, start);
    bool resumed = input_read(intake->input, kept.data, kept.size, &error) >= 0 &&
                   input_peek(intake->input, 1, &none, &error) < 0 && error.code == ERROR_DATA &&
                   input_resume(intake->input, begins_archive, &position, NULL) > 0;
    if (resumed)
        crawl_break_error(entry, &error);
    else
        input_unread(intake->input, span_of_bytes(&kept));
    bytes_release(&kept);
    return resumed;
}

/* Opens the next file. 1 opened, 2 entry marked as broken or skipped instead, 3 both, 0 no more, -1 error. */
static int open_file(struct intake *intake, struct crawl_entry *entry, struct error *error) {
    if (intake->next_file == intake->files->count)
        return 0;
    const struct listed_file *file = &intake->files->files[intake->next_file++];
    intake->file = file->path;
    if (file->is_asset && !intake->forced) {
        crawl_skip(entry, "asset");
        intake->raw = intake->raw_closed += file->size;
        return 2;
    }
    if (input_open(&intake->input, intake->file, error) < 0)
        return -1;
    input_use_threads(intake->input, intake->options->threads);
    intake->file = strcmp(intake->file, "-") == 0 ? "stdin" : intake->file;
    struct span start;
    uint64_t member;
    bool failed = input_peek(intake->input, START_SIZE, &start, error) < 0;
    if (failed && error->code != ERROR_DATA)
        return -1;
    bool damaged = failed || (start.size < START_SIZE && input_is_damaged(intake->input, &member));
    bool resumed = damaged && !begins_archive(start) && look_behind_damage(intake, entry, start);
    if (resumed)
        failed = input_peek(intake->input, START_SIZE, &start, error) < 0;
    if (failed)
        return break_file(entry, error) < 0 ? -1 : 2;
    intake->format = intake->forced ? intake->forced : crawl_recognise(start, intake->file);
    if (intake->format) {
        intake->reader = intake->format->open(intake->input, intake->options);
        return resumed ? 3 : 1;
    }
    if (start.size == 0)
        return 1;
    const char *foreign = crawl_foreign_format(start);
    if (foreign)
        crawl_break(entry, 0, "%s is not read", foreign);
    else
        crawl_break(entry, 0, "the format is not recognised (see --from)");
    return 2;
}

/* As next of a format, over all files. */
static int next_entry(struct intake *intake, struct crawl_entry *entry, struct error *error) {
    for (;;) {
        int status = 1;
        if (!intake->input)
            status = open_file(intake, entry, error);
        if (status <= 0)
            return status;
        if (status == 3)
            return 1;
        if (status == 1 && intake->reader) {
            status = intake->format->next(intake->reader, entry, error);
            intake->raw = intake->raw_closed + input_raw_position(intake->input);
            if (status > 0)
                return 1;
            if (status < 0 && break_file(entry, error) < 0)
                return -1;
        }
        close_file(intake);
        if (entry->outcome != CRAWL_CONVERTED)
            return 1;
    }
}

int intake_fill(struct intake *intake, struct intake_batch *batch, struct error *error) {
    intake_batch_clear(batch);
    while (batch->count < INTAKE_BATCH_ENTRIES && batch->size < INTAKE_BATCH_SIZE) {
        struct crawl_entry **slot = &batch->entries[batch->count];
        if (!*slot)
            *slot = crawl_entry_new();
        crawl_entry_clear(*slot);
        int status = next_entry(intake, *slot, error);
        if (status < 0)
            return -1;
        if (status == 0)
            return batch->count > 0;
        (*slot)->format = intake->format;
        (*slot)->file = intake->file;
        give_id(intake, *slot);
        intake->ordinal++;
        batch->size += (*slot)->data.size;
        batch->count++;
    }
    return 1;
}

void intake_batch_clear(struct intake_batch *batch) {
    for (size_t i = 0; i < batch->count; i++)
        crawl_entry_clear(batch->entries[i]);
    batch->count = batch->size = 0;
    if (batch->out.capacity > 4 * INTAKE_BATCH_SIZE)
        bytes_release(&batch->out);
    bytes_clear(&batch->out);
}

struct intake_batch *intake_batch_new(void) {
    return memory_zeroed(1, sizeof(struct intake_batch));
}

void intake_batch_free(struct intake_batch *batch) {
    if (!batch)
        return;
    for (size_t i = 0; i < INTAKE_BATCH_ENTRIES; i++)
        crawl_entry_free(batch->entries[i]);
    bytes_release(&batch->out);
    free(batch);
}
