/* Dialogues from reply trees and labelled texts. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pair/speaker.h"
#include "pair/thread.h"
#include "pair/transcript.h"
#include "suite.h"

/* Dialogues as text: turns as "u:…" or "a:…" joined by "|", dialogues by "\n". */
static int show(struct bytes *out, const struct dialogue *dialogue, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        bytes_append_text(out, i == from ? "" : "|");
        bytes_append_text(out, dialogue->turns[i].role == ROLE_USER ? "u:" : "a:");
        bytes_append_span(out, dialogue_text(dialogue, i));
    }
    bytes_append_byte(out, '\n');
    return 0;
}

static int show_text(void *out, const struct dialogue *dialogue, size_t from, size_t to, struct error *error) {
    (void)error;
    return show(out, dialogue, from, to);
}

static int show_thread(void *out, const struct dialogue *dialogue, size_t from, size_t to, size_t end,
                       struct error *error) {
    (void)error;
    (void)end;
    return show(out, dialogue, from, to);
}

static void check_text(const char *text, size_t max_turns, const char *expected) {
    struct dialogue dialogue = {0};
    struct bytes out = {0};
    size_t found;
    ck_assert_int_eq(transcript_parse(span_of(text), max_turns, &dialogue, show_text, &out, &found, NULL), 0);
    ck_assert_str_eq(bytes_text(&out), expected);
    bytes_release(&out);
    dialogue_release(&dialogue);
}

START_TEST(labels) {
    struct span label, text;
    ck_assert(speaker_split(span_of("Agent: hello"), &label, &text));
    ck_assert(span_is(label, "Agent") && span_is(text, "hello"));
    ck_assert(speaker_split(span_of("问：什么时候？"), &label, &text));
    ck_assert(span_is(label, "问") && span_is(text, "什么时候？"));
    ck_assert(speaker_split(span_of("Réponse\xC2\xA0: oui"), &label, &text));
    ck_assert(span_is(label, "Réponse"));
    ck_assert(speaker_split(span_of("First Citizen:"), &label, &text) && text.size == 0);
    ck_assert(!speaker_split(span_of("see https://example.com"), &label, &text));
    ck_assert(!speaker_split(span_of("12:30 it rained"), &label, &text));
    ck_assert(!speaker_split(span_of("One two three four five: no"), &label, &text));
    ck_assert(!speaker_split(span_of("He said (loudly): no"), &label, &text));
    ck_assert_int_eq(speaker_classify(span_of("CUSTOMER 2")), SPEAKER_USER);
    ck_assert_int_eq(speaker_classify(span_of("客服")), SPEAKER_ASSISTANT);
    ck_assert_int_eq(speaker_classify(span_of("Vraag")), SPEAKER_QUESTION);
    ck_assert_int_eq(speaker_classify(span_of("Juliet")), SPEAKER_OTHER);
    ck_assert_int_eq(speaker_classify(span_of("Juliet wrote")), SPEAKER_NOTE);
    ck_assert_int_eq(speaker_classify(span_of("UPDATE 2")), SPEAKER_NOTE);
}
END_TEST

START_TEST(transcripts) {
    check_text("Customer: hi\nAgent: hello\nCustomer: bye", 20, "u:hi|a:hello\n");
    check_text("Agent: welcome\nCustomer: hi\nAgent: hello\nand more\nAgent: again", 20,
               "u:hi|a:hello\nand more\nagain\n");
    check_text("Kund: ett\nAgent: två\n\nKund: tre\nAgent: fyra", 20, "u:ett|a:två\nu:tre|a:fyra\n");
    check_text("Q: a?\nA: b.\nQ: c?\nA: d.", 20, "u:a?|a:b.\nu:c?|a:d.\n");
    check_text("Fråga: När?\n\nSvar: I morgon.\n\nFråga: Hur?\n\nSvar: Med post.", 20,
               "u:När?|a:I morgon.\nu:Hur?|a:Med post.\n");
    /* names alone on their lines, turns divided by blank lines */
    check_text("ROMEO:\nBut soft,\nwhat light\n\nJULIET:\nAy me!\n\nROMEO:\nShe speaks\n\nJULIET:\nO Romeo", 20,
               "u:But soft,\nwhat light|a:Ay me!|u:She speaks|a:O Romeo\n");
    check_text("A: x?\nB: y.\nA: z?\nB: w.", 2, "u:x?|a:y.\nu:z?|a:w.\n"); /* A answers only where a Q asks */
    check_text("V: x?\nF: y.\nV: z?\nF: w.", 20, "u:x?|a:y.|u:z?|a:w.\n");
    /* times before labels, or on lines of their own */
    check_text("[12:30:05] Bo: Up?\n(12:31) Al: No.\n12:32 Bo: Now?\n12:33:01 Al: Yes.", 20,
               "u:Up?|a:No.|u:Now?|a:Yes.\n");
    check_text("[0:01]\nBo: Up?\n\n[0:02]\nAl: No.\n\n[0:03]\nBo: Now?\n\n[0:04]\nAl: Yes.", 20,
               "u:Up?|a:No.|u:Now?|a:Yes.\n");
    /* a name beside a role word has the other role */
    check_text("Guest: Hi!\nAnna: Hello!\nGuest: Bye!\nAnna: Bye!", 20, "u:Hi!|a:Hello!|u:Bye!|a:Bye!\n");
    check_text("Anna: Hi!\nAgent: Hello!\nAnna: Bye!\nAgent: Bye!", 20, "u:Hi!|a:Hello!|u:Bye!|a:Bye!\n");
    /* remarks are nobody's */
    check_text("Customer: hi\nAgent: hello\nNote: on hold\nCustomer: so?\nAgent: yes\nNote: closed", 20,
               "u:hi|a:hello\nNote: on hold|u:so?|a:yes\nNote: closed\n");
    /* no dialogue */
    check_text("Plain text.\nNothing said here.", 20, "");
    check_text("Title: x\nAuthor: y\nDate: z\nPlace: w", 20, "");
    check_text("Note: one label only\nNote: again", 20, "");
    check_text("Note: the first one here.\nUpdate: it is done now.\nNote: it is not.\nUpdate: now it is.", 20, "");
    check_text("Pros:\n- Light and easy to wear.\nCons:\n- Not the best there is.\n\nPros:\n- It lasts for many "
               "days.\nCons:\n- "
               "It costs a lot of money.",
               20, "");
    check_text("Client: Windows 10\nSupport: yes", 20, "");
    check_text("Colour: red\nSize: 12\nColour: blue\nSize: 14\nColour: green\nSize: 7", 20, "");
    check_text("Posted by: Bo\nAnswers: Some title of a page.\nLikes: 3\n\nPosted by: Al\nAnswers: Some title of "
               "a page.\nLikes: 7",
               20, "");
    check_text("型号：甲\n颜色：红\n型号：乙\n颜色：蓝", 20, "");
    check_text("", 20, "");
}
END_TEST

static struct post post(const char *id, const char *parent, const char *author, const char *text, double score) {
    return (struct post){.id = span_of(id),
                         .parent = span_of(parent),
                         .author = span_of(author),
                         .text = span_of(text),
                         .has_score = !isnan(score),
                         .score = isnan(score) ? 0 : score};
}

static void check_thread(struct post *posts, size_t count, struct thread_options options, const char *expected) {
    struct dialogue dialogue = {0};
    struct bytes out = {0};
    ck_assert_int_eq(thread_pair(posts, count, &options, &dialogue, show_thread, &out, NULL), 0);
    ck_assert_str_eq(bytes_text(&out), expected);
    bytes_release(&out);
    dialogue_release(&dialogue);
}

static const struct thread_options all = {.max_turns = 20, .min_score = -INFINITY};

START_TEST(trees) {
    struct post tree[] = {post("1", NULL, "a", "q", NAN), post("2", "1", "b", "x", 1), post("3", "1", "c", "y", 5),
                          post("4", "2", "a", "thanks", NAN), post("5", "3", "c", "more", NAN)};
    /* a thread ends with an answer: "thanks" is left out, and its path ends where another would */
    check_thread(tree, 5, all, "u:q|a:x\nu:q|a:y\n\nmore\n");
    ck_assert(tree[0].used && tree[1].used && !tree[3].used && tree[4].used);
    struct thread_options best = all;
    best.best_only = true;
    check_thread(tree, 5, best, "u:q|a:y\n\nmore\n");
    struct thread_options scored = all;
    scored.min_score = 2;
    check_thread(tree, 5, scored, "u:q|a:y\n\nmore\n");
}
END_TEST

START_TEST(linear_threads) {
    struct post forum[] = {post("1", NULL, "a", "1", NAN), post("2", NULL, "b", "2", NAN),
                           post("3", NULL, "b", "3", NAN), post("4", NULL, "c", "4", NAN),
                           post("5", NULL, "a", "5", NAN)};
    check_thread(forum, 5, all, "u:1|a:2\n\n3|u:4|a:5\n");
    struct thread_options two = all;
    two.max_turns = 2;
    check_thread(forum, 5, two, "u:1|a:2\n\n3\nu:4|a:5\n");
}
END_TEST

START_TEST(odd_trees) {
    struct post circle[] = {post("1", "2", "a", "1", NAN), post("2", "1", "b", "2", NAN)};
    check_thread(circle, 2, all, "u:2|a:1\n");
    struct post self[] = {post("1", "1", "a", "1", NAN), post("2", "1", "b", "2", NAN)};
    check_thread(self, 2, all, "u:1|a:2\n");
    struct post orphan[] = {post("1", "0", "a", "1", NAN), post("2", "9", "b", "2", NAN),
                            post("3", "2", "c", "3", NAN)};
    check_thread(orphan, 3, all, "u:2|a:3\n");
    struct post late[] = {post("2", "1", "b", "2", NAN), post("1", NULL, "a", "1", NAN)};
    check_thread(late, 2, all,
                 "u:1|a:2\n"); /* the circle that the forum rule makes is cut at the post without a parent */
    struct post lone[] = {post("1", NULL, "a", "1", NAN)};
    check_thread(lone, 1, all, "");
    struct post titled[] = {post("1", NULL, "a", "body", NAN), post("2", "1", "b", "yes", NAN)};
    titled[0].title = span_of("Question?");
    check_thread(titled, 2, all, "u:Question?\nbody|a:yes\n");
    struct post nameless[] = {post("1", NULL, NULL, "1", NAN), post("2", "1", NULL, "2", NAN)};
    check_thread(nameless, 2, all, "u:1|a:2\n");
}
END_TEST

/* A long chain with a leaf at each post stays fast: pieces are walked, not whole paths. */
START_TEST(long_chain) {
    enum { COUNT = 100000 };
    struct post *posts = memory_zeroed(COUNT, sizeof *posts);
    for (size_t i = 0; i < COUNT; i++)
        posts[i] = post(NULL, NULL, i % 2 ? "b" : "a", "x", NAN);
    struct dialogue dialogue = {0};
    struct bytes out = {0};
    ck_assert_int_eq(thread_pair(posts, COUNT, &all, &dialogue, show_thread, &out, NULL), 0);
    size_t lines = 0;
    for (size_t i = 0; i < out.size; i++)
        lines += out.data[i] == '\n';
    ck_assert_uint_eq(lines, COUNT / 20);
    bytes_release(&out);
    dialogue_release(&dialogue);
    free(posts);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pair");
    TCase *cases = tcase_create("pair");
    tcase_add_test(cases, labels);
    tcase_add_test(cases, transcripts);
    tcase_add_test(cases, trees);
    tcase_add_test(cases, linear_threads);
    tcase_add_test(cases, odd_trees);
    tcase_add_test(cases, long_chain);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
