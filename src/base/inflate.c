/*
 * libdeflate and the sizes of the buffers that it wants to be given. Knows nothing of files and members.
 */
#include "base/inflate.h"

#include <stdint.h>

#include <libdeflate.h>

#include "base/memory.h"

/* An empty gzip member. */
#define GZIP_LEAST 18
/* Deflate packs at most 1032 bytes into one. */
#define RATIO_MAX 1032
/* Markup packs to a fourth, or to less: where the size is not known, the first try and how the next ones grow. */
#define RATIO_TRIED 6
#define TRIED_LEAST ((size_t)4 << 10)

size_t inflate_gzip_size(struct span text) {
    if (text.size < GZIP_LEAST)
        return 0;
    const unsigned char *byte = (const unsigned char *)text.data + text.size - 4;
    return byte[0] | (size_t)byte[1] << 8 | (size_t)byte[2] << 16 | (size_t)byte[3] << 24;
}

static enum libdeflate_result run(struct libdeflate_decompressor *state, enum inflate_format format, struct span packed,
                                  char *to, size_t room, size_t *used, size_t *made) {
    if (format == INFLATE_GZIP)
        return libdeflate_gzip_decompress_ex(state, packed.data, packed.size, to, room, used, made);
    if (format == INFLATE_ZLIB)
        return libdeflate_zlib_decompress_ex(state, packed.data, packed.size, to, room, used, made);
    return libdeflate_deflate_decompress_ex(state, packed.data, packed.size, to, room, used, made);
}

bool inflate_whole(struct inflater *inflater, enum inflate_format format, struct span packed, size_t limit,
                   struct bytes *out, size_t *used) {
    if (!inflater->state && !(inflater->state = libdeflate_alloc_decompressor()))
        memory_exhausted();
    size_t room = packed.size < limit / RATIO_TRIED ? packed.size * RATIO_TRIED : limit;
    room = room < TRIED_LEAST ? TRIED_LEAST : room;
    size_t stated = format == INFLATE_GZIP ? inflate_gzip_size(packed) : 0;
    if (stated > 0 && stated / RATIO_MAX <= packed.size)
        room = stated;
    for (;;) {
        size_t taken, made;
        room = room < limit ? room : limit;
        enum libdeflate_result result =
            run(inflater->state, format, packed, bytes_reserve(out, room), room, &taken, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            out->size += made;
            if (used)
                *used = taken;
            return true;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room == limit)
            return false;
        room = room < limit / RATIO_TRIED ? room * RATIO_TRIED : limit;
    }
}

void inflater_release(struct inflater *inflater) {
    libdeflate_free_decompressor(inflater->state);
    inflater->state = NULL;
}
