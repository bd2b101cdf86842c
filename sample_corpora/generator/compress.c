/* Compresses through zlib, libbz2 and liblzma. No time stamps, fixed levels: the same data gives the same bytes. */
#include "compress.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdio.h>
#include <zlib.h>

#include "base/output.h"

static int fail(struct error *error, const char *name, int status) {
    return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s: status %d", name, status);
}

int compress_gzip(struct span data, struct bytes *out, struct error *error) {
    z_stream stream = {0};
    int status = deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    if (status != Z_OK)
        return fail(error, "deflateInit2", status);
    size_t bound = deflateBound(&stream, data.size);
    stream.next_in = (Bytef *)(uintptr_t)data.data;
    stream.avail_in = (uInt)data.size;
    stream.next_out = (Bytef *)bytes_reserve(out, bound);
    stream.avail_out = (uInt)bound;
    status = deflate(&stream, Z_FINISH);
    out->size += stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? 0 : fail(error, "deflate", status);
}

int compress_bzip2(struct span data, struct bytes *out, struct error *error) {
    unsigned size = (unsigned)(data.size + data.size / 100 + 600); /* the bound that bzlib's manual gives */
    char *room = bytes_reserve(out, size);
    int status = BZ2_bzBuffToBuffCompress(room, &size, (char *)(uintptr_t)data.data, (unsigned)data.size, 9, 0, 0);
    if (status != BZ_OK)
        return fail(error, "bzip2", status);
    out->size += size;
    return 0;
}

int compress_xz(struct span data, struct bytes *out, struct error *error) {
    size_t bound = lzma_stream_buffer_bound(data.size), size = 0;
    uint8_t *room = (uint8_t *)bytes_reserve(out, bound);
    lzma_ret status =
        lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, (const uint8_t *)data.data, data.size, room, &size, bound);
    if (status != LZMA_OK)
        return fail(error, "xz", (int)status);
    out->size += size;
    return 0;
}

int save_bytes(const char *path, struct span content, struct error *error) {
    struct bytes part = {0};
    bytes_append_format(&part, "%s.part", path);
    int result = output_save(bytes_text(&part), content, error);
    if (result == 0 && rename(bytes_text(&part), path) != 0)
        result = error_set_system(error, "%s", path);
    bytes_release(&part);
    return result;
}
