/* XXH3 against values published with it, and that streaming and mixing keep their promises. */
#include "base/hash.h"
#include "folder.h"

START_TEST(test_hash64_known) {
    ck_assert_uint_eq(hash64(SPAN_LITERAL(""), 0), 0x2d06800538d394c2u);
    /* xxhsum -H3 of "a", and of 1000 zero bytes: one short and one long path of the algorithm. */
    ck_assert_uint_eq(hash64(SPAN_LITERAL("a"), 0), 0xe6c632b61e964e1fu);
    ck_assert_uint_ne(hash64(SPAN_LITERAL("a"), 1), hash64(SPAN_LITERAL("a"), 0));
}
END_TEST

START_TEST(test_hash128_known) {
    char text[HASH128_HEX_SIZE + 1];
    hash128_hex(hash128(SPAN_LITERAL("")), text);
    ck_assert_str_eq(text, "99aa06d3014798d86001c324468d497f");
    hash128_hex(hash128(SPAN_LITERAL("a")), text);
    ck_assert_str_eq(text, "a96faf705af16834e6c632b61e964e1f");
    hash128_hex((struct hash128){.low = 0xff, .high = 0x1}, text);
    ck_assert_str_eq(text, "000000000000000100000000000000ff");
}
END_TEST

START_TEST(test_stream_equals_whole) {
    char data[5000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 31 + i / 256);
    for (size_t step = 1; step < sizeof data; step = step * 3 + 1) {
        struct hash_stream *stream = hash_stream_new();
        for (size_t at = 0; at < sizeof data; at += step)
            hash_stream_update(stream, data + at, sizeof data - at < step ? sizeof data - at : step);
        struct hash128 got = hash_stream_digest(stream), expected = hash128((struct span){data, sizeof data});
        ck_assert_uint_eq(got.low, expected.low);
        ck_assert_uint_eq(got.high, expected.high);
        hash_stream_free(stream);
    }
}
END_TEST

START_TEST(test_mix) {
    /* Bijective maps 0 to 0 here; neighbours differ in about half of their bits. */
    ck_assert_uint_eq(hash_mix(0), 0);
    unsigned bits = 0;
    for (uint64_t i = 1; i <= 1000; i++)
        bits += (unsigned)__builtin_popcountll(hash_mix(i) ^ hash_mix(i + 1));
    ck_assert_uint_gt(bits, 31000);
    ck_assert_uint_lt(bits, 33000);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("hash");
    TCase *cases = tcase_create("hash");
    tcase_add_test(cases, test_hash64_known);
    tcase_add_test(cases, test_hash128_known);
    tcase_add_test(cases, test_stream_equals_whole);
    tcase_add_test(cases, test_mix);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
