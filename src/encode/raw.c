/* Owns reading whole files for encoding. Knows nothing of records. */
#include "encode/raw.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/progress.h"

/* Places within a piece have 32 bits where a tokenizer must be merged. */
#define FILE_LIMIT ((size_t)4 << 30)

static int read_file(const char *path, struct bytes *file, struct error *error) {
    struct input *input;
    bytes_clear(file);
    if (input_open_raw(&input, path, error) != 0)
        return -1;
    int result = input_read_all(input, FILE_LIMIT - 1, file, error);
    input_close(input);
    return result;
}

static int write_document(const struct raw_job *job, struct span file, uint64_t number, const struct token_ids *ids,
                          struct error *error) {
    if (job->sink)
        return token_sink_append(job->sink, SPLIT_TRAIN, (struct shard_source){number, hash64(file, 0)}, ids->data,
                                 ids->count, error);
    char digest[HASH128_HEX_SIZE + 1];
    struct bytes line = {0};
    hash128_hex(hash128(file), digest);
    ids_line_append(&line, span_of(digest), ids->data, ids->count);
    int result = output_write(job->output, line.data, line.size, error);
    bytes_release(&line);
    return result;
}

int raw_encode(const struct raw_job *job, char **paths, size_t count, struct error *error) {
    static char *stdin_only[] = {"-"};
    struct encoder *encoder = encoder_new(job->tokenizer);
    struct token_ids ids = {0};
    struct bytes file = {0};
    struct progress *progress = progress_new(job->common);
    uint64_t bytes = 0, tokens = 0;
    int result = 0;
    if (count == 0) {
        paths = stdin_only;
        count = 1;
    }
    for (size_t i = 0; i < count && result == 0; i++) {
        ids.count = 0;
        if (!job->plain)
            token_ids_append(&ids, tokenizer_special(job->tokenizer, SPECIAL_BOS));
        result = read_file(paths[i], &file, error);
        if (result == 0)
            result = encoder_append_text(encoder, span_of_bytes(&file), &ids, error);
        if (result == 0)
            result = write_document(job, span_of_bytes(&file), i, &ids, error);
        bytes += file.size;
        tokens += ids.count;
        progress_show(progress, bytes, 0, "files");
    }
    progress_clear(progress);
    if (result == 0)
        program_say(job->common, "%zu files, %" PRIu64 " bytes, %" PRIu64 " tokens, %.1f s", count, bytes, tokens,
                    progress_seconds(progress));
    progress_free(progress);
    bytes_release(&file);
    token_ids_release(&ids);
    encoder_free(encoder);
    return result;
}
