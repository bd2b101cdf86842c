/*
 * train_extraction [-k FOLDS] [-e EPOCHS] [-w FOLDS] [-o WEIGHTS] FOLDER...: learns the weights that tell a page's
 * content from the rest (filters/extraction.weights) from pages with known content, and prints the word F1 on pages
 * held out.
 *
 * -w FOLDS writes into that folder the weights of each fold, learned without its pages, and folds.tsv, which tells each
 * page's; -o WEIGHTS writes those learned from all pages.
 *
 * A FOLDER holds html/NAME.html.gz, and ground-truth/NAME.json (WCXB) or ground-truth.json (article extraction
 * benchmark). Pages are dealt to folds by their site, so no site is learned from and judged. A block is content where
 * its words stand in the known text; long blocks take their words from it first.
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "text/charset.h"
#include "text/html_blocks.h"

#define FILE_MAX ((size_t)64 << 20)
#define FOLDS_MAX 16
/* Found with held-out pages: the first step, the pull of weights towards 0, pages a feature must occur on. */
#define RATE 0.02F
#define DECAY 0.01F
#define COMMON_PAGES 15
#define RUNS 5

struct words {
    uint64_t *items;
    size_t count, capacity;
};

struct page {
    struct html_blocks blocks;
    struct words *words; /* of each block */
    struct words gold;
    float *label, *weight; /* of each block */
    uint32_t *chain;       /* features of the elements around blocks, flattened */
    size_t *chain_start;   /* of each block, and the end */
    float *held_out;       /* score of each block by a model that did not see the page */
    unsigned fold;
    char kind[24];
    char *path;
};

struct corpus {
    struct page *pages;
    size_t count, capacity;
    struct html_model *model;
    unsigned folds;
};

static void die(const char *message) {
    fprintf(stderr, "train_extraction: %s\n", message);
    exit(1);
}

static void words_add(struct words *words, uint64_t word) {
    if (words->count == words->capacity) {
        words->capacity = words->capacity ? words->capacity * 2 : 16;
        words->items = memory_resize(words->items, words->capacity, sizeof *words->items);
    }
    words->items[words->count++] = word;
}

/* Runs of ASCII letters and digits (without case) and of other bytes; a character of East Asia is a word. */
static void words_split(struct words *words, struct span text) {
    uint64_t hash = 0;
    for (size_t i = 0; i <= text.size; i++) {
        unsigned char byte = i < text.size ? (unsigned char)text.data[i] : ' ';
        bool word = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                    byte == '_' || byte >= 0x80;
        bool wide = byte >= 0xE2 && byte < 0xF0;
        if (hash && (!word || wide)) {
            words_add(words, hash);
            hash = 0;
        }
        if (!word || byte == 0xC2)
            continue;
        if (wide) {
            if (byte > 0xE2 && i + 2 < text.size)
                words_add(words, hash64((struct span){text.data + i, 3}, 7));
            i += 2;
            continue;
        }
        if (byte >= 'A' && byte <= 'Z')
            byte = (unsigned char)(byte + 32);
        hash = hash_mix(hash * 31 + byte + 1) | 1;
    }
}

/* A multiset of hashes. */
struct bag {
    struct {
        uint64_t key;
        uint32_t count;
    } * slots;
    size_t slot_count;
};

static void bag_init(struct bag *bag, size_t most) {
    bag->slot_count = 64;
    while (bag->slot_count < most * 2)
        bag->slot_count *= 2;
    bag->slots = memory_zeroed(bag->slot_count, sizeof *bag->slots);
}

static uint32_t *bag_count(struct bag *bag, uint64_t key) {
    size_t slot = hash_mix(key) & (bag->slot_count - 1);
    while (bag->slots[slot].count != 0 && bag->slots[slot].key != key)
        slot = (slot + 1) & (bag->slot_count - 1);
    bag->slots[slot].key = key;
    return &bag->slots[slot].count;
}

static uint64_t ngram(const struct words *words, size_t at, size_t n) {
    uint64_t key = n;
    for (size_t i = 0; i < n; i++)
        key = hash_mix(key * 3 + words->items[at + i]);
    return key;
}

/* Share of the block's n-grams that stand in the known text. Counts are one more than what is left, so that a slot
 * stays taken. */
static float matched(struct bag *left, struct bag *grams, const struct words *words) {
    size_t n = words->count < 3 ? words->count : 3, found = 0, present = 0;
    if (n == 0)
        return 0;
    for (size_t i = 0; i + n <= words->count; i++)
        found += *bag_count(grams, ngram(words, i, n)) > 0;
    for (size_t i = 0; i < words->count; i++) {
        uint32_t *count = bag_count(left, words->items[i]);
        if (*count > 1) {
            --*count;
            present++;
        }
    }
    float in_order = (float)found / (float)(words->count - n + 1), in_all = (float)present / (float)words->count;
    float share = in_order < in_all ? in_order : in_all;
    if (share < 0.5F) { /* give back */
        for (size_t i = 0; i < words->count && present > 0; i++) {
            uint32_t *count = bag_count(left, words->items[i]);
            if (*count > 0) {
                ++*count;
                present--;
            }
        }
    }
    return share;
}

static struct page *ordered;
static int by_length(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    size_t n = ordered->words[x].count, m = ordered->words[y].count;
    return n != m ? (n > m ? -1 : 1) : (x > y) - (x < y);
}

static void label_page(struct page *page) {
    struct bag left, grams;
    size_t count = page->blocks.count;
    size_t all = page->gold.count;
    for (size_t i = 0; i < count; i++)
        all += page->words[i].count;
    bag_init(&left, all + 1);
    bag_init(&grams, page->gold.count * 3 + all + 1);
    for (size_t i = 0; i < page->gold.count; i++) {
        uint32_t *slot = bag_count(&left, page->gold.items[i]);
        *slot += *slot ? 1 : 2;
        for (size_t n = 1; n <= 3 && i + n <= page->gold.count; n++)
            *bag_count(&grams, ngram(&page->gold, i, n)) = 1;
    }
    uint32_t *order = memory_zeroed(count + 1, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    ordered = page;
    qsort(order, count, sizeof *order, by_length);
    page->label = memory_zeroed(count + 1, sizeof *page->label);
    page->weight = memory_zeroed(count + 1, sizeof *page->weight);
    for (size_t i = 0; i < count; i++) {
        uint32_t block = order[i];
        float share = matched(&left, &grams, &page->words[block]);
        page->label[block] = share >= 0.5F ? 1 : 0;
    }
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += page->label[i] > 0 ? (double)page->words[i].count : 0;
    total = fmax(total, (double)page->gold.count / 2);
    for (size_t i = 0; i < count; i++)
        page->weight[i] = (float)fmin(1, (double)page->words[i].count / (total + 20));
    free(order);
    free(left.slots);
    free(grams.slots);
}

/* The site: what stands between "//" and "/", without its first word where there are more than two. */
static struct span site_of(struct span url) {
    const char *start = memmem(url.data, url.size, "//", 2);
    if (!start)
        return url;
    start += 2;
    const char *end = url.data + url.size, *slash = memchr(start, '/', (size_t)(end - start));
    struct span site = {start, (size_t)((slash ? slash : end) - start)};
    return site.size > 4 && memcmp(site.data, "www.", 4) == 0 ? (struct span){site.data + 4, site.size - 4} : site;
}

static void flatten(struct page *page) {
    const struct html_blocks *blocks = &page->blocks;
    size_t capacity = 0, size = 0;
    page->chain_start = memory_zeroed(blocks->count + 1, sizeof *page->chain_start);
    for (size_t i = 0; i < blocks->count; i++) {
        page->chain_start[i] = size;
        for (uint32_t at = blocks->items[i].element;; at = blocks->elements[at].parent) {
            const struct html_element *element = &blocks->elements[at];
            if (size + element->feature_count + blocks->items[i].feature_count > capacity) {
                capacity = capacity * 2 + element->feature_count + blocks->items[i].feature_count;
                page->chain = memory_resize(page->chain, capacity, sizeof *page->chain);
            }
            memcpy(page->chain + size, blocks->features + element->feature,
                   element->feature_count * sizeof *page->chain);
            size += element->feature_count;
            if (at == 0)
                break;
        }
        memcpy(page->chain + size, blocks->features + blocks->items[i].feature,
               blocks->items[i].feature_count * sizeof *page->chain);
        size += blocks->items[i].feature_count;
    }
    page->chain_start[blocks->count] = size;
}

static void add_page(struct corpus *corpus, const char *path, struct span gold, struct span url, struct span kind) {
    struct bytes raw = {0}, utf8 = {0};
    struct error error;
    struct charset charset;
    const struct charset_evidence evidence = {.is_markup = true};
    struct html_tree tree;
    const struct html_options options = {.max_work = HTML_DEFAULT_WORK};
    if (input_load(path, FILE_MAX, &raw, &error) < 0)
        die(error.message);
    charset_detect(span_of_bytes(&raw), &evidence, &charset);
    if (charset_decode(span_of_bytes(&raw), &charset, &utf8, NULL, &error) < 0 ||
        html_tree_parse(&tree, span_of_bytes(&utf8), &options, 0, &error) < 0)
        die(error.message);
    if (tree.root) {
        if (corpus->count == corpus->capacity) {
            corpus->capacity = corpus->capacity ? corpus->capacity * 2 : 256;
            corpus->pages = memory_resize(corpus->pages, corpus->capacity, sizeof *corpus->pages);
        }
        struct page *page = &corpus->pages[corpus->count++];
        *page = (struct page){.fold = (unsigned)(hash64(site_of(url), 1) % corpus->folds)};
        page->path = memory_copy(path, strlen(path));
        snprintf(page->kind, sizeof page->kind, "%.*s", (int)kind.size, kind.data);
        html_blocks_cut(&page->blocks, &tree, html_main_select(&tree));
        html_blocks_describe(&page->blocks, corpus->model);
        page->words = memory_zeroed(page->blocks.count + 1, sizeof *page->words);
        for (size_t i = 0; i < page->blocks.count; i++) {
            for (size_t j = 0; j < page->blocks.items[i].text_count; j++)
                words_split(&page->words[i], page->blocks.items[i].texts[j]->text);
        }
        words_split(&page->gold, gold);
        label_page(page);
        flatten(page);
        page->held_out = memory_zeroed(page->blocks.count + 1, sizeof *page->held_out);
    }
    html_tree_release(&tree);
    bytes_release(&raw);
    bytes_release(&utf8);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(struct corpus *corpus, const char *folder) {
    char path[4096];
    struct error error;
    struct json_document *document;
    snprintf(path, sizeof path, "%s/ground-truth.json", folder);
    if (access(path, R_OK) == 0) {
        if (json_load(&document, path, FILE_MAX, &error) < 0)
            die(error.message);
        const struct json_value *root = json_root(document);
        for (size_t i = 0; i < root->count; i++) {
            const struct json_value *item = &root->items[i];
            snprintf(path, sizeof path, "%s/html/%.*s.html.gz", folder, (int)item->key.size, item->key.data);
            add_page(corpus, path, json_string(item, "articleBody"), json_string(item, "url"), SPAN_LITERAL("aeb"));
        }
        json_free(document);
        return;
    }
    struct dirent **names;
    snprintf(path, sizeof path, "%s/ground-truth", folder);
    int count = scandir(path, &names, NULL, by_name);
    if (count < 0)
        die(path);
    for (int i = 0; i < count; i++) {
        size_t size = strlen(names[i]->d_name);
        if (size > 5 && strcmp(names[i]->d_name + size - 5, ".json") == 0) {
            snprintf(path, sizeof path, "%s/ground-truth/%s", folder, names[i]->d_name);
            if (json_load(&document, path, FILE_MAX, &error) < 0)
                die(error.message);
            const struct json_value *root = json_root(document);
            snprintf(path, sizeof path, "%s/html/%.*s.html.gz", folder, (int)size - 5, names[i]->d_name);
            add_page(corpus, path, json_string(json_member(root, "ground_truth"), "main_content"),
                     json_string(root, "url"),
                     json_string(json_member(json_member(root, "_internal"), "page_type"), "primary"));
            json_free(document);
        }
        free(names[i]);
    }
    free(names);
}

/* Whether a feature occurs on enough pages to be learned. */
static bool *find_common(const struct corpus *corpus, unsigned least) {
    uint32_t *pages = memory_zeroed(corpus->model->count, sizeof *pages);
    uint32_t *last = memory_zeroed(corpus->model->count, sizeof *last);
    bool *common = memory_zeroed(corpus->model->count, sizeof *common);
    for (size_t p = 0; p < corpus->count; p++) {
        const struct page *page = &corpus->pages[p];
        for (size_t i = 0; i < page->chain_start[page->blocks.count]; i++) {
            uint32_t feature = page->chain[i];
            if (last[feature] != p + 1) {
                last[feature] = (uint32_t)p + 1;
                pages[feature]++;
            }
        }
    }
    for (size_t i = 0; i < corpus->model->count; i++)
        common[i] = pages[i] >= least;
    free(pages);
    free(last);
    return common;
}

static float sigmoid(float score) {
    return 1 / (1 + expf(-score));
}

static float score_block(const struct html_model *model, const struct page *page, size_t block) {
    float score = 0;
    for (size_t i = page->chain_start[block]; i < page->chain_start[block + 1]; i++)
        score += model->weights[page->chain[i]];
    return score;
}

/* Logistic regression by AdaGrad with weight decay, over the pages that are not of fold `without`, in an order that
 * `state` chooses. */
static void train_once(struct corpus *corpus, const bool *common, unsigned without, unsigned epochs, uint64_t state) {
    struct html_model *model = corpus->model;
    float *squares = memory_zeroed(model->count, sizeof *squares);
    size_t *order = memory_zeroed(corpus->count, sizeof *order);
    for (size_t i = 0; i < model->count; i++)
        model->weights[i] = 0, squares[i] = 0.1F;
    for (size_t i = 0; i < corpus->count; i++)
        order[i] = i;
    for (unsigned epoch = 0; epoch < epochs; epoch++) {
        for (size_t i = corpus->count; i-- > 1;) {
            state = hash_mix(state + 1);
            size_t j = state % (i + 1), swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        float rate = RATE * (1 - (float)epoch / (float)epochs) + 0.01F;
        for (size_t p = 0; p < corpus->count; p++) {
            const struct page *page = &corpus->pages[order[p]];
            if (page->fold == without)
                continue;
            for (size_t b = 0; b < page->blocks.count; b++) {
                if (page->weight[b] <= 0)
                    continue;
                float slope = (sigmoid(score_block(model, page, b)) - page->label[b]) * sqrtf(page->weight[b]);
                for (size_t i = page->chain_start[b]; i < page->chain_start[b + 1]; i++) {
                    uint32_t feature = page->chain[i];
                    if (!common[feature])
                        continue;
                    float gradient = slope + DECAY * model->weights[feature];
                    squares[feature] += gradient * gradient;
                    model->weights[feature] -= rate * gradient / sqrtf(squares[feature]);
                }
            }
        }
    }
    free(squares);
    free(order);
}

/* The mean of some runs: each alone leans towards the pages it met last. */
static void train_blocks(struct corpus *corpus, unsigned without, unsigned epochs) {
    struct html_model *model = corpus->model;
    bool *common = find_common(corpus, COMMON_PAGES);
    float *sum = memory_zeroed(model->count, sizeof *sum);
    for (uint64_t run = 0; run < RUNS; run++) {
        train_once(corpus, common, without, epochs, run * 1000);
        for (size_t i = 0; i < model->count; i++)
            sum[i] += model->weights[i] / RUNS;
    }
    memcpy(model->weights, sum, model->count * sizeof *sum);
    free(sum);
    free(common);
}

/* The second model, over scores by models that did not see the page. */
static void train_context(struct corpus *corpus, unsigned without, unsigned epochs) {
    struct html_model *model = corpus->model;
    float squares[HTML_CONTEXT_CLASSES][HTML_CONTEXT];
    for (size_t i = 0; i < HTML_CONTEXT_CLASSES; i++) {
        for (size_t j = 0; j < HTML_CONTEXT; j++) {
            squares[i][j] = 0.1F;
            model->context[i][j] = j == 1;
        }
    }
    for (unsigned epoch = 0; epoch < epochs; epoch++) {
        float rate = 0.1F * (1 - (float)epoch / (float)epochs) + 0.001F;
        for (size_t p = 0; p < corpus->count; p++) {
            struct page *page = &corpus->pages[p];
            if (page->fold == without)
                continue;
            for (size_t b = 0; epoch == 0 && b < page->blocks.count; b++)
                page->blocks.items[b].score = page->held_out[b];
            html_blocks_spread(&page->blocks);
            for (size_t b = 0; b < page->blocks.count; b++) {
                float context[HTML_CONTEXT], score = 0;
                unsigned class = html_blocks_context(&page->blocks, b, context);
                for (size_t j = 0; j < HTML_CONTEXT; j++)
                    score += model->context[class][j] * context[j];
                float slope = (sigmoid(score) - page->label[b]) * sqrtf(page->weight[b]);
                for (size_t j = 0; j < HTML_CONTEXT; j++) {
                    float gradient = slope * context[j];
                    squares[class][j] += gradient * gradient;
                    model->context[class][j] -= rate * gradient / sqrtf(squares[class][j]);
                }
            }
        }
    }
}

enum choice { CHOICE_RULES, CHOICE_FIRST, CHOICE_SECOND, CHOICE_LABELS, CHOICES };

static double judge(struct page *page, enum choice choice, const struct html_model *model) {
    struct html_blocks *blocks = &page->blocks;
    float threshold = 0;
    if (choice == CHOICE_SECOND || choice == CHOICE_FIRST) {
        if (choice == CHOICE_SECOND)
            html_blocks_judge(blocks, model);
        else {
            html_blocks_score(blocks, model);
            html_blocks_spread(blocks);
        }
        threshold = html_blocks_threshold(blocks);
    }
    struct bag gold;
    bag_init(&gold, page->gold.count + 1);
    for (size_t i = 0; i < page->gold.count; i++) {
        uint32_t *slot = bag_count(&gold, page->gold.items[i]);
        *slot += *slot ? 1 : 2;
    }
    size_t chosen = 0, right = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct html_block *block = &blocks->items[i];
        bool keep = choice == CHOICE_RULES    ? block->verdict == VERDICT_KEPT
                    : choice == CHOICE_LABELS ? page->label[i] > 0.5F
                                              : block->probability >= threshold;
        for (size_t j = 0; keep && j < page->words[i].count; j++) {
            chosen++;
            size_t slot = hash_mix(page->words[i].items[j]) & (gold.slot_count - 1);
            while (gold.slots[slot].count && gold.slots[slot].key != page->words[i].items[j])
                slot = (slot + 1) & (gold.slot_count - 1);
            if (gold.slots[slot].count > 1) {
                gold.slots[slot].count--;
                right++;
            }
        }
    }
    free(gold.slots);
    return chosen + page->gold.count ? 2 * (double)right / (double)(chosen + page->gold.count) : 1;
}

struct figure {
    char kind[24];
    size_t pages;
    double sum[CHOICES];
};

static void count_figures(struct corpus *corpus, unsigned fold, struct figure figures[32]) {
    for (size_t p = 0; p < corpus->count; p++) {
        struct page *page = &corpus->pages[p];
        if (fold < corpus->folds && page->fold != fold)
            continue;
        size_t f = 0;
        while (figures[f].pages && strcmp(figures[f].kind, page->kind) != 0)
            f++;
        memcpy(figures[f].kind, page->kind, sizeof page->kind);
        figures[f].pages++;
        for (int choice = 0; choice < CHOICES; choice++)
            figures[f].sum[choice] += judge(page, (enum choice)choice, corpus->model);
    }
}

static void show_figures(const struct figure figures[32]) {
    printf("%-16s %5s %7s %7s %7s %7s\n", "held out", "pages", "rules", "first", "second", "labels");
    struct figure all = {.kind = "all but aeb"};
    for (size_t f = 0; figures[f].pages; f++) {
        printf("%-16s %5zu", figures[f].kind, figures[f].pages);
        bool other = strcmp(figures[f].kind, "aeb") == 0;
        for (int choice = 0; choice < CHOICES; choice++) {
            printf(" %7.3f", figures[f].sum[choice] / (double)figures[f].pages);
            all.sum[choice] += other ? 0 : figures[f].sum[choice];
        }
        all.pages += other ? 0 : figures[f].pages;
        putchar('\n');
    }
    printf("%-16s %5zu", all.kind, all.pages);
    for (int choice = 0; choice < CHOICES; choice++)
        printf(" %7.3f", all.sum[choice] / (double)all.pages);
    putchar('\n');
}

static void write_weights(const struct html_model *model, const char *path) {
    struct bytes out = {0};
    html_model_write(model, &out);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(out.data, 1, out.size, file) != out.size || fclose(file) != 0)
        die(path);
    bytes_release(&out);
}

static void write_fold(const struct corpus *corpus, unsigned fold, const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%u.weights", folder, fold);
    write_weights(corpus->model, path);
    snprintf(path, sizeof path, "%s/folds.tsv", folder);
    FILE *list = fopen(path, fold ? "a" : "w");
    for (size_t i = 0; list && i < corpus->count; i++) {
        if (corpus->pages[i].fold == fold)
            fprintf(list, "%s\t%u\n", corpus->pages[i].path, fold);
    }
    if (!list || fclose(list) != 0)
        die(path);
}

int main(int argc, char **argv) {
    struct corpus corpus = {.folds = 5, .model = html_model_new()};
    const char *path = NULL, *folder = NULL;
    unsigned epochs = 10;
    for (int option; (option = getopt(argc, argv, "k:e:o:w:")) != -1;) {
        if (option == 'k')
            corpus.folds = (unsigned)atoi(optarg);
        else if (option == 'e')
            epochs = (unsigned)atoi(optarg);
        else if (option == 'o')
            path = optarg;
        else if (option == 'w')
            folder = optarg;
    }
    if (optind == argc || corpus.folds < 2 || corpus.folds > FOLDS_MAX)
        die("usage: train_extraction [-k FOLDS] [-e EPOCHS] [-w FOLDS] [-o WEIGHTS] FOLDER...");
    corpus.model->learning = true;
    for (int i = optind; i < argc; i++)
        read_folder(&corpus, argv[i]);
    fprintf(stderr, "%zu pages, %zu features\n", corpus.count, corpus.model->count);
    float *weights = memory_zeroed(corpus.model->count * corpus.folds, sizeof *weights);
    for (unsigned fold = 0; fold < corpus.folds; fold++) {
        train_blocks(&corpus, fold, epochs);
        memcpy(weights + fold * corpus.model->count, corpus.model->weights, corpus.model->count * sizeof *weights);
        for (size_t p = 0; p < corpus.count; p++) {
            struct page *page = &corpus.pages[p];
            for (size_t b = 0; page->fold == fold && b < page->blocks.count; b++)
                page->held_out[b] = score_block(corpus.model, page, b);
        }
    }
    struct figure figures[32] = {0};
    for (unsigned fold = 0; fold < corpus.folds; fold++) {
        train_context(&corpus, fold, epochs);
        memcpy(corpus.model->weights, weights + fold * corpus.model->count, corpus.model->count * sizeof *weights);
        count_figures(&corpus, fold, figures);
        if (folder)
            write_fold(&corpus, fold, folder);
    }
    show_figures(figures);
    free(weights);
    if (!path)
        return 0;
    train_context(&corpus, corpus.folds, epochs);
    train_blocks(&corpus, corpus.folds, epochs);
    write_weights(corpus.model, path);
    return 0;
}
