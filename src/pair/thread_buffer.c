/* One thread's posts in memory. It owns their lines and parsed records; what becomes of them it does not know. */
#include "pair/thread_buffer.h"

#include <stdlib.h>

#include "base/memory.h"

struct thread_buffer {
    struct bytes lines;
    size_t *ends; /* of each line in lines, newline included */
    size_t count, capacity;
    struct record_parser *parser;
    struct post *posts;
    size_t post_capacity;
    struct bytes texts; /* what the posts borrow; never moves while they are made */
    uint64_t *finished; /* hashes of threads that ended: a set, open addressing, 0 is free */
    size_t finished_count, finished_capacity;
    uint64_t thread;
};

struct thread_buffer *thread_buffer_new(void) {
    struct thread_buffer *buffer = memory_zeroed(1, sizeof *buffer);
    buffer->parser = record_parser_new();
    return buffer;
}

void thread_buffer_free(struct thread_buffer *buffer) {
    if (!buffer)
        return;
    record_parser_free(buffer->parser);
    bytes_release(&buffer->lines);
    bytes_release(&buffer->texts);
    free(buffer->ends);
    free(buffer->posts);
    free(buffer->finished);
    free(buffer);
}

static uint64_t *finished_place(uint64_t *set, size_t capacity, uint64_t thread) {
    size_t place = thread & (capacity - 1);
    while (set[place] && set[place] != thread)
        place = (place + 1) & (capacity - 1);
    return &set[place];
}

/* Returns whether the thread was in the set already. */
static bool finished_add(struct thread_buffer *buffer, uint64_t thread) {
    if (2 * (buffer->finished_count + 1) > buffer->finished_capacity) {
        size_t capacity = buffer->finished_capacity ? 2 * buffer->finished_capacity : 1024;
        uint64_t *set = memory_zeroed(capacity, sizeof *set);
        for (size_t i = 0; i < buffer->finished_capacity; i++)
            if (buffer->finished[i])
                *finished_place(set, capacity, buffer->finished[i]) = buffer->finished[i];
        free(buffer->finished);
        buffer->finished = set;
        buffer->finished_capacity = capacity;
    }
    uint64_t *place = finished_place(buffer->finished, buffer->finished_capacity, thread);
    if (*place)
        return true;
    *place = thread;
    buffer->finished_count++;
    return false;
}

int thread_buffer_begin(struct thread_buffer *buffer, struct hash128 thread, bool *continues, struct error *error) {
    uint64_t hash = thread.low ? thread.low : 1;
    *continues = buffer->thread == hash && buffer->count > 0;
    if (*continues)
        return 0;
    if (finished_add(buffer, hash))
        return error_set(
            error, ERROR_DATA, ERROR_NO_POSITION,
            "a post of a thread that ended before: the input is not grouped by thread (leave out --grouped)");
    buffer->thread = hash;
    return 0;
}

void thread_buffer_add(struct thread_buffer *buffer, struct span line) {
    if (buffer->count == buffer->capacity) {
        buffer->capacity = buffer->capacity ? 2 * buffer->capacity : 64;
        buffer->ends = memory_resize(buffer->ends, buffer->capacity, sizeof *buffer->ends);
    }
    bytes_append_span(&buffer->lines, line);
    buffer->ends[buffer->count++] = buffer->lines.size;
}

int thread_buffer_record(struct thread_buffer *buffer, size_t index, struct record *record, struct error *error) {
    size_t start = index ? buffer->ends[index - 1] : 0;
    struct span line = {buffer->lines.data + start, buffer->ends[index] - start - 1};
    return record_parse(buffer->parser, line, record, error);
}

static struct span keep(struct thread_buffer *buffer, struct span text) {
    if (!text.data)
        return text;
    size_t start = buffer->texts.size;
    bytes_append_span(&buffer->texts, text);
    return (struct span){buffer->texts.data + start, text.size};
}

int thread_buffer_posts(struct thread_buffer *buffer, struct post **posts, size_t *count, struct error *error) {
    if (buffer->count > buffer->post_capacity) {
        buffer->post_capacity = buffer->capacity;
        buffer->posts = memory_resize(buffer->posts, buffer->post_capacity, sizeof *buffer->posts);
    }
    bytes_clear(&buffer->texts);
    bytes_reserve(&buffer->texts, buffer->lines.size); /* no text is longer unescaped than in its line */
    for (size_t i = 0; i < buffer->count; i++) {
        struct record record;
        if (thread_buffer_record(buffer, i, &record, error))
            return -1;
        buffer->posts[i] = (struct post){
            .id = keep(buffer, record.field[FIELD_ID]),
            .parent = keep(buffer, record.field[FIELD_PARENT]),
            .author = keep(buffer, record.field[FIELD_AUTHOR]),
            .title = keep(buffer, record.field[FIELD_TITLE]),
            .text = keep(buffer, record.field[FIELD_TEXT]),
            .has_score = record.field[FIELD_SCORE].data != NULL,
            .score = record.field[FIELD_SCORE].data ? record.score : 0,
        };
    }
    *posts = buffer->posts;
    *count = buffer->count;
    return 0;
}

void thread_buffer_clear(struct thread_buffer *buffer) {
    bytes_clear(&buffer->lines);
    buffer->count = 0;
}
