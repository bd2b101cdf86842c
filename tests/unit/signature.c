/* crawl/signature.h and crawl/talk.h: signed lines and the trees they make. */
#include "crawl/signature.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/talk.h"
#include "suite.h"

/* What is left of the line, author and date as one text; "-" where nobody signed. */
static void expect(const char *line, const char *expected) {
    struct signature signature;
    struct bytes out = {0};
    if (!signature_find(span_of(line), SPAN_LITERAL("Notandi\nNotandaspjall\n"), &signature)) {
        bytes_append_text(&out, "-");
    } else {
        bytes_append(&out, line, signature.start);
        bytes_append_format(&out, "|%.*s|%s|%s", (int)signature.author.size,
                            signature.author.data ? signature.author.data : "", signature.date, line + signature.end);
    }
    ck_assert_msg(strcmp(bytes_text(&out), expected) == 0, "\"%s\" gives \"%s\", not \"%s\"", line, bytes_text(&out),
                  expected);
    bytes_release(&out);
}

START_TEST(time_stamps) {
    expect("a [[User:B]] 12:34, 5 January 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, Jan 5, 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 5 mrt 2010 12:34 (CET)", "a|B|2010-03-05T12:34:00+01:00|");
    expect("a [[User:B]] 12:34, 5. Mär. 2010 (CEST)", "a|B|2010-03-05T12:34:00+02:00|");
    expect("a [[User:B]] 5 août 2010 à 12:34 (CEST)", "a|B|2010-08-05T12:34:00+02:00|");
    expect("a [[User:B]] 5 oktober 2010 kl. 12.34 (CEST)", "a|B|2010-10-05T12:34:00+02:00|");
    expect("a [[User:B]] 2010年1月5日 (二) 12:34 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 2010년 1월 5일 (화) 12:34 (KST)", "a|B|2010-01-05T12:34:00+09:00|");
    expect("a [[User:B]] 12:34, 5 января 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12h34min de 5 de janeiro de 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34 5 ene 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, 5 lip 2010 (CEST)", "a|B|2010-07-05T12:34:00+02:00|");
    expect("a [[User:B]] 12:34, 5. lipnja 2010. (CEST)", "a|B|2010-06-05T12:34:00+02:00|");
    expect("a [[User:B]] 5. 1. 2010, 12:34 (CET)", "a|B|2010-01-05T12:34:00+01:00|");
    expect("a [[User:B]] 5. tammikuuta 2010 kello 12.34 (EET)", "a|B|2010-01-05T12:34:00+02:00|");
    expect("a [[User:B]] 2010. március 5., 12:34 (CET)", "a|B|2010-03-05T12:34:00+01:00|");
    expect("a [[User:B]] 12:34, 5 Ağustos 2010 (UTC)", "a|B|2010-08-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, ngày 5 tháng 1 năm 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, 5 Ιανουαρίου 2010 (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, 5 בינואר 2010 (IDT)", "a|B|2010-01-05T12:34:00+03:00|");
    expect("a [[User:B]] 12:34، 5 يناير 2010 (ت ع م)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] ‏۵ ژانویهٔ ۲۰۱۰، ساعت ۱۲:۳۴ (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, 5 มกราคม 2553 (ICT)", "a|B|2010-01-05T12:34:00+07:00|");
    expect("a [[User:B]] १२:३४, ५ जनवरी २०१० (UTC)", "a|B|2010-01-05T12:34:00+00:00|");
    expect("a [[User:B]] 12:34, 5. јануар 2010. (CET)", "a|B|2010-01-05T12:34:00+01:00|");
    /* Signed, but when cannot be read: an unknown month, an unknown zone. */
    expect("a [[User:B]] 12:34, 5 Foobar 2010 (UTC)", "a|B||");
    expect("a [[User:B]] 12:34, 5 May 2010 (XYZ)", "a|B||");
}
END_TEST

START_TEST(authors) {
    expect("a --[[user:b c|x]]", "a|b c||");
    expect("a — [[User talk:B#top|t]]", "a|B||");
    expect("a [[Notandi:B|B]] ([[Notandaspjall:B|s]]) 12:34, 5 May 2010 (UTC)", "a|B|2010-05-05T12:34:00+00:00|");
    expect("a ~ [[Special:Contributions/1.2.3.4|1.2.3.4]]", "a|1.2.3.4||");
    expect("a <b>[[User:B/about|B]]</b> 12:34, 5 May 2010 (UTC)", "a|B|2010-05-05T12:34:00+00:00|");
    expect("a {{User:B/sig}} 12:34, 5 May 2010 (UTC)", "a|B|2010-05-05T12:34:00+00:00|");
    expect("a 12:34, 5 May 2010 (UTC)", "a||2010-05-05T12:34:00+00:00|");
    expect("a {{unsigned|B}}", "a|B||");
    expect("a {{niepodpisany|B}}", "a|B||");
    expect("a {{غير موقع|B}}", "a|B||");
    expect("a {{unsigned2|12:34, 5 May 2010 (UTC)|B}}", "a|B|2010-05-05T12:34:00+00:00|");
    expect("hi [[User:A|A]], a --[[User:B|B]] 12:34, 5 May 2010 (UTC)",
           "hi [[User:A|A]], a|B|2010-05-05T12:34:00+00:00|");
    expect("a. <small>(''nicht [[Hilfe:Signatur|signierter]] Beitrag von'' [[Spezial:Beiträge/77.4.10.9|77.4.10.9]] "
           "([[Benutzer Diskussion:77.4.10.9|Diskussion]]) 18:07, 16. Mai 2011 (CEST)) </small>",
           "a.|77.4.10.9|2011-05-16T18:07:00+02:00|");
    expect("a. [[Usuario:B|B]] ([[Usuario Discusión:B|discusión]]) 12:34 19 mar 2021 (UTC)",
           "a.|B|2021-03-19T12:34:00+00:00|");
    expect("a [[:de:Benutzer:B|B]] ([[:de:Benutzer Diskussion:B#Top|Talk]]) 12:34, 5 May 2010 (UTC)",
           "a|B|2010-05-05T12:34:00+00:00|");
    expect("a [[w:en:User:B|B]] 12:34, 5 May 2010 (UTC)", "a|B|2010-05-05T12:34:00+00:00|");
    /* Mentioned, not signed. */
    expect("Ask [[User:B]] about it.", "-");
    expect("Ask [[User:B]]", "-");
    expect("In 2010 there were 12", "-");
    expect("", "-");
}
END_TEST

static void append_post(void *context, const struct talk_post *post) {
    bytes_append_format(context, "%zu<%zu %.*s;", post->number, post->parent, (int)post->text.size, post->text.data);
}

static void expect_tree(const char *page, const char *expected) {
    struct bytes out = {0};
    struct talk_names names = {{SPAN_LITERAL(""), SPAN_LITERAL("")}, SPAN_LITERAL("")};
    talk_read(span_of(page), &names, append_post, &out);
    ck_assert_msg(strcmp(bytes_text(&out), expected) == 0, "\"%s\" gives \"%s\", not \"%s\"", page, bytes_text(&out),
                  expected);
    bytes_release(&out);
}

START_TEST(trees) {
    expect_tree("a -[[User:A]]\n:b -[[User:B]]\n::c -[[User:C]]\n:d -[[User:D]]\ne -[[User:E]]\n:f -[[User:F]]",
                "1<0 a;2<1 b;3<2 c;4<1 d;5<1 e;6<5 f;");
    expect_tree("a -[[User:A]]\n::::b -[[User:B]]\n{{outdent|4}} c -[[User:C]]\n:d -[[User:D]]",
                "1<0 a;2<1 b;3<2 c;4<3 d;");
    expect_tree("*a -[[User:A]]\n**b -[[User:B]]\n*c -[[User:C]]", "1<0 a;2<1 b;3<1 c;");
    expect_tree("a -[[User:A]]\n== S ==\nb -[[User:B]]\n=== T ===\nc -[[User:C]]", "1<0 a;2<0 b;3<2 c;");
    /* Nobody signed the question; the list belongs to who signed its end. */
    expect_tree("q\n:a -[[User:A]]", "1<0 q;2<1 a;");
    expect_tree("q:\n* x\n* y -[[User:A]]", "1<0 q:\n\n- x\n- y;");
    expect_tree("p1\n\np2 -[[User:A]]\nrest", "1<0 p1\n\np2;2<1 rest;");
    expect_tree("<pre>\n:x\n</pre> -[[User:A]]\n:b -[[User:B]]", "1<0 :x;2<1 b;");
    expect_tree("wrapped\nlines -[[User:A]]", "1<0 wrapped lines;");
    expect_tree("a -[[User:A]]\n:b\n:<pre>\nx\n:y\n</pre>\n:c -[[User:B]]\n<pre>never",
                "1<0 a;2<1 b\n\nx\n:y\n\nc;3<1 never;");
    expect_tree("{{header}}\n", "");
    expect_tree("", "");
}
END_TEST

/* Unclosed links and templates by the hundred thousand on a line take linear time. */
START_TEST(hostile_lines) {
    static const char *const pieces[] = {"[[",     "{{", "[[User:a",         "{{unsigned|", "<small>",
                                         "<pre\n", ":",  "\n:a -[[User:A]]", "=\n"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct bytes page = {0}, out = {0};
        struct talk_names names = {{SPAN_LITERAL(""), SPAN_LITERAL("")}, SPAN_LITERAL("")};
        for (size_t count = 0; count < 50000; count++)
            bytes_append_text(&page, pieces[i]);
        talk_read(span_of_bytes(&page), &names, append_post, &out);
        bytes_release(&page);
        bytes_release(&out);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("signature");
    TCase *tests = tcase_create("signature");
    tcase_add_test(tests, time_stamps);
    tcase_add_test(tests, authors);
    tcase_add_test(tests, trees);
    tcase_add_test(tests, hostile_lines);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
