/* Applying rules to a text: first to last, edits changing what later rules see, until one drops it. */
#ifndef CLEAN_RULE_RUN_H
#define CLEAN_RULE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "clean/rules.h"

/* Why a text is dropped. Value and threshold are NAN where no number decided, or where a pattern's bound on work was
 * reached. */
struct verdict {
    const struct rule *rule;
    double value, threshold;
    bool limit;
    /* Where a pattern decided: the match, in the text as the rule saw it. Absent otherwise. */
    size_t offset; /* bytes */
    struct span match;
};

/* What there is to know of a text beside its bytes. */
struct rule_subject {
    enum scope scope;
    struct span language;   /* absent: unknown */
    struct span url, title; /* absent: none */
    double lang_score;      /* how sure that is; NAN where it was not judged */
    double lang_change;     /* of an answer: see answer_language.h */
    double score, turns;    /* NAN where there is none */
    bool edits_only;        /* no rule may drop it */
};

struct rule_run; /* for one thread at a time */

/* rules and classes must outlive it; tidy: white space is put in order after edits. On failure *run is NULL. */
int rule_run_new(struct rule_run **run, const struct rules *rules, const struct text_classes *classes, bool tidy,
                 struct error *error);
void rule_run_free(struct rule_run *run);

/*
 * Applies the rules for the subject to valid UTF-8. Returns true where it stays: *result is then the text, which is
 * text itself or borrows from the run until its next call. False with *verdict where it is dropped.
 */
bool rule_run_apply(struct rule_run *run, struct span text, const struct rule_subject *subject, struct span *result,
                    struct verdict *verdict);
/* As rule_run_apply, but goes on after a drop: returns all verdicts, which are the run's until its next call. Edits
 * take place. */
const struct verdict *rule_run_explain(struct rule_run *run, struct span text, const struct rule_subject *subject,
                                       struct span *result, size_t *count);
/* The signals of the text that the last call left. */
struct signals *rule_run_signals(struct rule_run *run);

/* A number that a rule compared with its threshold. */
struct observation {
    const struct rule *rule;
    double value;
};
/* Forgets observations, and keeps those to come or not. */
void rule_run_observe(struct rule_run *run, bool observe);
/* The run's until its next call. */
const struct observation *rule_run_observations(const struct rule_run *run, size_t *count);

/* How often an edit rule changed something or dropped a line since rule_run_clear_hits. */
uint64_t rule_run_hits(const struct rule_run *run, size_t rule);
bool rule_run_has_hits(const struct rule_run *run);
void rule_run_clear_hits(struct rule_run *run);

#endif
