/* Where encoded documents go: shards, flat files, or lines of ids on an output. */
#ifndef ENCODE_SINK_H
#define ENCODE_SINK_H

#include "base/bytes.h"
#include "encode/flat.h"
#include "shard/writer.h"

enum encode_format { ENCODE_SHARDS, ENCODE_BIN, ENCODE_LLMC, ENCODE_NPY };

/* One of the two. */
struct token_sink {
    struct shard_writer *shards;
    struct flat_writer *flat;
};

int token_sink_open(struct token_sink *sink, const char *directory, enum encode_format format,
                    const struct tokenizer *tokenizer, const struct shard_writer_options *options, struct error *error);
/* True where shards that were finished before hold the record already. */
bool token_sink_holds(const struct token_sink *sink, enum shard_split split, uint64_t record);
int token_sink_append(struct token_sink *sink, enum shard_split split, struct shard_source source, const uint32_t *ids,
                      size_t count, struct error *error);
/* As assist of a stage. */
bool token_sink_assist(const struct token_sink *sink);
/* Finishes, or gives up; both leave the sink empty. */
int token_sink_close(struct token_sink *sink, struct error *error);
void token_sink_abort(struct token_sink *sink);

/* Appends {"id":…,"ids":[…]} and a newline; an absent id is null. */
void ids_line_append(struct bytes *out, struct span id, const uint32_t *ids, size_t count);

#endif
