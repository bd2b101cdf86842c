/*
 * What the identified language means for a record: hints, the field lang, wanted languages. How languages are told is
 * the affair of text/language.c.
 */
#include "clean/language_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/utf8.h"

/* A record's own field lang is wrong where another language is at least this sure, on at least so many bytes. */
#define CONTRADICTION 0.95
#define CONTRADICTION_LETTERS 60U
/* Of more letters it is wrong where another language has so much of them: a page that is mostly not translated. */
#define MAJORITY 0.75
#define MAJORITY_LETTERS 300U
/* On fewer bytes of letters a field lang is not set. */
#define TOLD_LETTERS 12U
/* A turn has a language of its own where it is as sure, on so many bytes of letters. */
#define TURN_SURE 0.9
#define TURN_LETTERS 40U
#define NOT_WANTED 2.0

/* Top-level domains of countries with one main language, where its name is not the language's own. */
static const char *const domains[][2] = {
    {"at", "de"}, {"br", "pt"}, {"cl", "es"}, {"cn", "zh"}, {"cz", "cs"}, {"dk", "da"}, {"ee", "et"}, {"gr", "el"},
    {"il", "he"}, {"ir", "fa"}, {"jp", "ja"}, {"kr", "ko"}, {"mx", "es"}, {"ar", "es"}, {"co", NULL}, {"rs", "sr"},
    {"se", "sv"}, {"si", "sl"}, {"tw", "zh"}, {"ua", "uk"}, {"vn", "vi"}, {"al", "sq"}, {"by", "be"}, {"ba", "bs"},
    {"my", "ms"}, {"tv", NULL}, {"am", NULL}, {"be", NULL}, {"fm", NULL}, {"ca", NULL}, {"cy", NULL}, {"la", NULL},
    {"me", NULL}, {"sv", "es"}, {"st", NULL}, {"so", NULL}, {"to", NULL}, {"ga", NULL}, {"ml", NULL}, {"gl", NULL},
    {"sr", NULL}, {"ne", NULL}, {"tk", NULL}, {"af", NULL}, {"as", NULL}, {"az", "az"}, {"br", "pt"}, {"kz", "kk"},
};

/* ---- options ---- */

/* One entry of the list: "sv" or "zh:0.5". */
static int read_wish(struct language_step *step, struct span entry, struct error *error) {
    const char *colon = memchr(entry.data, ':', entry.size);
    struct span tag = {entry.data, colon ? (size_t)(colon - entry.data) : entry.size};
    double threshold = LANGUAGE_THRESHOLD;
    size_t language = tag.size > 0 ? language_find(step->model, tag) : LANGUAGE_NONE;
    if (language == LANGUAGE_NONE)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--lang: no language '%.*s' is told", (int)tag.size,
                         tag.data);
    if (colon) {
        char number[32], *end = number;
        size_t size = entry.size - tag.size - 1;
        if (size < sizeof number) {
            memcpy(number, colon + 1, size);
            number[size] = '\0';
            threshold = strtod(number, &end);
        }
        if (end == number || *end || !(threshold >= 0 && threshold <= 1))
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--lang: '%.*s' is no threshold from 0 to 1",
                             (int)size, colon + 1);
    }
    step->thresholds[language] = threshold;
    return 0;
}

static int read_wishes(struct language_step *step, const char *list, struct error *error) {
    step->filters = list != NULL;
    for (size_t i = 0; i < LANGUAGE_MAX; i++)
        step->thresholds[i] = NOT_WANTED;
    for (const char *at = list; at; at = *at ? at + 1 : NULL) {
        size_t size = strcspn(at, ",");
        if (read_wish(step, (struct span){at, size}, error))
            return -1;
        at += size;
        if (!*at)
            break;
    }
    return 0;
}

int language_step_init(struct language_step *step, const char *wanted, const char *path, struct error *error) {
    if (language_model_open(&step->model, path, error))
        return -1;
    return read_wishes(step, wanted, error);
}

void language_step_release(struct language_step *step) {
    language_model_free(step->model);
    step->model = NULL;
}

/* ---- hints ---- */

/* The top-level domain of a URL, absent where there is none of letters. */
static struct span top_domain(struct span url) {
    const char *at = memmem(url.data, url.size, "://", 3);
    if (!at)
        return (struct span){NULL, 0};
    const char *host = at + 3, *end = url.data + url.size, *dot = NULL;
    for (at = host; at < end && *at != '/' && *at != ':' && *at != '?' && *at != '#'; at++)
        if (*at == '.')
            dot = at;
    return dot ? (struct span){dot + 1, (size_t)(at - dot - 1)} : (struct span){NULL, 0};
}

static size_t language_of_domain(const struct language_step *step, struct span url) {
    struct span domain = url.data ? top_domain(url) : (struct span){NULL, 0};
    if (domain.size != 2)
        return LANGUAGE_NONE;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (strncasecmp(domain.data, domains[i][0], 2) == 0)
            return domains[i][1] ? language_find(step->model, span_of(domains[i][1])) : LANGUAGE_NONE;
    return language_find(step->model, domain);
}

/* ---- threads ---- */

/* Of each post so many bytes are looked at, and of a thread no more than these. */
#define POST_PART 1024U
#define THREAD_PART ((size_t)64 << 10)

void language_thread_add(struct language_thread *thread, const struct record *post, bool first) {
    struct span text = post->field[FIELD_TEXT];
    if (first) {
        bytes_clear(&thread->name);
        bytes_clear(&thread->text);
        bytes_append_span(&thread->name, post->field[FIELD_THREAD]);
        thread->judged = false;
    }
    if (thread->text.size > THREAD_PART)
        return;
    if (text.size > POST_PART)
        text.size = utf8_previous(text.data, POST_PART + 1);
    bytes_append_span(&thread->text, text);
    bytes_append_byte(&thread->text, '\n');
}

void language_thread_release(struct language_thread *thread) {
    bytes_release(&thread->name);
    bytes_release(&thread->text);
}

/* Puts the thread's verdict in place of that of a post that says too little. */
static void ask_thread(struct language_judge *judge, const struct record *record, struct language_thread *thread,
                       const size_t *hints, size_t hint_count, struct language_verdict *verdict) {
    if (!thread || !span_equal(record->field[FIELD_THREAD], span_of_bytes(&thread->name)) ||
        (verdict->letters >= TURN_LETTERS && verdict->score >= TURN_SURE))
        return;
    struct span text = span_of_bytes(&thread->text);
    if (!thread->judged)
        language_judge_texts(judge, &text, 1, hints, hint_count, &thread->verdict);
    thread->judged = true;
    if (thread->verdict.language != LANGUAGE_NONE)
        *verdict = thread->verdict;
}

/* ---- findings ---- */

/* Returns the wanted language that comes nearest to its threshold, or passes it most. */
static size_t judge_wanted(const struct language_step *step, const struct language_verdict *verdict,
                           struct language_finding *finding) {
    double best = -INFINITY;
    size_t nearest = LANGUAGE_NONE;
    finding->wanted = !step->filters;
    for (size_t i = 0; i < language_count(step->model) && step->filters; i++) {
        double threshold = step->thresholds[i], value = verdict->chances[i];
        if (threshold == NOT_WANTED || value - threshold <= best)
            continue;
        best = value - threshold;
        nearest = i;
        finding->value = value;
        finding->threshold = threshold;
        finding->wanted = best >= 0;
    }
    return finding->wanted ? nearest : LANGUAGE_NONE;
}

/* True where what was found says that a record's own language, another one, is wrong. */
static bool contradicts(const struct language_verdict *verdict) {
    return (verdict->score >= CONTRADICTION && verdict->letters >= CONTRADICTION_LETTERS) ||
           (verdict->score >= MAJORITY && verdict->letters >= MAJORITY_LETTERS);
}

/* Languages have two letters or three in tags; a page that says "japanese" says nothing that rules could go by. */
static bool is_tag(struct span own) {
    size_t size = 0;
    while (size < own.size && own.data[size] != '-' && own.data[size] != '_')
        size++;
    return size <= 3;
}

void language_step_judge(const struct language_step *step, struct language_judge *judge, const struct record *record,
                         const struct span *texts, size_t count, struct language_thread *thread,
                         struct language_finding *finding) {
    struct span own = record->field[FIELD_LANG];
    if (!is_tag(own))
        own = (struct span){NULL, 0};
    size_t own_language = own.data ? language_find(step->model, own) : LANGUAGE_NONE;
    size_t hints[2] = {own_language, language_of_domain(step, record->field[FIELD_URL])};
    size_t hint_count = hints[0] == hints[1] ? 1 : 2;
    struct language_verdict verdict;
    language_judge_texts(judge, texts, count, hints, hint_count, &verdict);
    ask_thread(judge, record, thread, hints, hint_count, &verdict);
    *finding = (struct language_finding){.language = own, .score = NAN, .value = NAN, .threshold = NAN};
    size_t wanted = judge_wanted(step, &verdict, finding);
    if (wanted != LANGUAGE_NONE) {
        verdict.language = wanted;
        verdict.score = verdict.chances[wanted];
    }
    if (verdict.language == LANGUAGE_NONE)
        return;
    finding->score = verdict.score;
    bool wrong = verdict.language != own_language && (wanted != LANGUAGE_NONE || contradicts(&verdict));
    finding->sets =
        own.data ? wrong && own_language != LANGUAGE_NONE
                 : verdict.letters >= TOLD_LETTERS && (wanted != LANGUAGE_NONE || verdict.score >= LANGUAGE_THRESHOLD);
    if (finding->sets)
        finding->language = span_of(language_tag(step->model, verdict.language));
    else if (own_language != LANGUAGE_NONE)
        finding->score = verdict.chances[own_language];
}

void language_step_judge_turn(const struct language_step *step, struct language_judge *judge, struct span text,
                              const struct language_finding *whole, struct language_finding *finding) {
    struct language_verdict verdict;
    *finding = *whole;
    language_judge_texts(judge, &text, 1, NULL, 0, &verdict);
    if (verdict.letters < TURN_LETTERS || verdict.score < TURN_SURE)
        return;
    finding->score = verdict.score;
    if (!whole->language.data || language_find(step->model, whole->language) != verdict.language)
        finding->language = span_of(language_tag(step->model, verdict.language));
}
