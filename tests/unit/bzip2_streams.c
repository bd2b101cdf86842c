/* input_use_threads: many streams on several threads give what one after the other gives, byte for byte and error for
 * error. */
#include <bzlib.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"
#include "base/random.h"

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
    Suite *suite = suite_create("bzip2_streams");
    TCase *tests = tcase_create("bzip2_streams");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, whole_files);
    tcase_add_test(tests, bombs);
    tcase_add_test(tests, damage);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
