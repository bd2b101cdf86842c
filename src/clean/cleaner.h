/* What one record becomes: repaired, judged by the rules, cut, or dropped. */
#ifndef CLEAN_CLEANER_H
#define CLEAN_CLEANER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/record.h"
#include "base/stage.h"
#include "clean/language_step.h"
#include "clean/repair.h"
#include "clean/rules.h"

enum bad_turn {
    BAD_TURN_CUT, /* a dialogue ends before its first bad turn; with fewer than two left it is dropped */
    BAD_TURN_DROP /* a dialogue with a bad turn is dropped */
};

/* What becomes of the field "author". */
enum author_treatment {
    AUTHOR_KEEP,
    AUTHOR_DROP,     /* it goes */
    AUTHOR_PSEUDONYM /* "user-" and the pseudonym, the same that rules give a mention of the name */
};

/* Set up once, shared by all threads. */
struct cleaner_options {
    const struct repair_tables *tables;
    const struct text_classes *classes;
    const struct rules *rules;              /* without any where none were given or the step is left out */
    unsigned steps;                         /* REPAIR_BITs */
    const struct language_step *language;   /* NULL where the step lang is left out */
    bool judges_turns;                      /* some rule for turns asks for their language */
    bool compares_answers;                  /* some rule asks whether an answer is in the question's language */
    const struct stop_words *removed_words; /* left out of texts after the rules; NULL: none are */
    enum bad_turn bad_turn;
    enum author_treatment authors;
    const struct pseudonyms *pseudonyms; /* for AUTHOR_PSEUDONYM */
    bool explain; /* nothing is dropped; every record gets a field "explain" with its signals and verdicts */
};

struct cleaner; /* one for each thread */

int cleaner_new(struct cleaner **cleaner, const struct cleaner_options *options, struct error *error);
void cleaner_free(struct cleaner *cleaner);

/* Looks at a post of the thread that comes next (struct stage). */
void cleaner_survey(struct cleaner *cleaner, const struct record *record, bool first);
/* Cleans a record and gives it, or its reject, to the sink. */
int cleaner_process(struct cleaner *cleaner, struct record *record, struct stage_sink *sink, struct error *error);

#endif
