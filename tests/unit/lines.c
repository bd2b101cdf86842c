/* Batches of lines: what a line is, where batches are cut, and what comes before an error. */
#include <pthread.h>
#include <zlib.h>

#include "base/lines.h"
#include "base/output.h"
#include "folder.h"

#define NO_LIMIT ((size_t)1 << 30)

/* Everything that a reader gives: "FILE:NUMBER@POSITION text\n" for each line (FILE only if named), "--\n" after each
 * batch. */
static int list_batches(const char *const *paths, size_t count, bool named, size_t limit, struct bytes *list,
                        struct error *error) {
    struct line_reader *reader = line_reader_new(paths, count, limit);
    struct line_batch batch = {0};
    bytes_clear(list);
    *error = (struct error){0};
    int result;
    while ((result = line_reader_next(reader, &batch, error)) == 1) {
        ck_assert_uint_gt(batch.count, 0);
        for (size_t i = 0; i < batch.count; i++) {
            const struct line *line = &batch.lines[i];
            const char *slash = strrchr(batch.file, '/');
            if (named)
                bytes_append_format(list, "%s:", slash ? slash + 1 : batch.file);
            bytes_append_format(list, "%llu@%llu ", (unsigned long long)line->number,
                                (unsigned long long)line->position);
            bytes_append(list, batch.data.data + line->start, line->size);
            bytes_append_byte(list, '\n');
        }
        bytes_append_text(list, "--\n");
    }
    ck_assert_int_eq(line_reader_next(reader, &batch, error), result); /* the end stays the end */
    line_batch_release(&batch);
    line_reader_free(reader);
    return result;
}

static int list_lines(const char *const *paths, size_t count, size_t limit, struct bytes *list, struct error *error) {
    return list_batches(paths, count, true, limit, list, error);
}

static void assert_lines(const char *content, size_t size, const char *expected) {
    struct bytes list = {0};
    struct error error;
    const char *path = folder_path("f");
    file_write(path, content, size);
    ck_assert_msg(list_lines(&path, 1, NO_LIMIT, &list, &error) == 0, "%s", error.message);
    ck_assert_str_eq(bytes_text(&list), expected);
    bytes_release(&list);
}
#define ASSERT_LINES(content, expected) assert_lines(content, sizeof content - 1, expected)

START_TEST(test_what_a_line_is) {
    ASSERT_LINES("", "");
    ASSERT_LINES("\n\n\r\n", "");
    ASSERT_LINES("a\nb\n", "f:1@0 a\nf:2@2 b\n--\n");
    ASSERT_LINES("a\nunterminated", "f:1@0 a\nf:2@2 unterminated\n--\n");
    ASSERT_LINES("a\r\n\r\n\nb\r", "f:1@0 a\nf:4@6 b\n--\n");
    ASSERT_LINES("a\rb\r\r\n", "f:1@0 a\rb\r\n--\n");
    ASSERT_LINES("\xef\xbb\xbf"
                 "a\n\xef\xbb\xbf"
                 "b\n",
                 "f:1@3 a\nf:2@5 \xef\xbb\xbf"
                 "b\n--\n");
    ASSERT_LINES("\xef\xbb\xbf", "");
    ASSERT_LINES("\xef\xbb\xbf\n a\n", "f:2@4  a\n--\n");
    ASSERT_LINES("\xef\xbb", "f:1@0 \xef\xbb\n--\n");
    /* NEL, LINE SEPARATOR, form feed and the like end nothing. */
    ASSERT_LINES("a\xc2\x85\xe2\x80\xa8\f\v"
                 "b\n",
                 "f:1@0 a\xc2\x85\xe2\x80\xa8\f\v"
                 "b\n--\n");
}
END_TEST

START_TEST(test_nul_is_data) {
    const char *path = folder_path("f");
    file_write(path, "a\0b\nc\0", 6);
    struct line_reader *reader = line_reader_new(&path, 1, NO_LIMIT);
    struct line_batch batch = {0};
    struct error error = {0};
    ck_assert_int_eq(line_reader_next(reader, &batch, &error), 1);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_uint_eq(batch.lines[0].size, 3);
    ck_assert_uint_eq(batch.lines[1].size, 2);
    ck_assert_uint_eq(line_reader_bytes(reader), 6);
    line_batch_release(&batch);
    line_reader_free(reader);
}
END_TEST

START_TEST(test_several_files) {
    const char *paths[4] = {folder_path("one"), folder_path("empty"), folder_path("two"), folder_path("missing")};
    struct bytes list = {0};
    struct error error;
    file_write(paths[0], "a\nb", 3);
    file_write(paths[1], "", 0);
    file_write(paths[2],
               "\xef\xbb\xbf"
               "c\nd\n",
               7);
    ck_assert_int_eq(list_lines(paths, 3, NO_LIMIT, &list, &error), 0);
    ck_assert_str_eq(bytes_text(&list), "one:1@0 a\none:2@2 b\n--\ntwo:1@3 c\ntwo:2@5 d\n--\n");
    ck_assert_int_eq(list_lines(paths, 4, NO_LIMIT, &list, &error), -1);
    ck_assert_str_eq(bytes_text(&list), "one:1@0 a\none:2@2 b\n--\ntwo:1@3 c\ntwo:2@5 d\n--\n");
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    struct line_reader *reader = line_reader_new(paths, 3, NO_LIMIT);
    struct line_batch batch = {0};
    uint64_t done, total;
    for (int files = 0; files < 2; files++)
        ck_assert_int_eq(line_reader_next(reader, &batch, &error), 1);
    line_reader_progress(reader, &done, &total);
    ck_assert_uint_eq(done, 10);
    ck_assert_uint_eq(total, 10);
    line_batch_release(&batch);
    line_reader_free(reader);
    bytes_release(&list);
}
END_TEST

/* Lines of very different sizes, some longer than a batch; `ends` of it without a newline. */
static void make_content(struct bytes *content) {
    static const size_t sizes[] = {
        10,      0, 700000, 300,   LINES_BATCH_SIZE - 1, LINES_BATCH_SIZE, LINES_BATCH_SIZE + 1, 5, 3500000, 20,
        2097152, 1, 600000, 600000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(bytes_reserve(content, sizes[i]), 'a' + (int)i, sizes[i]);
        content->size += sizes[i];
        bytes_append_byte(content, '\n');
        for (unsigned j = 0; j < 5000; j++)
            bytes_append_format(content, "%u\n", j * j);
    }
    bytes_append_text(content, "the end");
}

struct feeder {
    int descriptor;
    struct span data;
};

static void *feed_in_pieces(void *argument) {
    struct feeder *feeder = argument;
    for (size_t at = 0, step = 1; at < feeder->data.size; step = step * 7 % 9973) {
        size_t left = feeder->data.size - at;
        ssize_t put = write(feeder->descriptor, feeder->data.data + at, left < step ? left : step);
        ck_assert_int_gt(put, 0);
        at += (size_t)put;
    }
    close(feeder->descriptor);
    return NULL;
}

START_TEST(test_cuts_depend_on_bytes_only) {
    struct bytes content = {0}, list = {0}, again = {0};
    struct error error;
    make_content(&content);
    const char *plain = folder_path("f"), *packed = folder_path("f.gz");
    file_write(plain, content.data, content.size);
    ck_assert_int_eq(output_save(packed, span_of_bytes(&content), &error), 0);
    ck_assert_int_eq(list_batches(&plain, 1, false, NO_LIMIT, &list, &error), 0);
    /* All lines are there, in batches that are not much over the size of one. */
    const char *at = content.data, *end = content.data + content.size;
    struct line_reader *reader = line_reader_new(&plain, 1, NO_LIMIT);
    struct line_batch batch = {0};
    while (line_reader_next(reader, &batch, &error) == 1) {
        ck_assert(batch.data.size <= LINES_BATCH_SIZE || batch.count == 1);
        for (size_t i = 0; i < batch.count; i++) {
            while (*at == '\n')
                at++;
            const struct line *line = &batch.lines[i];
            ck_assert_uint_eq(line->position, (size_t)(at - content.data));
            ck_assert_mem_eq(batch.data.data + line->start, at, line->size);
            at += line->size;
            ck_assert(at == end || *at == '\n');
        }
    }
    ck_assert(at == end);
    line_batch_release(&batch);
    line_reader_free(reader);

    ck_assert_int_eq(list_batches(&packed, 1, false, NO_LIMIT, &again, &error), 0);
    assert_bytes(span_of_bytes(&again), span_of_bytes(&list));

    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct feeder feeder = {ends[1], span_of_bytes(&content)};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, feed_in_pieces, &feeder), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(list_batches(NULL, 0, false, NO_LIMIT, &again, &error), 0);
    pthread_join(thread, NULL);
    assert_bytes(span_of_bytes(&again), span_of_bytes(&list));
    bytes_release(&content);
    bytes_release(&list);
    bytes_release(&again);
}
END_TEST

START_TEST(test_limit) {
    struct bytes list = {0};
    struct error error;
    const char *path = folder_path("f");
    file_write(path,
               "\xef\xbb\xbf"
               "12345\r\n1\n12345\n123456\n1\n",
               28);
    ck_assert_int_eq(list_lines(&path, 1, 5, &list, &error), -1);
    ck_assert_str_eq(bytes_text(&list), "f:1@3 12345\nf:2@10 1\nf:3@12 12345\n--\n");
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_uint_eq(error.position, 18);
    ck_assert_ptr_nonnull(strstr(error.message, "/f:4: line longer than 5 bytes"));
    ck_assert_int_eq(list_lines(&path, 1, 6, &list, &error), 0);
    bytes_release(&list);
}
END_TEST

START_TEST(test_limit_of_lines_longer_than_a_batch) {
    struct bytes content = {0}, list = {0};
    struct error error;
    const char *path = folder_path("f");
    const size_t size = 3 * LINES_BATCH_SIZE + 12345;
    for (int ending = 0; ending < 3; ending++) {
        bytes_clear(&content);
        bytes_append_text(&content, "a\n");
        memset(bytes_reserve(&content, size), 'x', size);
        content.size += size;
        bytes_append_text(&content, ending == 0 ? "" : ending == 1 ? "\nb\n" : "\r\nb\n");
        file_write(path, content.data, content.size);
        ck_assert_int_eq(list_lines(&path, 1, size, &list, &error), 0);
        char last[64] = "";
        if (ending)
            snprintf(last, sizeof last, "f:3@%zu b\n--\n", 2 + size + (size_t)ending);
        ck_assert_uint_eq(list.size, strlen("f:1@0 a\n--\nf:2@2 \n--\n") + size + strlen(last));
        for (size_t limit = size - 1; limit > 100; limit /= 7) {
            ck_assert_int_eq(list_lines(&path, 1, limit, &list, &error), -1);
            ck_assert_str_eq(bytes_text(&list), "f:1@0 a\n--\n");
            ck_assert_uint_eq(error.position, 2);
            ck_assert_ptr_nonnull(strstr(error.message, "/f:2: line longer than "));
        }
    }
    bytes_release(&content);
    bytes_release(&list);
}
END_TEST

START_TEST(test_damaged_stream_has_whole_lines_only) {
    /* Cut gzip streams at many places: the lines are a prefix of all lines, each whole, and the error follows. */
    struct bytes content = {0}, packed = {0}, whole = {0}, list = {0};
    struct error error;
    const char *path = folder_path("f.gz");
    for (unsigned i = 0; i < 20000; i++)
        bytes_append_format(&content, "line %u %u\n", i, i * 2654435761u);
    memset(bytes_reserve(&content, 3 * LINES_BATCH_SIZE), 'z', 3 * LINES_BATCH_SIZE);
    content.size += 3 * LINES_BATCH_SIZE;
    bytes_append_text(&content, "\nlast\nunterminated");
    ck_assert_int_eq(output_save(path, span_of_bytes(&content), &error), 0);
    ck_assert_int_eq(list_lines(&path, 1, NO_LIMIT, &whole, &error), 0);
    file_read(path, &packed);
    for (size_t cut = packed.size - 1, step = 1; cut > 20 && cut < packed.size; cut -= step, step += 97) {
        file_write(path, packed.data, cut);
        ck_assert_int_eq(list_lines(&path, 1, NO_LIMIT, &list, &error), -1);
        ck_assert_ptr_nonnull(strstr(error.message, "/f.gz: compressed byte "));
        ck_assert_ptr_nonnull(strstr(error.message, ": truncated gzip stream"));
        ck_assert_uint_lt(list.size, whole.size);
        if (list.size > 3) /* but for the mark of the last batch's end */
            ck_assert_mem_eq(list.data, whole.data, list.size - 3);
        ck_assert_ptr_null(memmem(list.data ? list.data : "", list.size, "unterminated", 12));
    }
    bytes_release(&content);
    bytes_release(&packed);
    bytes_release(&whole);
    bytes_release(&list);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("lines");
    TCase *cases = tcase_create("lines");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, folder_make, folder_remove);
    tcase_add_test(cases, test_what_a_line_is);
    tcase_add_test(cases, test_nul_is_data);
    tcase_add_test(cases, test_several_files);
    tcase_add_test(cases, test_cuts_depend_on_bytes_only);
    tcase_add_test(cases, test_limit);
    tcase_add_test(cases, test_limit_of_lines_longer_than_a_batch);
    tcase_add_test(cases, test_damaged_stream_has_whole_lines_only);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
