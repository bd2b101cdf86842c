/* Runs of posts of one thread: what is one, and that no batch of a reader that returns its last one cuts a run. */
#include "base/thread_runs.h"

#include "folder.h"

/* The ids of the posts shown, a bar before each run. */
static void show(void *context, void *worker, const struct record *record, bool first) {
    struct bytes *list = context;
    ck_assert_ptr_eq(worker, list);
    bytes_append_text(list, first ? "|" : " ");
    bytes_append_span(list, record->field[FIELD_ID]);
}

static void survey_batch(struct record_parser *parser, const struct line_batch *batch, struct bytes *list) {
    for (size_t i = 0; i < batch->count;)
        i = thread_run_survey(parser, batch, i, show, list, list);
}

/* Lists the runs of a file; returns the number of batches. */
static size_t read_runs(const char *path, struct bytes *list) {
    struct record_parser *parser = record_parser_new();
    struct line_reader *reader = line_reader_new(&path, 1, RECORD_LINE_MAX);
    struct line_batch batch = {0};
    struct error error;
    uint64_t number = 0;
    size_t batches = 0;
    for (; line_reader_next(reader, &batch, &error) == 1; batches++) {
        line_reader_return(reader, &batch, thread_run_last(parser, &batch));
        for (size_t i = 0; i < batch.count; i++)
            ck_assert_uint_eq(batch.lines[i].number, ++number);
        survey_batch(parser, &batch, list);
    }
    line_batch_release(&batch);
    line_reader_free(reader);
    record_parser_free(parser);
    return batches;
}

START_TEST(test_what_a_run_is) {
    static const char lines[] = "{\"id\":\"1\",\"text\":\"a\",\"thread\":\"x\"}\n"
                                "{\"id\":\"2\",\"text\":\"b\",\"thread\":\"x\"}\n"
                                "{\"id\":\"3\",\"text\":\"x\",\"thread\":\"y\"}\n"
                                "{\"id\":\"4\",\"text\":\"the \\\"thread\\\" x\"}\n"
                                "{\"id\":\"5\",\"messages\":[{\"role\":\"user\",\"content\":\"c\"}],\"thread\":\"x\"}\n"
                                "{\"id\":\"6\",\"text\":\"d\",\"thread\":\"x\"}\n"
                                "{\"id\":\"7\",\"text\":\"e\",\"thread\":\"x\"\n"
                                "{\"id\":\"8\",\"text\":\"f\",\"thread\":\"x\"}\n"
                                "{\"id\":\"9\",\"text\":\"g\",\"thread\":\"\"}\n"
                                "{\"id\":\"10\",\"text\":\"h\",\"thread\":\"\"}\n"
                                "{\"id\":\"11\",\"text\":\"i\",\"thread\":null}\n";
    const char *path = folder_path("f");
    file_write(path, lines, sizeof lines - 1);
    struct bytes list = {0};
    ck_assert_uint_eq(read_runs(path, &list), 1);
    ck_assert_str_eq(bytes_text(&list), "|1 2|3|6|8|9|10");
    bytes_release(&list);
}
END_TEST

START_TEST(test_no_batch_cuts_a_run) {
    struct bytes content = {0}, list = {0};
    for (size_t thread = 0; thread < 40; thread++)
        for (size_t post = 0; post < 3; post++) {
            bytes_append_format(&content, "{\"id\":\"p\",\"thread\":\"%zu\",\"text\":\"", thread);
            for (size_t i = 0; i < 50000; i++)
                bytes_append_byte(&content, 'x');
            bytes_append_text(&content, "\"}\n");
        }
    const char *path = folder_path("f");
    file_write(path, content.data, content.size);
    size_t batches = read_runs(path, &list), runs = 0;
    for (size_t i = 0; i < list.size; i++)
        runs += list.data[i] == '|';
    ck_assert_uint_gt(batches, 5);
    ck_assert_uint_eq(runs, 40);
    bytes_release(&content);
    bytes_release(&list);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("thread_runs");
    TCase *cases = tcase_create("thread_runs");
    tcase_add_checked_fixture(cases, folder_make, folder_remove);
    tcase_add_test(cases, test_what_a_run_is);
    tcase_add_test(cases, test_no_batch_cuts_a_run);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
