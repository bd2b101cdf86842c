/*
 * Judging texts: windows, what each says, and how that adds up. Windows are pieces of a mixture: each is in one
 * language, and the shares of languages are those under which the windows are likeliest (expectation-maximisation). So
 * many windows that say the same weakly say it strongly together, and of a text in two languages each gets its share.
 */
#include "text/language.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/data_folder.h"
#include "base/memory.h"
#include "text/language_model.h"
#include "text/utf8.h"

#define WINDOW_SIZE 256U
#define WINDOWS_MAX 7U
/* So many windows do where what they say is as plain as this; else all are judged. */
#define WINDOWS_FEW (WINDOWS_MAX / 2)
#define PLAIN 0.9
/* In a window as many pieces as scripts that have letters there; more pieces than this are left out. */
#define PIECES_MAX 64U
#define ROUNDS 8
/* Logits to base 2 so far behind the first are as good as lower ones: the model's floor is above. */
#define LOWEST (-30.0F)
/* How much likelier a hint makes a language, before anything was read. */
#define HINT 6.0F
/* How many windows' worth the belief weighs that all languages are equally likely. */
#define PRIOR 0.5F
/* How much likelier each kana makes Japanese, and each Han character Chinese. */
#define KANA_WEIGHT 1.0F
#define HAN_WEIGHT 0.12F
/* A text is in no language where programs have so much of it. */
#define PROGRAM 0.75F
/* How much likelier each sign more than one in so many letters makes a program, or fewer make it unlikelier, and how
 * much that is at most: programs are full of signs, and their words are as English as prose. < and > are not among the
 * signs, since prose has tags. */
#define SIGN_WEIGHT 1.2F
#define LETTERS_PER_SIGN 16.0F
#define SIGNS_MOST 8.0F
/* What speaks for Chinese where there are few characters of either. */
#define CHINESE 0.7F

/* Other names of languages. */
static const char *const aliases[][2] = {
    {"no", "nb"}, {"nor", "nb"}, {"nob", "nb"}, {"fil", "tl"}, {"iw", "he"},  {"in", "id"},
    {"ji", "yi"}, {"mo", "ro"},  {"cmn", "zh"}, {"kmr", "ku"}, {"zsm", "ms"}, {"swh", "sw"},
};

/* What one script's letters of one window say. */
struct piece {
    float weight;
    float said[LANGUAGE_MAX];    /* how likely each language makes it */
    float chances[LANGUAGE_MAX]; /* of each language, by what all pieces say */
};

typedef language_lanes lanes;
typedef int32_t whole_lanes __attribute__((vector_size(4 * LANGUAGE_LANES)));
#define LANES ((size_t)LANGUAGE_LANES)

/* Bytes in which signs are looked for at a time. */
#define SIGN_LANES 32U
typedef uint8_t sign_lanes __attribute__((vector_size(SIGN_LANES), aligned(1), may_alias));

struct language_judge {
    const struct language_model *model;
    struct language_codes codes;
    char window[WINDOW_SIZE + SIGN_LANES];
    uint32_t signs; /* of the window */
    size_t piece_count;
    struct piece pieces[PIECES_MAX];
};

int language_model_open(struct language_model **model, const char *path, struct error *error) {
    struct bytes found = {0};
    int result = 0;
    *model = NULL;
    if (!path)
        result = data_folder_find("filters/language.weights", &found, error);
    if (result == 0)
        result = language_model_load(model, path ? path : bytes_text(&found), error);
    bytes_release(&found);
    return result;
}

size_t language_count(const struct language_model *model) {
    return model->language_count;
}

const char *language_tag(const struct language_model *model, size_t language) {
    return language < model->language_count ? model->languages[language] : LANGUAGE_UNDETERMINED;
}

size_t language_find(const struct language_model *model, struct span tag) {
    size_t size = 0;
    while (size < tag.size && tag.data[size] != '-' && tag.data[size] != '_')
        size++;
    const char *name = tag.data;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (size == strlen(aliases[i][0]) && strncasecmp(name, aliases[i][0], size) == 0) {
            name = aliases[i][1];
            size = strlen(name);
            break;
        }
    }
    for (size_t i = 0; i < model->language_count; i++)
        if (strlen(model->languages[i]) == size && strncasecmp(model->languages[i], name, size) == 0)
            return i;
    return LANGUAGE_NONE;
}

struct language_judge *language_judge_new(const struct language_model *model) {
    struct language_judge *judge = memory_zeroed(1, sizeof *judge);
    judge->model = model;
    return judge;
}

void language_judge_free(struct language_judge *judge) {
    free(judge);
}

/* ---- windows ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/* Copies what stands from a place of the texts on, a newline between them, into the window; returns its size. */
static size_t copy_texts(const struct span *texts, size_t count, size_t start, char *window) {
    size_t size = 0;
    for (size_t i = 0; i < count && size < WINDOW_SIZE; i++) {
        if (start > texts[i].size) {
            start -= texts[i].size + 1;
            continue;
        }
        size_t part = texts[i].size - start < WINDOW_SIZE - size ? texts[i].size - start : WINDOW_SIZE - size;
        memcpy(window + size, texts[i].data + start, part);
        size += part;
        if (size < WINDOW_SIZE)
            window[size++] = '\n';
        start = 0;
    }
    return size;
}

/* The whole words of the window: *from is where they begin, the result where they end. */
static size_t whole_words(const char *window, size_t size, bool first, bool last, size_t *from) {
    size_t end = size;
    *from = 0;
    if (!first) {
        while (*from < size && *from < 40 && !is_blank(window[*from]))
            ++*from;
        if (*from == size || *from == 40)
            for (*from = 0; *from < size && ((unsigned char)window[*from] & 0xC0) == 0x80;)
                ++*from;
    }
    if (!last) {
        while (end > size - size / 4 && !is_blank(window[end - 1]))
            end--;
        if (end == size - size / 4)
            end = utf8_previous(window, size);
    }
    return end > *from ? end : *from;
}

static struct piece *new_piece(struct language_judge *judge, double weight) {
    if (judge->piece_count == PIECES_MAX)
        return NULL;
    struct piece *piece = &judge->pieces[judge->piece_count++];
    memset(piece->said, 0, sizeof piece->said);
    piece->weight = (float)weight;
    return piece;
}

/*
 * Each of eight numbers x <= 0 becomes exp(x), wrong by a ten-thousandth of it at most: 2 to the whole part of x / ln
 * 2, times a polynomial for the rest.
 */
__attribute__((always_inline)) static inline void exponentiate(lanes *x) {
    const lanes lowest = (lanes){0} + LOWEST, y = *x * 1.44269504F;
    const whole_lanes above = y > lowest;
    const lanes bounded = (lanes)(((whole_lanes)y & above) | ((whole_lanes)lowest & ~above));
    const whole_lanes whole = __builtin_convertvector(bounded, whole_lanes);
    const lanes rest = bounded - __builtin_convertvector(whole, lanes); /* -1 to 0 */
    const lanes tail = 0.05550411F + rest * (0.00961813F + rest * 0.00133336F);
    *x = (1 + rest * (0.69314718F + rest * (0.24022651F + rest * tail))) * (lanes)((whole + 127) << 23);
}

/* The highest and the sum of eight numbers. */
static float highest_of(const float *x) {
    float highest = x[0];
    for (size_t i = 1; i < LANES; i++)
        highest = x[i] > highest ? x[i] : highest;
    return highest;
}

static float sum_of(const float *x) {
    return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

/* The greater of each of eight numbers goes to *highest. */
__attribute__((always_inline)) static inline void keep_highest(lanes *highest, const lanes *x) {
    const whole_lanes above = *x > *highest;
    *highest = (lanes)(((whole_lanes)*x & above) | ((whole_lanes)*highest & ~above));
}

/* Logits to probabilities that sum to 1; behind the last, the lanes of a vector are filled up with 0. */
__attribute__((target_clones("avx2", "default"))) static void make_probabilities(float *logits, size_t count,
                                                                                 float scale) {
    lanes highest = (lanes){0} - INFINITY, sums = {0};
    for (size_t i = count; i % LANES != 0; i++)
        logits[i] = -INFINITY;
    for (size_t i = 0; i < count; i += LANES)
        keep_highest(&highest, (const lanes *)&logits[i]);
    float top = highest_of((const float *)&highest);
    for (size_t i = 0; i < count; i += LANES) {
        lanes x = scale * (*(const lanes *)&logits[i] - top);
        exponentiate(&x);
        *(lanes *)&logits[i] = x;
    }
    for (size_t i = count; i % LANES != 0; i++)
        logits[i] = 0;
    for (size_t i = 0; i < count; i += LANES)
        sums += *(const lanes *)&logits[i];
    float share = 1 / sum_of((const float *)&sums);
    for (size_t i = 0; i < count; i += LANES)
        *(lanes *)&logits[i] *= share;
}

/* How many of the signs ( ) ; = [ \ ] _ { | } there are; behind the text, SIGN_LANES bytes are overwritten. */
__attribute__((target_clones("avx2", "default"))) static uint32_t count_signs(char *text, size_t size) {
    sign_lanes counts = {0};
    uint32_t sum = 0;
    memset(text + size, 0, SIGN_LANES);
    for (size_t i = 0; i < size; i += SIGN_LANES) {
        const sign_lanes bytes = *(const sign_lanes *)(text + i);
        const sign_lanes brackets = (sign_lanes)(((bytes | 0x20) - '{') <= 2),
                         rounds = (sign_lanes)((bytes & 0xFE) == '('),
                         others = (sign_lanes)(bytes == ';') | (sign_lanes)(bytes == '=') | (sign_lanes)(bytes == '_');
        counts -= brackets | rounds | others;
    }
    for (size_t i = 0; i < SIGN_LANES; i++)
        sum += counts[i];
    return sum;
}

/* What the signs of the window add to the logit of a program. */
static float weigh_signs(const struct language_judge *judge) {
    float more = (float)judge->signs - (float)judge->codes.weight[SCRIPT_LATIN] / LETTERS_PER_SIGN;
    return fmaxf(-SIGNS_MOST, fminf(SIGNS_MOST, SIGN_WEIGHT * more));
}

/* A script of several languages. */
static void judge_coded(struct language_judge *judge, enum language_script script) {
    const struct language_model *model = judge->model;
    size_t first = model->first[script], count = model->first[script + 1] - first;
    float chances[LANGUAGE_LOGITS_MAX], least = model->floor / (float)count;
    struct piece *piece = new_piece(judge, judge->codes.weight[script]);
    if (!piece || count == 0)
        return;
    language_model_logits(model, script, &judge->codes, chances);
    if (model->program_class - first < count)
        chances[model->program_class - first] += weigh_signs(judge);
    make_probabilities(chances, count, model->scale);
    language_model_part_siblings(model, script, &judge->codes, chances);
    for (size_t i = 0; i < count; i += LANES)
        *(lanes *)&chances[i] = (1 - model->floor) * *(const lanes *)&chances[i] + least;
    for (size_t i = 0; i < count; i++)
        piece->said[model->language_of[first + i]] = chances[i];
}

/* Han and kana: Japanese is never without kana for long, Chinese has them in names and quotes only. */
static void judge_eastern(struct language_judge *judge) {
    const struct language_model *model = judge->model;
    float han = (float)judge->codes.weight[SCRIPT_HAN] / 3, kana = (float)judge->codes.weight[SCRIPT_KANA] / 3;
    struct piece *piece = new_piece(judge, 6 * (han + kana));
    if (!piece)
        return;
    float japanese = 1 / (1 + expf(fmaxf(-7, fminf(7, CHINESE + HAN_WEIGHT * han - KANA_WEIGHT * kana))));
    piece->said[model->only_language[SCRIPT_KANA]] = japanese;
    piece->said[model->only_language[SCRIPT_HAN]] = 1 - japanese;
}

/* Judges a part of the window. */
static void judge_window(struct language_judge *judge, size_t from, size_t end) {
    const struct span window = {judge->window + from, end - from};
    judge->signs = count_signs(judge->window + from, window.size);
    language_letters_read(&judge->model->letters, window, &judge->codes);
    const uint32_t *weight = judge->codes.weight;
    for (enum language_script script = 0; script < SCRIPT_CODED; script++)
        if (weight[script] > 0)
            judge_coded(judge, script);
    if (weight[SCRIPT_HAN] + weight[SCRIPT_KANA] > 0)
        judge_eastern(judge);
    for (size_t script = SCRIPT_HANGUL; script < SCRIPT_COUNT; script++) {
        struct piece *piece =
            weight[script] > 0 ? new_piece(judge, weight[script] * (script == SCRIPT_HANGUL ? 2 : 1)) : NULL;
        if (piece)
            piece->said[judge->model->only_language[script]] = 1;
    }
}

/* The texts as one: what of it is judged. */
struct whole {
    const struct span *texts;
    size_t count, size; /* bytes with the newlines between */
};

/* Judges the window at a place; returns how many bytes it took. */
static size_t judge_window_at(struct language_judge *judge, const struct whole *whole, size_t start, bool cut_before) {
    size_t size = copy_texts(whole->texts, whole->count, start, judge->window), from;
    size_t end = whole_words(judge->window, size, !cut_before, start + size >= whole->size, &from);
    judge_window(judge, from, end);
    return end > 0 ? end : size;
}

static void judge_everything(struct language_judge *judge, const struct whole *whole) {
    judge->piece_count = 0;
    for (size_t start = 0; start < whole->size;)
        start += judge_window_at(judge, whole, start, false);
}

/* Every second of WINDOWS_MAX windows spread over a long text, the first or the second of all. */
static void judge_some(struct language_judge *judge, const struct whole *whole, size_t first) {
    for (size_t i = first; i < WINDOWS_MAX; i += 2) {
        size_t start = (whole->size - WINDOW_SIZE) / (WINDOWS_MAX - 1) * i;
        judge_window_at(judge, whole, start, start > 0);
    }
}

/* ---- what all pieces say together ---- */

/* The languages' chances by what a piece says and a prior: the product, made to sum to 1. */
__attribute__((target_clones("avx2", "default"))) static void weigh(struct piece *piece, const float *prior) {
    lanes sums = {0};
    for (size_t i = 0; i < LANGUAGE_MAX; i += LANES) {
        lanes product = *(const lanes *)&piece->said[i] * *(const lanes *)&prior[i];
        *(lanes *)&piece->chances[i] = product;
        sums += product;
    }
    float sum = sum_of((const float *)&sums);
    float factor = sum > 0 ? 1 / sum : 0;
    for (size_t i = 0; i < LANGUAGE_MAX; i += LANES)
        *(lanes *)&piece->chances[i] *= factor;
}

/* Weighs every piece with what the others say as its prior, until that settles. */
static void weigh_together(struct language_judge *judge, const float *prior) {
    float shares[LANGUAGE_MAX], others[LANGUAGE_MAX];
    memcpy(shares, prior, sizeof shares);
    for (size_t p = 0; p < judge->piece_count; p++)
        for (size_t i = 0; i < LANGUAGE_MAX; i++)
            shares[i] += judge->pieces[p].weight / WINDOW_SIZE * judge->pieces[p].chances[i];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t p = 0; p < judge->piece_count; p++) {
            struct piece *piece = &judge->pieces[p];
            float own = piece->weight / WINDOW_SIZE;
            for (size_t i = 0; i < LANGUAGE_MAX; i++)
                others[i] = shares[i] - own * piece->chances[i];
            for (size_t i = 0; i < LANGUAGE_MAX; i++)
                others[i] = others[i] > prior[i] ? others[i] : prior[i]; /* rounding errors */
            weigh(piece, others);
            for (size_t i = 0; i < LANGUAGE_MAX; i++)
                shares[i] = others[i] + own * piece->chances[i];
        }
    }
}

/* Fills the verdict's chances and letters from what all pieces say. */
static void combine(struct language_judge *judge, const float *prior, struct language_verdict *verdict) {
    float whole = 0;
    for (size_t p = 0; p < judge->piece_count; p++) {
        weigh(&judge->pieces[p], prior);
        whole += judge->pieces[p].weight;
    }
    verdict->letters = (size_t)whole;
    if (judge->piece_count == 1) {
        memcpy(verdict->chances, judge->pieces[0].chances, sizeof verdict->chances);
        return;
    }
    memset(verdict->chances, 0, sizeof verdict->chances);
    weigh_together(judge, prior);
    for (size_t p = 0; p < judge->piece_count; p++) {
        float share = judge->pieces[p].weight / whole;
        for (size_t i = 0; i < LANGUAGE_MAX; i += LANES)
            *(lanes *)&verdict->chances[i] += share * *(const lanes *)&judge->pieces[p].chances[i];
    }
}

/*
 * Fills the verdict from what all pieces say. Pieces of programs are passed over, unless there is little else: what the
 * languages have is divided among them alone.
 */
__attribute__((target_clones("avx2", "default"))) static void decide(struct language_judge *judge, const float *prior,
                                                                     struct language_verdict *verdict) {
    combine(judge, prior, verdict);
    float *chances = verdict->chances, program = chances[judge->model->program], highest;
    chances[judge->model->program] = 0;
    for (size_t i = 0; i < LANGUAGE_MAX && program > 0 && program < PROGRAM; i++)
        chances[i] /= 1 - program;
    lanes highs = {0};
    for (size_t i = 0; i < LANGUAGE_MAX; i += LANES)
        keep_highest(&highs, (const lanes *)&chances[i]);
    highest = highest_of((const float *)&highs);
    size_t language = highest > 0 ? 0 : LANGUAGE_NONE;
    while (language < LANGUAGE_NONE && chances[language] < highest)
        language++;
    verdict->language = program < PROGRAM ? language : LANGUAGE_NONE;
    verdict->score = highest;
}

void language_judge_texts(struct language_judge *judge, const struct span *texts, size_t count, const size_t *hints,
                          size_t hint_count, struct language_verdict *verdict) {
    size_t languages = judge->model->language_count;
    float prior[LANGUAGE_MAX];
    struct whole whole = {texts, count, 0};
    for (size_t i = 0; i < count; i++)
        whole.size += texts[i].size + 1;
    for (size_t i = 0; i < LANGUAGE_MAX; i++)
        prior[i] = PRIOR / (float)languages;
    for (size_t i = 0; i < hint_count; i++)
        if (hints[i] < languages)
            prior[hints[i]] *= HINT;
    judge->piece_count = 0;
    if (whole.size > WINDOWS_FEW * WINDOW_SIZE) {
        judge_some(judge, &whole, 1);
        decide(judge, prior, verdict);
        if (verdict->score >= PLAIN)
            return;
    }
    if (whole.size <= WINDOWS_MAX * WINDOW_SIZE)
        judge_everything(judge, &whole);
    else
        judge_some(judge, &whole, 0);
    decide(judge, prior, verdict);
}
