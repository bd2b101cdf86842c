/*
 * A page cut into blocks (the text that stands together in one element), what is known of each block, and how likely
 * each is to be content. The result no longer needs the tree, but for the text nodes it names.
 */
#ifndef TEXT_HTML_BLOCKS_H
#define TEXT_HTML_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/html_model.h"
#include "text/html_tree.h"

/* What a page says it is, in the terms of schema.org or Open Graph. */
enum html_kind { KIND_UNSAID, KIND_ARTICLE, KIND_FORUM, KIND_PRODUCT, KIND_LIST };

/* What the rules of html_main.c say of a block. */
enum html_verdict { VERDICT_KEPT, VERDICT_OUTSIDE, VERDICT_DROPPED, VERDICTS };

struct html_block {
    struct html_node **texts; /* borrowed from the tree */
    size_t text_count;
    uint32_t element; /* it stands in; an index into elements */
    uint32_t characters, linked, marks, digits, capitals;
    uint32_t group;           /* of blocks in like places */
    bool heading, code, item; /* <h1> to <h6>; <pre> and the like; <li> and <dd> */
    enum html_verdict verdict;
    uint64_t hash;                 /* of the text */
    float seen;                    /* share of its runs of words that stood in earlier blocks */
    float declared;                /* share of them that stands in what scripts declare to be the page's text */
    uint32_t source;               /* the last block in which such a run stood first */
    size_t feature, feature_count; /* its own, in features; those of the elements around it come on top */
    float own_score;               /* sum of the weights of its own features */
    float score;                   /* log odds of being content, by itself */
    float probability;             /* with what stands around it */
};

/* What is known of a value of class attributes. */
struct html_class {
    uint64_t likeness; /* equal for names that differ in digits only */
    bool comments;     /* it names comments */
    bool scored;
    float in_score, at_score[2]; /* of its words: around a block; of the block's own element, and of those above */
};

#define HTML_CORE_LEVELS 7

struct html_element {
    const struct html_node *node;
    uint32_t parent; /* an index; the root is its own */
    uint32_t characters, linked, blocks;
    bool in_main, in_comments, invisible;
    uint8_t articles;   /* around it */
    uint8_t core;       /* 1: within the core; 2: within the element around that; …, HTML_CORE_LEVELS: farther */
    uint32_t prose;     /* characters of its children's sentences */
    uint64_t signature; /* of tag, names and those around it */
    size_t feature, feature_count;
    float own_score;
    float score;  /* of all features from the root down to it */
    float likely; /* characters, each times its block's probability by itself */
};

struct html_group {
    uint64_t signature;
    uint32_t blocks, characters, linked;
    float likely;
};

struct html_blocks {
    struct html_block *items;
    size_t count;
    struct html_element *elements;
    size_t element_count;
    struct html_class *classes; /* as numbered in the tree */
    struct html_group *groups;
    size_t group_count;
    float kept_likely[2];                     /* mean probability of the blocks the rules drop, and keep */
    float level_likely[HTML_CORE_LEVELS + 1]; /* the same by how far they are from the core */
    uint32_t *features;                       /* where the model learns: of elements, then of blocks */
    size_t feature_count, feature_capacity;
    struct html_node **texts;
    uint32_t characters, linked, in_sentences, articles; /* of the page */
    uint32_t beside_comments;                            /* of in_sentences */
    struct span type;                                    /* og:type, borrowed from the tree */
    enum html_kind kind;
    uint32_t title; /* the block that is the first <h1>, or count */
};

/* html_blocks.c: cuts the page; `top` is what html_main_select chose, whose marks in the tree are read. */
void html_blocks_cut(struct html_blocks *blocks, const struct html_tree *tree, const struct html_node *top);
void html_blocks_release(struct html_blocks *blocks);

/* html_repeats.c: finds text that stands on the page more than once, or in its scripts as its article. */
void html_blocks_find_repeats(struct html_blocks *blocks, const struct html_tree *tree);

/* html_features.c: finds the features of each element and block in the model: their weights, or where it learns, their
 * list. */
void html_blocks_describe(struct html_blocks *blocks, struct html_model *model);

/* html_score.c: scores from the features; the context of one block; probabilities; the best choice. */
void html_blocks_score(struct html_blocks *blocks, const struct html_model *model);
/* Sums that html_blocks_context needs, from the scores. */
void html_blocks_spread(struct html_blocks *blocks);
unsigned html_blocks_context(const struct html_blocks *blocks, size_t index, float context[HTML_CONTEXT]);
void html_blocks_judge(struct html_blocks *blocks, const struct html_model *model);
/*
 * The least probability a block must have for the chosen text to have the highest F1 that is to be expected: all blocks
 * with at least this are chosen.
 */
float html_blocks_threshold(const struct html_blocks *blocks);

#endif
