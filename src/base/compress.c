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

struct compressor {
    ZSTD_CCtx *zstd; /* NULL for gzip */
    z_stream gzip;
};

static bool has_suffix(const char *path, const char *suffix) {
    size_t size = strlen(path), suffix_size = strlen(suffix);
    return size > suffix_size && strcmp(path + size - suffix_size, suffix) == 0;
}

struct compressor *compressor_for_name(const char *path) {
    bool is_zstd = has_suffix(path, ".zst");
    if (!is_zstd && !has_suffix(path, ".gz"))
        return NULL;
    struct compressor *compressor = memory_zeroed(1, sizeof *compressor);
    if (is_zstd) {
        compressor->zstd = ZSTD_createCCtx();
        if (!compressor->zstd)
            memory_exhausted();
        ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_checksumFlag, 1);
    } else if (deflateInit2(&compressor->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        memory_exhausted(); /* 15 + 16: the largest window, a gzip header */
    }
    return compressor;
}

void compressor_free(struct compressor *compressor) {
    if (!compressor)
        return;
    if (compressor->zstd)
        ZSTD_freeCCtx(compressor->zstd);
    else
        deflateEnd(&compressor->gzip);
    free(compressor);
}

static bool zstd_run(ZSTD_CCtx *zstd, struct span *input, enum compressor_step step, char *out, size_t size,
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
    return step == COMPRESSOR_CONTINUE ? !input->size : left == 0;
}

static bool gzip_run(z_stream *gzip, struct span *input, enum compressor_step step, char *out, size_t size,
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
    if (step == COMPRESSOR_END)
        return result == Z_STREAM_END;
    return !input->size && gzip->avail_out;
}

bool compressor_run(struct compressor *compressor, struct span *input, enum compressor_step step, char *out,
                    size_t size, size_t *written) {
    if (compressor->zstd)
        return zstd_run(compressor->zstd, input, step, out, size, written);
    return gzip_run(&compressor->gzip, input, step, out, size, written);
}
