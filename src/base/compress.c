/*
 * zlib and zstd behind one interface. Knows nothing of files; that neither library can fail on valid parameters but for
 * memory is used here.
 */
#include "base/compress.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"

#define GZIP_LEVEL 6
#define ZSTD_LEVEL 3

struct encoder {
    ZSTD_CCtx *zstd; /* NULL for gzip */
    z_stream gzip;
};

static bool has_suffix(const char *path, const char *suffix) {
    size_t size = strlen(path), suffix_size = strlen(suffix);
    return size > suffix_size && strcmp(path + size - suffix_size, suffix) == 0;
}

struct encoder *encoder_for_name(const char *path) {
    bool is_zstd = has_suffix(path, ".zst");
    if (!is_zstd && !has_suffix(path, ".gz"))
        return NULL;
    struct encoder *encoder = memory_zeroed(1, sizeof *encoder);
    if (is_zstd) {
        encoder->zstd = ZSTD_createCCtx();
        if (!encoder->zstd)
            memory_exhausted();
        ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_checksumFlag, 1);
    } else if (deflateInit2(&encoder->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        memory_exhausted(); /* 15 + 16: the largest window, a gzip header */
    }
    return encoder;
}

void encoder_free(struct encoder *encoder) {
    if (!encoder)
        return;
    if (encoder->zstd)
        ZSTD_freeCCtx(encoder->zstd);
    else
        deflateEnd(&encoder->gzip);
    free(encoder);
}

static bool zstd_run(ZSTD_CCtx *zstd, struct span *input, enum encoder_step step, char *out, size_t size,
                     size_t *written) {
    static const ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    ZSTD_inBuffer in = {input->data, input->size, 0};
    ZSTD_outBuffer room = {out, size, 0};
    size_t left = ZSTD_compressStream2(zstd, &room, &in, directives[step]);
    if (ZSTD_isError(left))
        memory_exhausted();
    input->data += in.pos;
    input->size -= in.pos;
    *written = room.pos;
    return step == ENCODER_CONTINUE ? !input->size : left == 0;
}

static bool gzip_run(z_stream *gzip, struct span *input, enum encoder_step step, char *out, size_t size,
                     size_t *written) {
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    unsigned given = input->size < UINT_MAX ? (unsigned)input->size : UINT_MAX;
    unsigned room = size < UINT_MAX ? (unsigned)size : UINT_MAX;
    gzip->next_in = (z_const Bytef *)(uintptr_t)input->data;
    gzip->avail_in = given;
    gzip->next_out = (Bytef *)out;
    gzip->avail_out = room;
    int result = deflate(gzip, flushes[step]);
    input->data += given - gzip->avail_in;
    input->size -= given - gzip->avail_in;
    *written = room - gzip->avail_out;
    if (step == ENCODER_END)
        return result == Z_STREAM_END;
    return !input->size && gzip->avail_out;
}

bool encoder_run(struct encoder *encoder, struct span *input, enum encoder_step step, char *out, size_t size,
                 size_t *written) {
    if (encoder->zstd)
        return zstd_run(encoder->zstd, input, step, out, size, written);
    return gzip_run(&encoder->gzip, input, step, out, size, written);
}
