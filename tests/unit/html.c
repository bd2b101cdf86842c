/* text/html.h: pages in, their text and statements out. */
#include "text/html.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct html_page page;

static void extract(const char *html, bool keep_all) {
    struct html_options options = {.keep_all = keep_all, .max_work = HTML_DEFAULT_WORK};
    struct error error;
    ck_assert_msg(html_extract(span_of(html), &options, &page, &error) == 0, "%s", error.message);
}

static void expect_text(const char *html, const char *expected) {
    extract(html, true);
    ck_assert_msg(strcmp(bytes_text(&page.text), expected) == 0, "\"%s\" gives \"%s\", not \"%s\"", html,
                  bytes_text(&page.text), expected);
}

static void teardown(void) {
    html_page_release(&page);
}

START_TEST(layout) {
    expect_text("<p>one  two\n three<p>four<br>five", "one two three\n\nfour\nfive");
    expect_text("<h1>T</h1><div>a</div><div>b</div>", "T\n\na\nb");
    expect_text("<ul><li>a<li><p>b</p><ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd");
    expect_text("<ol><li>a<li><ul><li>b</ul><li value=7>c<li><p>d<p>e<li></ol>f", "1. a\n  - b\n7. c\n8. d\ne\n\nf");
    expect_text("<ol start=' -1x'><li>a<li><li>b<li value=x>c</ol>", "-1. a\n1. b\n2. c");
    expect_text("<ol reversed><li>a<p>x</p><li>b</ol><ol reversed start=9><li>c<li>d</ol>",
                "2. a\nx\n1. b\n\n9. c\n8. d");
    expect_text("<ol type=a start=26><li>a<li>b<li value=703>c</ol><ol type=A start=0><li>d<li>e</ol>",
                "z. a\naa. b\naaa. c\n\n0. d\nA. e");
    expect_text("<ol type=i start=1994><li>a</ol><ol type=I start=3999><li>b<li>c</ol>",
                "mcmxciv. a\n\nMMMCMXCIX. b\n4000. c");
    expect_text("<ol start=99999999999><li>a<li>2. b<li>3rd</ol>", "1. a\n2. b\n3. 3rd");
    expect_text("<ol class='all-Comments'><li>a</ol><dl><dd>b</dl>", "- a\n\n- b");
    expect_text("<table><tr><th>a<th>b<tr><td>c<td><p>d</p><p>e</p></table>f", "a | b\nc | d e\n\nf");
    expect_text("x<pre>\n  a\n\tb\n</pre>y", "x\n\n  a\n\tb\n\ny");
    expect_text("a&nbsp;&amp;&eacute;&#x1F600;", "a &é\xF0\x9F\x98\x80");
    expect_text("<b>bo</b>ld <i>it</i>", "bold it");
    expect_text("a<script>b</script><style>c</style><!-- d -->e", "ae");
    expect_text("plain", "plain");
    expect_text("", "");
    expect_text("<html></html>", "");
}
END_TEST

START_TEST(markup_ends_where_browsers_end_it) {
    expect_text("a<script>if (x < y) '</p><b>' </scripted> z</SCRIPT >b", "ab");
    expect_text("a<script><!-- <script>x</script> --></script>b", "ab");
    expect_text("a<script><!-- x --><script></script>b", "ab");
    expect_text("a<script><!--><script></script>b", "ab");
    expect_text("a<script src=x/>b</script>c", "ac");
    expect_text("a<script src=x />b", "a");
    expect_text("a<script>b", "a");
    expect_text("a<!-->b<!--->c<!----!>d<!-- - -- > <b>e</b> -->f<!-- --- g", "abcdf");
    expect_text("<p title='>' data-x=\"<script>\" onclick=a>b</p>c", "b\n\nc");
    expect_text("<p title=\"a>b", "");
    expect_text("<?php echo '<script>' ?>a", "' ?>a");
    expect_text("<!ELEMENT <script>a</script>b", "ab");
    expect_text("1 < 2 <3 <p>x</ p>y</>z", "1 < 2 <3\n\nxyz");
    expect_text("<a/title='b>c'>d</a>", "d");
    expect_text("<div hidden/class=x>a</div>", "a");
    expect_text("<textarea><b>a</textarea>b<title><b>c</title>d<plaintext>e</plaintext>", "bd\n\ne</plaintext>");
    extract("<html><a rel=license href=https://example.org/by/>x</a>", true);
    ck_assert_str_eq(bytes_text(&page.license), "https://example.org/by/");
    extract("<html><a rel=license href=https://example.org/by/ />x</a>", true);
    ck_assert_str_eq(bytes_text(&page.license), "https://example.org/by/");
}
END_TEST

START_TEST(xhtml_closes_what_closes_itself) {
    struct html_options options = {.keep_all = true, .xhtml = true, .max_work = HTML_DEFAULT_WORK};
    struct error error;
    ck_assert_int_eq(
        html_extract(SPAN_LITERAL("<html><head><title/><script src='x'/></head><body><a id='x'/><i/>a<p/>b<br/>"
                                  "c<td/>d</body></html>"),
                     &options, &page, &error),
        0);
    ck_assert_str_eq(bytes_text(&page.text), "a\n\nb\ncd");
}
END_TEST

START_TEST(references) {
    expect_text(
        "&amp;lt; &lt;b&gt; &copy &notit; &notin; &#x41;&#66 &#0;&#x80;&#xD800;&#x110000; & &; &x; &NotEqualTilde;",
        "&lt; <b> © ¬it; ∉ AB \xEF\xBF\xBD€\xEF\xBF\xBD\xEF\xBF\xBD & &; &x; ≂̸");
    extract("<meta name=author content='A &amp; B &copy=1 &copy;2 &reg3'>x", true);
    ck_assert_str_eq(bytes_text(&page.author), "A & B &copy=1 ©2 &reg3");
}
END_TEST

START_TEST(missing_and_misplaced_tags) {
    expect_text("<p>a<div>b</div>c</p>d", "a\n\nb\nc\n\nd");
    expect_text("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\n- b\nc\n- d");
    expect_text("<table><tr><td>a<td>b<table><tr><td>c</table>d<tr><td>e</table>f", "a | b | c d\ne\n\nf");
    expect_text("<table>x<tr>y<td>a</table>", "xy\n\na");
    expect_text("<td>a</td><tr>b", "ab");
    expect_text("<select><option>a<div>b</select>c", "c");
    expect_text("<h1>a<h2>b</h3>c", "a\n\nb\n\nc");
    expect_text("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c");
    expect_text("<svg><title>a</title><path/><p>b", "b");
    expect_text("<math><mi>a</mi><annotation>b</annotation></math><svg><![CDATA[c]]></svg>d", "ad");
    expect_text("a</p>b</br>c", "a\n\nb\nc");
    expect_text("<pre>\na\n b</pre>", "a\n b");
    /* A link that is not closed ends with the next one; formatting goes on behind a block's end. */
    extract("<a href=1>a<a href=2 rel=license>b</a> c<p><b>d<p>e</b>f", true);
    ck_assert_str_eq(bytes_text(&page.text), "ab c\n\nd\n\nef");
}
END_TEST

START_TEST(signs_and_tools_are_no_text) {
    expect_text("<h2>Use<a class=headerlink href='#use'>\u00b6</a></h2><p>a<a href='#fn1'>\u2020</a> <a "
                "href='#up'><b>\u2191</b></a>",
                "Use\n\na\u2020");
    expect_text("<p>a <a href='#c'>C#</a> <a href=https://example.org/c>#</a> <a href='#'></a>", "a C# #");
    expect_text("<h2>Use<span class='mw-editsection x'>[<a href=/e>edit</a>]</span></h2>"
                "<li><span class=mw-cite-backlink>^ <a href='#r1'>a</a></span> Note",
                "Use\n\n- Note");
    expect_text("<div class='vector-toc x'><ul><li>1Use</ul></div><p class=vector>a", "a");
}
END_TEST

START_TEST(pages_of_frames_say_what_stands_for_them) {
    expect_text(
        "<head><title>T</title></head><frameset cols=9><frame src=a><noframes><body><h1>a</h1><p>b</body></noframes>"
        "</frameset>",
        "a\n\nb");
    expect_text("<frameset><frame src=a></frameset><noframes>a <b>b</b></noframes>", "a b");
    expect_text("<body>a<noframes><p>b</noframes>c", "ac");
}
END_TEST

START_TEST(shadow_trees_are_shown_and_templates_are_not) {
    expect_text("<x-card><template shadowrootmode=open><p>a<slot></slot></template>b</x-card><template><p>c</template>",
                "a\n\nb");
}
END_TEST

START_TEST(unicode_is_kept_and_controls_are_not) {
    expect_text("<p>你好，世界</p>", "你好，世界");
    struct html_options options = {.keep_all = true, .max_work = 100};
    struct error error;
    ck_assert_int_eq(html_extract(SPAN_LITERAL("<p>a\0b\x01"
                                               "c</p><p>d"),
                                  &options, &page, &error),
                     0);
    ck_assert_str_eq(bytes_text(&page.text), "a b c\n\nd");
}
END_TEST

/* Far deeper than the tree may be. */
START_TEST(deep_nesting_loses_no_text) {
    struct bytes html = {0};
    for (int i = 0; i < 3000; i++)
        bytes_append_text(&html, "<div>");
    bytes_append_text(&html, "deep</div> and <b>after</b>");
    extract(bytes_text(&html), true);
    ck_assert_str_eq(bytes_text(&page.text), "deep\nand after");
    extract(bytes_text(&html), false);
    ck_assert_str_eq(bytes_text(&page.text), "deep\nand after");
    bytes_release(&html);
}
END_TEST

START_TEST(limits_are_errors_not_short_pages) {
    struct html_options options = {.keep_all = true, .max_work = 10};
    struct error error;
    ck_assert_int_eq(html_extract(SPAN_LITERAL("<p>a<p>b<p>c<p>d<p>e<p>f<p>g"), &options, &page, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    struct bytes html = {0};
    /* Each <p> closes all of these, and the next <b> opens them again. */
    for (int i = 0; i < 100000; i++)
        bytes_append_format(&html, "<b id=%d><p>", i);
    options.max_work = HTML_DEFAULT_WORK;
    ck_assert_int_eq(html_extract(span_of_bytes(&html), &options, &page, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    bytes_release(&html);
}
END_TEST

#define SENTENCES                                                                                \
    "<p>The stones lay on the path, wet and grey, and nobody had moved them since the rain.</p>" \
    "<p>On the third day a boy came by, looked at them, and carried the smallest one home.</p>"

START_TEST(main_content_without_its_surroundings) {
    extract("<body><header><a href=/>Home</a> Site</header><nav><ul><li><a href=a>A</a><li><a href=b>B</a></ul></nav>"
            "<div class='cookie-banner'>We use cookies, as you know, to follow you.</div>"
            "<div id=content><h1>Stones</h1>" SENTENCES "<ul class=share><li>Share, please.</ul></div>"
            "<div class='sidebar'><p>Buy our newest stones, now cheaper than "
            "ever.</p></div><footer>Copyright</footer></body>",
            false);
    ck_assert_str_eq(bytes_text(&page.text),
                     "Stones\n\nThe stones lay on the path, wet and grey, and nobody had moved them since the rain.\n\n"
                     "On the third day a boy came by, looked at them, and carried the smallest one home.");
}
END_TEST

/* Names that mean boilerplate elsewhere must not empty a page that has nothing else. */
START_TEST(misnamed_content_is_kept) {
    extract("<body><div class=sidebar>" SENTENCES "</div></body>", false);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page.text), "wet and grey"));
    extract("<body><div class=promo>" SENTENCES "</div><div class=promo>" SENTENCES "</div><div class=promo>" SENTENCES
            "</div><div class=promo>" SENTENCES "</div></body>",
            false);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page.text), "wet and grey"));
    extract("<body><ul><li><a href=1>One</a><li><a href=2>Two</a></ul></body>", false);
    ck_assert_str_eq(bytes_text(&page.text), "- One\n- Two");
}
END_TEST

START_TEST(manuals_without_their_navigation) {
    extract(
        "<body><div class=navheader><table><tr><th colspan=3>1.2. Stones</th></tr><tr><td><a href=a>Back</a></td><th>"
        "Chapter 1. Things that lie about</th><td><a href=b>Next</a></td></tr></table><hr></div><div class=sect1>"
        "<h2>1.2. Stones</h2>" SENTENCES "</div><div class=navfooter><hr><table><tr><td><a href=a>Back</a></td><td>"
        "<a href=b>Next</a></td></tr><tr><td>1.1. Sticks, and what they are for</td><td>1.3. Leaves</td></tr></table>"
        "</div></body>",
        false);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page.text), "wet and grey"));
    ck_assert_ptr_null(strstr(bytes_text(&page.text), "Things"));
    ck_assert_ptr_null(strstr(bytes_text(&page.text), "Leaves"));
}
END_TEST

START_TEST(swallowed_pages_are_found) {
    extract("<body><button><div><svg><path></button><main><h1>T</h1>" SENTENCES "</main></body>", false);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page.text), "wet and grey"));
    extract("<body><div id=app></div><noscript>" SENTENCES "</noscript></body>", false);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page.text), "wet and grey"));
}
END_TEST

START_TEST(statements) {
    extract("<html lang=sv-SE><head><title>Stenar | Sajten</title><meta property=og:title content=' Stenar '>"
            "<meta name=Author content='Vera Lind'><link rel=canonical href='https://example.org/stenar'>"
            "<meta property=article:published_time content=2024-05-01T10:00:00+02:00>"
            "<script type=application/ld+json>{\"datePublished\": \"2020-01-01\"}</script></head>"
            "<body><a rel=license href=https://example.org/licence>l</a></body></html>",
            false);
    ck_assert_str_eq(bytes_text(&page.title), "Stenar");
    ck_assert_str_eq(bytes_text(&page.author), "Vera Lind");
    ck_assert_str_eq(bytes_text(&page.lang), "sv-SE");
    ck_assert_str_eq(bytes_text(&page.url), "https://example.org/stenar");
    ck_assert_str_eq(bytes_text(&page.date), "2024-05-01T10:00:00+02:00");
    ck_assert_str_eq(bytes_text(&page.license), "https://example.org/licence");
    extract("<title>A\n  B</title><link rel=canonical href=/relative><script "
            "type='application/ld+json'>{\"datePublished\" : \"2020-01-01\"}</script>",
            false);
    ck_assert_str_eq(bytes_text(&page.title), "A B");
    ck_assert_str_eq(bytes_text(&page.date), "2020-01-01");
    ck_assert_uint_eq(page.url.size, 0);
    extract("<script type='application/ld+json'>{\"author\":[{\"@type\":\"Person\",\"name\":\"Zo\\u00e9 \\\"Z\\\" "
            "B\"}]}</script>x",
            false);
    ck_assert_str_eq(bytes_text(&page.author), "Zoé \"Z\" B");
    extract("<script type='application/ld+json'>{\"author\":\"Anna\", broken</script>x", false);
    ck_assert_str_eq(bytes_text(&page.author), "Anna");
    extract("<script type='application/ld+json'>{\"author\":{\"name\":\"An\\q</script>x", false);
    ck_assert_uint_eq(page.author.size, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("html");
    TCase *tests = tcase_create("html");
    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, layout);
    tcase_add_test(tests, markup_ends_where_browsers_end_it);
    tcase_add_test(tests, references);
    tcase_add_test(tests, xhtml_closes_what_closes_itself);
    tcase_add_test(tests, missing_and_misplaced_tags);
    tcase_add_test(tests, signs_and_tools_are_no_text);
    tcase_add_test(tests, pages_of_frames_say_what_stands_for_them);
    tcase_add_test(tests, shadow_trees_are_shown_and_templates_are_not);
    tcase_add_test(tests, unicode_is_kept_and_controls_are_not);
    tcase_add_test(tests, deep_nesting_loses_no_text);
    tcase_add_test(tests, limits_are_errors_not_short_pages);
    tcase_add_test(tests, main_content_without_its_surroundings);
    tcase_add_test(tests, misnamed_content_is_kept);
    tcase_add_test(tests, manuals_without_their_navigation);
    tcase_add_test(tests, swallowed_pages_are_found);
    tcase_add_test(tests, statements);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
