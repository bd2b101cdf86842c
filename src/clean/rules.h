/*
 * Rule files in memory (gpt-rules.5): what rules_load makes of *.rules files and what rule_run.h applies.
 */
#ifndef CLEAN_RULES_H
#define CLEAN_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "clean/pattern.h"
#include "clean/pseudonym.h"
#include "clean/rule_list.h"
#include "clean/signals.h"
#include "clean/stopwords.h"
#include "clean/verifier.h"

/* What a rule judges. A rule may have several; so may a text: an answer is a turn, too. */
enum scope {
    SCOPE_PAGE = 1,   /* documents that are no posts of a thread */
    SCOPE_TURN = 2,   /* messages of dialogues, and documents that are posts of a thread */
    SCOPE_THREAD = 4, /* whole dialogues */
    SCOPE_ANSWER = 8, /* messages of the role assistant */
};
#define SCOPE_KINDS 4
/* Its place among the kinds; of an answer that of SCOPE_ANSWER. */
static inline unsigned scope_index(enum scope scope) {
    return scope & SCOPE_ANSWER ? 3 : scope & SCOPE_THREAD ? 2 : scope & SCOPE_TURN ? 1 : 0;
}
const char *scope_name(enum scope scope);

enum rule_action { RULE_STRIP, RULE_REPLACE, RULE_DROP_LINE, RULE_DROP, RULE_REQUIRE, RULE_OFF };

enum comparison { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL };

/* What of a record a condition looks at. */
enum rule_part { PART_TEXT, PART_URL, PART_TITLE };
/* How a list is used: see rule_list.h. */
enum list_use { LIST_WORDS, LIST_DOMAIN, LIST_ADDRESS, LIST_LETTERS };

/* What a drop or require rule asks: a signal, or how many were found, how many different ones or what share, compared
 * with a threshold; or that anything is found. */
struct condition {
    enum { CONDITION_SIGNAL, CONDITION_PATTERN, CONDITION_LIST } kind;
    enum { MEASURE_ANY, MEASURE_COUNT, MEASURE_KINDS, MEASURE_SHARE } measure; /* of a pattern or list */
    enum rule_part part;
    struct pattern *pattern; /* owned */
    size_t list;             /* among the lists of the rules */
    enum list_use use;
    enum signal signal;
    enum comparison comparison;
    double threshold;
};

#define VERIFIERS_MAX 4

struct rule {
    char *name;
    char *place; /* "FILE:LINE", for messages */
    enum rule_action action;
    unsigned scopes;
    char *language;             /* the section's tag; NULL: the default */
    struct condition condition; /* of strip and replace: its pattern alone */
    verifier *verifiers[VERIFIERS_MAX];
    size_t verifier_count;
    struct bytes replacement; /* of replace: $0..$9 stand for groups, $- for a pseudonym, $$ for $ */
};

/* A test inside a rule file. */
struct rule_example {
    char *place;
    unsigned scopes;
    char *language;
    enum { EXAMPLE_KEEP, EXAMPLE_DROP, EXAMPLE_CHANGE } kind;
    char *rule; /* of drop: the rule that must do it; NULL: any */
    struct bytes text, result, url;
};
void rule_example_release(struct rule_example *example);

struct rules {
    struct rule *items;
    size_t count, capacity;
    struct rule_example *examples;
    size_t example_count, example_capacity;
    struct stop_words stop_words;
    const struct pseudonyms *pseudonyms; /* borrowed; NULL: $- stands for nothing */
    struct rule_lists lists;
    char **files; /* that were read; real paths, owned */
    size_t file_count;
};

/*
 * Adds the rules of a file to *rules (zero-initialised before the first), with those that it includes. name is a path
 * where it has a slash or ends in .rules, else a preset. Errors name file, line and column: ERROR_DATA for what is in a
 * file, ERROR_USAGE for an unknown preset.
 */
int rules_load(struct rules *rules, const char *name, struct error *error);
/* As rules_load, of text in memory; `file` is its name for messages and the folder of what it includes. */
int rules_parse(struct rules *rules, const char *file, struct span text, struct error *error);
/* Call once after the last load. */
void rules_finish(struct rules *rules);
void rules_release(struct rules *rules);

/* The folder of presets: beside the executable where installed or built, appended to *folder with a slash at its end.
 */
int rules_find_folder(struct bytes *folder, struct error *error);

/*
 * The rule that stands at items[index] for a text's scope and language (absent: unknown): itself, the rule of the same
 * name in the language's section instead, or NULL where it does not apply.
 */
const struct rule *rules_effective(const struct rules *rules, size_t index, enum scope scope, struct span language);

#endif
