/*
 * The step lang: which language a record is in, by its texts and what it says of itself, and whether that language is
 * wanted.
 */
#ifndef CLEAN_LANGUAGE_STEP_H
#define CLEAN_LANGUAGE_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "text/language.h"

/* The name that rejects give it. */
#define LANGUAGE_RULE "lang"
/* What a language's score has to reach where nothing else is said (datatrove, DCLM). */
#define LANGUAGE_THRESHOLD 0.65

/* Set up once, shared by all threads. */
struct language_step {
    struct language_model *model;
    bool filters;                    /* only wanted languages are kept */
    double thresholds[LANGUAGE_MAX]; /* of each language; over 1: not wanted */
};

/*
 * Loads the weights (path NULL: those that come along) and reads the wanted languages: a comma-separated list of tags,
 * each with a threshold behind a colon or LANGUAGE_THRESHOLD; NULL: all. ERROR_USAGE for what is no such list or no
 * language that is told.
 */
int language_step_init(struct language_step *step, const char *wanted, const char *path, struct error *error);
void language_step_release(struct language_step *step);

/* What the step says of a text. */
struct language_finding {
    struct span language; /* the tag to go by; absent where it cannot be told */
    double score;         /* how sure that is, 0 to 1; NAN where no letters were seen */
    bool sets;            /* the record's field lang is missing or wrong, and is to become that tag */
    bool wanted;
    double value, threshold; /* where it is not wanted: the score of the wanted language that comes next to its
                                threshold, and that threshold */
};

/* The language of a thread, by all its posts. Zero-initialised is valid. */
struct language_thread {
    struct bytes name; /* the posts' field thread */
    struct bytes text; /* what they begin with */
    bool judged;       /* verdict is theirs */
    struct language_verdict verdict;
};

/* Adds a post to the thread; first: forgets the thread before. */
void language_thread_add(struct language_thread *thread, const struct record *post, bool first);
void language_thread_release(struct language_thread *thread);

/*
 * The record's texts (valid UTF-8) are judged as one; its field lang and its URL are hints. A post that is too short to
 * tell, or is in doubt, is taken to be in the language of its thread, where *thread is that thread (may be NULL). The
 * tag is the record's or the step's.
 */
void language_step_judge(const struct language_step *step, struct language_judge *judge, const struct record *record,
                         const struct span *texts, size_t count, struct language_thread *thread,
                         struct language_finding *finding);
/* One turn of a dialogue whose finding is *whole: its own where it is long and sure enough, else the dialogue's. */
void language_step_judge_turn(const struct language_step *step, struct language_judge *judge, struct span text,
                              const struct language_finding *whole, struct language_finding *finding);

#endif
