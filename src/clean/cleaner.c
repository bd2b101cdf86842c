/*
 * Records: which of their texts are cleaned, which scope each is judged in, what becomes of the record. Knows records
 * and the sink of the stage; how text is repaired or judged is the affair of repair.c and rule_run.c.
 */
#include "clean/cleaner.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "clean/clean_stats.h"
#include "clean/explain.h"
#include "clean/rule_run.h"
#include "clean/script.h"

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
    struct bytes arena; /* texts of the record at hand, until it was written */
    struct turn *turns;
    size_t turn_capacity;
    struct bytes joined; /* a whole dialogue */
    struct bytes explanation;
    struct bytes author;
    struct bytes details; /* of the reason to drop the record */
    unsigned repaired;    /* steps that changed something in this record */
    struct span language; /* of this record */
    const char *dropped;  /* the rule that dropped it; NULL: it stays */
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
    return 0;
}

void cleaner_free(struct cleaner *cleaner) {
    if (!cleaner)
        return;
    repair_release(&cleaner->repair);
    rule_run_free(cleaner->rules);
    bytes_release(&cleaner->arena);
    bytes_release(&cleaner->joined);
    bytes_release(&cleaner->explanation);
    bytes_release(&cleaner->author);
    bytes_release(&cleaner->details);
    free(cleaner->turns);
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

/*
 * Repairs a text and applies the rules; the result goes to the arena. A dropped text gives its reason; with --explain
 * nothing is dropped, and the signals and verdicts are added to the explanation.
 */
static int clean_text(struct cleaner *cleaner, struct span text, const struct rule_subject *subject, size_t message,
                      struct turn *turn, struct stage_reason *reason, struct error *error) {
    struct span result;
    struct verdict verdict;
    *reason = NO_REASON;
    if (repair_apply(&cleaner->repair, text, &result, error))
        return -1;
    cleaner->repaired |= cleaner->repair.changed;
    if (cleaner->options->explain) {
        explain_text(cleaner->rules, result, subject, &result, &cleaner->explanation);
    } else if (result.size > 0 && !rule_run_apply(cleaner->rules, result, subject, &result, &verdict)) {
        *reason = reason_of(cleaner, &verdict, message);
    } else if (result.size == 0) {
        reason->rule = EMPTY;
    }
    *turn = (struct turn){cleaner->arena.size, result.size, !span_equal(result, text)};
    bytes_append_span(&cleaner->arena, result);
    return 0;
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
    if (repair_apply(&cleaner->repair, title, &result, error))
        return -1;
    cleaner->repaired |= cleaner->repair.changed;
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

/* The language that rules go by: the record's, else the one that its script tells. Absent where no rule asks. */
static struct span language_of(const struct cleaner *cleaner, const struct record *record) {
    struct script_counts counts = {0};
    if (cleaner->options->rules->count == 0 && !cleaner->options->explain)
        return (struct span){0};
    if (record->field[FIELD_LANG].data)
        return record->field[FIELD_LANG];
    if (record->kind == RECORD_DOCUMENT)
        script_count(&counts, record->field[FIELD_TEXT]);
    for (size_t i = 0; i < record->message_count && record->kind == RECORD_DIALOGUE; i++)
        script_count(&counts, record->messages[i].content);
    return script_language(&counts);
}

/* ---- documents ---- */

static int process_document(struct cleaner *cleaner, struct record *record, struct stage_sink *sink,
                            struct error *error) {
    struct rule_subject subject = {
        .scope = record->field[FIELD_THREAD].data ? SCOPE_TURN : SCOPE_PAGE,
        .language = cleaner->language,
        .url = record->field[FIELD_URL],
        .title = record->field[FIELD_TITLE],
        .score = record->field[FIELD_SCORE].data ? record->score : NAN,
        .turns = NAN,
    };
    struct turn turn;
    struct stage_reason reason;
    if (clean_text(cleaner, record->field[FIELD_TEXT], &subject, NO_MESSAGE, &turn, &reason, error))
        return -1;
    if (reason.rule)
        return drop(cleaner, record, reason, sink, error);
    if (clean_title(cleaner, record, subject, error))
        return -1;
    if (turn.changed)
        record_set_text(record, FIELD_TEXT, arena_span(cleaner, turn));
    treat_author(cleaner, record);
    return emit(cleaner, record, sink, error);
}

/* ---- dialogues ---- */

/* Cleans turns until the first bad one; *kept is how many messages come before it. */
static int clean_turns(struct cleaner *cleaner, const struct record *record, struct span language, size_t *kept,
                       struct stage_reason *reason, struct error *error) {
    if (record->message_count > cleaner->turn_capacity) {
        cleaner->turn_capacity = record->message_count;
        cleaner->turns = memory_resize(cleaner->turns, cleaner->turn_capacity, sizeof *cleaner->turns);
    }
    for (size_t i = 0; i < record->message_count; i++) {
        struct rule_subject subject = {
            .scope = record->messages[i].role == ROLE_ASSISTANT ? SCOPE_TURN | SCOPE_ANSWER : SCOPE_TURN,
            .language = language,
            .url = record->field[FIELD_URL],
            .title = record->field[FIELD_TITLE],
            .score = NAN,
            .turns = NAN,
            .edits_only = record->messages[i].role == ROLE_SYSTEM, /* an instruction, not a turn */
        };
        struct turn *turn = &cleaner->turns[i];
        *kept = i;
        if (cleaner->options->explain && i > 0)
            bytes_append_byte(&cleaner->explanation, ',');
        if (clean_text(cleaner, record->messages[i].content, &subject, i, turn, reason, error))
            return -1;
        if (reason->rule)
            return 0;
    }
    *kept = record->message_count;
    return 0;
}

static size_t count_turns(const struct record *record, size_t messages) {
    size_t turns = 0;
    for (size_t i = 0; i < messages; i++)
        turns += record->messages[i].role != ROLE_SYSTEM;
    return turns;
}

/* Judges the first `kept` messages as one thread. */
static void judge_thread(struct cleaner *cleaner, const struct record *record, struct span language, size_t kept,
                         struct stage_reason *reason) {
    struct rule_subject subject = {.scope = SCOPE_THREAD,
                                   .language = language,
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
    struct span language = cleaner->language;
    size_t kept = 0;
    if (cleaner->options->explain)
        bytes_append_text(&cleaner->explanation, "{\"turns\":[");
    if (clean_turns(cleaner, record, language, &kept, &reason, error))
        return -1;
    bool cut = reason.rule && cleaner->options->bad_turn == BAD_TURN_CUT && count_turns(record, kept) >= 2;
    if (reason.rule && !cut)
        return drop(cleaner, record, reason, sink, error);
    if (cut)
        count_cut(reason.rule, sink);
    reason.rule = NULL;
    if (cleaner->options->explain)
        bytes_append_text(&cleaner->explanation, "],\"thread\":");
    judge_thread(cleaner, record, language, kept, &reason);
    if (cleaner->options->explain)
        bytes_append_byte(&cleaner->explanation, '}');
    if (reason.rule)
        return drop(cleaner, record, reason, sink, error);
    if (clean_title(cleaner, record, (struct rule_subject){.scope = SCOPE_TURN, .language = language}, error))
        return -1;
    for (size_t i = 0; i < kept; i++)
        if (cleaner->turns[i].changed)
            record_set_content(record, i, arena_span(cleaner, cleaner->turns[i]));
    if (cut)
        record_keep_messages(record, 0, kept);
    return emit(cleaner, record, sink, error);
}

int cleaner_process(struct cleaner *cleaner, struct record *record, struct stage_sink *sink, struct error *error) {
    bytes_clear(&cleaner->arena);
    bytes_clear(&cleaner->explanation);
    cleaner->repaired = 0;
    cleaner->dropped = NULL;
    cleaner->language = language_of(cleaner, record);
    rule_run_observe(cleaner->rules, stage_wants_stats(sink));
    size_t size = clean_stats_size(record);
    int result = record->kind == RECORD_DIALOGUE ? process_dialogue(cleaner, record, sink, error)
                                                 : process_document(cleaner, record, sink, error);
    if (result == 0) {
        count_hits(cleaner, sink);
        clean_stats_record(sink, cleaner->language, size, clean_stats_size(record), cleaner->dropped);
        clean_stats_observations(sink, cleaner->rules);
    }
    return result;
}
