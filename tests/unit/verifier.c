/* Checks of numbers, hand-made and from the standards' own examples; and pseudonyms. */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "clean/pseudonym.h"
#include "clean/verifier.h"
#include "suite.h"

static const struct {
    const char *check, *match;
    bool passes;
} cases[] = {
    {"luhn", "4111 1111 1111 1111", true},
    {"luhn", "4111 1111 1111 1112", false},
    {"luhn", "0000000000000000", false},
    {"issuer", "4111111111111111", true},
    {"issuer", "378282246310005", true},
    {"issuer", "20210124233728", false}, /* a time */
    {"issuer", "9111111111111111", false},
    {"iban", "GB82WEST12345698765432", true},
    {"iban", "GB82 WEST 1234 5698 7654 33", false},
    {"iban", "ZZ82WEST12345698765432", false},
    {"ipv4", "255.255.255.255", true},
    {"ipv4", "256.1.1.1", false},
    {"ipv4", "1.2.3.04", false},
    {"routable", "8.8.8.8", true},
    {"routable", "100.64.0.1", false},
    {"routable", "172.31.255.255", false},
    {"routable", "172.32.0.1", true},
    {"routable", "224.0.0.1", false},
    {"routable", "2a00:1450::1", true},
    {"routable", "2001:db8::1", false},
    {"phone", "+46 8 123 456 78", true},
    {"phone", "+1 212 555 0123", true},
    {"phone", "+1 012 555 0123", false},
    {"phone", "+2147483647", false}, /* the largest integer; 214 is nobody's code */
    {"phone", "+32768000", false},
    {"phone", "+44 1234567", true},
    {"phone", "0031 20 555 0199", true},
    {"phone", "00188 30193 255", false},
    {"nanp", "(212) 555-0123", true},
    {"nanp", "112-155-0123", false},
    {"nanp", "211-555-0123", false},
    {"nanp", "911-555-0123", false},
    {"national_phone", "1990-1999", false},
    {"national_phone", "01.02.2003", false},
    {"national_phone", "00000000", false},
    {"national_phone", "030 1234567", true},
    {"ssn", "123-45-6789", true},
    {"ssn", "666-45-6789", false},
    {"personnummer", "811218-9876", true},
    {"personnummer", "19811218-9876", true},
    {"personnummer", "811278-9873", true}, /* a coordination number */
    {"personnummer", "811218-9877", false},
    {"resident_id", "11010519491231002X", true},
    {"resident_id", "110105194912310021", false},
    {"cpf", "529.982.247-25", true},
    {"cpf", "111.111.111-11", false},
    {"nir", "2 69 05 49 588 157 80", true},
    {"nir", "2 69 05 49 588 157 81", false},
    {"bsn", "111222333", true},
    {"bsn", "111222334", false},
    {"dni", "12345678Z", true},
    {"dni", "X1234567L", true},
    {"dni", "12345678A", false},
};

START_TEST(checks) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        verifier *check = verifier_find(span_of(cases[i].check));
        ck_assert_ptr_nonnull(check);
        struct span match = span_of(cases[i].match);
        size_t expected = cases[i].passes ? match.size : 0;
        ck_assert_msg(check(match) == expected, "%s: %s", cases[i].check, cases[i].match);
    }
    ck_assert_ptr_null(verifier_find(SPAN_LITERAL("isbn")));
}
END_TEST

static const char *name_of(const struct pseudonyms *pseudonyms, const char *found, struct bytes *out) {
    bytes_clear(out);
    pseudonym_append(pseudonyms, span_of(found), out);
    return bytes_text(out);
}

static void expect_same(const struct pseudonyms *pseudonyms, const char *a, const char *b, bool same) {
    struct bytes first = {0}, second = {0};
    int differ = strcmp(name_of(pseudonyms, a, &first), name_of(pseudonyms, b, &second));
    ck_assert_msg((differ == 0) == same, "%s is %s, %s is %s", a, bytes_text(&first), b, bytes_text(&second));
    ck_assert_uint_eq(first.size, 10);
    bytes_release(&first);
    bytes_release(&second);
}

START_TEST(names) {
    struct pseudonyms *pseudonyms;
    struct error error;
    struct bytes name = {0};
    char path[] = "/tmp/gpt-pseudonyms.XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, "Jefe, and more of it\n", 21), 21);
    ck_assert_int_eq(pseudonyms_load(&pseudonyms, path, &error), 0);
    /* printf bob | openssl dgst -sha256 -hmac "Jefe, and more of it" -binary | base32 */
    ck_assert_str_eq(name_of(pseudonyms, "bob", &name), "4gkbvgaojf");
    expect_same(pseudonyms, "@Bob", "bob", true);
    expect_same(pseudonyms, "/u/bob", "u/Bob", true);
    expect_same(pseudonyms, "bob", "bobb", false);
    expect_same(pseudonyms, "A.b@C.se", "a.B@c.se", true);
    expect_same(pseudonyms, "a-b@c.se", "ab@c.se", false);
    expect_same(pseudonyms, "+46 (8) 123-456", "0046 8 123456", true);
    expect_same(pseudonyms, "4111 1111 1111 1111", "4111-1111-1111-1111", true);
    expect_same(pseudonyms, "1.23.4.5", "12.3.4.5", false);
    pseudonyms_free(pseudonyms);
    ck_assert_int_eq(ftruncate(file, 15), 0);
    ck_assert_int_ne(pseudonyms_load(&pseudonyms, path, &error), 0);
    ck_assert_ptr_null(pseudonyms);
    close(file);
    unlink(path);
    ck_assert_int_ne(pseudonyms_load(&pseudonyms, path, &error), 0);
    bytes_release(&name);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("verifier");
    TCase *all = tcase_create("verifier");
    tcase_add_test(all, checks);
    tcase_add_test(all, names);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
