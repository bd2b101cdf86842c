/* Owns the choice between the forms that tokens are written in. What these are is shard's and flat.c's affair. */
#include "encode/sink.h"

#include "base/json.h"

int token_sink_open(struct token_sink *sink, const char *directory, enum encode_format format,
                    const struct tokenizer *tokenizer, const struct shard_writer_options *options,
                    struct error *error) {
    if (format == ENCODE_SHARDS)
        return shard_writer_open(&sink->shards, directory, tokenizer, options, error);
    return flat_writer_open(&sink->flat, directory, (enum flat_format)(format - ENCODE_BIN), tokenizer, options->force,
                            error);
}

bool token_sink_holds(const struct token_sink *sink, enum shard_split split, uint64_t record) {
    return sink->shards && record < shard_writer_resumes_at(sink->shards, split);
}

int token_sink_append(struct token_sink *sink, enum shard_split split, struct shard_source source, const uint32_t *ids,
                      size_t count, struct error *error) {
    if (sink->flat)
        return flat_writer_append(sink->flat, split, ids, count, error);
    if (token_sink_holds(sink, split, source.record))
        return shard_writer_skip(sink->shards, split, source, error);
    return shard_writer_append(sink->shards, split, source, ids, count, error);
}

bool token_sink_assist(const struct token_sink *sink) {
    return sink->shards && shard_writer_assist(sink->shards);
}

int token_sink_close(struct token_sink *sink, struct error *error) {
    struct token_sink closing = *sink;
    *sink = (struct token_sink){NULL, NULL};
    if (closing.shards)
        return shard_writer_close(closing.shards, error);
    return closing.flat ? flat_writer_close(closing.flat, error) : 0;
}

void token_sink_abort(struct token_sink *sink) {
    shard_writer_abort(sink->shards);
    flat_writer_abort(sink->flat);
    *sink = (struct token_sink){NULL, NULL};
}

/* The digits of a number below 2^32; returns how many. */
static size_t put_number(char *to, uint32_t number) {
    char digits[10];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

void ids_line_append(struct bytes *out, struct span id, const uint32_t *ids, size_t count) {
    bytes_append_text(out, "{\"id\":");
    if (id.data)
        json_append_string(out, id);
    else
        bytes_append_text(out, "null");
    bytes_append_text(out, ",\"ids\":[");
    bytes_reserve(out, 11 * count);
    char *to = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *to++ = ',';
        to += put_number(to, ids[i]);
    }
    out->size = (size_t)(to - out->data);
    bytes_append_text(out, "]}\n");
}
