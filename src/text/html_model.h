/*
 * The weights that tell a page's content from the rest: features with a name, a token and two small numbers, each with
 * a weight, in a text file that can be read and changed (filters/extraction.weights). One linear model scores every
 * block by itself; a second weighs that score with those of the blocks around it.
 */
#ifndef TEXT_HTML_MODEL_H
#define TEXT_HTML_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/html_names.h"

/* What a feature is about; the names stand in the weights file, in html_model.c. */
enum html_feature {
    FEATURE_BIAS,
    FEATURE_IN_TAG, /* of every element around the block */
    FEATURE_IN_NAME,
    FEATURE_IN_ROLE,
    FEATURE_IN_ITEM,
    FEATURE_IN_HIDDEN,
    FEATURE_AT_TAG, /* of the element the block stands in, and the one around that */
    FEATURE_AT_NAME,
    FEATURE_TAG_LENGTH,
    FEATURE_TAG_LINKS,
    FEATURE_LENGTH_LINKS,
    FEATURE_LENGTH_MARKS,
    FEATURE_RULE_LENGTH,
    FEATURE_RULE_LINKS,
    FEATURE_RULE_PAGE,
    FEATURE_PAGE_LENGTH,
    FEATURE_PAGE_LINKS,
    FEATURE_TYPE_RULE,
    FEATURE_TYPE_LENGTH,
    FEATURE_POSITION,
    FEATURE_POSITION_RULE,
    FEATURE_BEFORE,
    FEATURE_BEHIND,
    FEATURE_BEFORE_LINKS,
    FEATURE_BEHIND_LINKS,
    FEATURE_LONG_BEFORE,
    FEATURE_LONG_BEHIND,
    FEATURE_HEADING,
    FEATURE_TITLE,
    FEATURE_GROUP,
    FEATURE_GROUP_TEXT,
    FEATURE_REPEATED,
    FEATURE_DIGITS,
    FEATURE_CAPITALS,
    FEATURE_ARTICLE,
    FEATURE_ARTICLE_LINKS,
    FEATURE_AROUND_1,
    FEATURE_AROUND_2,
    FEATURE_AROUND_3,
    FEATURE_AROUND_4,
    FEATURE_AROUND_5,
    FEATURE_IN_NAME_KIND, /* FEATURE_IN_NAME, on a page of that kind */
    FEATURE_KIND_RULE,
    FEATURE_KIND_LENGTH,
    FEATURE_TEASER, /* what stands behind a heading or link, and how many the like */
    FEATURE_CORE,   /* how far from the core */
    FEATURE_CORE_KIND,
    FEATURE_COUNT
};

/* The second model: HTML_CONTEXT values for each of HTML_CONTEXT_CLASSES kinds of blocks. */
#define HTML_CONTEXT 23
#define HTML_CONTEXT_CLASSES 8

/* The numbers of features of elements: levels around the block, pairs of classes of length, classes of share. */
#define HTML_LEVELS 3
#define HTML_LENGTHS 7
#define HTML_SHARES 6

struct html_feature_name {
    enum html_feature feature;
    struct span token; /* owned */
    unsigned first, second;
};

struct html_model {
    bool learning; /* unknown features are added */
    size_t count;
    float *weights;                  /* of count features */
    struct html_feature_name *names; /* of count features */
    size_t capacity;
    struct {
        uint64_t key;
        uint32_t index;
        float weight; /* where the model no longer learns: that of the feature */
    } * slots;        /* a power of two, open addressing */
    size_t slot_count;
    /* Where the model no longer learns: the weights of features without a token, by their numbers. */
    struct html_weight_table {
        unsigned firsts, seconds; /* the numbers are below */
        float *weights;           /* of first * seconds + second; NULL where there are none */
    } tables[FEATURE_COUNT];
    /* Likewise, the weights of features of the elements that have names of their own. */
    struct html_tag_weights {
        float in, at[HTML_LEVELS], length[HTML_LENGTHS], links[HTML_SHARES];
    } tags[HTML_NAMES];
    float context[HTML_CONTEXT_CLASSES][HTML_CONTEXT];
};

struct html_model *html_model_new(void);
/* Reads a weights file; errors name file and line. */
struct html_model *html_model_load(const char *path, struct error *error);
/* The file's text, without weights that are nearly 0. */
void html_model_write(const struct html_model *model, struct bytes *out);
void html_model_free(struct html_model *model);

/* What html_model_weight knows a token by, for it is asked of many features; of none 0. */
uint64_t html_model_token(struct span token);
/* The weight of a feature in a model that does not learn; 0 where it does not know it. The second is that of a feature
 * without a token. */
float html_model_weight(const struct html_model *model, enum html_feature feature, uint64_t token, unsigned first,
                        unsigned second);
static inline float html_model_number_weight(const struct html_model *model, enum html_feature feature, unsigned first,
                                             unsigned second) {
    const struct html_weight_table *table = &model->tables[feature];
    return first < table->firsts && second < table->seconds ? table->weights[first * table->seconds + second] : 0;
}
/* The index of a feature, for a model that learns: what is new is added with a weight of 0. */
uint32_t html_model_find(struct html_model *model, enum html_feature feature, struct span token, unsigned first,
                         unsigned second);

#endif
