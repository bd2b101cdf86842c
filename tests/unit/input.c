/*
 * Input streams: every format with several members, cut at every byte, damaged at every byte, and fed a byte at a time
 * through a pipe.
 */
#include <bzlib.h>
#include <lzma.h>
#include <pthread.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

#include "base/input.h"
#include "folder.h"

#define CHUNKS 4

/* A compressed stream of CHUNKS pieces of text, with how far decoding has to get from how many compressed bytes. */
struct sample {
    const char *name;
    size_t recognised_from; /* a file of fewer bytes is plain text */
    bool members;           /* every chunk is a member of its own, else a block flushed in one stream */
    struct bytes plain, packed;
    size_t plain_ends[CHUNKS], packed_ends[CHUNKS];
};

static void append_gzip(struct sample *sample, struct span chunk, z_stream *stream, int flush) {
    stream->next_in = (unsigned char *)(uintptr_t)chunk.data;
    stream->avail_in = (unsigned)chunk.size;
    stream->next_out = (unsigned char *)bytes_reserve(&sample->packed, 4096);
    stream->avail_out = 4096;
    deflate(stream, flush);
    sample->packed.size += 4096 - stream->avail_out;
}

static void pack_gzip(struct sample *sample, struct span chunk, bool first, bool last) {
    static z_stream stream;
    if (first || sample->members) {
        memset(&stream, 0, sizeof stream);
        ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    }
    append_gzip(sample, chunk, &stream, last || sample->members ? Z_FINISH : Z_SYNC_FLUSH);
    if (last || sample->members)
        deflateEnd(&stream);
}

static void pack_zstd(struct sample *sample, struct span chunk, bool first, bool last) {
    static ZSTD_CCtx *context;
    if (first) {
        context = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    }
    ZSTD_inBuffer in = {chunk.data, chunk.size, 0};
    ZSTD_outBuffer out = {bytes_reserve(&sample->packed, 4096), 4096, 0};
    size_t left = ZSTD_compressStream2(context, &out, &in, last || sample->members ? ZSTD_e_end : ZSTD_e_flush);
    ck_assert_uint_eq(left, 0);
    sample->packed.size += out.pos;
    if (last)
        ZSTD_freeCCtx(context);
}

static void pack_bzip2(struct sample *sample, struct span chunk, bool first, bool last) {
    static bz_stream stream;
    if (first || sample->members) {
        memset(&stream, 0, sizeof stream);
        ck_assert_int_eq(BZ2_bzCompressInit(&stream, 9, 0, 0), BZ_OK);
    }
    int action = last || sample->members ? BZ_FINISH : BZ_FLUSH;
    stream.next_in = (char *)(uintptr_t)chunk.data;
    stream.avail_in = (unsigned)chunk.size;
    stream.next_out = bytes_reserve(&sample->packed, 4096);
    stream.avail_out = 4096;
    int result = BZ2_bzCompress(&stream, action);
    ck_assert_int_eq(result, action == BZ_FINISH ? BZ_STREAM_END : BZ_RUN_OK);
    sample->packed.size += 4096 - stream.avail_out;
    if (action == BZ_FINISH)
        BZ2_bzCompressEnd(&stream);
}

static void pack_xz(struct sample *sample, struct span chunk, bool first, bool last) {
    static lzma_stream stream;
    if (first || sample->members) {
        stream = (lzma_stream)LZMA_STREAM_INIT;
        ck_assert_int_eq(lzma_easy_encoder(&stream, 6, LZMA_CHECK_CRC64), LZMA_OK);
    }
    lzma_action action = last || sample->members ? LZMA_FINISH : LZMA_SYNC_FLUSH;
    stream.next_in = (const uint8_t *)chunk.data;
    stream.avail_in = chunk.size;
    stream.next_out = (uint8_t *)bytes_reserve(&sample->packed, 4096);
    stream.avail_out = 4096;
    ck_assert_int_eq(lzma_code(&stream, action), LZMA_STREAM_END);
    sample->packed.size += 4096 - stream.avail_out;
    if (action == LZMA_FINISH)
        lzma_end(&stream);
}

static const struct {
    const char *name;
    size_t recognised_from;
    void (*pack)(struct sample *sample, struct span chunk, bool first, bool last);
} formats[] = {{"gzip", 2, pack_gzip}, {"zstd", 2, pack_zstd}, {"bzip2", 4, pack_bzip2}, {"xz", 2, pack_xz}};
#define FORMATS 4

/* Number 0 to 2 FORMATS - 1: each format as flushed blocks and as members. */
static struct sample sample_new(int number) {
    struct sample sample = {.name = formats[number / 2].name,
                            .recognised_from = formats[number / 2].recognised_from,
                            .members = number % 2};
    for (size_t i = 0; i < CHUNKS; i++) {
        size_t start = sample.plain.size;
        for (unsigned line = 0; line < 12; line++)
            bytes_append_format(&sample.plain, "chunk %zu, line %u: \u4f60\u597d %u\n", i, line,
                                line * line * 7919u % 1000);
        struct span chunk = {sample.plain.data + start, sample.plain.size - start};
        formats[number / 2].pack(&sample, chunk, i == 0, i == CHUNKS - 1);
        sample.plain_ends[i] = sample.plain.size;
        sample.packed_ends[i] = sample.packed.size;
    }
    return sample;
}

static void sample_release(struct sample *sample) {
    bytes_release(&sample->plain);
    bytes_release(&sample->packed);
}

/* Reads to the end in steps of `step` bytes: 0 or -1. Checks that a short count comes only once and that the end and
 * errors stay. */
static int read_steps(struct input *input, size_t step, struct bytes *got, struct error *error) {
    bool was_short = false;
    for (;;) {
        ssize_t size = input_read(input, bytes_reserve(got, step), step, error);
        if (size <= 0) {
            char byte;
            ck_assert_int_eq(input_read(input, &byte, 1, error), size);
            return (int)size;
        }
        ck_assert(!was_short);
        was_short = (size_t)size < step;
        got->size += (size_t)size;
        ck_assert_uint_eq(input_position(input), got->size);
    }
}

static int read_memory(struct span data, size_t step, struct bytes *got, struct error *error) {
    struct input *input;
    bytes_clear(got);
    *error = (struct error){0};
    ck_assert_int_eq(input_open_memory(&input, "sample", data, error), 0);
    int result = read_steps(input, step, got, error);
    input_close(input);
    return result;
}

START_TEST(test_whole_in_any_steps) {
    struct sample sample = sample_new(_i);
    struct bytes got = {0};
    struct error error;
    for (size_t step = 1; step < 10000; step = step * 5 + 2) {
        ck_assert_msg(read_memory(span_of_bytes(&sample.packed), step, &got, &error) == 0, "%s", error.message);
        assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
    }
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

/* The decoded bytes that a file of `cut` compressed bytes holds without doubt. */
static size_t least_decoded(const struct sample *sample, size_t cut) {
    size_t least = 0;
    for (size_t i = 0; i < CHUNKS; i++) {
        /* Some of the last bits of a flushed block come with the next one: bzip2 keeps up to 28 of them. */
        if (cut >= sample->packed_ends[i] + 4 || (sample->members && cut == sample->packed_ends[i]))
            least = sample->plain_ends[i];
    }
    return least;
}

START_TEST(test_cut_at_every_byte) {
    struct sample sample = sample_new(_i);
    struct bytes got = {0};
    struct error error;
    for (size_t cut = 0; cut < sample.packed.size; cut++) {
        struct span part = {sample.packed.data, cut};
        int result = read_memory(part, 1000, &got, &error);
        if (cut < sample.recognised_from) {
            ck_assert_int_eq(result, 0);
            assert_bytes(span_of_bytes(&got), part);
            continue;
        }
        bool between = false;
        for (size_t i = 0; i < CHUNKS && sample.members; i++)
            between |= cut == sample.packed_ends[i];
        ck_assert_msg(result == (between ? 0 : -1), "%s cut at %zu gives %d", sample.name, cut, result);
        ck_assert_uint_le(got.size, sample.plain.size);
        ck_assert_uint_ge(got.size, least_decoded(&sample, cut));
        ck_assert_mem_eq(got.data ? got.data : "", sample.plain.data, got.size);
        if (between)
            continue;
        char expected[100];
        snprintf(expected, sizeof expected, "sample: compressed byte %zu: truncated %s stream", cut, sample.name);
        ck_assert_str_eq(error.message, expected);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_uint_eq(error.position, cut);
    }
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

START_TEST(test_damage_at_every_byte) {
    struct sample sample = sample_new(_i);
    struct bytes got = {0};
    struct error error;
    /* Damage in the first ten bytes makes it a plain file; what is damaged is what was recognised. */
    for (size_t at = 10; at < sample.packed.size; at++) {
        for (int bit = 0; bit < 8; bit += 3) {
            sample.packed.data[at] ^= (char)(1 << bit);
            int result = read_memory(span_of_bytes(&sample.packed), 700, &got, &error);
            sample.packed.data[at] ^= (char)(1 << bit);
            if (result == 0) { /* a time stamp, a name: nothing that is text */
                assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
                continue;
            }
            ck_assert_int_eq(error.code, ERROR_DATA);
            /* Members before the damaged one are delivered. */
            size_t whole = 0;
            for (size_t i = 0; i < CHUNKS && sample.members; i++)
                whole = at >= sample.packed_ends[i] ? sample.plain_ends[i] : whole;
            ck_assert_uint_ge(got.size, whole);
            ck_assert_mem_eq(got.data, sample.plain.data, whole);
        }
    }
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

struct feeder {
    int descriptor;
    struct span data;
};

static void *feed_slowly(void *argument) {
    struct feeder *feeder = argument;
    for (size_t i = 0; i < feeder->data.size; i++) {
        ck_assert_int_eq(write(feeder->descriptor, feeder->data.data + i, 1), 1);
        if (i % 97 == 0)
            usleep(200);
    }
    close(feeder->descriptor);
    return NULL;
}

START_TEST(test_pipe_of_single_bytes) {
    struct sample sample = sample_new(_i);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct feeder feeder = {ends[1], span_of_bytes(&sample.packed)};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, feed_slowly, &feeder), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    struct input *input;
    struct error error = {0};
    struct bytes got = {0};
    ck_assert_int_eq(input_open(&input, "-", &error), 0);
    ck_assert_str_eq(input_name(input), "stdin");
    ck_assert_uint_eq(input_raw_size(input), 0);
    ck_assert_int_eq(read_steps(input, 333, &got, &error), 0);
    ck_assert_uint_eq(input_raw_position(input), sample.packed.size);
    input_close(input);
    pthread_join(thread, NULL);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

/* Reads data through a pipe that gives it a byte at a time. */
static int read_slow_pipe(struct span data, struct bytes *got, struct error *error) {
    int ends[2];
    char path[40];
    ck_assert_int_eq(pipe(ends), 0);
    struct feeder feeder = {ends[1], data};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, feed_slowly, &feeder), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct input *input;
    bytes_clear(got);
    ck_assert_int_eq(input_open(&input, path, error), 0);
    int result = read_steps(input, 500, got, error);
    input_close(input);
    pthread_join(thread, NULL);
    close(ends[0]);
    return result;
}

START_TEST(test_damage_looks_the_same_through_a_pipe) {
    struct sample sample = sample_new(_i);
    struct bytes whole = {0}, got = {0};
    struct error error, piped;
    for (size_t at = 10; at < sample.packed.size; at += sample.packed.size / 12) {
        sample.packed.data[at] ^= 0x24;
        int result = read_memory(span_of_bytes(&sample.packed), 9999, &whole, &error);
        ck_assert_int_eq(read_slow_pipe(span_of_bytes(&sample.packed), &got, &piped), result);
        sample.packed.data[at] ^= 0x24;
        assert_bytes(span_of_bytes(&got), span_of_bytes(&whole));
        if (result < 0)
            ck_assert_uint_eq(error.position, piped.position);
    }
    bytes_release(&whole);
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

START_TEST(test_formats_follow_each_other_only_as_themselves) {
    struct bytes data = {0}, got = {0};
    struct error error;
    struct sample gzip = sample_new(0), zstd = sample_new(2), bzip2 = sample_new(4), xz = sample_new(6);
    /* Zero padding is part of gzip files from tapes; anything else behind a member is not. */
    bytes_append_span(&data, span_of_bytes(&gzip.packed));
    bytes_append(&data, "\0\0\0\0\0", 5);
    ck_assert_int_eq(read_memory(span_of_bytes(&data), 100, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&gzip.plain));
    bytes_append_span(&data, span_of_bytes(&gzip.packed));
    ck_assert_int_eq(read_memory(span_of_bytes(&data), 100, &got, &error), -1);
    const struct sample *samples[] = {&gzip, &zstd, &bzip2, &xz};
    for (size_t i = 0; i < 4; i++) {
        bytes_clear(&data);
        bytes_append_span(&data, span_of_bytes(&samples[i]->packed));
        bytes_append_text(&data, "garbage that is long enough to be looked at");
        ck_assert_int_eq(read_memory(span_of_bytes(&data), 100, &got, &error), -1);
        ck_assert_int_eq(error.code, ERROR_DATA);
        assert_bytes(span_of_bytes(&got), span_of_bytes(&samples[i]->plain));
    }
    /* xz pads streams with zeros in fours. */
    bytes_clear(&data);
    bytes_append_span(&data, span_of_bytes(&xz.packed));
    bytes_append(&data, "\0\0\0\0", 4);
    ck_assert_int_eq(read_memory(span_of_bytes(&data), 100, &got, &error), 0);
    sample_release(&gzip);
    sample_release(&zstd);
    sample_release(&bzip2);
    sample_release(&xz);
    bytes_release(&data);
    bytes_release(&got);
}
END_TEST

START_TEST(test_zstd_skippable_frames) {
    static const char skippable[] = "\x5a\x2a\x4d\x18\x05\0\0\0ABCDE";
    struct sample sample = sample_new(3);
    struct bytes data = {0}, got = {0};
    struct error error;
    bytes_append(&data, skippable, 13);
    bytes_append(&data, sample.packed.data, sample.packed_ends[0]);
    bytes_append(&data, skippable, 13);
    bytes_append(&data, sample.packed.data + sample.packed_ends[0], sample.packed.size - sample.packed_ends[0]);
    bytes_append(&data, skippable, 13);
    ck_assert_int_eq(read_memory(span_of_bytes(&data), 100, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
    ck_assert_int_eq(read_memory((struct span){data.data, data.size - 1}, 100, &got, &error), -1);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
    /* A window of 256 MiB is over the limit: no memory for a bomb. */
    ck_assert_int_eq(read_memory(SPAN_LITERAL("\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00"), 100, &got, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    bytes_release(&data);
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

START_TEST(test_large_blocks_before_an_error) {
    /* Several zstd blocks of 128 KiB behind which the stream is damaged: all but the damaged one arrive, whatever the
     * steps. */
    struct bytes plain = {0}, packed = {0}, got = {0};
    struct error error;
    for (unsigned i = 0; i < 200000; i++)
        bytes_append_format(&plain, "%u ", i * 2654435761u);
    size_t bound = ZSTD_compressBound(plain.size);
    packed.size = ZSTD_compress(bytes_reserve(&packed, bound), bound, plain.data, plain.size, 1);
    packed.size -= 5;
    for (size_t step = 1000; step < plain.size; step = step * 3 + 1) {
        ck_assert_int_eq(read_memory(span_of_bytes(&packed), step, &got, &error), -1);
        ck_assert_uint_eq(got.size, plain.size / 131072 * 131072);
        ck_assert_mem_eq(got.data, plain.data, got.size);
    }
    /* A reserved block type right behind a good block. */
    bytes_clear(&packed);
    bytes_append(&packed, "\x28\xb5\x2f\xfd\x00\x38\x20\x00\x00test\xff\xff\xff", 16);
    ck_assert_int_eq(read_memory(span_of_bytes(&packed), 100, &got, &error), -1);
    assert_bytes(span_of_bytes(&got), SPAN_LITERAL("test"));
    ck_assert_int_eq(read_memory(span_of_bytes(&packed), 2, &got, &error), -1);
    assert_bytes(span_of_bytes(&got), SPAN_LITERAL("test"));
    bytes_release(&plain);
    bytes_release(&packed);
    bytes_release(&got);
}
END_TEST

START_TEST(test_text_that_looks_like_magic) {
    static const char *const texts[] = {"", "B", "BZ", "BZh", "BZhello", "BZh9 is a header", "P*M", "(", "\x1f", "{}"};
    struct bytes got = {0};
    struct error error;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(read_memory(span_of(texts[i]), 10, &got, &error), 0);
        ck_assert_str_eq(bytes_text(&got), texts[i]);
    }
    bytes_release(&got);
}
END_TEST

START_TEST(test_peek) {
    struct sample sample = sample_new(_i);
    struct input *input;
    struct error error = {0};
    struct span view;
    char buffer[100];
    ck_assert_int_eq(input_open_memory(&input, "sample", span_of_bytes(&sample.packed), &error), 0);
    ck_assert(input_is_compressed(input));
    for (size_t at = 0, turn = 0; at < sample.plain.size; turn++) {
        ck_assert_int_eq(input_peek(input, turn * 37 % 300, &view, &error), 0);
        size_t left = sample.plain.size - at, want = turn * 37 % 300;
        ck_assert_uint_ge(view.size, want < left ? want : left);
        ck_assert_mem_eq(view.data ? view.data : "", sample.plain.data + at, view.size);
        ck_assert_uint_eq(input_position(input), at);
        ssize_t got = input_read(input, buffer, turn * 53 % 100, &error);
        ck_assert_int_ge(got, 0);
        ck_assert_mem_eq(buffer, sample.plain.data + at, (size_t)got);
        at += (size_t)got;
    }
    ck_assert_int_eq(input_peek(input, 1, &view, &error), 0);
    ck_assert_uint_eq(view.size, 0);
    input_close(input);
    sample_release(&sample);
}
END_TEST

START_TEST(test_files) {
    struct input *input;
    struct error error = {0};
    struct bytes got = {0};
    struct sample sample = sample_new(1);
    file_write(folder_path("gz-by-content.txt"), sample.packed.data, sample.packed.size);
    ck_assert_int_eq(input_load(folder_path("gz-by-content.txt"), sample.plain.size, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.plain));
    /* One byte over the limit. */
    bytes_clear(&got);
    ck_assert_int_eq(input_load(folder_path("gz-by-content.txt"), sample.plain.size - 1, &got, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    /* The same file, not decompressed. */
    bytes_clear(&got);
    ck_assert_int_eq(input_open_raw(&input, folder_path("gz-by-content.txt"), &error), 0);
    ck_assert(!input_is_compressed(input));
    ck_assert_uint_eq(input_raw_size(input), sample.packed.size);
    ck_assert_int_eq(input_read_all(input, SIZE_MAX, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&sample.packed));
    input_close(input);
    /* A cut file: what there is, and then the error. */
    bytes_clear(&got);
    file_write(folder_path("cut.gz"), sample.packed.data, sample.packed.size - 1);
    ck_assert_int_eq(input_load(folder_path("cut.gz"), 1 << 20, &got, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "cut.gz: compressed byte"));
    file_write(folder_path("empty"), "", 0);
    bytes_clear(&got);
    ck_assert_int_eq(input_load(folder_path("empty"), 0, &got, &error), 0);
    ck_assert_uint_eq(got.size, 0);
    bytes_release(&got);
    sample_release(&sample);
}
END_TEST

START_TEST(test_large_plain_file) {
    struct bytes data = {0}, got = {0};
    struct error error = {0};
    for (unsigned i = 0; data.size < 3000000; i++)
        bytes_append_format(&data, "%u\n", i);
    file_write(folder_path("large"), data.data, data.size);
    for (size_t step = 1000; step < 10000000; step = step * 10 + 1) {
        struct input *input;
        bytes_clear(&got);
        ck_assert_int_eq(input_open(&input, folder_path("large"), &error), 0);
        ck_assert_int_eq(read_steps(input, step, &got, &error), 0);
        ck_assert_uint_eq(input_raw_position(input), data.size);
        input_close(input);
        assert_bytes(span_of_bytes(&got), span_of_bytes(&data));
    }
    bytes_clear(&got);
    ck_assert_int_eq(input_load(folder_path("large"), data.size, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&data));
    ck_assert_int_eq(input_load(folder_path("large"), data.size - 1, &got, &error), -1);
    bytes_release(&data);
    bytes_release(&got);
}
END_TEST

START_TEST(test_what_cannot_be_opened) {
    struct input *input;
    struct error error = {0};
    ck_assert_int_eq(input_open(&input, folder, &error), -1);
    ck_assert_ptr_null(input);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(error.message, "Is a directory"));
    ck_assert_int_eq(input_open(&input, folder_path("nothing"), &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "/nothing: No such file or directory"));
    close(STDIN_FILENO);
    ck_assert_int_eq(input_open(&input, "-", &error), -1);
    ck_assert_str_eq(error.message, "cannot open stdin: Bad file descriptor");
    input_close(NULL);
}
END_TEST

/* libzstd before 1.5.6 gets the later golden files wrong, in both directions (zstd pull requests 3669 and 3674). */
#define ZSTD_GOLDEN_VERSION 10506

/* Our verdict and bytes are those of the library's one-shot decoder, and, where that is new enough, those of the set.
 */
static void check_golden(const char *path, bool good) {
    struct bytes packed = {0}, whole = {0}, got = {0};
    struct error error = {0};
    const size_t room = 1 << 24;
    file_read(path, &packed);
    size_t size = ZSTD_decompress(bytes_reserve(&whole, room), room, packed.data, packed.size);
    bool accepted = input_load(path, room, &got, &error) == 0;
    ck_assert_msg(accepted == !ZSTD_isError(size), "%s: %s", path, accepted ? "accepted" : error.message);
    if (accepted)
        assert_bytes(span_of_bytes(&got), (struct span){whole.data, size});
    else
        ck_assert_int_eq(error.code, ERROR_DATA);
    if (ZSTD_versionNumber() >= ZSTD_GOLDEN_VERSION)
        ck_assert_msg(accepted == good, "%s: %s", path, accepted ? "accepted" : error.message);
    bytes_release(&packed);
    bytes_release(&whole);
    bytes_release(&got);
}

static void check_golden_set(const char *set, bool good) {
    char path[PATH_MAX];
    size_t count = 0;
    snprintf(path, sizeof path, "build/corpora/conf_zstd/zstd-golden/tests/%s", set);
    DIR *entries = opendir(path);
    if (!entries) {
        printf("skipped: no %s\n", path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)); count++) {
        snprintf(path, sizeof path, "build/corpora/conf_zstd/zstd-golden/tests/%s/%s", set, entry->d_name);
        if (entry->d_name[0] != '.')
            check_golden(path, good);
    }
    closedir(entries);
    ck_assert_uint_gt(count, 2);
}

START_TEST(test_zstd_golden_files) {
    check_golden_set("golden-decompression", true);
    check_golden_set("golden-decompression-errors", false);
}
END_TEST

/* A gzip member of its own. */
static void append_member(struct bytes *out, const char *text) {
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (unsigned)strlen(text);
    stream.next_out = (unsigned char *)bytes_reserve(out, 4096);
    stream.avail_out = 4096;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->size += 4096 - stream.avail_out;
    deflateEnd(&stream);
}

static bool begins_with_three(struct span start) {
    return start.size >= 5 && memcmp(start.data, "three", 5) == 0;
}

static bool never(struct span start) {
    (void)start;
    return false;
}

START_TEST(test_unread) {
    struct input *input;
    struct error error;
    struct span view;
    char buffer[16];
    ck_assert_int_eq(input_open_memory(&input, "memory", SPAN_LITERAL("abcdef"), &error), 0);
    ck_assert_int_eq(input_read(input, buffer, 4, &error), 4);
    ck_assert_int_eq(input_peek(input, 1, &view, &error), 0);
    input_unread(input, SPAN_LITERAL("cd"));
    input_unread(input, SPAN_LITERAL("b"));
    ck_assert_uint_eq(input_position(input), 1);
    ck_assert_int_eq(input_peek(input, 3, &view, &error), 0);
    ck_assert(view.size >= 3 && memcmp(view.data, "bcd", 3) == 0);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 5);
    ck_assert(memcmp(buffer, "bcdef", 5) == 0);
    input_unread(input, SPAN_LITERAL("f"));
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 1);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 0);
    input_close(input);
}
END_TEST

START_TEST(test_resume) {
    struct bytes packed = {0};
    struct input *input;
    struct error error;
    char buffer[16];
    uint64_t start, position;
    append_member(&packed, "one");
    append_member(&packed, "two");
    size_t third = packed.size;
    append_member(&packed, "three");
    packed.data[third - 8] ^= 1; /* the checksum of "two" */
    ck_assert_int_eq(input_open_memory(&input, "memory", span_of_bytes(&packed), &error), 0);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 6);
    ck_assert(input_is_damaged(input, &start));
    ck_assert_uint_eq(start, 3);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), -1);
    ck_assert_int_eq(input_resume(input, begins_with_three, &position, &error), 1);
    ck_assert_uint_eq(position, third);
    ck_assert(!input_is_damaged(input, &start));
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 5);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 0);
    ck_assert_int_eq(input_resume(input, begins_with_three, &position, &error), 0);
    input_close(input);
    /* Where nothing fits the error stands. */
    ck_assert_int_eq(input_open_memory(&input, "memory", span_of_bytes(&packed), &error), 0);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), 6);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), -1);
    ck_assert_int_eq(input_resume(input, never, &position, &error), 0);
    ck_assert_int_eq(input_read(input, buffer, sizeof buffer, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    input_close(input);
    bytes_release(&packed);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("input");
    TCase *cases = tcase_create("input");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, folder_make, folder_remove);
    tcase_add_loop_test(cases, test_whole_in_any_steps, 0, 2 * FORMATS);
    tcase_add_loop_test(cases, test_cut_at_every_byte, 0, 2 * FORMATS);
    tcase_add_loop_test(cases, test_damage_at_every_byte, 0, 2 * FORMATS);
    tcase_add_loop_test(cases, test_pipe_of_single_bytes, 0, 2 * FORMATS);
    tcase_add_loop_test(cases, test_damage_looks_the_same_through_a_pipe, 0, 2 * FORMATS);
    tcase_add_loop_test(cases, test_peek, 0, 2 * FORMATS);
    tcase_add_test(cases, test_formats_follow_each_other_only_as_themselves);
    tcase_add_test(cases, test_unread);
    tcase_add_test(cases, test_resume);
    tcase_add_test(cases, test_zstd_skippable_frames);
    tcase_add_test(cases, test_large_blocks_before_an_error);
    tcase_add_test(cases, test_text_that_looks_like_magic);
    tcase_add_test(cases, test_files);
    tcase_add_test(cases, test_large_plain_file);
    tcase_add_test(cases, test_what_cannot_be_opened);
    tcase_add_test(cases, test_zstd_golden_files);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
