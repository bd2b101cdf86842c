/* Dialogue records. It owns their fields and ids; how dialogues are found is transcript.c's and thread.c's. */
#include "pair/writer.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "pair/transcript.h"

struct pair_writer {
    const struct pair_options *options;
    struct dialogue dialogue;
    struct record record; /* fresh, reused */
    struct bytes output, id;
    const struct record *origin; /* of the text at hand, or the thread's first post */
    const struct post *posts;    /* of the thread at hand */
    pair_take *take;
    void *context;
    size_t found;
};

struct pair_writer *pair_writer_new(const struct pair_options *options) {
    struct pair_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->options = options;
    return writer;
}

void pair_writer_free(struct pair_writer *writer) {
    if (!writer)
        return;
    dialogue_release(&writer->dialogue);
    record_release(&writer->record);
    bytes_release(&writer->output);
    bytes_release(&writer->id);
    free(writer);
}

struct bytes *pair_writer_output(struct pair_writer *writer) {
    return &writer->output;
}

static int write_dialogue(struct pair_writer *writer, const struct dialogue *dialogue, size_t from, size_t to,
                          struct error *error) {
    static const enum record_field inherited[] = {FIELD_SOURCE, FIELD_LANG, FIELD_LICENSE, FIELD_CLUSTER, FIELD_SPLIT};
    struct record *record = &writer->record;
    record_begin(record, RECORD_DIALOGUE);
    record_set_text(record, FIELD_ID, span_of_bytes(&writer->id));
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++)
        if (writer->origin->field[inherited[i]].data)
            record_set_text(record, inherited[i], writer->origin->field[inherited[i]]);
    /* The dialogues of one text share a thread, so that no split divides them. */
    struct span thread = writer->origin->field[FIELD_THREAD];
    record_set_text(record, FIELD_THREAD, thread.data ? thread : writer->origin->field[FIELD_ID]);
    if (writer->origin->field[FIELD_META].data)
        record_set_json(record, FIELD_META, writer->origin->field[FIELD_META]);
    for (size_t i = from; i < to; i++)
        record_append_message(record, dialogue->turns[i].role, dialogue_text(dialogue, i));
    if (record_write(record, &writer->output, error))
        return -1;
    writer->found++;
    return 0;
}

static void set_hash_id(struct pair_writer *writer, struct span text) {
    char hex[HASH128_HEX_SIZE + 1];
    hash128_hex(hash128(text), hex);
    bytes_append_text(&writer->id, hex);
}

static int emit_from_text(void *context, const struct dialogue *dialogue, size_t from, size_t to, struct error *error) {
    struct pair_writer *writer = context;
    bytes_clear(&writer->id);
    if (writer->origin->field[FIELD_ID].data)
        bytes_append_span(&writer->id, writer->origin->field[FIELD_ID]);
    else
        set_hash_id(writer, writer->origin->field[FIELD_TEXT]);
    bytes_append_format(&writer->id, ":%zu", writer->found + 1);
    return write_dialogue(writer, dialogue, from, to, error);
}

int pair_writer_document(struct pair_writer *writer, const struct record *record, size_t *found, struct error *error) {
    writer->origin = record;
    writer->found = 0;
    return transcript_parse(record->field[FIELD_TEXT], writer->options->thread.max_turns, &writer->dialogue,
                            emit_from_text, writer, found, error);
}

static int emit_from_thread(void *context, const struct dialogue *dialogue, size_t from, size_t to, size_t end,
                            struct error *error) {
    struct pair_writer *writer = context;
    const struct post *last = &writer->posts[end];
    bytes_clear(&writer->id);
    if (last->id.data)
        bytes_append_span(&writer->id, last->id);
    else
        set_hash_id(writer, last->text);
    bytes_clear(&writer->output);
    if (write_dialogue(writer, dialogue, from, to, error))
        return error->code == ERROR_DATA ? 1 : -1;
    writer->take(writer->context, span_of_bytes(&writer->output));
    return 0;
}

int pair_writer_thread(struct pair_writer *writer, const struct record *origin, struct post *posts, size_t count,
                       pair_take *take, void *context, size_t *found, struct error *error) {
    writer->take = take;
    writer->context = context;
    writer->posts = posts;
    writer->origin = origin;
    writer->found = 0;
    int result =
        thread_pair(posts, count, &writer->options->thread, &writer->dialogue, emit_from_thread, writer, error);
    *found = writer->found;
    return result;
}
