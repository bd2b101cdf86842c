/*
 * gzip, zstd, bzip2 and xz behind one interface. Owns what each library needs to be driven through a whole file
 * (members, frames, padding, the end of input); knows nothing of files and their names.
 */
#include "base/decompress.h"

#include <limits.h>
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "base/bzip2_blocks.h"
#include "base/inflate.h"
#include "base/memory.h"

/* Gzip members that hold more are decoded a piece at a time. */
#define GZIP_WHOLE_MAX ((size_t)4 << 20)
#define GZIP_HEAD_SIZE 10
/* Of the header's flags: those that mean nothing, and the one that says that a sum of the header follows it. */
#define GZIP_RESERVED 0xe0
#define GZIP_HEADER_SUM 0x02
/* A skippable frame at the start of a file may hold a dictionary for all frames after it (WARC-Zstd). */
#define ZSTD_DICTIONARY_FRAME 0x184D2A5D
#define ZSTD_DICTIONARY_MAX ((size_t)32 << 20)
/* Windows up to 128 MiB, what `zstd --long` writes and `zstd -d` takes without being told. */
#define ZSTD_WINDOW_LOG_MAX 27
/* Enough for xz -9 (65 MiB) and dictionaries of 256 MiB. */
#define XZ_MEMORY_MAX ((uint64_t)320 << 20)

struct decoder {
    enum compression compression;
    bool between; /* at the start of a member or frame: the file may end here */
    bool started; /* a member or frame has been completed */
    bool padding; /* gzip: only zero bytes may follow */
    union {
        struct {
            z_stream stream;
            struct inflater inflater; /* for members that lie whole in the input */
            struct bytes whole;       /* such a member's content, delivered up to `delivered` */
            size_t delivered;
            bool taken; /* it is being delivered */
        } gzip;
        struct bzip2_blocks *bzip2;
        lzma_stream xz;
        struct {
            ZSTD_DStream *stream;
            size_t wanted;       /* how many bytes the library asks for */
            size_t first_wanted; /* the same at the start of a frame */
            bool unflushed;      /* decoded bytes may still wait in the library */
            size_t header_left;  /* bytes of a dictionary frame's header and content still to come */
            size_t content_left;
            struct bytes dictionary; /* what has come of it */
        } zstd;
    };
    char reason[160];
};

static bool is_prefix(struct span head, const char *magic, size_t size, size_t least) {
    size_t common = head.size < size ? head.size : size;
    return common >= least && memcmp(head.data, magic, common) == 0;
}

enum compression compression_detect(struct span head) {
    if (is_prefix(head, "\x1f\x8b\x08", 3, 2))
        return COMPRESSION_GZIP;
    if (is_prefix(head, "\x28\xb5\x2f\xfd", 4, 2))
        return COMPRESSION_ZSTD;
    /* A skippable frame: 0x184D2A50 to 0x184D2A5F, little-endian. "P*M" alone could be text. */
    if (head.size >= 4 && ((unsigned char)head.data[0] & 0xf0) == 0x50 && memcmp(head.data + 1, "\x2a\x4d\x18", 3) == 0)
        return COMPRESSION_ZSTD;
    if (is_prefix(head,
                  "\xfd"
                  "7zXZ\0",
                  6, 2))
        return COMPRESSION_XZ;
    if (head.size >= 4 && memcmp(head.data, "BZh", 3) == 0 && head.data[3] >= '1' && head.data[3] <= '9') {
        struct span magic = {head.data + 4, head.size - 4};
        if (is_prefix(magic, "\x31\x41\x59\x26\x53\x59", 6, 0) || is_prefix(magic, "\x17\x72\x45\x38\x50\x90", 6, 0))
            return COMPRESSION_BZIP2;
    }
    return COMPRESSION_NONE;
}

static void zstd_init(struct decoder *decoder) {
    decoder->zstd.stream = ZSTD_createDStream();
    if (!decoder->zstd.stream)
        memory_exhausted();
    ZSTD_DCtx_setParameter(decoder->zstd.stream, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX);
    decoder->zstd.first_wanted = decoder->zstd.wanted = ZSTD_initDStream(decoder->zstd.stream);
}

struct decoder *decoder_new(enum compression compression) {
    struct decoder *decoder = memory_zeroed(1, sizeof *decoder);
    decoder->compression = compression;
    decoder->between = true;
    bool made = true;
    switch (compression) {
    case COMPRESSION_GZIP:
        made = inflateInit2(&decoder->gzip.stream, 15 + 16) == Z_OK; /* 16: a gzip header and trailer */
        break;
    case COMPRESSION_BZIP2:
        decoder->bzip2 = bzip2_blocks_new();
        break;
    case COMPRESSION_XZ:
        made = lzma_stream_decoder(&decoder->xz, XZ_MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK;
        break;
    case COMPRESSION_ZSTD:
        zstd_init(decoder);
        break;
    case COMPRESSION_NONE:
        break;
    }
    if (!made)
        memory_exhausted();
    return decoder;
}

void decoder_free(struct decoder *decoder) {
    if (!decoder)
        return;
    switch (decoder->compression) {
    case COMPRESSION_GZIP:
        inflateEnd(&decoder->gzip.stream);
        inflater_release(&decoder->gzip.inflater);
        bytes_release(&decoder->gzip.whole);
        break;
    case COMPRESSION_BZIP2:
        bzip2_blocks_free(decoder->bzip2);
        break;
    case COMPRESSION_XZ:
        lzma_end(&decoder->xz);
        break;
    case COMPRESSION_ZSTD:
        ZSTD_freeDStream(decoder->zstd.stream);
        bytes_release(&decoder->zstd.dictionary);
        break;
    case COMPRESSION_NONE:
        break;
    }
    free(decoder);
}

enum compression decoder_compression(const struct decoder *decoder) {
    return decoder->compression;
}

void decoder_use_threads(struct decoder *decoder, unsigned threads) {
    if (decoder->compression == COMPRESSION_BZIP2)
        bzip2_blocks_use_threads(decoder->bzip2, threads);
}

size_t decoder_ahead(const struct decoder *decoder) {
    return decoder->compression == COMPRESSION_BZIP2 ? bzip2_blocks_ahead(decoder->bzip2) : 0;
}

bool decoder_is_between(const struct decoder *decoder) {
    return decoder->between;
}

struct span decoder_magic(const struct decoder *decoder) {
    if (decoder->compression == COMPRESSION_GZIP)
        return SPAN_LITERAL("\x1f\x8b\x08");
    if (decoder->compression == COMPRESSION_ZSTD)
        return SPAN_LITERAL("\x28\xb5\x2f\xfd");
    return (struct span){NULL, 0};
}

void decoder_restart(struct decoder *decoder) {
    decoder->between = decoder->started = true;
    decoder->padding = false;
    if (decoder->compression == COMPRESSION_GZIP) {
        inflateReset(&decoder->gzip.stream);
        bytes_clear(&decoder->gzip.whole);
        decoder->gzip.taken = false;
    } else if (decoder->compression == COMPRESSION_ZSTD) {
        ZSTD_DCtx_reset(decoder->zstd.stream, ZSTD_reset_session_only);
        decoder->zstd.wanted = decoder->zstd.first_wanted;
        decoder->zstd.unflushed = false;
        decoder->zstd.header_left = decoder->zstd.content_left = 0;
    }
}

const char *decoder_reason(const struct decoder *decoder) {
    return decoder->reason;
}

static enum decoder_status fail(struct decoder *decoder, const char *what, const char *detail) {
    snprintf(decoder->reason, sizeof decoder->reason, "%s%s%s", what, detail ? ": " : "", detail ? detail : "");
    return DECODER_FAILED;
}

static void skip(struct span *input, size_t size) {
    input->data += size;
    input->size -= size;
}

/* zlib counts what it is given at a time in unsigned int. */
static unsigned clamp(size_t size) {
    return size < UINT_MAX ? (unsigned)size : UINT_MAX;
}

/* After a member: the next one, zero padding up to the end (tapes and disk images have it), or garbage. */
static enum decoder_status gzip_between(struct decoder *decoder, struct span *input, bool last) {
    if (decoder->started && input->size && *input->data == '\0')
        decoder->padding = true;
    if (decoder->padding) {
        while (input->size && *input->data == '\0')
            skip(input, 1);
    }
    if (!input->size)
        return last ? DECODER_END : DECODER_MORE;
    if (decoder->padding || *input->data != '\x1f')
        return fail(decoder, "garbage after a gzip stream", NULL);
    decoder->between = false;
    return DECODER_MORE;
}

/* Where the member at the front of text may end: where another seems to begin behind it, or at the end of the file. 0
 * where neither is known. */
static size_t gzip_member_end(struct span text, bool last) {
    const char *at = text.data + 1, *end = text.data + text.size;
    while (end - at >= GZIP_HEAD_SIZE && (at = memchr(at, '\x1f', (size_t)(end - at) - GZIP_HEAD_SIZE + 1)) != NULL) {
        if (memcmp(at, "\x1f\x8b\x08", 3) == 0 && ((unsigned char)at[3] & GZIP_RESERVED) == 0)
            return (size_t)(at - text.data);
        at++;
    }
    return last ? text.size : 0;
}

/*
 * Decodes the member that begins here at once where it lies whole in the input and is of moderate size. Whether it does
 * is a guess, made good by the member's own sum; where it is wrong nothing is taken. A sum of the header is zlib's to
 * check.
 */
static void gzip_take_whole(struct decoder *decoder, struct span *input, bool last) {
    if (input->size < GZIP_HEAD_SIZE || ((unsigned char)input->data[3] & GZIP_HEADER_SUM))
        return;
    size_t end = gzip_member_end(*input, last), used;
    struct span member = {input->data, end};
    if (!end || inflate_gzip_size(member) > GZIP_WHOLE_MAX)
        return;
    struct bytes *whole = &decoder->gzip.whole;
    bytes_clear(whole);
    decoder->gzip.delivered = 0;
    if (inflate_whole(&decoder->gzip.inflater, INFLATE_GZIP, member, GZIP_WHOLE_MAX, whole, &used)) {
        skip(input, used);
        decoder->gzip.taken = true;
    }
}

/* Delivers what gzip_take_whole decoded. */
static enum decoder_status gzip_deliver(struct decoder *decoder, char *out, size_t size, size_t *written) {
    const struct bytes *whole = &decoder->gzip.whole;
    size_t left = whole->size - decoder->gzip.delivered;
    *written = left < size ? left : size;
    if (*written)
        memcpy(out, whole->data + decoder->gzip.delivered, *written);
    decoder->gzip.delivered += *written;
    if (decoder->gzip.delivered == whole->size) {
        decoder->gzip.taken = false;
        decoder->between = decoder->started = true;
    }
    return DECODER_MORE;
}

static enum decoder_status gzip_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                    size_t *written) {
    if (decoder->between) {
        enum decoder_status status = gzip_between(decoder, input, last);
        if (decoder->between || status == DECODER_FAILED)
            return status;
        gzip_take_whole(decoder, input, last);
    }
    if (decoder->gzip.taken)
        return gzip_deliver(decoder, out, size, written);
    z_stream *gzip = &decoder->gzip.stream;
    gzip->next_in = (z_const Bytef *)(uintptr_t)input->data;
    gzip->avail_in = clamp(input->size);
    gzip->next_out = (Bytef *)out;
    gzip->avail_out = clamp(size);
    unsigned given = gzip->avail_in, room = gzip->avail_out;
    int result = inflate(gzip, Z_NO_FLUSH);
    skip(input, given - gzip->avail_in);
    *written = room - gzip->avail_out;
    switch (result) {
    case Z_STREAM_END:
        inflateReset(gzip);
        decoder->between = decoder->started = true;
        return DECODER_MORE;
    case Z_OK:
    case Z_BUF_ERROR: /* no progress: wants more input or more room */
        return last && !input->size && !*written ? fail(decoder, "truncated gzip stream", NULL) : DECODER_MORE;
    case Z_MEM_ERROR:
        memory_exhausted();
    default:
        return fail(decoder, "corrupt gzip stream", gzip->msg);
    }
}

static enum decoder_status bzip2_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                     size_t *written) {
    enum decoder_status status = bzip2_blocks_run(decoder->bzip2, input, last, out, size, written);
    decoder->between = bzip2_blocks_is_between(decoder->bzip2);
    return status == DECODER_FAILED ? fail(decoder, bzip2_blocks_reason(decoder->bzip2), NULL) : status;
}

static enum decoder_status xz_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                  size_t *written) {
    lzma_stream *xz = &decoder->xz;
    xz->next_in = (const uint8_t *)input->data;
    xz->avail_in = input->size;
    xz->next_out = (uint8_t *)out;
    xz->avail_out = size;
    lzma_ret result = lzma_code(xz, last ? LZMA_FINISH : LZMA_RUN);
    skip(input, input->size - xz->avail_in);
    *written = size - xz->avail_out;
    switch (result) {
    case LZMA_STREAM_END:
        return DECODER_END;
    case LZMA_OK:
        return DECODER_MORE;
    case LZMA_BUF_ERROR: /* nothing went in or out in two calls */
        return last ? fail(decoder, "truncated xz stream", NULL) : DECODER_MORE;
    case LZMA_MEM_ERROR:
        memory_exhausted();
    case LZMA_MEMLIMIT_ERROR:
        return fail(decoder, "xz stream needs more than 320 MiB of memory", NULL);
    case LZMA_OPTIONS_ERROR:
        return fail(decoder, "xz stream with unsupported options", NULL);
    default:
        return fail(decoder, "corrupt xz stream", NULL);
    }
}

/* The dictionary, which may be a zstd frame itself, as the frames after it will want it. */
static enum decoder_status zstd_load_dictionary(struct decoder *decoder) {
    struct bytes *stored = &decoder->zstd.dictionary, plain = {0};
    struct span content = {stored->data + 8, stored->size - 8};
    static const char frame_magic[] = "\x28\xb5\x2f\xfd", dictionary_magic[] = "\x37\xa4\x30\xec";
    enum decoder_status status = DECODER_MORE;
    if (content.size >= 4 && memcmp(content.data, frame_magic, 4) == 0) {
        unsigned long long size = ZSTD_getFrameContentSize(content.data, content.size);
        if (size == ZSTD_CONTENTSIZE_ERROR || (size != ZSTD_CONTENTSIZE_UNKNOWN && size > ZSTD_DICTIONARY_MAX))
            return fail(decoder, "a dictionary that is damaged or over 32 MiB", NULL);
        size_t room = size == ZSTD_CONTENTSIZE_UNKNOWN ? ZSTD_DICTIONARY_MAX : (size_t)size;
        size_t made = ZSTD_decompress(bytes_reserve(&plain, room), room, content.data, content.size);
        if (ZSTD_isError(made))
            status = fail(decoder, "a damaged dictionary", ZSTD_getErrorName(made));
        else
            content = (struct span){plain.data, made};
    }
    /* Frames of this number that hold anything else are passed over, as any skippable frame. */
    if (status == DECODER_MORE && content.size >= 4 && memcmp(content.data, dictionary_magic, 4) == 0) {
        size_t result = ZSTD_DCtx_loadDictionary(decoder->zstd.stream, content.data, content.size);
        if (ZSTD_isError(result))
            status = fail(decoder, "a damaged dictionary", ZSTD_getErrorName(result));
    }
    bytes_release(&plain);
    bytes_release(stored);
    return status;
}

static uint32_t little_endian32(const char *data) {
    const unsigned char *byte = (const unsigned char *)data;
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

/* Takes the bytes of a dictionary frame, of which *input begins or goes on. */
static enum decoder_status zstd_take_dictionary(struct decoder *decoder, struct span *input, bool last) {
    size_t *left = decoder->zstd.header_left ? &decoder->zstd.header_left : &decoder->zstd.content_left;
    size_t taken = *left < input->size ? *left : input->size;
    bytes_append(&decoder->zstd.dictionary, input->data, taken);
    skip(input, taken);
    *left -= taken;
    if (*left)
        return last ? fail(decoder, "truncated zstd stream", NULL) : DECODER_MORE;
    if (left == &decoder->zstd.header_left) {
        decoder->zstd.content_left = little_endian32(decoder->zstd.dictionary.data + 4);
        if (decoder->zstd.content_left > ZSTD_DICTIONARY_MAX)
            return fail(decoder, "a dictionary of over 32 MiB", NULL);
        if (decoder->zstd.content_left)
            return DECODER_MORE;
    }
    return zstd_load_dictionary(decoder);
}

/*
 * ZSTD_decompressStream does not tell how much it wrote when it fails, so that blocks decoded in the failing call would
 * be lost. Hence a call never gets past the end of one header or block: the size it asks for counts the 3 bytes of the
 * next block's header too, which are left for a call of their own; and what waits for room is fetched before new input
 * is given.
 */
static enum decoder_status zstd_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                    size_t *written) {
    bool unflushed = decoder->zstd.unflushed;
    /* Who recognised the file as zstd saw its first four bytes. */
    if (!decoder->started && input->size >= 4 && little_endian32(input->data) == ZSTD_DICTIONARY_FRAME)
        decoder->zstd.header_left = 8;
    decoder->started = decoder->started || input->size > 0;
    if (decoder->zstd.header_left || decoder->zstd.content_left)
        return zstd_take_dictionary(decoder, input, last);
    if (!input->size && !unflushed) {
        if (!last)
            return DECODER_MORE;
        return decoder->between ? DECODER_END : fail(decoder, "truncated zstd stream", NULL);
    }
    size_t wanted = decoder->zstd.wanted;
    size_t step = wanted > 3 ? wanted - 3 : wanted;
    ZSTD_inBuffer in = {input->data, unflushed ? 0 : step < input->size ? step : input->size, 0};
    ZSTD_outBuffer room = {out, size, 0};
    size_t result = ZSTD_decompressStream(decoder->zstd.stream, &room, &in);
    skip(input, in.pos);
    *written = room.pos;
    if (ZSTD_isError(result)) {
        if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
            memory_exhausted();
        return fail(decoder, "corrupt zstd stream", ZSTD_getErrorName(result));
    }
    decoder->zstd.unflushed = result && room.pos == size;
    decoder->between = result == 0;
    decoder->zstd.wanted = result ? result : decoder->zstd.first_wanted;
    return DECODER_MORE;
}

enum decoder_status decoder_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                size_t *written) {
    *written = 0;
    switch (decoder->compression) {
    case COMPRESSION_GZIP:
        return gzip_run(decoder, input, last, out, size, written);
    case COMPRESSION_BZIP2:
        return bzip2_run(decoder, input, last, out, size, written);
    case COMPRESSION_XZ:
        return xz_run(decoder, input, last, out, size, written);
    default:
        return zstd_run(decoder, input, last, out, size, written);
    }
}
