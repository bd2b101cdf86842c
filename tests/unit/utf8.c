/* UTF-8 decoding and repair by maximal subparts. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "text/utf8.h"

static void expect_repair(const char *from, size_t size, const char *to, uint64_t replaced) {
    struct bytes out = {0};
    ck_assert_uint_eq(utf8_repair((struct span){from, size}, &out), replaced);
    ck_assert_str_eq(bytes_text(&out), to);
    bytes_release(&out);
}

#define R "\xEF\xBF\xBD"
#define EXPECT_REPAIR(from, to, replaced) expect_repair(from, sizeof(from) - 1, to, replaced)

START_TEST(maximal_subparts) {
    EXPECT_REPAIR("plain", "plain", 0);
    EXPECT_REPAIR("", "", 0);
    /* Unicode 15, tables 3-8 to 3-11. */
    EXPECT_REPAIR("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", R R R R R R R R "A", 8);
    EXPECT_REPAIR("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", R R R R R R R R "A", 8);
    EXPECT_REPAIR("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", R R R R R "A" R R "B", 7);
    EXPECT_REPAIR("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", R R R R "A", 4);
    EXPECT_REPAIR("cut \xE2\x82", "cut " R, 1);
    EXPECT_REPAIR("cut \xF0\x9F\x98", "cut " R, 1);
    EXPECT_REPAIR("f\xF6r", "f" R "r", 1);
}
END_TEST

START_TEST(every_scalar_value) {
    for (uint32_t code = 0; code < 0x110000; code++) {
        char data[4];
        uint32_t decoded, valid;
        size_t size = utf8_encode(code, data);
        size_t length = utf8_decode(data, size, &decoded);
        bool surrogate = code >= 0xD800 && code < 0xE000;
        ck_assert_uint_eq(decoded, surrogate ? UTF8_INVALID : code);
        if (surrogate)
            continue;
        ck_assert_uint_eq(length, size);
        ck_assert_uint_eq(utf8_decode_valid(data, &valid), size);
        ck_assert_uint_eq(valid, code);
        ck_assert_uint_eq(utf8_valid_prefix((struct span){data, size}), size);
        ck_assert_uint_eq(utf8_previous(data, size), 0);
        if (size > 1) { /* cut short it is one ill-formed subpart */
            ck_assert_uint_eq(utf8_decode(data, size - 1, &decoded), size - 1);
            ck_assert_uint_eq(decoded, UTF8_INVALID);
        }
    }
}
END_TEST

START_TEST(lengths_and_prefixes) {
    struct span text = SPAN_LITERAL("aåあ😀");
    ck_assert_uint_eq(utf8_length(text), 4);
    ck_assert(!utf8_is_ascii(text));
    ck_assert(utf8_is_ascii(SPAN_LITERAL("twelve bytes")));
    ck_assert_uint_eq(utf8_valid_prefix(SPAN_LITERAL("nine byte\xFF")), 9);
    ck_assert_uint_eq(utf8_valid_prefix(SPAN_LITERAL("å\xC3")), 2);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("utf8");
    TCase *cases = tcase_create("utf8");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, maximal_subparts);
    tcase_add_test(cases, every_scalar_value);
    tcase_add_test(cases, lengths_and_prefixes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
