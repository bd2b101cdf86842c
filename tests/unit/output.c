/* Output streams: that a file is replaced whole or not at all, what is written in place, and that errors show. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/input.h"
#include "base/output.h"
#include "folder.h"

static void write_text(struct output *output, const char *text) {
    struct error error = {0};
    ck_assert_msg(output_write(output, text, strlen(text), &error) == 0, "%s", error.message);
}

static struct output *open_output(const char *path) {
    struct output *output;
    struct error error = {0};
    ck_assert_msg(output_open(&output, path, &error) == 0, "%s", error.message);
    return output;
}

static void close_output(struct output *output) {
    struct error error = {0};
    ck_assert_msg(output_close(output, &error) == 0, "%s", error.message);
}

static void save(const char *path, const char *text) {
    struct error error = {0};
    ck_assert_msg(output_save(path, span_of(text), &error) == 0, "%s", error.message);
}

static unsigned mode_of(const char *path) {
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_mode & 07777;
}

START_TEST(test_file_changes_at_close) {
    file_write(folder_path("file"), "old", 3);
    struct output *output = open_output(folder_path("file"));
    write_text(output, "new");
    struct error error = {0};
    ck_assert_int_eq(output_flush(output, &error), 0);
    assert_file(folder_path("file"), "old");
    ck_assert_uint_eq(folder_count(), 2);
    close_output(output);
    assert_file(folder_path("file"), "new");
    ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_abort_leaves_the_old_file) {
    file_write(folder_path("file"), "old", 3);
    struct output *output = open_output(folder_path("file"));
    write_text(output, "new");
    output_abort(output);
    assert_file(folder_path("file"), "old");
    output = open_output(folder_path("never"));
    output_abort(output);
    output_abort(NULL);
    ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_mode) {
    umask(027);
    save(folder_path("fresh"), "x");
    ck_assert_uint_eq(mode_of(folder_path("fresh")), 0640);
    file_write(folder_path("kept"), "old", 3);
    chmod(folder_path("kept"), 0606);
    save(folder_path("kept"), "x");
    ck_assert_uint_eq(mode_of(folder_path("kept")), 0606);
}
END_TEST

START_TEST(test_symlinks_are_followed) {
    struct stat status;
    ck_assert_int_eq(mkdir(folder_path("deep"), 0777), 0);
    file_write(folder_path("deep/target"), "old", 3);
    ck_assert_int_eq(symlink("target", folder_path("deep/link")), 0);
    ck_assert_int_eq(symlink("deep/link", folder_path("relative")), 0);
    ck_assert_int_eq(symlink(folder_path("relative"), folder_path("absolute")), 0);
    save(folder_path("absolute"), "new");
    assert_file(folder_path("deep/target"), "new");
    ck_assert_int_eq(lstat(folder_path("absolute"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(lstat(folder_path("deep/link"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    /* The temporary is beside the target, not beside the link. */
    struct output *output = open_output(folder_path("absolute"));
    ck_assert_uint_eq(folder_count(), 3);
    output_abort(output);
    /* A link to nothing: its target is made. */
    ck_assert_int_eq(symlink("deep/fresh", folder_path("dangling")), 0);
    save(folder_path("dangling"), "fresh");
    assert_file(folder_path("deep/fresh"), "fresh");
    ck_assert_int_eq(symlink("round", folder_path("round")), 0);
    struct error error = {0};
    ck_assert_int_eq(output_save(folder_path("round"), SPAN_LITERAL("x"), &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "Too many levels of symbolic links"));
}
END_TEST

START_TEST(test_names) {
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = '\0';
    save(folder_path(longest), "long");
    assert_file(folder_path(longest), "long");
    ck_assert_int_eq(chdir(folder), 0);
    save("here", "no slash");
    assert_file("here", "no slash");
    ck_assert_uint_eq(folder_count(), 2);
    struct error error = {0};
    ck_assert_int_eq(output_save("nowhere/file", SPAN_LITERAL("x"), &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(error.message, "nowhere/file: No such file or directory"));
    ck_assert_int_eq(output_save(folder, SPAN_LITERAL("x"), &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "Is a directory"));
    ck_assert_int_eq(output_save("", SPAN_LITERAL("x"), &error), -1);
    ck_assert_int_eq(output_sync_folder("here", &error), 0);
    ck_assert_int_eq(output_sync_folder("/here", &error), 0);
    ck_assert_int_eq(output_sync_folder("nowhere/file", &error), -1);
}
END_TEST

/* Text of about 1.2 MB that compresses a little. */
static void make_content(struct bytes *content) {
    for (unsigned i = 0; content->size < 1200000; i++)
        bytes_append_format(content, "%u\n", i * 2654435761u);
}

static void save_in_steps(const char *path, const struct bytes *content, size_t step) {
    struct error error = {0};
    struct output *output = open_output(path);
    for (size_t at = 0; at < content->size; at += step) {
        size_t left = content->size - at;
        ck_assert_int_eq(output_write(output, content->data + at, left < step ? left : step, &error), 0);
    }
    close_output(output);
}

START_TEST(test_bytes_do_not_depend_on_steps) {
    static const char *const names[] = {"plain", "x.gz", "x.zst"};
    struct bytes content = {0}, first = {0}, next = {0}, decoded = {0};
    struct error error = {0};
    make_content(&content);
    for (size_t i = 0; i < 3; i++) {
        const char *path = folder_path(names[i]);
        bytes_clear(&first);
        save_in_steps(path, &content, 7);
        file_read(path, &first);
        bytes_clear(&decoded);
        ck_assert_int_eq(input_load(path, content.size, &decoded, &error), 0);
        assert_bytes(span_of_bytes(&decoded), span_of_bytes(&content));
        ck_assert(i == 0 || first.size < content.size * 3 / 4);
        for (size_t step = 1000; step < 10000000; step *= 31) {
            bytes_clear(&next);
            save_in_steps(path, &content, step);
            file_read(path, &next);
            assert_bytes(span_of_bytes(&next), span_of_bytes(&first));
        }
    }
    bytes_release(&content);
    bytes_release(&first);
    bytes_release(&next);
    bytes_release(&decoded);
}
END_TEST

START_TEST(test_compressed_details) {
    struct bytes packed = {0}, decoded = {0};
    struct error error = {0};
    save(folder_path("empty.zst"), "");
    save(folder_path("empty.gz"), "");
    ck_assert_int_eq(input_load(folder_path("empty.zst"), 0, &decoded, &error), 0);
    ck_assert_int_eq(input_load(folder_path("empty.gz"), 0, &decoded, &error), 0);
    file_read(folder_path("empty.gz"), &packed);
    ck_assert_uint_eq(packed.size, 20);
    ck_assert_mem_eq(packed.data + 4, "\0\0\0\0", 4); /* no time stamp */
    bytes_clear(&packed);
    save(folder_path("x.zst"), "content");
    file_read(folder_path("x.zst"), &packed);
    ck_assert_int_eq(packed.data[4] & 4, 4); /* the checksum flag */
    /* What was flushed can be read before the close. */
    struct output *output = open_output("/dev/null");
    write_text(output, "to nowhere");
    close_output(output);
    ck_assert_int_eq(mkfifo(folder_path("pipe.zst"), 0666), 0);
    int reader = open(folder_path("pipe.zst"), O_RDONLY | O_NONBLOCK);
    output = open_output(folder_path("pipe.zst"));
    write_text(output, "flushed");
    ck_assert_int_eq(output_flush(output, &error), 0);
    char buffer[100];
    ck_assert_int_gt(read(reader, buffer, sizeof buffer), 10);
    close_output(output);
    close(reader);
    struct stat status;
    ck_assert_int_eq(lstat(folder_path("pipe.zst"), &status), 0);
    ck_assert(S_ISFIFO(status.st_mode));
    bytes_release(&packed);
    bytes_release(&decoded);
}
END_TEST

START_TEST(test_full_device) {
    struct error error = {0};
    struct bytes content = {0};
    make_content(&content);
    /* A little shows at the close, much at a write, and the first error stays. */
    ck_assert_int_eq(output_save("/dev/full", SPAN_LITERAL("x"), &error), -1);
    ck_assert_str_eq(error.message, "cannot write /dev/full: No space left on device");
    ck_assert_int_eq(error_exit_status(&error), 1);
    struct output *output = open_output("/dev/full");
    ck_assert_int_eq(output_write(output, content.data, content.size, &error), -1);
    error = (struct error){0};
    ck_assert_int_eq(output_write(output, "x", 1, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "No space left"));
    ck_assert_int_eq(output_flush(output, &error), -1);
    ck_assert_int_eq(output_close(output, &error), -1);
    ck_assert_int_eq(symlink("/dev/full", folder_path("full.gz")), 0);
    ck_assert_int_eq(output_save(folder_path("full.gz"), SPAN_LITERAL("x"), &error), -1);
    /* Nothing written is nothing lost. */
    ck_assert_int_eq(output_save("/dev/full", SPAN_LITERAL(""), &error), 0);
    bytes_release(&content);
}
END_TEST

/* Makes `path` the stdout of this (forked) test. */
static void redirect_stdout(const char *path, int flags) {
    int descriptor = open(path, flags, 0666);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(dup2(descriptor, STDOUT_FILENO), STDOUT_FILENO);
    close(descriptor);
}

START_TEST(test_stdout_in_place) {
    static const char *const names[] = {NULL, "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    struct stat before, after;
    file_write(folder_path("file"), "start ", 6);
    ck_assert_int_eq(stat(folder_path("file"), &before), 0);
    ck_assert_int_eq(symlink("/dev/stdout", folder_path("link")), 0);
    redirect_stdout(folder_path("file"), O_WRONLY | O_APPEND);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        save(names[i], "x");
    save(folder_path("link"), "y");
    ck_assert_int_eq(write(STDOUT_FILENO, "z", 1), 1); /* still open */
    assert_file(folder_path("file"), "start xxxxxyz");
    ck_assert_int_eq(stat(folder_path("file"), &after), 0);
    ck_assert_uint_eq(after.st_ino, before.st_ino);
    close(STDOUT_FILENO);
    struct error error = {0};
    ck_assert_int_eq(output_save(NULL, SPAN_LITERAL("x"), &error), -1);
    ck_assert_str_eq(error.message, "cannot write stdout: Bad file descriptor");
}
END_TEST

START_TEST(test_closed_pipe) {
    int ends[2];
    struct error error = {0};
    ck_assert_int_eq(pipe(ends), 0);
    signal(SIGPIPE, SIG_IGN);
    char name[40];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    close(ends[0]);
    ck_assert_int_eq(output_save(name, SPAN_LITERAL("x"), &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "Broken pipe"));
}
END_TEST

START_TEST(test_nonblocking_pipe) {
    /* A terminal's or shell's descriptor may be set to non-blocking behind our back: that is no error. */
    int ends[2];
    struct bytes content = {0}, got = {0};
    make_content(&content);
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        char name[40];
        struct error error = {0};
        snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
        _exit(output_save(name, span_of_bytes(&content), &error) ? 1 : 0);
    }
    close(ends[1]);
    char name[40];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    struct error error = {0};
    ck_assert_int_eq(input_load(name, content.size, &got, &error), 0);
    assert_bytes(span_of_bytes(&got), span_of_bytes(&content));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    bytes_release(&content);
    bytes_release(&got);
}
END_TEST

static void remove_and_leave(int number) {
    output_remove_temporaries();
    _exit(128 + number);
}

START_TEST(test_temporaries_go_with_the_process) {
    file_write(folder_path("0"), "old", 3);
    for (int how = 0; how < 2; how++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGTERM, remove_and_leave);
            static struct output *kept[9]; /* still reachable at the exit: no leak */
            for (size_t i = 0; i < 9; i++) {
                char name[2] = {(char)('0' + i), '\0'};
                kept[i] = open_output(folder_path(name));
                write_text(kept[i], "new");
            }
            output_abort(open_output(folder_path("0"))); /* its slot is free again, the others are not */
            if (folder_count() != 10)
                _exit(99);
            if (how == 0)
                raise(SIGTERM);
            exit(143);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(WEXITSTATUS(status), 143);
        ck_assert_uint_eq(folder_count(), 1);
        assert_file(folder_path("0"), "old");
    }
}
END_TEST

START_TEST(test_removed_temporary_is_an_error) {
    file_write(folder_path("file"), "old", 3);
    struct output *output = open_output(folder_path("file"));
    write_text(output, "new");
    output_remove_temporaries();
    struct error error = {0};
    ck_assert_int_eq(output_close(output, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot rename"));
    assert_file(folder_path("file"), "old");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("output");
    TCase *cases = tcase_create("output");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, folder_make, folder_remove);
    tcase_add_test(cases, test_file_changes_at_close);
    tcase_add_test(cases, test_abort_leaves_the_old_file);
    tcase_add_test(cases, test_mode);
    tcase_add_test(cases, test_symlinks_are_followed);
    tcase_add_test(cases, test_names);
    tcase_add_test(cases, test_bytes_do_not_depend_on_steps);
    tcase_add_test(cases, test_compressed_details);
    tcase_add_test(cases, test_full_device);
    tcase_add_test(cases, test_stdout_in_place);
    tcase_add_test(cases, test_closed_pipe);
    tcase_add_test(cases, test_nonblocking_pipe);
    tcase_add_test(cases, test_temporaries_go_with_the_process);
    tcase_add_test(cases, test_removed_temporary_is_an_error);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
