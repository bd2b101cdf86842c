/*
 * Deflate at once: the three formats, what it refuses, and gzip files whose members only seem to end where the magic
 * bytes stand.
 */
#include "base/inflate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/input.h"
#include "suite.h"

static const int WINDOWS[] = {[INFLATE_GZIP] = 31, [INFLATE_ZLIB] = 15, [INFLATE_BARE] = -15};

static void pack(struct bytes *out, struct span text, int window, int level) {
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, text.size);
    stream.next_in = (Bytef *)(uintptr_t)text.data;
    stream.avail_in = (uInt)text.size;
    stream.next_out = (Bytef *)bytes_reserve(out, room);
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->size += room - stream.avail_out;
    deflateEnd(&stream);
}

static void make_text(struct bytes *text, size_t lines) {
    for (size_t i = 0; i < lines; i++)
        bytes_append_format(text, "line %zu of a text that packs well\n", i);
}

START_TEST(all_formats) {
    struct bytes text = {0}, packed = {0}, out = {0};
    struct inflater inflater = {0};
    size_t used;
    make_text(&text, 3000);
    pack(&packed, span_of_bytes(&text), WINDOWS[_i], 6);
    size_t size = packed.size;
    bytes_append_text(&packed, "and what follows");
    bytes_append_text(&out, "before");
    ck_assert(inflate_whole(&inflater, (enum inflate_format)_i, span_of_bytes(&packed), 1 << 20, &out, &used));
    ck_assert_uint_eq(used, size);
    ck_assert_uint_eq(out.size, text.size + 6);
    ck_assert_mem_eq(out.data, "before", 6);
    ck_assert_mem_eq(out.data + 6, text.data, text.size);
    inflater_release(&inflater);
    bytes_release(&text);
    bytes_release(&packed);
    bytes_release(&out);
}
END_TEST

START_TEST(refused) {
    struct bytes text = {0}, packed = {0}, out = {0};
    struct inflater inflater = {0};
    make_text(&text, 3000);
    pack(&packed, span_of_bytes(&text), WINDOWS[_i], 6);
    struct span whole = span_of_bytes(&packed), cut = {packed.data, packed.size - 9};
    enum inflate_format format = (enum inflate_format)_i;
    ck_assert(!inflate_whole(&inflater, format, whole, text.size - 1, &out, NULL));
    ck_assert(inflate_whole(&inflater, format, whole, text.size, &out, NULL));
    bytes_clear(&out);
    ck_assert(!inflate_whole(&inflater, format, cut, 1 << 20, &out, NULL));
    ck_assert(!inflate_whole(&inflater, format, (struct span){"", 0}, 1 << 20, &out, NULL));
    packed.data[packed.size / 2] = (char)~packed.data[packed.size / 2];
    ck_assert(_i == INFLATE_BARE || !inflate_whole(&inflater, format, whole, 1 << 20, &out, NULL));
    ck_assert(_i == INFLATE_BARE || out.size == 0);
    inflater_release(&inflater);
    bytes_release(&text);
    bytes_release(&packed);
    bytes_release(&out);
}
END_TEST

/* Reads the file in pieces of an odd size, and compares. */
static void check_file(const struct bytes *file, const struct bytes *text, const char *failure) {
    struct input *input;
    struct error error = {0};
    size_t at = 0;
    ck_assert_int_eq(input_open_memory(&input, "file", span_of_bytes(file), &error), 0);
    char piece[10007];
    ssize_t got;
    while ((got = input_read(input, piece, sizeof piece, &error)) > 0) {
        ck_assert_uint_le(at + (size_t)got, text->size);
        ck_assert_mem_eq(text->data + at, piece, (size_t)got);
        at += (size_t)got;
    }
    ck_assert_uint_eq(at, text->size);
    ck_assert_int_eq(got, failure ? -1 : 0);
    if (failure)
        ck_assert_ptr_nonnull(strstr(error.message, failure));
    input_close(input);
}

START_TEST(members_of_all_sizes) {
    static const size_t lines[] = {1, 0, 3000, 40, 200000, 7, 0, 9000};
    struct bytes file = {0}, text = {0};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct bytes member = {0};
        make_text(&member, lines[i]);
        pack(&file, span_of_bytes(&member), WINDOWS[INFLATE_GZIP], 1);
        bytes_append_span(&text, span_of_bytes(&member));
        bytes_release(&member);
    }
    check_file(&file, &text, NULL);
    bytes_append(&file, "\0\0\0", 3);
    check_file(&file, &text, NULL);
    bytes_append_text(&file, "\x1f\x8b\x08 no member");
    check_file(&file, &text, "compressed byte");
    bytes_release(&file);
    bytes_release(&text);
}
END_TEST

START_TEST(false_starts_within_a_member) {
    struct bytes file = {0}, text = {0}, member = {0};
    for (int i = 0; i < 500; i++) {
        /* Bytes of a whole member, stored within another. */
        bytes_append_format(&member, "number %d ", i);
        pack(&member, SPAN_LITERAL("text"), WINDOWS[INFLATE_GZIP], 9);
    }
    for (int i = 0; i < 20; i++) {
        pack(&file, span_of_bytes(&member), WINDOWS[INFLATE_GZIP], 0);
        bytes_append_span(&text, span_of_bytes(&member));
    }
    check_file(&file, &text, NULL);
    bytes_release(&file);
    bytes_release(&text);
    bytes_release(&member);
}
END_TEST

START_TEST(wrong_trailers) {
    struct bytes file = {0}, text = {0}, second = {0};
    make_text(&text, 100);
    pack(&file, span_of_bytes(&text), WINDOWS[INFLATE_GZIP], 6);
    file.data[file.size - 1] = 1; /* says 16 MB more */
    make_text(&second, 50);
    pack(&file, span_of_bytes(&second), WINDOWS[INFLATE_GZIP], 6);
    /* Everything before the damage is delivered: zlib sees a wrong length behind the content. */
    check_file(&file, &text, "compressed byte");
    bytes_release(&file);
    bytes_release(&text);
    bytes_release(&second);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("inflate");
    TCase *whole = tcase_create("whole");
    tcase_add_loop_test(whole, all_formats, INFLATE_GZIP, INFLATE_BARE + 1);
    tcase_add_loop_test(whole, refused, INFLATE_GZIP, INFLATE_BARE + 1);
    suite_add_tcase(suite, whole);
    TCase *files = tcase_create("files");
    tcase_add_test(files, members_of_all_sizes);
    tcase_add_test(files, false_starts_within_a_member);
    tcase_add_test(files, wrong_trailers);
    suite_add_tcase(suite, files);
    return run_suite(suite);
}
