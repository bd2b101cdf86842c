/* Spans, buffers, and the error messages built beside them. */
#include <errno.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "folder.h"

START_TEST(test_span_equality) {
    struct span absent = span_of(NULL), empty = SPAN_LITERAL("");
    ck_assert(span_equal(absent, absent));
    ck_assert(!span_equal(absent, empty));
    ck_assert(span_equal(empty, span_of("")));
    ck_assert(span_equal(SPAN_LITERAL("a\0b"), (struct span){"a\0bc", 3}));
    ck_assert(!span_equal(SPAN_LITERAL("a\0b"), SPAN_LITERAL("a\0c")));
    ck_assert(span_is(SPAN_LITERAL("text"), "text"));
    ck_assert(!span_is(SPAN_LITERAL("text"), "tex"));
    ck_assert(!span_is(absent, ""));
}
END_TEST

START_TEST(test_span_order) {
    ck_assert_int_lt(span_compare(SPAN_LITERAL("a"), SPAN_LITERAL("b")), 0);
    ck_assert_int_lt(span_compare(SPAN_LITERAL("a"), SPAN_LITERAL("ab")), 0);
    ck_assert_int_gt(span_compare(SPAN_LITERAL("\xff"), SPAN_LITERAL("a")), 0); /* bytes are unsigned */
    ck_assert_int_eq(span_compare(SPAN_LITERAL(""), span_of(NULL)), 0);
    ck_assert_int_eq(span_compare(SPAN_LITERAL("same"), SPAN_LITERAL("same")), 0);
}
END_TEST

START_TEST(test_appending) {
    struct bytes bytes = {0};
    ck_assert_str_eq(bytes_text(&bytes), "");
    for (int i = 0; i < 100000; i++)
        bytes_append_byte(&bytes, (char)i);
    ck_assert_uint_eq(bytes.size, 100000);
    for (int i = 0; i < 100000; i++)
        ck_assert(bytes.data[i] == (char)i);
    bytes_clear(&bytes);
    ck_assert_uint_ge(bytes.capacity, 100000);
    bytes_append_text(&bytes, "one");
    bytes_append(&bytes, "\0", 1);
    bytes_append_span(&bytes, SPAN_LITERAL("two"));
    bytes_append_span(&bytes, span_of(NULL));
    ck_assert(span_equal(span_of_bytes(&bytes), SPAN_LITERAL("one\0two")));
    bytes_release(&bytes);
    ck_assert_ptr_null(bytes.data);
    ck_assert_ptr_nonnull(span_of_bytes(&bytes).data);
}
END_TEST

START_TEST(test_reserve_leaves_a_spare_byte) {
    for (size_t size = 0; size < 300; size++) {
        struct bytes bytes = {0};
        memset(bytes_reserve(&bytes, size), 'x', size);
        bytes.size = size;
        ck_assert_uint_gt(bytes.capacity, size);
        char *before = bytes.data;
        ck_assert_uint_eq(strlen(bytes_text(&bytes)), size);
        ck_assert_ptr_eq(bytes.data, before);
        bytes_release(&bytes);
    }
}
END_TEST

START_TEST(test_format) {
    /* Lengths around the first guess of 128 and beyond it. */
    static const size_t lengths[] = {0, 1, 127, 128, 129, 5000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct bytes bytes = {0};
        bytes_append_text(&bytes, "<");
        bytes_append_format(&bytes, "%*s", (int)lengths[i], "");
        bytes_append_text(&bytes, ">");
        ck_assert_uint_eq(bytes.size, lengths[i] + 2);
        ck_assert_int_eq(bytes.data[lengths[i] + 1], '>');
        bytes_release(&bytes);
    }
}
END_TEST

START_TEST(test_error_messages) {
    struct error error = {0};
    ck_assert_int_eq(error_set(&error, ERROR_DATA, 56, "bad %s", "thing"), -1);
    ck_assert_int_eq(error_prefix(&error, "%s:%d: ", "f", 418), -1);
    ck_assert_str_eq(error.message, "f:418: bad thing");
    ck_assert_uint_eq(error.position, 56);
    ck_assert_int_eq(error_exit_status(&error), 65);
    errno = ENOSPC;
    ck_assert_int_eq(error_set_system(&error, "cannot write %s", "f"), -1);
    ck_assert_str_eq(error.message, "cannot write f: No space left on device");
    ck_assert_uint_eq(error.position, ERROR_NO_POSITION);
    ck_assert_int_eq(error_exit_status(&error), 1);
    error_set(&error, ERROR_USAGE, ERROR_NO_POSITION, "no");
    ck_assert_int_eq(error_exit_status(&error), 2);
    ck_assert_int_eq(error_set(NULL, ERROR_DATA, 0, "nobody listens"), -1);
    ck_assert_int_eq(error_set_system(NULL, "nobody"), -1);
    ck_assert_int_eq(error_prefix(NULL, "nobody"), -1);
    /* Too long is cut, whatever comes before or after. */
    char name[1000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    error_set_system(&error, "%s", name);
    error_prefix(&error, "%s", name);
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
}
END_TEST

START_TEST(test_memory) {
    free(memory_allocate(0));
    free(memory_zeroed(0, 8));
    unsigned char *zeroed = memory_zeroed(100, 3);
    for (size_t i = 0; i < 300; i++)
        ck_assert_uint_eq(zeroed[i], 0);
    zeroed = memory_resize(zeroed, 2, 1);
    free(zeroed);
    char *copy = memory_copy("a\0b", 3);
    ck_assert_mem_eq(copy, "a\0b", 4);
    free(copy);
}
END_TEST

START_TEST(test_memory_exhausted) {
    /* Runs in its own process (fork mode) and has to end with status 1. */
    volatile size_t huge = SIZE_MAX / 2;
    free(memory_resize(NULL, huge, 3));
}
END_TEST

START_TEST(trimmed_spans_lose_what_is_in_the_set) {
    ck_assert(span_equal(span_trim(SPAN_LITERAL(" \ta b\t"), " \t"), SPAN_LITERAL("a b")));
    ck_assert(span_equal(span_trim(SPAN_LITERAL("a\0"), " "), SPAN_LITERAL("a\0"))); /* NUL is data */
    ck_assert_uint_eq(span_trim(SPAN_LITERAL("   "), " ").size, 0);
    ck_assert_uint_eq(span_trim((struct span){NULL, 0}, " ").size, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bytes");
    TCase *cases = tcase_create("bytes");
    tcase_add_test(cases, test_span_equality);
    tcase_add_test(cases, test_span_order);
    tcase_add_test(cases, test_appending);
    tcase_add_test(cases, test_reserve_leaves_a_spare_byte);
    tcase_add_test(cases, test_format);
    tcase_add_test(cases, test_error_messages);
    tcase_add_test(cases, test_memory);
    tcase_add_test(cases, trimmed_spans_lose_what_is_in_the_set);
    tcase_add_exit_test(cases, test_memory_exhausted, 1);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
