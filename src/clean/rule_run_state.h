/*
 * Private to the interpreter of rules: the text at hand, what a thread keeps for it, and the kinds of rules, each in a
 * file of its own.
 */
#ifndef CLEAN_RULE_RUN_STATE_H
#define CLEAN_RULE_RUN_STATE_H

#include "clean/rule_run.h"

/* A rule of a plan. */
struct planned_rule {
    const struct rule *rule;
    size_t twin; /* an earlier rule that does the same; SIZE_MAX: none */
};

/* The rules for one scope and language, in order. */
struct plan {
    enum scope scope;
    struct bytes language;
    bool has_language;
    struct planned_rule *rules;
    size_t count;
};

/* Plans of so many scopes and languages are kept; then one after the other is made anew. */
#define PLANS_MAX 64

struct rule_run {
    const struct rules *rules;
    bool tidy;
    struct signals *signals, *line_signals;
    struct signals *looked_at;              /* one of these */
    struct matcher *matcher, *part_matcher; /* of the text, of other parts of the record */
    struct plan plans[PLANS_MAX];
    size_t plan_count, next_plan;
    uint64_t *hits; /* of each rule */
    bool has_hits;
    struct bytes buffers[2];
    size_t next; /* the buffer that the text is not in */
    struct verdict *verdicts;
    size_t verdict_count, verdict_capacity;
    bool observe;
    struct observation *observations;
    size_t observation_count, observation_capacity;
    /* the text at hand */
    const struct rule_subject *subject;
    struct span text;
    uint64_t text_hits;
    size_t changes, line_changes; /* of the text so far; those of them that changed lines */
    size_t *done;                 /* for each rule of the plan, how many changes there were behind it */
    struct text_piece *pieces;    /* of the text that are left when lines are dropped */
    size_t piece_count, piece_capacity;
};

/* Points signals and matcher at the text. */
void rule_run_look_at_text(struct rule_run *run);
/* Tells the signals what is given with the text. */
void rule_run_set_given(struct rule_run *run);

/* An empty buffer for what the text becomes. */
struct bytes *rule_edit_begin(struct rule_run *run);
/* Makes that buffer the text, and puts its white space in order; returns whether that changed it. */
bool rule_edit_end(struct rule_run *run, const struct rule *rule, uint64_t hits);
/* Strips or replaces every match. Returns false where the bound on work was reached. */
bool rule_edit_run(struct rule_run *run, const struct rule *rule);

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN, ANSWER_LIMIT };

/* What a condition found. */
struct finding {
    double value; /* that was compared; NAN where nothing was */
    size_t offset;
    struct span match; /* of a pattern; absent where there is none */
};

/* Answers a condition on what run looks at: its text or a line of it. */
enum answer rule_answer(struct rule_run *run, struct span text, const struct condition *condition,
                        struct finding *finding);
bool rule_compare(double value, enum comparison comparison, double threshold);
/* Where a search goes on after a match: behind it, or behind the next character where it is empty. */
size_t rule_search_after(struct span text, size_t start, size_t size);

/* Drops lines. Returns false where the bound on work was reached. */
bool rule_lines_run(struct rule_run *run, const struct rule *rule);

#endif
