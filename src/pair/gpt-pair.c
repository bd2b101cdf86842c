/*
 * gpt-pair: the posts of a thread, and texts with labelled speakers, become dialogues. What stands alone is turned into
 * lines by the workers; posts wait until their thread is whole: at the end of input, or with --grouped until the next
 * thread begins.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/stage.h"
#include "pair/group.h"
#include "pair/thread_buffer.h"
#include "pair/writer.h"

struct pair {
    struct common_options common;
    struct pair_options options;
    uint64_t max_turns;
    bool grouped;
    struct group *group;          /* without --grouped */
    struct thread_buffer *buffer; /* the thread at hand, on the consumer's thread */
    struct pair_writer *writer;   /* of the consumer's thread, as the next */
    struct record_parser *parser;
};

/*
 * An attachment's first byte: what follows is finished lines, a post's thread hash and its line, or the line of a
 * document without a dialogue (where rejects are wanted: they too are written in order).
 */
enum attachment { ATTACHED_LINES = 'L', ATTACHED_POST = 'P', ATTACHED_DROP = 'D' };

static void *worker_new(void *context) {
    struct pair *pair = context;
    return pair_writer_new(&pair->options);
}

static void worker_free(void *writer) {
    pair_writer_free(writer);
}

static int attach_drop(struct bytes *out, const struct record *record, struct stage_sink *sink, struct error *error) {
    bytes_clear(out);
    bytes_append_byte(out, ATTACHED_DROP);
    if (stage_wants_rejects(sink) && record_write(record, out, error))
        return -1;
    stage_attach(sink, span_of_bytes(out));
    return 0;
}

static int process(void *context, void *state, struct record *record, struct stage_sink *sink, struct error *error) {
    struct pair *pair = context;
    struct pair_writer *writer = state;
    struct bytes *out = pair_writer_output(writer);
    bytes_clear(out);
    if (record->kind == RECORD_DOCUMENT && record->field[FIELD_THREAD].data) {
        struct hash128 thread = hash128(record->field[FIELD_THREAD]);
        bytes_append_byte(out, ATTACHED_POST);
        bytes_append(out, &thread, sizeof thread);
        if (record_write(record, out, error))
            return -1;
        stage_attach(sink, span_of_bytes(out));
        return 0;
    }
    bytes_append_byte(out, ATTACHED_LINES);
    if (record->kind == RECORD_DIALOGUE) {
        stage_count(sink, "dialogues-passed", 1);
        if (record_write(record, out, error))
            return -1;
    } else {
        size_t found;
        if (pair_writer_document(writer, record, &found, error))
            return -1;
        if (found == 0 && !pair->options.keep_documents)
            return attach_drop(out, record, sink, error);
        stage_count(sink, found ? "documents-paired" : "documents-kept", 1);
        if (found)
            stage_count(sink, "dialogues-from-text", found);
        else if (record_write(record, out, error))
            return -1;
    }
    stage_attach(sink, span_of_bytes(out));
    return 0;
}

static void write_lines(struct stage_sink *sink, struct span lines) {
    while (lines.size > 0) {
        const char *end = memchr(lines.data, '\n', lines.size);
        size_t size = end ? (size_t)(end - lines.data) + 1 : lines.size;
        stage_write(sink, (struct span){lines.data, size});
        lines.data += size;
        lines.size -= size;
    }
}

/* What stands alone: lines that are ready, or one that is dropped. */
static int take_lines(struct pair *pair, struct span item, struct stage_sink *sink, struct error *error) {
    struct span lines = {item.data + 1, item.size - 1};
    if (item.data[0] == ATTACHED_LINES) {
        write_lines(sink, lines);
        return 0;
    }
    struct record record = {0};
    if (lines.size > 0 && record_parse(pair->parser, (struct span){lines.data, lines.size - 1}, &record, error))
        return -1;
    return stage_drop(sink, &record, "no-dialogue", NAN, NAN, error);
}

static void take_dialogue(void *sink, struct span line) {
    stage_write(sink, line);
}

/* A post that stands in no dialogue is dropped or, on wish, kept as the document it is. */
static int leave_post(struct pair *pair, size_t index, struct stage_sink *sink, struct error *error) {
    struct record record;
    if (thread_buffer_record(pair->buffer, index, &record, error))
        return -1;
    if (!pair->options.keep_documents)
        return stage_drop(sink, &record, "no-dialogue", NAN, NAN, error);
    stage_count(sink, "documents-kept", 1);
    return stage_emit(sink, &record, error);
}

/* The thread at hand is whole: its dialogues, then what stood in none. */
static int flush_thread(struct pair *pair, struct stage_sink *sink, struct error *error) {
    struct post *posts;
    size_t count, found;
    struct record origin;
    if (thread_buffer_posts(pair->buffer, &posts, &count, error))
        return -1;
    if (count == 0)
        return 0;
    if (thread_buffer_record(pair->buffer, 0, &origin, error) ||
        pair_writer_thread(pair->writer, &origin, posts, count, take_dialogue, sink, &found, error))
        return -1;
    stage_count(sink, "threads", 1);
    stage_count(sink, "dialogues-from-threads", found);
    for (size_t i = 0; i < count; i++) {
        if (posts[i].used)
            stage_count(sink, "posts-used", 1);
        else if (leave_post(pair, i, sink, error))
            return -1;
    }
    thread_buffer_clear(pair->buffer);
    return 0;
}

static int take_post(struct pair *pair, struct span item, bool continues, struct stage_sink *sink,
                     struct error *error) {
    if (!continues && flush_thread(pair, sink, error))
        return -1;
    thread_buffer_add(pair->buffer, item);
    return 0;
}

static int admit(void *context, struct span attachment, struct stage_sink *sink, struct error *error) {
    struct pair *pair = context;
    if (attachment.size == 0)
        return 0;
    bool post = attachment.data[0] == ATTACHED_POST;
    struct hash128 thread;
    if (post)
        memcpy(&thread, attachment.data + 1, sizeof thread);
    if (!pair->grouped)
        return group_add(pair->group, post ? &thread : NULL, attachment, error);
    if (post) {
        bool continues;
        if (thread_buffer_begin(pair->buffer, thread, &continues, error))
            return -1;
        return take_post(pair, (struct span){attachment.data + 1 + sizeof thread, attachment.size - 1 - sizeof thread},
                         continues, sink, error);
    }
    if (flush_thread(pair, sink, error))
        return -1;
    return take_lines(pair, attachment, sink, error);
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    struct pair *pair = context;
    if (pair->grouped)
        return flush_thread(pair, sink, error);
    if (group_finish(pair->group, error))
        return -1;
    struct span item;
    bool continues;
    int status;
    while ((status = group_next(pair->group, &item, &continues, error)) == 1) {
        size_t head = 1 + sizeof(struct hash128);
        if (item.data[0] == ATTACHED_POST) {
            if (take_post(pair, (struct span){item.data + head, item.size - head}, continues, sink, error))
                return -1;
        } else {
            if (flush_thread(pair, sink, error) || take_lines(pair, item, sink, error))
                return -1;
        }
    }
    return status < 0 ? -1 : flush_thread(pair, sink, error);
}

int main(int argc, char **argv) {
    static const char *const path_names[] = {"all", "best", NULL};
    struct pair pair = {.max_turns = 20, .options = {.thread = {.min_score = -INFINITY}}};
    int paths = 0;
    const struct option options[] = {
        {'n', "max-turns", OPTION_COUNT, &pair.max_turns, "N", "turns a dialogue; longer ones are cut into pieces", 2,
         1000000, NULL},
        {0, "paths", OPTION_CHOICE, &paths, "WHICH", "of a thread's reply tree: all paths, or the best-scored one", 0,
         0, path_names},
        {0, "min-score", OPTION_NUMBER, &pair.options.thread.min_score, "N",
         "leave out posts scored below N and what answers them", 0, 0, NULL},
        {0, "keep-documents", OPTION_FLAG, &pair.options.keep_documents, NULL,
         "pass documents that hold no dialogue instead of dropping them", 0, 0, NULL},
        {0, "grouped", OPTION_FLAG, &pair.grouped, NULL,
         "the posts of each thread stand together: stream, and fail where a thread comes back", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-pair",
        .purpose = "Turn the posts of threads, and texts with labelled speakers, into dialogues.",
        .usage = "[OPTIONS] [FILE...]",
        .options = options,
        .common = COMMON_STAGE | COMMON_MEMORY,
        .values = &pair.common,
        .maximum_operands = SIZE_MAX,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    pair.options.thread.max_turns = pair.max_turns & ~(uint64_t)1;
    pair.options.thread.best_only = paths == 1;
    pair.writer = pair_writer_new(&pair.options);
    pair.buffer = thread_buffer_new();
    pair.parser = record_parser_new();
    pair.group = pair.grouped ? NULL : group_new(pair.common.memory);
    const struct stage stage = {
        .program = &program,
        .options = &pair.common,
        .paths = (const char *const *)argv + first,
        .path_count = (size_t)(argc - first),
        .context = &pair,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .process = process,
        .admit = admit,
        .finish = finish,
    };
    int status = stage_run(&stage);
    group_free(pair.group);
    thread_buffer_free(pair.buffer);
    record_parser_free(pair.parser);
    pair_writer_free(pair.writer);
    return status;
}
