/*
 * Records: which of their texts are cleaned, which scope each is judged in, what becomes of the record. Knows records
 * and the sink of the stage; how text is repaired or judged is the affair of repair.c and rule_run.c.
 */
#include "clean/cleaner.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "clean/answer_language.h"
#include "clean/clean_stats.h"
#include "clean/explain.h"
#include "clean/rule_run.h"
#include "clean/stopword_removal.h"

/* The name that rejects and statistics give a text of which nothing is left. */
#define EMPTY "empty"
/* The record stays. */
#define NO_REASON ((struct stage_reason){.rule = NULL, .value = NAN, .threshold = NAN})

/* Where a cleaned turn stands in the arena. */
struct turn {
    size_t start, size;
    bool changed;
};

struct cleaner {
    const struct cleaner_options *options;
    struct repair repair;
    struct rule_run *rules;
    struct stopword_remover *stop_words; /* NULL where stop words stay */
    struct bytes arena;                  /* texts of the record at hand, until it was written */
    struct turn *turns;
    size_t turn_capacity;
    struct bytes joined; /* a whole dialogue */
    struct bytes explanation;
    struct bytes author;
    struct bytes details;     /* of the reason to drop the record */
    unsigned repaired;        /* steps that changed something in this record */
    bool stop_words_left_out; /* of some text of this record */
    const char *dropped;      /* the rule that dropped it; NULL: it stays */
    struct bytes mended;      /* repaired messages */
    struct span *messages;    /* of a dialogue, repaired */
    struct span *said;        /* those of them that are turns */
    struct answer_language answers;
    struct language_judge *judge;    /* NULL where the step lang is left out */
    struct language_thread thread;   /* whose posts were surveyed last */
    struct language_finding finding; /* of this record */
};

int cleaner_new(struct cleaner **cleaner, const struct cleaner_options *options, struct error *error) {
    bool tidy = (options->steps & REPAIR_BIT(REPAIR_SPACE)) != 0;
    struct rule_run *rules;
    *cleaner = NULL;
    if (rule_run_new(&rules, options->rules, options->classes, tidy, error))
        return -1;
    *cleaner = memory_zeroed(1, sizeof **cleaner);
    (*cleaner)->options = options;
    (*cleaner)->rules = rules;
    (*cleaner)->repair.tables = options->tables;
    (*cleaner)->repair.steps = options->steps;
    if (options->removed_words &&
        stopword_remover_new(&(*cleaner)->stop_words, options->removed_words, options->classes, error)) {
        cleaner_free(*cleaner);
        *cleaner = NULL;
        return -1;
    }
    if (options->language)
        (*cleaner)->judge = language_judge_new(options->language->model);
    return 0;
}

void cleaner_free(struct cleaner *cleaner) {
    if (!cleaner)
        return;
    repair_release(&cleaner->repair);
    rule_run_free(cleaner->rules);
    stopword_remover_free(cleaner->stop_words);
    bytes_release(&cleaner->arena);
    bytes_release(&cleaner->joined);
    bytes_release(&cleaner->explanation);
    bytes_release(&cleaner->author);
    bytes_release(&cleaner->details);
    language_judge_free(cleaner->judge);
    answer_language_release(&cleaner->answers);
    language_thread_release(&cleaner->thread);
    free(cleaner->turns);
    bytes_release(&cleaner->mended);
    free(cleaner->messages);
    free(cleaner->said);
    free(cleaner);
}

/* ---- one text ---- */

static struct span arena_span(const struct cleaner *cleaner, struct turn turn) {
    return (struct span){turn.size > 0 ? cleaner->arena.data + turn.start : "", turn.size};
}

/* What to say of a record that a verdict drops; `message` is the place of the turn among the messages, SIZE_MAX where
 * the text is no message. */
static struct stage_reason reason_of(struct cleaner *cleaner, const struct verdict *verdict, size_t message) {
    bytes_clear(&cleaner->details);
    explain_details(verdict, message, &cleaner->details);
    return (struct stage_reason){verdict->rule->name, verdict->value, verdict->threshold,
                                 span_of_bytes(&cleaner->details)};
}

/* A text's place among the messages: see reason_of. */
#define NO_MESSAGE SIZE_MAX

static int repair_text(struct cleaner *cleaner, struct span text, struct span *result, struct error *error) {
    if (repair_apply(&cleaner->repair, text, result, error))
        return -1;
    cleaner->repaired |= cleaner->repair.changed;
    return 0;
}

/*
 * Applies the rules to a repaired text, which was `text` before; the result goes to the arena. A dropped text gives its
 * reason; with --explain nothing is dropped, and the signals and verdicts are added to the explanation.
 */
static void apply_rules(struct cleaner *cleaner, struct span text, struct span result,
                        const struct rule_subject *subject, size_t message, struct turn *turn,
                        struct stage_reason *reason) {
    struct verdict verdict;
    *reason = NO_REASON;
    if (cleaner->options->explain) {
        explain_text(cleaner->rules, result, subject, &result, &cleaner->explanation);
    } else if (result.size > 0 && !rule_run_apply(cleaner->rules, result, subject, &result, &verdict)) {
        *reason = reason_of(cleaner, &verdict, message);
    }
    if (cleaner->stop_words && !subject->edits_only &&
        stopword_remover_apply(cleaner->stop_words, result, subject->language, &result))
        cleaner->stop_words_left_out = true;
    if (result.size == 0 && !reason->rule && !cleaner->options->explain)
        reason->rule = EMPTY;
    *turn = (struct turn){cleaner->arena.size, result.size, !span_equal(result, text)};
    bytes_append_span(&cleaner->arena, result);
}

/*
 * A title is repaired and edited by the rules for the record's text, but never a reason to drop the record. It stays
 * one line. The last text of a record to be cleaned, since it may move the arena.
 */
static int clean_title(struct cleaner *cleaner, struct record *record, struct rule_subject subject,
                       struct error *error) {
    struct span title = record->field[FIELD_TITLE], result;
    struct verdict ignored;
    if (!title.data)
        return 0;
    if (repair_text(cleaner, title, &result, error))
        return -1;
    subject.edits_only = true;
    rule_run_apply(cleaner->rules, result, &subject, &result, &ignored);
    if (span_equal(result, title))
        return 0;
    struct turn turn = {cleaner->arena.size, result.size, true};
    bytes_append_span(&cleaner->arena, result);
    for (size_t i = turn.start; i < cleaner->arena.size; i++)
        if (cleaner->arena.data[i] == '\n')
            cleaner->arena.data[i] = ' ';
    if (turn.size > 0)
        record_set_text(record, FIELD_TITLE, arena_span(cleaner, turn));
    else
        record_remove(record, FIELD_TITLE);
    return 0;
}

/* Hides who wrote. */
static void treat_author(struct cleaner *cleaner, struct record *record) {
    struct span author = record->field[FIELD_AUTHOR];
    if (!author.data || cleaner->options->authors == AUTHOR_KEEP)
        return;
    if (cleaner->options->authors == AUTHOR_DROP) {
        record_remove(record, FIELD_AUTHOR);
        return;
    }
    bytes_clear(&cleaner->author);
    bytes_append_text(&cleaner->author, "user-");
    pseudonym_append(cleaner->options->pseudonyms, author, &cleaner->author);
    record_set_text(record, FIELD_AUTHOR, span_of_bytes(&cleaner->author));
}

/* ---- results ---- */

static void count_hits(struct cleaner *cleaner, struct stage_sink *sink) {
    for (enum repair_step step = 0; step < REPAIR_STEP_COUNT; step++)
        if (cleaner->repaired & REPAIR_BIT(step))
            stage_count(sink, repair_step_name(step), 1);
    if (cleaner->stop_words_left_out)
        stage_count(sink, "stop-words", 1);
    if (!rule_run_has_hits(cleaner->rules))
        return;
    const struct rules *rules = cleaner->options->rules;
    for (size_t i = 0; i < rules->count; i++)
        if (rule_run_hits(cleaner->rules, i) > 0)
            stage_count(sink, rules->items[i].name, rule_run_hits(cleaner->rules, i));
    rule_run_clear_hits(cleaner->rules);
}

static int drop(struct cleaner *cleaner, const struct record *record, struct stage_reason reason,
                struct stage_sink *sink, struct error *error) {
    cleaner->dropped = reason.rule;
    return stage_drop_for(sink, record, &reason, error);
}

static int emit(struct cleaner *cleaner, const struct record *record, struct stage_sink *sink, struct error *error) {
    if (!cleaner->options->explain)
        return stage_emit(sink, record, error);
    struct bytes line = {0};
    int result = record_write_with(record, "explain", span_of_bytes(&cleaner->explanation), &line, error);
    if (result == 0)
        stage_write(sink, span_of_bytes(&line));
    bytes_release(&line);
    return result;
}

/* ---- the language ---- */

/*
 * Finds the record's language: by its repaired texts, or without the step lang by what it says of itself. False where
 * that language is not wanted, with the reason.
 */
static bool find_language(struct cleaner *cleaner, const struct record *record, const struct span *texts, size_t count,
                          struct stage_reason *reason) {
    struct language_finding *finding = &cleaner->finding;
    *finding = (struct language_finding){.language = record->field[FIELD_LANG], .score = NAN, .wanted = true};
    if (cleaner->judge)
        language_step_judge(cleaner->options->language, cleaner->judge, record, texts, count, &cleaner->thread,
                            finding);
    if (finding->wanted || cleaner->options->explain)
        return true;
    *reason = NO_REASON;
    reason->rule = LANGUAGE_RULE;
    reason->value = finding->value;
    reason->threshold = finding->threshold;
    return false;
}

/* Sets the field lang where it is missing or wrong. */
static void set_language(const struct cleaner *cleaner, struct record *record, struct stage_sink *sink) {
    if (!cleaner->finding.sets)
        return;
    record_set_text(record, FIELD_LANG, cleaner->finding.language);
    stage_count(sink, LANGUAGE_RULE, 1);
}

/* ---- documents ---- */

static int process_document(struct cleaner *cleaner, struct record *record, struct stage_sink *sink,
                            struct error *error) {
    struct span text = record->field[FIELD_TEXT];
    struct turn turn;
    struct stage_reason reason;
    if (repair_text(cleaner, text, &text, error))
        return -1;
    if (!find_language(cleaner, record, &text, 1, &reason))
        return drop(cleaner, record, reason, sink, error);
    struct rule_subject subject = {
        .scope = record->field[FIELD_THREAD].data ? SCOPE_TURN : SCOPE_PAGE,
        .language = cleaner->finding.language,
        .lang_score = cleaner->finding.score,
        .lang_change = NAN,
        .url = record->field[FIELD_URL],
        .title = record->field[FIELD_TITLE],
        .score = record->field[FIELD_SCORE].data ? record->score : NAN,
        .turns = NAN,
    };
    apply_rules(cleaner, record->field[FIELD_TEXT], text, &subject, NO_MESSAGE, &turn, &reason);
    if (reason.rule)
        return drop(cleaner, record, reason, sink, error);
    if (clean_title(cleaner, record, subject, error))
        return -1;
    if (turn.changed)
        record_set_text(record, FIELD_TEXT, arena_span(cleaner, turn));
    treat_author(cleaner, record);
    set_language(cleaner, record, sink);
    return emit(cleaner, record, sink, error);
}

/* ---- dialogues ---- */

/* Repairs all messages into cleaner->messages; *said counts those that are turns, in cleaner->said. */
static int repair_messages(struct cleaner *cleaner, const struct record *record, size_t *said, struct error *error) {
    size_t count = record->message_count;
    if (count > cleaner->turn_capacity) {
        cleaner->turn_capacity = count;
        cleaner->turns = memory_resize(cleaner->turns, count, sizeof *cleaner->turns);
        cleaner->messages = memory_resize(cleaner->messages, count, sizeof *cleaner->messages);
        cleaner->said = memory_resize(cleaner->said, count, sizeof *cleaner->said);
    }
    bytes_clear(&cleaner->mended);
    for (size_t i = 0; i < count; i++) {
        struct span text = record->messages[i].content, result;
        if (repair_text(cleaner, text, &result, error))
            return -1;
        cleaner->turns[i] = (struct turn){cleaner->mended.size, result.size, result.data != text.data};
        if (cleaner->turns[i].changed)
            bytes_append_span(&cleaner->mended, result);
    }
    *said = 0;
    for (size_t i = 0; i < count; i++) { /* only now does the buffer stay where it is */
        const struct turn *turn = &cleaner->turns[i];
        cleaner->messages[i] = record->messages[i].content;
        if (turn->changed)
            cleaner->messages[i] = (struct span){turn->size > 0 ? cleaner->mended.data + turn->start : "", turn->size};
        if (record->messages[i].role != ROLE_SYSTEM)
            cleaner->said[(*said)++] = cleaner->messages[i];
    }
    return 0;
}

/* How sure it is that a message is an answer in another language than what the others said before it. */
static double asked_change(struct cleaner *cleaner, const struct record *record, size_t message) {
    size_t said = 0;
    if (!cleaner->judge || !cleaner->options->compares_answers || record->messages[message].role != ROLE_ASSISTANT)
        return NAN;
    for (size_t i = 0; i < message; i++)
        if (record->messages[i].role == ROLE_USER)
            cleaner->said[said++] = cleaner->messages[i];
    return answer_language_change(&cleaner->answers, cleaner->options->language, cleaner->judge, cleaner->said, said,
                                  cleaner->messages[message]);
}

/* Applies the rules to turns until the first bad one; *kept is how many messages come before it. */
static void clean_turns(struct cleaner *cleaner, const struct record *record, size_t *kept,
                        struct stage_reason *reason) {
    for (size_t i = 0; i < record->message_count; i++) {
        struct language_finding finding = cleaner->finding;
        if (cleaner->judge && cleaner->options->judges_turns)
            language_step_judge_turn(cleaner->options->language, cleaner->judge, cleaner->messages[i],
                                     &cleaner->finding, &finding);
        struct rule_subject subject = {
            .scope = record->messages[i].role == ROLE_ASSISTANT ? SCOPE_TURN | SCOPE_ANSWER : SCOPE_TURN,
            .language = finding.language,
            .lang_score = finding.score,
            .lang_change = asked_change(cleaner, record, i),
            .url = record->field[FIELD_URL],
            .title = record->field[FIELD_TITLE],
            .score = NAN,
            .turns = NAN,
            .edits_only = record->messages[i].role == ROLE_SYSTEM, /* an instruction, not a turn */
        };
        *kept = i;
        if (cleaner->options->explain && i > 0)
            bytes_append_byte(&cleaner->explanation, ',');
        apply_rules(cleaner, record->messages[i].content, cleaner->messages[i], &subject, i, &cleaner->turns[i],
                    reason);
        if (reason->rule)
            return;
    }
    *kept = record->message_count;
}

static size_t count_turns(const struct record *record, size_t messages) {
    size_t turns = 0;
    for (size_t i = 0; i < messages; i++)
        turns += record->messages[i].role != ROLE_SYSTEM;
    return turns;
}

/* Judges the first `kept` messages as one thread. */
static void judge_thread(struct cleaner *cleaner, const struct record *record, size_t kept,
                         struct stage_reason *reason) {
    struct rule_subject subject = {.scope = SCOPE_THREAD,
                                   .language = cleaner->finding.language,
                                   .lang_score = cleaner->finding.score,
                                   .lang_change = NAN,
                                   .url = record->field[FIELD_URL],
                                   .title = record->field[FIELD_TITLE],
                                   .score = record->field[FIELD_SCORE].data ? record->score : NAN,
                                   .turns = (double)count_turns(record, kept)};
    struct verdict verdict;
    struct span result;
    bytes_clear(&cleaner->joined);
    for (size_t i = 0; i < kept; i++) {
        if (record->messages[i].role == ROLE_SYSTEM)
            continue;
        if (cleaner->joined.size > 0)
            bytes_append_byte(&cleaner->joined, '\n');
        bytes_append_span(&cleaner->joined, arena_span(cleaner, cleaner->turns[i]));
    }
    struct span text = {cleaner->joined.data ? cleaner->joined.data : "", cleaner->joined.size};
    if (cleaner->options->explain)
        explain_text(cleaner->rules, text, &subject, &result, &cleaner->explanation);
    else if (!rule_run_apply(cleaner->rules, text, &subject, &result, &verdict))
        *reason = reason_of(cleaner, &verdict, NO_MESSAGE);
}

/* The turns that a cut takes away are in no reject, so statistics at least say for which rule. */
static void count_cut(const char *rule, struct stage_sink *sink) {
    struct bytes name = {0};
    bytes_append_format(&name, "cut:%s", rule);
    stage_count(sink, bytes_text(&name), 1);
    bytes_release(&name);
}

static int process_dialogue(struct cleaner *cleaner, struct record *record, struct stage_sink *sink,
                            struct error *error) {
    struct stage_reason reason = NO_REASON;
    size_t kept = 0, said;
    if (repair_messages(cleaner, record, &said, error))
        return -1;
    if (!find_language(cleaner, record, cleaner->said, said, &reason))
        return drop(cleaner, record, reason, sink, error);
    if (cleaner->options->explain)
        bytes_append_text(&cleaner->explanation, "{\"turns\":[");
    clean_turns(cleaner, record, &kept, &reason);
    bool cut = reason.rule && cleaner->options->bad_turn == BAD_TURN_CUT && count_turns(record, kept) >= 2;
    if (reason.rule && !cut)
        return drop(cleaner, record, reason, sink, error);
    if (cut)
        count_cut(reason.rule, sink);
    reason.rule = NULL;
    if (cleaner->options->explain)
        bytes_append_text(&cleaner->explanation, "],\"thread\":");
    judge_thread(cleaner, record, kept, &reason);
    if (cleaner->options->explain)
        bytes_append_byte(&cleaner->explanation, '}');
    if (reason.rule)
        return drop(cleaner, record, reason, sink, error);
    struct rule_subject title = {.scope = SCOPE_TURN, .language = cleaner->finding.language};
    if (clean_title(cleaner, record, title, error))
        return -1;
    for (size_t i = 0; i < kept; i++)
        if (cleaner->turns[i].changed)
            record_set_content(record, i, arena_span(cleaner, cleaner->turns[i]));
    if (cut)
        record_keep_messages(record, 0, kept);
    set_language(cleaner, record, sink);
    return emit(cleaner, record, sink, error);
}

void cleaner_survey(struct cleaner *cleaner, const struct record *record, bool first) {
    if (cleaner->judge)
        language_thread_add(&cleaner->thread, record, first);
}

int cleaner_process(struct cleaner *cleaner, struct record *record, struct stage_sink *sink, struct error *error) {
    bytes_clear(&cleaner->arena);
    bytes_clear(&cleaner->explanation);
    cleaner->repaired = 0;
    cleaner->dropped = NULL;
    cleaner->finding = (struct language_finding){0};
    cleaner->stop_words_left_out = false;
    rule_run_observe(cleaner->rules, stage_wants_stats(sink));
    size_t size = clean_stats_size(record);
    int result = record->kind == RECORD_DIALOGUE ? process_dialogue(cleaner, record, sink, error)
                                                 : process_document(cleaner, record, sink, error);
    if (result == 0) {
        count_hits(cleaner, sink);
        clean_stats_record(sink, cleaner->finding.language, size, clean_stats_size(record), cleaner->dropped);
        clean_stats_observations(sink, cleaner->rules);
    }
    return result;
}
