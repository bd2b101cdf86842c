/* text/html_model.h and text/html_blocks.h: weights, blocks, and the choice among them. */
#include "text/html_blocks.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"

#define REFRAIN "Row on along the river shore, until the evening bells no longer ring, my friends."
#define VERSE "The boats lie low beneath the trees, and nobody has come to bring them home."

static struct html_tree tree;
static struct html_blocks blocks;

static void cut(const char *html) {
    const struct html_options options = {.max_work = HTML_DEFAULT_WORK};
    struct error error;
    ck_assert_int_eq(html_tree_parse(&tree, span_of(html), &options, 0, &error), 0);
    html_blocks_cut(&blocks, &tree, html_main_select(&tree));
}

static void teardown(void) {
    html_blocks_release(&blocks);
    html_tree_release(&tree);
    folder_remove();
}

static struct html_model *load(const char *text, struct error *error) {
    FILE *file = fopen(folder_path("weights"), "w");
    ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
    return html_model_load(folder_path("weights"), error);
}

START_TEST(blocks_end_where_lines_do) {
    cut("<body>\n<p>one <b>two</b> <a href=x>three</a></p> <ul><li>four<li>5, 6.</ul><div>A<p>B</p>C<br>D</div>");
    ck_assert_uint_eq(blocks.count, 6);
    ck_assert_uint_eq(blocks.items[0].characters, 11);
    ck_assert_uint_eq(blocks.items[0].linked, 5);
    ck_assert_uint_eq(blocks.items[0].text_count, 3);
    ck_assert_uint_eq(blocks.items[2].digits, 2);
    ck_assert_uint_eq(blocks.items[2].marks, 2);
    ck_assert(blocks.items[1].item && blocks.items[1].group == blocks.items[2].group);
    ck_assert_uint_eq(blocks.items[5].characters, 2);
    ck_assert_uint_eq(blocks.elements[0].characters, blocks.characters);
    ck_assert_uint_eq(blocks.elements[0].blocks, 6);
}
END_TEST

START_TEST(the_core_holds_the_paragraphs) {
    cut("<div><div><p>" VERSE "<p>" REFRAIN "</div><section><p>" VERSE "</section></div><footer>Contact</footer>");
    static const unsigned levels[] = {1, 1, 2, 3};
    ck_assert_uint_eq(blocks.count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(blocks.elements[blocks.items[i].element].core, levels[i]);
}
END_TEST

START_TEST(marks_of_many_scripts) {
    cut("<p>你好，世界。<p>مرحبا، كيف؟<p>नमस्ते।<p>3.14 a.b");
    ck_assert_uint_eq(blocks.items[0].marks, 2);
    ck_assert_uint_eq(blocks.items[1].marks, 2);
    ck_assert_uint_eq(blocks.items[2].marks, 1);
    ck_assert_uint_eq(blocks.items[3].marks, 0);
}
END_TEST

START_TEST(weights_are_read_as_written) {
    struct error error;
    const char *text =
        "# notes\nin-tag nav 0 0 -1.50\nlength-links - 3 5 0.25\ncontext 1 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "
        "16 17 18 19 20 21 22\n";
    struct html_model *model = load(text, &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    ck_assert_uint_eq(model->count, 2);
    ck_assert_float_eq(html_model_weight(model, FEATURE_IN_TAG, html_model_token(SPAN_LITERAL("nav")), 0, 0), -1.5F);
    ck_assert_float_eq(html_model_number_weight(model, FEATURE_LENGTH_LINKS, 3, 5), 0.25F);
    ck_assert_float_eq(html_model_weight(model, FEATURE_IN_TAG, html_model_token(SPAN_LITERAL("main")), 0, 0), 0);
    ck_assert_float_eq(html_model_weight(model, FEATURE_AT_TAG, html_model_token(SPAN_LITERAL("nav")), 0, 0), 0);
    ck_assert_float_eq(model->context[1][22], 22);
    struct bytes out = {0};
    html_model_write(model, &out);
    ck_assert_msg(strncmp(bytes_text(&out), "in-tag nav 0 0 -1.50\nlength-links - 3 5 0.25\ncontext 0 0.000", 58) == 0,
                  "%s", bytes_text(&out));
    bytes_release(&out);
    html_model_free(model);
}
END_TEST

START_TEST(bad_weights_name_their_line) {
    static const char *const bad[] = {"in-tag nav 0 0 1\nno-such - 0 0 1\n",
                                      "\nin-tag nav 0 0 x\n",
                                      "\nin-tag nav 0 0 nan\n",
                                      "\ncontext 99 1\n",
                                      "\ncontext 0 1 2\n",
                                      "\nin-tag nav 0 0 1 2\n",
                                      "\nin-tag\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error error;
        ck_assert_msg(load(bad[i], &error) == NULL, "%s", bad[i]);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_ptr_nonnull(strstr(error.message, "weights:2: "));
    }
}
END_TEST

/* With probabilities 0.9 and 0.9 of 10 characters, F1 is to be expected highest without the 0.1. */
START_TEST(threshold_promises_the_highest_f1) {
    cut("<p>aaaaaaaaaa<p>bbbbbbbbbb<p>cccccccccc");
    blocks.items[0].probability = blocks.items[2].probability = 0.9F;
    blocks.items[1].probability = 0.1F;
    ck_assert_float_eq_tol(html_blocks_threshold(&blocks), 0.85F, 0.001F);
    /* Where all are unlikely, the likeliest is still chosen. */
    for (size_t i = 0; i < blocks.count; i++)
        blocks.items[i].probability = 0.01F;
    ck_assert_float_le(html_blocks_threshold(&blocks), 0.01F);
}
END_TEST

static void expect(struct html_model *model, const char *html, const char *expected) {
    struct html_page page = {0};
    struct html_options options = {.max_work = HTML_DEFAULT_WORK, .model = model};
    struct error error;
    ck_assert_int_eq(html_extract(span_of(html), &options, &page, &error), 0);
    ck_assert_str_eq(bytes_text(&page.text), expected);
    html_page_release(&page);
}

#define ARTICLE VERSE " " REFRAIN " " VERSE

/* Weights that say nothing keep everything: what goes, goes by these rules. */
START_TEST(what_a_page_repeats_is_written_once) {
    struct html_model *model = html_model_new();
    expect(model,
           "<div class=wide><div><p>" REFRAIN "</p></div></div><div class=narrow><div><p>" REFRAIN
           "</p></div></div><p>" VERSE,
           REFRAIN "\n\n" VERSE);
    expect(model, "<div><p>" REFRAIN "<p>" VERSE "<p>" REFRAIN "</div>", REFRAIN "\n\n" VERSE "\n\n" REFRAIN);
    expect(model, "<div>" REFRAIN "</div><div style='display:none'>" REFRAIN " Again.</div>", REFRAIN);
    expect(model, "<div><div>Share</div></div><p>" VERSE "<div><div>Share</div></div>", "Share\n\n" VERSE "\n\nShare");
    html_model_free(model);
}
END_TEST

START_TEST(comments_beside_an_article_are_none_of_it) {
    struct html_model *model = html_model_new();
    const char *article = "<script type=application/ld+json>{\"@type\": \"NewsArticle\"}</script>";
    struct bytes html = {0};
    bytes_append_format(&html, "%s<p>" ARTICLE "<div class=comment-list><p>I came here for the bells.</div>", article);
    expect(model, bytes_text(&html), ARTICLE);
    bytes_clear(&html);
    bytes_append_format(&html, "%s<p>Bells?<div class=comment-list><p>I came here for the bells.</div>", article);
    expect(model, bytes_text(&html), "Bells?\n\nI came here for the bells.");
    expect(model, "<p>" ARTICLE "<div id=comments>I came here for the bells.</div>",
           ARTICLE "\n\nI came here for the bells.");
    bytes_release(&html);
    html_model_free(model);
}
END_TEST

START_TEST(what_scripts_call_the_article_is_believed) {
    struct html_model *model = html_model_new();
    const char *body = "<p>Buy our bells, which ring from dusk to dawn in every house.</p><h2>A</h2><p>" VERSE
                       "</p><h2>B</h2><p>" REFRAIN "</p><p>Read what our readers also liked to read this week.";
    struct bytes html = {0};
    bytes_append_format(
        &html, "<script type=application/ld+json>{\"articleBody\": \"" VERSE "\\n\n\\u0022" REFRAIN "\"}</script>%s",
        body);
    expect(model, bytes_text(&html), "A\n\n" VERSE "\n\nB\n\n" REFRAIN);
    /* Each of several articles; but not a mere beginning. */
    bytes_clear(&html);
    bytes_append_format(&html,
                        "<script type=application/ld+json>[{\"articleBody\":\"" VERSE "\"},{\"articleBody\":\"" REFRAIN
                        "\"}]</script>%s",
                        body);
    expect(model, bytes_text(&html), "A\n\n" VERSE "\n\nB\n\n" REFRAIN);
    expect(model,
           "<script type=application/ld+json>{\"articleBody\":\"" VERSE "\"}</script><p>" VERSE "<p>" REFRAIN
           "<p>" VERSE " " REFRAIN,
           VERSE "\n\n" REFRAIN "\n\n" VERSE " " REFRAIN);
    bytes_release(&html);
    html_model_free(model);
}
END_TEST

/* Weights that want nothing of two or three characters without links. */
START_TEST(lines_between_chosen_ones_are_part_of_them) {
    struct error error;
    struct html_model *model = load("length-links - 2 0 -9.00\n", &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    expect(model, "<div><p>" VERSE "<div><pre>a = 1</pre></div><p>" REFRAIN "</div>", VERSE "\n\na = 1\n\n" REFRAIN);
    expect(model, "<div><p>" VERSE "<p>" REFRAIN "<p>b = 2</div>", VERSE "\n\n" REFRAIN);
    expect(model, "<div><p>" VERSE "</div><ul><li><p>c = 3</ul><div><div><div><p>" REFRAIN "</div></div></div>",
           VERSE "\n\n" REFRAIN);
    html_model_free(model);
}
END_TEST

START_TEST(a_box_in_running_text_is_no_sidebar_of_the_page) {
    cut("<div><p>" VERSE "</p><div class=sidebar><p>" REFRAIN "</p></div><p>" VERSE "</p></div><p>" VERSE);
    ck_assert_uint_eq(blocks.count, 4);
    ck_assert_int_eq(blocks.items[1].verdict, VERDICT_KEPT);
    html_blocks_release(&blocks);
    html_tree_release(&tree);
    struct bytes html = {0};
    bytes_append_text(&html, "<div>");
    for (size_t i = 0; i < 30; i++)
        bytes_append_text(&html, "<p>" ARTICLE);
    bytes_append_text(&html, "</div><div class=sidebar><p>" REFRAIN "</div><div><a href=/>Contact</a></div>");
    cut(bytes_text(&html));
    ck_assert_int_eq(blocks.items[30].verdict, VERDICT_DROPPED);
    bytes_release(&html);
}
END_TEST

START_TEST(the_usual_weights_tell_pages_apart) {
    struct error error;
    struct html_model *model = html_model_load("filters/extraction.weights", &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    expect(model,
           "<nav><a href=/>Hem</a><a href=/om>Om oss</a></nav><main><h1>Höstens svampar</h1><p>Kantareller växer ofta "
           "i mossig "
           "granskog, och de är lätta att känna "
           "igen.</p><table><tr><th>Svamp<th>Säsong<tr><td>Kantarell<td>juli</table><pre>10 "
           "g\n  2 dl</pre></main><aside>Läs också: bär i skogen</aside><footer>© Svampbladet</footer>",
           "Höstens svampar\n\nKantareller växer ofta i mossig granskog, och de är lätta att känna igen.\n\nSvamp | "
           "Säsong\nKantarell | juli\n\n10 g\n  2 dl");
    expect(
        model,
        "<ul class=menu><li><a href=/>الرئيسية</a><li><a href=/n>أخبار</a></ul><article><h1>مكتبة</h1><p>افتتحت "
        "المدينة "
        "اليوم مكتبة جديدة، تضم آلاف الكتب في مختلف العلوم والآداب.</p></article><footer>جميع الحقوق محفوظة</footer>",
        "مكتبة\n\nافتتحت المدينة اليوم مكتبة جديدة، تضم آلاف الكتب في مختلف العلوم والآداب.");
    expect(model,
           "<div id=menu><a href=/>หน้าแรก</a> <a href=/c>ติดต่อเรา</a></div><div "
           "id=content><h1>ตลาดน้ำ</h1><p>ตลาดน้ำแห่งนี้เปิดทุกวันเสาร์และวันอาทิตย์ "
           "ชาวบ้านพายเรือนำผลไม้และอาหารมาขายตั้งแต่เช้าจนถึงบ่าย</p></div><div class=footer>สงวนลิขสิทธิ์</div>",
           "ตลาดน้ำ\n\nตลาดน้ำแห่งนี้เปิดทุกวันเสาร์และวันอาทิตย์ ชาวบ้านพายเรือนำผลไม้และอาหารมาขายตั้งแต่เช้าจนถึงบ่าย");
    expect(model, "", "");
    html_model_free(model);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("html_model");
    TCase *tests = tcase_create("html_model");
    tcase_add_checked_fixture(tests, folder_make, teardown);
    tcase_add_test(tests, blocks_end_where_lines_do);
    tcase_add_test(tests, the_core_holds_the_paragraphs);
    tcase_add_test(tests, marks_of_many_scripts);
    tcase_add_test(tests, weights_are_read_as_written);
    tcase_add_test(tests, bad_weights_name_their_line);
    tcase_add_test(tests, threshold_promises_the_highest_f1);
    tcase_add_test(tests, what_a_page_repeats_is_written_once);
    tcase_add_test(tests, comments_beside_an_article_are_none_of_it);
    tcase_add_test(tests, what_scripts_call_the_article_is_believed);
    tcase_add_test(tests, lines_between_chosen_ones_are_part_of_them);
    tcase_add_test(tests, a_box_in_running_text_is_no_sidebar_of_the_page);
    tcase_add_test(tests, the_usual_weights_tell_pages_apart);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
