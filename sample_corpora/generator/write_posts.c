/* A Stack Exchange dump: Posts.xml with questions, answers, scores and accepted answers. */
#include "damage.h"
#include "formats.h"
#include "page.h"
#include "talk.h"

#define POSTS_TEXT ((uint64_t)280 << 10)

/* One row; body is plain text and becomes a paragraph of escaped HTML. attributes are written as they stand. */
static void append_row(size_t id, const char *attributes, int score, const struct bytes *body, struct bytes *out) {
    struct bytes html = {0};
    bytes_append_text(&html, "<p>");
    page_escape(span_of_bytes(body), &html);
    bytes_append_text(&html, "</p>");
    /* One post an hour, so that an answer is later than its question. */
    bytes_append_format(out, "  <row Id=\"%zu\" %s CreationDate=\"2024-%02zu-%02zuT%02zu:00:00.000\" Score=\"%d\"", id,
                        attributes, 1 + id / (24 * 28) % 12, 1 + id / 24 % 28, id % 24, score);
    bytes_append_format(out, " OwnerUserId=\"%zu\" Body=\"", id % 97 + 2);
    page_escape(span_of_bytes(&html), out);
    bytes_append_byte(out, '"');
    bytes_release(&html);
}

/* A second answer, with little approval: what somebody wrote who had read something else. */
static void append_poor_answer(struct sample *sample, size_t id, const char *attributes, size_t language,
                               struct bytes *out) {
    struct bytes body = {0};
    struct values values;
    values_draw(&values, &sample->materials[language], &sample->random);
    phrase_draw(&sample->materials[language], &sample->random, &values, sample_topic(sample, language), '-', &body);
    append_row(id, attributes, -1 - (int)random_below(&sample->random, 3), &body, out);
    bytes_append_text(out, " />\n");
    sample->text[language] += body.size;
    bytes_release(&body);
}

int write_posts(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct talk talk = {0};
    struct bytes attributes = {0};
    (void)error;
    bytes_append_text(out, "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n");
    for (size_t id = 1; sample_total(sample) < POSTS_TEXT; id += 3) {
        bool poor = sample_chance(sample, 20);
        language = sample_language(sample);
        talk_compose(sample, language, 1, &talk);
        /* The question is what stands before the first answer that is not a greeting. */
        size_t at = talk.count >= 4 && talk.turns[0].size < talk.turns[2].size ? 2 : 0;
        for (size_t i = 0; i < 2; i++)
            damage_some(sample, 15, &talk.turns[at + i]);
        bytes_clear(&attributes);
        bytes_append_format(&attributes, "PostTypeId=\"1\" AcceptedAnswerId=\"%zu\"", id + 1);
        append_row(id, bytes_text(&attributes), (int)random_below(&sample->random, 30), &talk.turns[at], out);
        bytes_append_text(out, " Title=\"");
        page_escape(span_of_bytes(&talk.turns[at]), out);
        bytes_append_format(out, "\" Tags=\"&lt;%s&gt;&lt;shop&gt;\" AnswerCount=\"%d\" ViewCount=\"%zu\" />\n",
                            LANGUAGES[language], poor ? 2 : 1, id * 7 % 990);
        bytes_clear(&attributes);
        bytes_append_format(&attributes, "PostTypeId=\"2\" ParentId=\"%zu\"", id);
        append_row(id + 1, bytes_text(&attributes), 1 + (int)random_below(&sample->random, 40), &talk.turns[at + 1],
                   out);
        bytes_append_text(out, " />\n");
        if (poor)
            append_poor_answer(sample, id + 2, bytes_text(&attributes), language, out);
    }
    bytes_append_text(out, "</posts>\n");
    bytes_release(&attributes);
    talk_release(&talk);
    return 0;
}
