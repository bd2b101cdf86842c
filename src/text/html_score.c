/*
 * From features to the choice of blocks: a linear score, the same again with what stands around, and the set of blocks
 * with the highest F1 to be expected.
 */
#include "text/html_blocks.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* Blocks err together, so what one page's sum promises is too high by about this much of probability (held-out pages).
 */
#define ERR_TOGETHER 0.05F
#define SCORE_MAX 6.0F
/* Shares of a block's text that stand elsewhere on the page, and lengths in characters. */
#define HALF_SEEN 0.5F
#define ALL_SEEN 0.9F
#define LONG_TEXT 60
#define ARTICLE_TEXT 150
#define GAP_BLOCKS 2
/* Where scripts declare the article's text: the least share of the likely content that is believed; what is added to
 * the log odds of blocks that stand in it, stand before or behind it, or between without being part of it. */
#define DECLARED_MIN 0.5F
#define DECLARED 5.0F
#define OUTSIDE_DECLARED -5.0F
#define UNDECLARED -1.5F

static float probability_of(float score) {
    return 1.0F / (1.0F + expf(-score));
}

/* Where the model learns, weights change behind the features' back. */
static float own_score(const struct html_blocks *blocks, const struct html_model *model, float known, size_t from,
                       size_t count) {
    float sum = model->learning ? 0 : known;
    for (size_t i = from; i < from + count; i++)
        sum += model->weights[blocks->features[i]];
    return sum;
}

void html_blocks_score(struct html_blocks *blocks, const struct html_model *model) {
    for (size_t i = 0; i < blocks->element_count; i++) {
        struct html_element *element = &blocks->elements[i];
        if (element->node && element->characters)
            element->score = (i ? blocks->elements[element->parent].score : 0) +
                             own_score(blocks, model, element->own_score, element->feature, element->feature_count);
    }
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        block->score = blocks->elements[block->element].score +
                       own_score(blocks, model, block->own_score, block->feature, block->feature_count);
    }
}

static void spread_by_level(struct html_blocks *blocks) {
    float likely[HTML_CORE_LEVELS + 1] = {0}, characters[HTML_CORE_LEVELS + 1] = {0};
    for (size_t i = 0; i < blocks->count; i++) {
        const struct html_block *block = &blocks->items[i];
        unsigned level = blocks->elements[block->element].core;
        likely[level] += block->probability * (float)block->characters;
        characters[level] += (float)block->characters;
    }
    for (size_t i = 0; i <= HTML_CORE_LEVELS; i++)
        blocks->level_likely[i] = likely[i] / (characters[i] + 1);
}

void html_blocks_spread(struct html_blocks *blocks) {
    for (size_t i = 0; i < blocks->element_count; i++)
        blocks->elements[i].likely = 0;
    for (size_t i = 0; i < blocks->group_count; i++)
        blocks->groups[i].likely = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        block->probability = probability_of(block->score);
        float likely = block->probability * (float)block->characters;
        blocks->elements[block->element].likely += likely;
        blocks->groups[block->group].likely += likely;
    }
    float likely[2] = {0, 0}, characters[2] = {1, 1};
    for (size_t i = 0; i < blocks->count; i++) {
        const struct html_block *block = &blocks->items[i];
        bool kept = block->verdict == VERDICT_KEPT;
        likely[kept] += block->probability * (float)block->characters;
        characters[kept] += (float)block->characters;
    }
    spread_by_level(blocks);
    for (size_t kept = 0; kept < 2; kept++)
        blocks->kept_likely[kept] = likely[kept] / characters[kept];
    for (size_t i = blocks->element_count; i-- > 1;) {
        if (blocks->elements[i].node)
            blocks->elements[blocks->elements[i].parent].likely += blocks->elements[i].likely;
    }
}

/* The mean probability of some blocks before (step -1) or behind (step 1), nearer and longer ones counting more. */
static float mean_beside(const struct html_blocks *blocks, size_t index, int step, size_t reach) {
    float sum = 0, weight = 0, near = 1;
    for (size_t i = 0; i < reach; i++) {
        index += (size_t)step;
        if (index >= blocks->count)
            break;
        const struct html_block *block = &blocks->items[index];
        float length = near * (float)(block->characters < 200 ? block->characters : 200);
        sum += length * block->probability;
        weight += length;
        near *= 0.8F;
    }
    return weight > 0 ? sum / weight : 0.5F;
}

/* How far apart from an undecided 0.5. */
static float centred(float probability) {
    return 2 * probability - 1;
}

unsigned html_blocks_context(const struct html_blocks *blocks, size_t index, float context[HTML_CONTEXT]) {
    const struct html_block *block = &blocks->items[index];
    const struct html_element *root = &blocks->elements[0];
    float score = fmaxf(-SCORE_MAX, fminf(SCORE_MAX, block->score));
    size_t n = 0;
    context[n++] = 1;
    context[n++] = score / 3;
    context[n++] = centred(block->probability);
    context[n++] = centred(mean_beside(blocks, index, -1, 1));
    context[n++] = centred(mean_beside(blocks, index, 1, 1));
    context[n++] = centred(mean_beside(blocks, index, -1, 6));
    context[n++] = centred(mean_beside(blocks, index, 1, 6));
    context[n++] = centred(mean_beside(blocks, index, -1, 16));
    context[n++] = centred(mean_beside(blocks, index, 1, 16));
    /* The elements around it that hold more than those within them. */
    uint32_t element = block->element, held = block->characters;
    float mean = block->probability;
    for (size_t level = 0; level < 5; level++) {
        while (blocks->elements[element].characters <= held && element)
            element = blocks->elements[element].parent;
        const struct html_element *around = &blocks->elements[element];
        held = around->characters;
        mean = held ? around->likely / (float)held : mean;
        context[n++] = centred(mean);
    }
    const struct html_group *group = &blocks->groups[block->group];
    context[n++] = centred(group->characters ? group->likely / (float)group->characters : 0.5F);
    context[n++] = centred(root->characters ? root->likely / (float)root->characters : 0.5F);
    context[n++] = logf(1 + (float)block->characters) / 5;
    context[n++] = (float)block->linked / (float)(block->characters + 1);
    bool kept = block->verdict == VERDICT_KEPT;
    context[n++] = kept;
    context[n++] = kept ? blocks->kept_likely[1] : 0;
    context[n++] = kept ? 0 : blocks->kept_likely[0];
    context[n++] = (kept ? 1.0F : -1.0F) * (blocks->kept_likely[1] - blocks->kept_likely[0]);
    context[n++] = centred(blocks->level_likely[blocks->elements[block->element].core]);
    unsigned kind = block->heading ? 3 : block->characters < 20 ? 0 : block->characters < 100 ? 1 : 2;
    return kind + (blocks->in_sentences * 2 > blocks->characters ? 4 : 0);
}

/* Code belongs to the text before it; few pages teach that. */
static void settle_code(struct html_blocks *blocks) {
    for (size_t i = 1; i < blocks->count; i++) {
        if (blocks->items[i].code)
            blocks->items[i].probability = fmaxf(blocks->items[i].probability, blocks->items[i - 1].probability);
    }
}

/* The items of one list stand or fall together: all get the best of them. */
static void settle_items(struct html_blocks *blocks) {
    for (size_t i = 0, end; i < blocks->count; i = end) {
        uint32_t list = blocks->elements[blocks->items[i].element].parent;
        float best = 0;
        for (end = i; end < blocks->count && blocks->items[end].item &&
                      blocks->elements[blocks->items[end].element].parent == list;
             end++)
            best = fmaxf(best, blocks->items[end].probability);
        for (size_t j = i; j < end; j++)
            blocks->items[j].probability = best;
        end += end == i;
    }
}

/* Whether one element holds both nearly at once, as a song holds its refrain. */
static bool are_near(const struct html_blocks *blocks, const struct html_block *a, const struct html_block *b) {
    const struct html_element *elements = blocks->elements;
    uint32_t above_a = elements[a->element].parent, above_b = elements[b->element].parent;
    return a->element == b->element || above_a == above_b || elements[above_a].parent == elements[above_b].parent;
}

/* Of text that stands in two places of the page, the less likely goes. Short text may well be said twice. */
static void settle_repeats(struct html_blocks *blocks) {
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i], *source = &blocks->items[block->source];
        bool invisible = blocks->elements[block->element].invisible && block->seen >= HALF_SEEN;
        bool repeated = block->seen >= ALL_SEEN && block->characters >= LONG_TEXT && !are_near(blocks, block, source);
        if (!invisible && !repeated)
            continue;
        if (invisible || source->probability >= block->probability)
            block->probability = 0;
        else if (source->characters <= block->characters)
            source->probability = 0;
    }
}

/* Comments are content where they are what the page is, not beside an article. */
static void settle_comments(struct html_blocks *blocks) {
    if (blocks->kind != KIND_ARTICLE || blocks->beside_comments < ARTICLE_TEXT)
        return;
    for (size_t i = 0; i < blocks->count; i++) {
        if (blocks->elements[blocks->items[i].element].in_comments)
            blocks->items[i].probability = 0;
    }
}

static float shifted(float probability, float log_odds) {
    return probability / (probability + (1 - probability) * expf(-log_odds));
}

/* Where scripts hold the article's text and that is no mere beginning of it, what it does not hold is hardly content,
 * least of all before and behind it. */
static void settle_declared(struct html_blocks *blocks) {
    size_t first = blocks->count, last = 0;
    float declared = 0, likely = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct html_block *block = &blocks->items[i];
        likely += block->probability * (float)block->characters;
        if (block->declared < HALF_SEEN)
            continue;
        declared += (float)block->characters;
        first = first < i ? first : i;
        last = i;
    }
    if (declared == 0 || declared < likely * DECLARED_MIN)
        return;
    first -= first > 0 && blocks->items[first - 1].heading;
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        float shift = block->declared >= HALF_SEEN                     ? DECLARED
                      : i < first || i > last                          ? OUTSIDE_DECLARED
                      : block->characters >= LONG_TEXT && !block->code ? UNDECLARED
                                                                       : 0;
        if (i != blocks->title)
            block->probability = shifted(block->probability, shift);
    }
}

void html_blocks_judge(struct html_blocks *blocks, const struct html_model *model) {
    html_blocks_score(blocks, model);
    html_blocks_spread(blocks);
    float *judged = memory_zeroed(blocks->count + 1, sizeof *judged);
    for (size_t i = 0; i < blocks->count; i++) {
        float context[HTML_CONTEXT], score = 0;
        unsigned class = html_blocks_context(blocks, i, context);
        for (size_t j = 0; j < HTML_CONTEXT; j++)
            score += model->context[class][j] * context[j];
        judged[i] = probability_of((score + blocks->items[i].score) / 2);
    }
    for (size_t i = 0; i < blocks->count; i++)
        blocks->items[i].probability = judged[i];
    settle_declared(blocks);
    settle_items(blocks);
    settle_code(blocks);
    settle_repeats(blocks);
    settle_comments(blocks);
    free(judged);
}

static int probability_compare(const void *a, const void *b) {
    const struct html_block *x = *(const struct html_block *const *)a, *y = *(const struct html_block *const *)b;
    if (x->probability != y->probability)
        return x->probability > y->probability ? -1 : 1;
    return (x > y) - (x < y);
}

float html_blocks_threshold(const struct html_blocks *blocks) {
    const struct html_block **order = memory_zeroed(blocks->count + 1, sizeof *order);
    double likely = 0, chosen = 0, right = 0, best = 0;
    float threshold = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        order[i] = &blocks->items[i];
        likely += (double)(order[i]->probability * (float)order[i]->characters);
    }
    qsort(order, blocks->count, sizeof *order, probability_compare);
    for (size_t i = 0; i < blocks->count; i++) {
        chosen += order[i]->characters;
        right += (double)(order[i]->probability * (float)order[i]->characters);
        double f1 = 2 * right / (chosen + likely);
        if (f1 > best) {
            best = f1;
            threshold = order[i]->probability;
        }
    }
    free(order);
    return fmaxf(threshold - ERR_TOGETHER, 0);
}

/* Whether the element around what one stands in, or around that, holds the other too. */
static bool are_in_one(const struct html_blocks *blocks, const struct html_block *a, const struct html_block *b) {
    uint32_t up[2][3];
    for (size_t i = 0; i < 2; i++) {
        up[i][0] = (i ? b : a)->element;
        for (size_t level = 1; level < 3; level++)
            up[i][level] = blocks->elements[up[i][level - 1]].parent;
    }
    for (size_t i = 0; i < 9; i++) {
        if (up[0][i / 3] == up[1][i % 3])
            return true;
    }
    return false;
}

static bool is_linked(const struct html_block *block) {
    return block->linked * 2 > block->characters;
}

/* A line or two between chosen ones in the same place (a formula, a name, what is to be typed) is part of their text:
 * alone it has little to show for itself. What has no probability was taken out for another reason. In articles such
 * lines are what publishers put in between. */
static void fill_gaps(struct html_blocks *blocks, float threshold) {
    struct html_block *items = blocks->items;
    for (size_t i = 1, end; i < blocks->count && blocks->kind != KIND_ARTICLE; i = end + 1) {
        for (end = i; end < blocks->count && items[end].probability > 0 && items[end].probability < threshold &&
                      items[end].characters < LONG_TEXT && !is_linked(&items[end]);)
            end++;
        if (end == i || end - i > GAP_BLOCKS || end == blocks->count || items[i - 1].probability < threshold ||
            items[end].probability < threshold || is_linked(&items[i - 1]) || is_linked(&items[end]) ||
            !are_in_one(blocks, &items[i - 1], &items[end]))
            continue;
        for (size_t j = i; j < end; j++) {
            if (are_in_one(blocks, &items[j], &items[i - 1]) && are_in_one(blocks, &items[j], &items[end]))
                items[j].probability = threshold;
        }
    }
}

void html_model_select(struct html_tree *tree, struct html_model *model) {
    struct html_blocks blocks;
    html_blocks_cut(&blocks, tree, html_main_select(tree));
    html_blocks_describe(&blocks, model);
    html_blocks_judge(&blocks, model);
    float threshold = html_blocks_threshold(&blocks);
    fill_gaps(&blocks, threshold);
    for (size_t i = 0; i < tree->count; i++)
        tree->nodes[i]->dropped = false;
    for (size_t i = 0; i < blocks.count; i++) {
        const struct html_block *block = &blocks.items[i];
        for (size_t j = 0; block->probability < threshold && j < block->text_count; j++)
            block->texts[j]->dropped = true;
    }
    html_blocks_release(&blocks);
}
