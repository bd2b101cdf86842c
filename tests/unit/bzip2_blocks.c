/* input_use_threads: blocks decoded on several threads give what libbz2 gives of the whole file, and the same errors
 * for any number of threads. */
#include <bzlib.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"
#include "base/random.h"
#include "suite.h"

/* Text that does not compress to nothing. */
static void append_text(struct bytes *text, size_t size, struct random *random) {
    static const char *const words[] = {"sten ", "grå ", "berg ", "och ", "är ", "\n"};
    while (size-- > 0)
        bytes_append_text(text, words[random_below(random, sizeof words / sizeof words[0])]);
}

static void append_stream(struct bytes *file, struct span text) {
    unsigned size = (unsigned)(text.size + text.size / 100 + 600);
    char *out = bytes_reserve(file, size);
    ck_assert_int_eq(BZ2_bzBuffToBuffCompress(out, &size, (char *)(uintptr_t)text.data, (unsigned)text.size, 1, 0, 0),
                     BZ_OK);
    file->size += size;
}

/* All that can be read, and the message of what ended it. */
static void read_file(struct span file, unsigned threads, struct bytes *out, struct error *error) {
    struct input *input;
    error->message[0] = '\0';
    ck_assert_int_eq(input_open_memory(&input, "file", file, error), 0);
    input_use_threads(input, threads);
    char buffer[5000];
    ssize_t got;
    while ((got = input_read(input, buffer, sizeof buffer, error)) > 0)
        bytes_append(out, buffer, (size_t)got);
    bytes_append_format(out, "%d", (int)got);
    input_close(input);
}

/* What libbz2 makes of the file's first stream; its last result. */
static int decode_stream(struct span file, struct bytes *out) {
    bz_stream stream = {.next_in = (char *)(uintptr_t)file.data, .avail_in = (unsigned)file.size};
    ck_assert_int_eq(BZ2_bzDecompressInit(&stream, 0, 0), BZ_OK);
    int result = BZ_OK;
    bytes_clear(out);
    for (unsigned before = 1; result == BZ_OK && before != stream.avail_out;) {
        stream.next_out = bytes_reserve(out, 1 << 16);
        stream.avail_out = before = 1 << 16;
        result = BZ2_bzDecompress(&stream);
        out->size += before - stream.avail_out;
    }
    BZ2_bzDecompressEnd(&stream);
    return result;
}

static void expect_whole(const struct bytes *file, const struct bytes *text) {
    for (unsigned threads = 1; threads < 7; threads += 2) {
        struct bytes out = {0};
        struct error error;
        read_file(span_of_bytes(file), threads, &out, &error);
        ck_assert_msg(error.message[0] == '\0' && out.data[out.size - 1] == '0', "%s", error.message);
        out.size--;
        ck_assert(span_equal(span_of_bytes(&out), span_of_bytes(text)));
        bytes_release(&out);
    }
}

static void expect_same(const struct bytes *file) {
    struct bytes one = {0}, many = {0};
    struct error left, right;
    read_file(span_of_bytes(file), 1, &one, &left);
    for (unsigned threads = 2; threads < 7; threads += 2) {
        bytes_clear(&many);
        read_file(span_of_bytes(file), threads, &many, &right);
        ck_assert(span_equal(span_of_bytes(&one), span_of_bytes(&many)));
        ck_assert_str_eq(left.message, right.message);
    }
    bytes_release(&one);
    bytes_release(&many);
}

static void make_file(struct bytes *file, size_t streams) {
    struct random random;
    random_seed(&random, 7);
    for (size_t i = 0; i < streams; i++) {
        struct bytes text = {0};
        append_text(&text, random_below(&random, 40000), &random);
        append_stream(file, span_of_bytes(&text));
        bytes_release(&text);
    }
}

START_TEST(whole_files) {
    struct bytes file = {0};
    make_file(&file, 40);
    expect_same(&file);
    bytes_clear(&file);
    make_file(&file, 1);
    expect_same(&file);
    bytes_release(&file);
}
END_TEST

/* Blocks of one stream, which begin anywhere in a byte. */
START_TEST(long_streams) {
    struct bytes file = {0}, text = {0};
    struct random random;
    random_seed(&random, 3);
    append_text(&text, 600000, &random);
    append_stream(&file, span_of_bytes(&text));
    expect_whole(&file, &text);
    for (size_t cut = 1; cut < file.size; cut += file.size / 7) {
        file.size -= cut;
        expect_same(&file);
        file.size += cut;
    }
    for (size_t place = 100; place < file.size; place += file.size / 7) {
        file.data[place] ^= 0x08;
        expect_same(&file);
        file.data[place] ^= 0x08;
    }
    bytes_release(&file);
    bytes_release(&text);
}
END_TEST

static uint32_t crc_of(const struct bytes *text) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < text->size; i++) {
        crc ^= (uint32_t)(unsigned char)text->data[i] << 24;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? UINT32_C(0x04C11DB7) : 0);
    }
    return ~crc;
}

static void put_crc(struct bytes *file, size_t bit, uint32_t crc) {
    for (unsigned i = 0; i < 32; i++) {
        size_t at = (bit + i) / 8, place = 7 - (bit + i) % 8;
        file->data[at] = (char)((file->data[at] & ~(1 << place)) | (int)(crc >> (31 - i) & 1) << place);
    }
}

/* The bit at which a stream of one block says its sum: 48 bits after the last mark of its end. */
static size_t end_sum(const struct bytes *file) {
    size_t found = 0;
    for (size_t bit = 32; bit + 80 <= file->size * 8; bit++) {
        uint64_t mark = 0;
        for (size_t i = 0; i < 48; i++)
            mark = mark << 1 | ((unsigned char)file->data[(bit + i) / 8] >> (7 - (bit + i) % 8) & 1);
        found = mark == UINT64_C(0x177245385090) ? bit + 48 : found;
    }
    return found;
}

/* Marks written over the symbols of a block: where what comes of that is a block again, its sums are set right. */
START_TEST(marks_within_blocks) {
    static const char *const marks[] = {"\x31\x41\x59\x26\x53\x59", "\x17\x72\x45\x38\x50\x90"};
    struct bytes noise = {0}, first = {0}, text = {0};
    struct random random;
    random_seed(&random, 5);
    for (size_t i = 0; i < 60000; i++)
        bytes_append_byte(&noise, (char)random_below(&random, 256));
    append_stream(&first, span_of_bytes(&noise));
    size_t sum = end_sum(&first), made[2] = {0};
    for (size_t place = 20000; place < 30000; place += 50) {
        for (size_t i = 0; i < 2; i++) {
            struct bytes file = {0};
            bytes_append_span(&file, span_of_bytes(&first));
            memcpy(file.data + place, marks[i], 6);
            if (decode_stream(span_of_bytes(&file), &text) == BZ_DATA_ERROR && text.size > 50000) {
                put_crc(&file, 80, crc_of(&text));
                put_crc(&file, sum, crc_of(&text));
                if (decode_stream(span_of_bytes(&file), &text) == BZ_STREAM_END && made[i]++ < 5)
                    expect_whole(&file, &text);
            }
            bytes_release(&file);
        }
    }
    ck_assert(made[0] > 0 && made[1] > 0);
    bytes_release(&noise);
    bytes_release(&first);
    bytes_release(&text);
}
END_TEST

/* A stream that expands beyond what a piece may hold, between others. */
START_TEST(bombs) {
    struct bytes file = {0}, zeros = {0};
    memset(bytes_reserve(&zeros, 20 << 20), 0, 20 << 20);
    zeros.size = 20 << 20;
    make_file(&file, 3);
    append_stream(&file, span_of_bytes(&zeros));
    append_stream(&file, (struct span){"", 0});
    make_file(&file, 3);
    expect_same(&file);
    bytes_release(&file);
    bytes_release(&zeros);
}
END_TEST

START_TEST(damage) {
    struct bytes file = {0};
    make_file(&file, 12);
    size_t whole = file.size;
    for (size_t cut = 1; cut < whole; cut += whole / 9) {
        file.size = whole - cut;
        expect_same(&file);
    }
    file.size = whole;
    for (size_t place = 30; place < whole; place += whole / 9) {
        file.data[place] ^= 0x10;
        expect_same(&file);
        file.data[place] ^= 0x10;
    }
    /* What looks like a stream's beginning within one. */
    memcpy(file.data + whole / 2, "BZh9\x31\x41\x59\x26\x53\x59", 10);
    expect_same(&file);
    bytes_append_text(&file, "garbage");
    expect_same(&file);
    bytes_release(&file);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bzip2_blocks");
    TCase *tests = tcase_create("bzip2_blocks");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, whole_files);
    tcase_add_test(tests, long_streams);
    tcase_add_test(tests, marks_within_blocks);
    tcase_add_test(tests, bombs);
    tcase_add_test(tests, damage);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
