/* Lines that are no UTF-8. */
#include <check.h>
#include <stdlib.h>

#include "base/random.h"
#include "clean/broken_utf8.h"
#include "suite.h"
#include "text/utf8.h"

#define R "\xEF\xBF\xBD"

static void expect(const char *from, const char *to) {
    struct bytes out = {0};
    bool mended = broken_utf8_mend(span_of(from), &out);
    ck_assert_int_eq(mended, utf8_valid_prefix(span_of(from)) < strlen(from));
    ck_assert_msg(span_is(mended ? span_of_bytes(&out) : span_of(from), to), "'%s' became '%s', not '%s'", from,
                  bytes_text(&out), to);
    bytes_release(&out);
}

START_TEST(windows_1252) {
    expect("\"caf\xE9 cr\xE8me \x93ok\x94 50 \x80\"", "\"café crème “ok” 50 €\"");
    expect("\"GR\xD6\xDC"
           "E\"",
           "\"GRÖÜE\"");
    expect("\"\xAB\xE9t\xE9\xBB\"", "\"«été»\"");
    expect("caf\xE9", "café");
    expect("caf\xE9\\nna\xC3\xAFve", "café\\nnaïve"); /* two stretches */
    expect("\"caf\xE9\":\"na\xC3\xAFve\"", "\"café\":\"naïve\"");
}
END_TEST

START_TEST(maximal_subparts) {
    expect("na\xC3\xAFve caf\xE9", "naïve caf" R);
    expect("cut \xE2\x82", "cut " R);
    expect("cut caf\xC3", "cut caf" R);
    expect("\xCF\xF0\xE8\xE2\xE5\xF2", R R R R R R); /* another alphabet */
    expect("a\x81\x8D"
           "b",
           "a" R R "b"); /* Windows-1252 lacks them */
    expect("字\xE5\xAD", "字" R);
    expect("字\xC0\xAF", "字" R R);
}
END_TEST

START_TEST(surrogate_pairs) {
    expect("CESU \xED\xA0\xBD\xED\xB8\x80 ok", "CESU 😀 ok");
    expect("half \xED\xA0\xBD ok", "half " R R R " ok");
    expect("\xED\xB8\x80\xED\xA0\xBD", R R R R R R);
    expect("valid 😀", "valid 😀");
}
END_TEST

START_TEST(any_bytes) {
    struct random random;
    struct bytes line = {0}, out = {0};
    random_seed(&random, 3);
    for (size_t round = 0; round < 100000; round++) {
        bytes_clear(&line);
        bytes_clear(&out);
        for (uint64_t i = random_below(&random, 20); i > 0; i--)
            bytes_append_byte(&line, (char)(random_below(&random, 3) ? 0x80 + random_below(&random, 128)
                                                                     : random_below(&random, 128)));
        if (broken_utf8_mend(span_of_bytes(&line), &out))
            ck_assert_uint_eq(utf8_valid_prefix(span_of_bytes(&out)), out.size);
        else
            ck_assert_uint_eq(out.size, 0);
    }
    bytes_release(&line);
    bytes_release(&out);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("broken_utf8");
    TCase *cases = tcase_create("broken_utf8");
    tcase_add_test(cases, windows_1252);
    tcase_add_test(cases, maximal_subparts);
    tcase_add_test(cases, surrogate_pairs);
    tcase_add_test(cases, any_bytes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
