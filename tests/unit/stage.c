/* The run of a record stage, with a program made up for it: taking back, judging in order, first errors, equal for
 * every number of threads. */
#include <math.h>
#include <sys/wait.h>

#include "base/stage.h"
#include "folder.h"

#define RECORDS 30000

/* What the made-up program does with a record is its text. */
static int process(void *context, void *worker, struct record *record, struct stage_sink *sink, struct error *error) {
    (void)context, (void)worker;
    struct span text = record->field[FIELD_TEXT];
    stage_count(sink, "seen", 1);
    if (span_is(text, "drop"))
        return stage_drop(sink, record, "dropped", 1.5, NAN, error);
    stage_attach(sink, text);
    if (stage_emit(sink, record, error) < 0)
        return -1;
    if (span_is(text, "refuse")) { /* after it has left traces, which have to vanish */
        stage_count(sink, "refused", 1);
        return error_set(error, ERROR_DATA, 7, "refused");
    }
    if (span_is(text, "refuse-dropped"))
        return stage_drop(sink, record, "dropped", NAN, NAN, error) < 0
                   ? -1
                   : error_set(error, ERROR_DATA, ERROR_NO_POSITION, "refused");
    if (span_is(text, "twice"))
        return stage_emit(sink, record, error);
    return span_is(text, "fail") ? error_set(error, ERROR_SYSTEM, 3, "failed") : 0;
}

/* Passes a text only when it differs from the one before: wrong at once where the order is wrong. */
static int admit(void *context, struct span attachment, struct stage_sink *sink, struct error *error) {
    struct bytes *last = context;
    stage_count(sink, "judged", 1);
    if (span_is(attachment, "stop"))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "stopped");
    bool same = span_equal(attachment, span_of_bytes(last));
    bytes_clear(last);
    bytes_append_span(last, attachment);
    if (same)
        if (stage_drop_admitted(sink, "same", NAN, 0, error))
            return -1;
    return !same;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    (void)context, (void)error;
    stage_write(sink, SPAN_LITERAL("{\"text\":\"last\"}\n"));
    return 0;
}

/* Writes the input: texts by turns, and one text at one place. */
static void write_input(const char *at_text, size_t at) {
    static const char *const texts[] = {"a", "b", "b", "drop", "twice", "b", "b"};
    FILE *file = fopen(folder_path("in"), "w");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < RECORDS; i++)
        fprintf(file, "{\"id\":\"%zu\",\"text\":\"%s\",\"pad\":\"%0200d\"}\n", i, i == at ? at_text : texts[i % 7], 0);
    fclose(file);
}

struct outcome {
    int status;
    struct bytes out, rejects, bad, stats, err;
};

static void load(const char *name, struct bytes *bytes) {
    bytes_clear(bytes);
    FILE *file = fopen(folder_path(name), "r");
    if (!file)
        return;
    for (char *room; (room = bytes_reserve(bytes, 65536)) != NULL;) {
        size_t got = fread(room, 1, 65536, file);
        bytes->size += got;
        if (!got)
            break;
    }
    fclose(file);
}

/* Runs the program in a process of its own, with standard output to a file. */
static void run(unsigned threads, bool judged, bool diverting, struct outcome *outcome) {
    pid_t child = fork();
    if (child == 0) {
        if (!freopen(folder_path("out"), "w", stdout) || !freopen(folder_path("err"), "w", stderr))
            _exit(99);
        static struct common_options options;
        static struct bytes last;
        const struct program program = {
            .name = "gpt-test", .purpose = "", .usage = "", .common = COMMON_STAGE, .values = &options};
        int first;
        options_parse(&program, 1, (char *[]){(char[]){"gpt-test"}, NULL}, &first);
        options.threads = threads;
        options.rejects = folder_path("rejects");
        options.stats = folder_path("stats");
        options.skip_bad = diverting ? folder_path("bad") : NULL;
        const char *paths[] = {folder_path("in")};
        const struct stage stage = {.program = &program,
                                    .options = &options,
                                    .paths = paths,
                                    .path_count = 1,
                                    .context = &last,
                                    .process = process,
                                    .admit = judged ? admit : NULL,
                                    .finish = finish};
        int status = stage_run(&stage);
        bytes_release(&last);
        exit(status);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    outcome->status = WEXITSTATUS(status);
    load("out", &outcome->out);
    load("rejects", &outcome->rejects);
    load("bad", &outcome->bad);
    load("stats", &outcome->stats);
    load("err", &outcome->err);
    unlink(folder_path("rejects"));
    unlink(folder_path("stats"));
    unlink(folder_path("bad"));
}

static void release(struct outcome *outcome) {
    bytes_release(&outcome->out);
    bytes_release(&outcome->rejects);
    bytes_release(&outcome->bad);
    bytes_release(&outcome->stats);
    bytes_release(&outcome->err);
}

/* One thread gives *outcome; all other numbers of threads have to give the same. */
static void run_all(bool judged, bool diverting, struct outcome *outcome) {
    run(1, judged, diverting, outcome);
    struct outcome other = {0};
    for (unsigned threads = 2; threads <= 6; threads++) {
        run(threads, judged, diverting, &other);
        ck_assert_int_eq(other.status, outcome->status);
        ck_assert(span_equal(span_of_bytes(&other.out), span_of_bytes(&outcome->out)));
        ck_assert(span_equal(span_of_bytes(&other.rejects), span_of_bytes(&outcome->rejects)));
        ck_assert(span_equal(span_of_bytes(&other.bad), span_of_bytes(&outcome->bad)));
        ck_assert(span_equal(span_of_bytes(&other.stats), span_of_bytes(&outcome->stats)));
        if (outcome->status) /* else the summary has a time */
            ck_assert_str_eq(bytes_text(&other.err), bytes_text(&outcome->err));
    }
    release(&other);
}

static size_t count_lines(const struct bytes *bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes->size; i++)
        count += bytes->data[i] == '\n';
    return count;
}

static void expect(struct bytes *bytes, const char *part) {
    ck_assert_msg(strstr(bytes_text(bytes), part) != NULL, "no %s in: %.2000s", part, bytes_text(bytes));
}

START_TEST(test_counters_and_rejects) {
    struct outcome outcome = {0};
    write_input("a", 0);
    run_all(false, false, &outcome);
    ck_assert_int_eq(outcome.status, 0);
    const size_t sevenths = RECORDS / 7; /* 30000 = 7 * 4285 + 5: the fourth and fifth text come once more */
    ck_assert_uint_eq(count_lines(&outcome.rejects), sevenths + 1);
    ck_assert_uint_eq(count_lines(&outcome.out), RECORDS + 1); /* one dropped and one twice a turn, and finish */
    expect(&outcome.stats, "{\"bad\":0,\"bytes_in\":");
    expect(&outcome.stats, "\"counts\":{\"seen\":30000},\"dropped\":{\"dropped\":4286},\"in\":30000,\"out\":30001,");
    expect(&outcome.rejects, "\"reject\":{\"rule\":\"dropped\",\"value\":1.5}}\n");
    expect(&outcome.err, "gpt-test: 30000 in, 30001 out, 4286 dropped (dropped 4286), seen 30000, ");
    release(&outcome);
}
END_TEST

START_TEST(test_judging_in_order) {
    struct outcome outcome = {0};
    write_input("a", 0);
    run_all(true, false, &outcome);
    ck_assert_int_eq(outcome.status, 0);
    /* A turn is a b (b) [drop] twice twice b (b): four lines and one more for "twice" pass, two are dropped as the
     * same. */
    expect(&outcome.stats,
           "\"counts\":{\"judged\":25714,\"seen\":30000},\"dropped\":{\"dropped\":4286,\"same\":8571},");
    expect(&outcome.stats, "\"out\":21430,");
    expect(&outcome.rejects, ",\"reject\":{\"rule\":\"same\",\"threshold\":0}}\n");
    ck_assert_uint_eq(count_lines(&outcome.rejects), 4286 + 8571);
    release(&outcome);
}
END_TEST

START_TEST(test_refused_records_leave_no_trace) {
    static const char *const texts[] = {"refuse", "refuse-dropped"};
    for (int judged = 0; judged < 2; judged++)
        for (size_t i = 0; i < 2; i++) {
            struct outcome outcome = {0};
            write_input(texts[i], 20000);
            run_all(judged, true, &outcome);
            ck_assert_int_eq(outcome.status, 0);
            ck_assert_uint_eq(count_lines(&outcome.bad), 1);
            expect(&outcome.bad, "{\"id\":\"20000\",\"text\":\"refuse");
            expect(&outcome.stats, "{\"bad\":1,");
            expect(&outcome.stats, "\"seen\":29999}");
            ck_assert_ptr_null(strstr(bytes_text(&outcome.out), "\"20000\""));
            ck_assert_ptr_null(strstr(bytes_text(&outcome.rejects), "\"20000\""));
            run_all(judged, false, &outcome); /* not diverted: it stops the stage */
            ck_assert_int_eq(outcome.status, 65);
            expect(&outcome.err, i ? "in:20001: refused\n" : "in:20001: byte 8: refused\n");
            ck_assert_uint_eq(outcome.rejects.size + outcome.stats.size, 0); /* named files were not made */
            ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.out), "\"id\":\"19999\""));
            ck_assert_ptr_null(strstr(bytes_text(&outcome.out), "\"id\":\"20001\""));
            release(&outcome);
        }
}
END_TEST

START_TEST(test_failures_stop) {
    struct outcome outcome = {0};
    write_input("fail", 12345);
    run_all(false, true, &outcome); /* a failing machine is not a bad line */
    ck_assert_int_eq(outcome.status, 1);
    expect(&outcome.err, "in:12346: failed\n");
    ck_assert_ptr_null(strstr(bytes_text(&outcome.out), "\"id\":\"12346\""));
    write_input("stop", 12345);
    run_all(true, true, &outcome);
    ck_assert_int_eq(outcome.status, 65);
    expect(&outcome.err, "in:12346: stopped\n");
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.out), "\"id\":\"12342\""));
    ck_assert_ptr_null(strstr(bytes_text(&outcome.out), "\"id\":\"12345\""));
    release(&outcome);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stage");
    TCase *tests = tcase_create("stage");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    tcase_add_test(tests, test_counters_and_rejects);
    tcase_add_test(tests, test_judging_in_order);
    tcase_add_test(tests, test_refused_records_leave_no_trace);
    tcase_add_test(tests, test_failures_stop);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
