/*
 * sample_records COUNT: prints COUNT lines of made-up records in several languages, equal for every run: documents of
 * all lengths, posts of threads that stand together, dialogues, exact and near duplicates, unknown fields. For tests
 * that need much input of every kind.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/random.h"

/* Words that make sentences of a sort; the stop words that quality rules look for are frequent in them. */
static const char *const english[] = {"the",   "river", "and",   "of",      "that",   "have",  "with",   "to",
                                      "quiet", "boat",  "old",   "window",  "asked",  "never", "green",  "be",
                                      "write", "small", "seven", "morning", "letter", "under", "answer", "stone"};
static const char *const swedish[] = {"och",   "det", "att",    "i",       "en",      "jag",  "som",    "inte",
                                      "båten", "ån",  "gammal", "fönster", "frågade", "grön", "morgon", "brev"};
static const char *const dutch[] = {"de",   "het", "een",     "en",    "van",   "ik",      "dat",   "niet",
                                    "boot", "oud", "venster", "vroeg", "groen", "ochtend", "brief", "steen"};
static const char *const french[] = {"le",     "la",    "et",      "les",     "de",   "un",    "que",    "ne",
                                     "bateau", "vieux", "fenêtre", "demanda", "vert", "matin", "lettre", "pierre"};
static const char *const chinese[] = {"的",   "是", "我们", "在",   "河边", "有", "一艘", "旧船",
                                      "早上", "他", "问",   "绿色", "窗户", "信", "石头", "不"};

struct language {
    const char *code;
    const char *const *words;
    size_t count;
    const char *blank, *stop;
};

#define WORDS(list) list, sizeof(list) / sizeof *(list)
static const struct language languages[] = {{"en", WORDS(english), " ", ". "},
                                            {"sv", WORDS(swedish), " ", ". "},
                                            {"nl", WORDS(dutch), " ", "! "},
                                            {"fr", WORDS(french), " ", " ? "},
                                            {"zh", WORDS(chinese), "", "。"}};

static const struct language *pick_language(struct random *random) {
    return &languages[random_below(random, sizeof languages / sizeof *languages)];
}

static void append_sentences(struct bytes *out, struct random *random, const struct language *language,
                             uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        uint64_t words = 4 + random_below(random, 12);
        for (uint64_t j = 0; j < words; j++) {
            bytes_append_text(out, j ? language->blank : "");
            bytes_append_text(out, language->words[random_below(random, language->count)]);
        }
        bytes_append_text(out, language->stop);
        if (random_below(random, 6) == 0)
            bytes_append_text(out, random_below(random, 4) ? "\\n" : "👋 \\u00e9 ");
    }
}

static void append_document(struct bytes *out, struct random *random, uint64_t number) {
    const struct language *language = pick_language(random);
    bytes_append_format(out, "{\"id\":\"doc-%" PRIu64 "\",\"text\":\"", number);
    append_sentences(out, random, language, 1 + random_below(random, random_below(random, 8) ? 12 : 150));
    bytes_append_format(out, "\",\"source\":\"sample\",\"lang\":\"%s\"", language->code);
    if (random_below(random, 3) == 0)
        bytes_append_format(out, ",\"extra\": [1e400, {\"n\":%" PRIu64 "}]", number);
    bytes_append_text(out, "}\n");
}

/* A root and its replies. */
static uint64_t append_thread(struct bytes *out, struct random *random, uint64_t number, uint64_t most) {
    uint64_t posts = 1 + random_below(random, 6);
    if (posts > most)
        posts = most;
    const struct language *language = pick_language(random);
    for (uint64_t i = 0; i < posts; i++) {
        bytes_append_format(out, "{\"id\":\"post-%" PRIu64 "\",\"text\":\"", number + i);
        append_sentences(out, random, language, 1 + random_below(random, 6));
        bytes_append_format(out, "\",\"source\":\"sample\",\"thread\":\"post-%" PRIu64 "\",\"author\":\"a%" PRIu64 "\"",
                            number, random_below(random, 3));
        if (i)
            bytes_append_format(out, ",\"parent\":\"post-%" PRIu64 "\"", number + random_below(random, i));
        bytes_append_format(out, ",\"score\":%" PRIu64 "}\n", random_below(random, 9));
    }
    return posts;
}

static void append_dialogue(struct bytes *out, struct random *random, uint64_t number) {
    const struct language *language = pick_language(random);
    uint64_t turns = 2 * (1 + random_below(random, 4));
    bytes_append_format(out, "{\"id\":\"dialogue-%" PRIu64 "\",\"messages\":[", number);
    for (uint64_t i = 0; i < turns; i++) {
        bytes_append_format(out, "%s{\"role\":\"%s\",\"content\":\"", i ? "," : "", i % 2 ? "assistant" : "user");
        append_sentences(out, random, language, 1 + random_below(random, 4));
        bytes_append_text(out, "\"}");
    }
    bytes_append_text(out, "],\"source\":\"sample\"}\n");
}

int main(int argc, char **argv) {
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    struct bytes single = {0}, thread = {0}; /* the last document or dialogue, which may come again; the last thread */
    struct random random;
    random_seed(&random, 7);
    for (uint64_t number = 0; number < count;) {
        uint64_t kind = random_below(&random, 10), made = 1;
        struct bytes *lines = kind >= 4 && kind < 7 ? &thread : &single;
        if (kind || !single.size)
            bytes_clear(lines);
        if (kind >= 7)
            append_dialogue(lines, &random, number);
        else if (kind >= 4)
            made = append_thread(lines, &random, number, count - number);
        else if (kind || !single.size)
            append_document(lines, &random, number);
        if (fwrite(lines->data, 1, lines->size, stdout) != lines->size)
            return 1;
        number += made;
    }
    bytes_release(&single);
    bytes_release(&thread);
    return fclose(stdout) != 0;
}
