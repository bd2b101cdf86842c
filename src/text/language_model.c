/*
 * The table of n-grams: its file, and what the n-grams of a text add up to. Knows nothing of windows or records.
 */
#include "text/language_model.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/memory.h"

#define FILE_SIZE_MAX ((size_t)64 << 20)
#define HEADER_SIZE 40U
#define CLASS_SIZE (LANGUAGE_TAG_SIZE + 8U + 4U * LANGUAGE_DIMS)
#define GROUP_SIZE (8U + 12U * LANGUAGE_SIBLINGS_MAX)
#define ROWS_SIZE (LANGUAGE_ROWS * sizeof(struct language_row))
#define SIBLING_ROWS_SIZE (LANGUAGE_SIBLING_ROWS * sizeof(uint32_t))

static const char magic[] = "GPTLANG3";

void language_model_free(struct language_model *model) {
    if (!model)
        return;
    free(model->classes);
    free(model->matrix);
    free(model->rows);
    free(model->sibling_rows);
    free(model);
}

/* ---- the file ---- */

static uint32_t read_uint(const char **at) {
    const unsigned char *p = (const unsigned char *)*at;
    *at += 4;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static float read_float(const char **at) {
    uint32_t bits = read_uint(at);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void append_uint(struct bytes *out, uint32_t value) {
    for (int i = 0; i < 4; i++)
        bytes_append_byte(out, (char)(value >> 8 * i & 0xFF));
}

static void append_float(struct bytes *out, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_uint(out, bits);
}

/* False where a class is none, or does not stand with those of its script. */
static bool read_classes(struct language_model *model, const char *at) {
    for (size_t i = 0; i < model->class_count; i++) {
        struct language_class *class = &model->classes[i];
        memcpy(class->language, at, LANGUAGE_TAG_SIZE);
        at += LANGUAGE_TAG_SIZE;
        class->script = language_script_find((struct span){at, 4});
        at += 4;
        if (class->language[0] == '\0' || class->language[LANGUAGE_TAG_SIZE - 1] != '\0' ||
            class->script >= SCRIPT_CODED || (i > 0 && class->script < class[-1].script))
            return false;
        class->bias = read_float(&at);
        bool finite = isfinite(class->bias);
        for (size_t d = 0; d < LANGUAGE_DIMS; d++) {
            class->vector[d] = read_float(&at);
            finite = finite && isfinite(class->vector[d]);
        }
        if (!finite)
            return false;
    }
    return true;
}

/* False where siblings are none, or of several scripts. */
static bool read_groups(struct language_model *model, const char *at) {
    for (size_t i = 0; i < model->group_count; i++) {
        struct language_siblings *group = &model->groups[i];
        group->count = read_uint(&at);
        group->trust = read_float(&at);
        if (group->count < 2 || group->count > LANGUAGE_SIBLINGS_MAX || !(group->trust >= 0 && group->trust <= 1))
            return false;
        for (size_t k = 0; k < LANGUAGE_SIBLINGS_MAX; k++) {
            group->members[k] = read_uint(&at);
            group->biases[k] = read_float(&at);
            group->units[k] = read_float(&at);
            if (k < group->count &&
                (group->members[k] >= model->class_count || !isfinite(group->biases[k]) || !isfinite(group->units[k]) ||
                 model->classes[group->members[k]].script != model->classes[group->members[0]].script))
                return false;
        }
    }
    return true;
}

static bool read_model(struct language_model *model, struct span content) {
    const char *at = content.data + sizeof magic - 1;
    if (content.size < HEADER_SIZE + 8 || memcmp(content.data, magic, sizeof magic - 1) != 0)
        return false;
    uint32_t row_size = read_uint(&at), rows = read_uint(&at), classes = read_uint(&at), groups = read_uint(&at),
             sibling_rows = read_uint(&at);
    size_t tables = (size_t)classes * CLASS_SIZE + (size_t)groups * GROUP_SIZE;
    if (row_size != sizeof(struct language_row) || rows != LANGUAGE_ROWS || sibling_rows != LANGUAGE_SIBLING_ROWS ||
        classes == 0 || classes > LANGUAGE_CLASSES_MAX || groups > LANGUAGE_GROUPS_MAX ||
        content.size != HEADER_SIZE + tables + ROWS_SIZE + SIBLING_ROWS_SIZE + 8)
        return false;
    const char *end = content.data + content.size - 8, *digest = end;
    uint64_t low = read_uint(&digest), high = read_uint(&digest);
    if ((high << 32 | low) != hash64((struct span){content.data, content.size - 8}, 0))
        return false;
    model->exponent = read_float(&at);
    model->scale = read_float(&at);
    model->floor = read_float(&at);
    model->class_count = classes;
    model->group_count = groups;
    model->classes = memory_zeroed(classes, sizeof *model->classes);
    model->rows = memory_zeroed(LANGUAGE_ROWS + 1, sizeof *model->rows);
    memset(model->rows[LANGUAGE_ROWS].values, LANGUAGE_ZERO, LANGUAGE_DIMS);
    memcpy(model->rows, end - SIBLING_ROWS_SIZE - ROWS_SIZE, ROWS_SIZE);
    model->sibling_rows = memory_allocate(SIBLING_ROWS_SIZE);
    const char *row = end - SIBLING_ROWS_SIZE;
    for (size_t i = 0; i < LANGUAGE_SIBLING_ROWS; i++)
        model->sibling_rows[i] = read_uint(&row);
    return read_classes(model, at) && read_groups(model, at + (size_t)classes * CLASS_SIZE) &&
           isfinite(model->exponent) && model->scale > 0 && model->floor >= 0 && model->floor < 1;
}

/* Scripts of one language. Han and kana are told apart by the judge. */
static const char *const only_languages[SCRIPT_COUNT] = {
    [SCRIPT_HAN] = "zh",      [SCRIPT_KANA] = "ja",     [SCRIPT_HANGUL] = "ko",  [SCRIPT_GREEK] = "el",
    [SCRIPT_ARMENIAN] = "hy", [SCRIPT_GEORGIAN] = "ka", [SCRIPT_THAI] = "th",    [SCRIPT_LAO] = "lo",
    [SCRIPT_KHMER] = "km",    [SCRIPT_BURMESE] = "my",  [SCRIPT_TIBETAN] = "bo", [SCRIPT_SINHALA] = "si",
    [SCRIPT_TAMIL] = "ta",    [SCRIPT_TELUGU] = "te",   [SCRIPT_KANNADA] = "kn", [SCRIPT_MALAYALAM] = "ml",
    [SCRIPT_GUJARATI] = "gu", [SCRIPT_GURMUKHI] = "pa", [SCRIPT_ORIYA] = "or",
};

/* The number of a language, a new one where it had none. */
static size_t number_language(struct language_model *model, const char *tag) {
    size_t i = 0;
    while (i < model->language_count && strcmp(model->languages[i], tag) != 0)
        i++;
    model->languages[i] = tag;
    model->language_count += i == model->language_count;
    return i;
}

static bool is_program(const struct language_class *class) {
    return strcmp(class->language, LANGUAGE_PROGRAM) == 0;
}

/* Sets first[] and the languages from the classes, which stand in the order of their scripts. */
static void index_model(struct language_model *model) {
    size_t next = 0;
    for (size_t script = 0; script <= SCRIPT_CODED; script++) {
        while (next < model->class_count && model->classes[next].script < script)
            next++;
        model->first[script] = next;
    }
    model->matrix = memory_zeroed(LANGUAGE_DIMS, sizeof *model->matrix);
    for (size_t i = 0; i < model->class_count; i++)
        for (size_t d = 0; d < LANGUAGE_DIMS; d++)
            model->matrix[d][i] = model->classes[i].vector[d];
    for (size_t i = 0; i < model->class_count; i++)
        model->biases[i] = model->classes[i].bias;
    for (size_t i = 0; i < model->class_count; i++)
        if (!is_program(&model->classes[i]))
            model->language_of[i] = number_language(model, model->classes[i].language);
    for (size_t script = SCRIPT_CODED; script < SCRIPT_COUNT; script++)
        model->only_language[script] = number_language(model, only_languages[script]);
    model->program = model->language_count;
    model->program_class = model->class_count;
    for (size_t i = 0; i < model->class_count; i++) {
        if (is_program(&model->classes[i])) {
            model->program_class = i;
            model->language_of[i] = model->program;
        }
    }
}

int language_model_load(struct language_model **model, const char *path, struct error *error) {
    struct bytes content = {0};
    *model = NULL;
    int result = input_load(path, FILE_SIZE_MAX, &content, error);
    if (result == 0) {
        *model = memory_zeroed(1, sizeof **model);
        if (!read_model(*model, span_of_bytes(&content))) {
            language_model_free(*model);
            *model = NULL;
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no weights of languages, or damaged", path);
        }
    }
    bytes_release(&content);
    if (result == 0) {
        index_model(*model);
        language_letters_init(&(*model)->letters);
    }
    return result;
}

void language_model_write(const struct language_model *model, struct bytes *out) {
    bytes_append(out, magic, sizeof magic - 1);
    append_uint(out, sizeof(struct language_row));
    append_uint(out, LANGUAGE_ROWS);
    append_uint(out, (uint32_t)model->class_count);
    append_uint(out, (uint32_t)model->group_count);
    append_uint(out, LANGUAGE_SIBLING_ROWS);
    append_float(out, model->exponent);
    append_float(out, model->scale);
    append_float(out, model->floor);
    for (size_t i = 0; i < model->class_count; i++) {
        const struct language_class *class = &model->classes[i];
        bytes_append(out, class->language, LANGUAGE_TAG_SIZE);
        bytes_append(out, language_script_name(class->script), 4);
        append_float(out, class->bias);
        for (size_t d = 0; d < LANGUAGE_DIMS; d++)
            append_float(out, class->vector[d]);
    }
    for (size_t i = 0; i < model->group_count; i++) {
        const struct language_siblings *group = &model->groups[i];
        append_uint(out, group->count);
        append_float(out, group->trust);
        for (size_t k = 0; k < LANGUAGE_SIBLINGS_MAX; k++) {
            append_uint(out, group->members[k]);
            append_float(out, group->biases[k]);
            append_float(out, group->units[k]);
        }
    }
    bytes_append(out, model->rows, ROWS_SIZE);
    for (size_t i = 0; i < LANGUAGE_SIBLING_ROWS; i++)
        append_uint(out, model->sibling_rows[i]);
    uint64_t digest = hash64(span_of_bytes(out), 0);
    append_uint(out, (uint32_t)digest);
    append_uint(out, (uint32_t)(digest >> 32));
}

/* ---- what n-grams add up to ---- */

/* A row as 16-bit lanes, whose low and high bytes are summed apart; so many rows until a lane may overflow. */
typedef uint16_t row_lanes __attribute__((vector_size(sizeof(struct language_row))));
#define LANES (sizeof(row_lanes) / sizeof(uint16_t))
#define SUM_MAX 257U

static void add_sums(row_lanes low, row_lanes high, size_t count, int32_t *total) {
    for (size_t i = 0; i < LANES; i++) {
        total[2 * i] += low[i] - (int32_t)count * LANGUAGE_ZERO;
        total[2 * i + 1] += high[i] - (int32_t)count * LANGUAGE_ZERO;
    }
}

/* Sums the rows of n-grams into total, the first of which is of the tags and means nothing. */
static void sum_rows(const struct language_model *model, const uint64_t *hashes, size_t count, int32_t *total) {
    for (size_t start = 0; start < count; start += SUM_MAX) {
        size_t end = count - start < SUM_MAX ? count : start + SUM_MAX;
        row_lanes low = {0}, high = {0}, lanes;
        for (size_t i = start; i < end; i++) {
            size_t place = language_row_of(hashes[i]);
            bool right = model->rows[place].tag == language_tag_of(hashes[i]);
            memcpy(&lanes, &model->rows[right ? place : LANGUAGE_ROWS], sizeof lanes);
            low += lanes & 0xFF;
            high += lanes >> 8;
        }
        add_sums(low, high, end - start, total);
    }
}

/* Adds a script's part of the product of sums and vectors to logits. */
__attribute__((target_clones("avx2", "default"))) static void multiply(const struct language_model *model, size_t first,
                                                                       size_t classes, const float *sums,
                                                                       float *logits) {
    for (size_t i = 0; i < classes; i += LANGUAGE_LANES) {
        language_lanes sum = *(const language_lanes *)&logits[i];
#pragma GCC unroll 15
        for (size_t d = 0; d < LANGUAGE_DIMS; d++)
            sum += sums[d] * *(const language_lanes *)&model->matrix[d][first + i];
        *(language_lanes *)&logits[i] = sum;
    }
}

void language_model_logits(const struct language_model *model, enum language_script script,
                           const struct language_codes *codes, float *logits) {
    uint64_t hashes[LANGUAGE_GRAMS_MAX];
    int32_t total[sizeof(struct language_row)] = {0};
    float sums[LANGUAGE_DIMS];
    size_t count = language_grams(script, codes->codes[script], codes->size[script], hashes);
    sum_rows(model, hashes, count, total);
    float factor = count > 0 ? powf((float)count, -model->exponent) : 0;
    for (size_t d = 0; d < LANGUAGE_DIMS; d++)
        sums[d] = factor * (float)total[d + 1];
    size_t first = model->first[script], classes = model->first[script + 1] - first;
    memcpy(logits, &model->biases[first], classes * sizeof *logits);
    multiply(model, first, classes, sums, logits);
}

/* ---- siblings ---- */

/* Siblings that have less than this together, or of which one has all but this, are left as they are. */
#define NEGLIGIBLE 0.02F
#define SETTLED 0.002F
/* What the table of all languages gives a sibling at least, before siblings' own rows are asked. */
#define LEAST_BEFORE 1e-4F
/* Every second byte of a row is summed in a lane of 16 bits. */
#define SIBLING_LANES 0x00FF00FFU

/* Sums what rows of siblings say; sums[0] is of the tags and means nothing. Returns how many rows there were. */
static size_t sum_sibling_rows(const struct language_model *model, const uint64_t *hashes, size_t count,
                               int32_t sums[4]) {
    size_t known = 0;
    for (size_t start = 0; start < count; start += SUM_MAX) {
        size_t end = count - start < SUM_MAX ? count : start + SUM_MAX, found = 0;
        uint32_t low = 0, high = 0;
        for (size_t i = start; i < end; i++) {
            uint32_t row = model->sibling_rows[language_sibling_row_of(hashes[i])];
            uint32_t right = (uint8_t)row == language_sibling_tag_of(hashes[i]);
            row &= 0 - right;
            found += right;
            low += row & SIBLING_LANES;
            high += row >> 8 & SIBLING_LANES;
        }
        const uint32_t parts[4] = {low & 0xFFFF, high & 0xFFFF, low >> 16, high >> 16};
        for (size_t k = 0; k < 4; k++)
            sums[k] += (int32_t)parts[k] - (int32_t)found * LANGUAGE_ZERO;
        known += found;
    }
    return known;
}

static void part_group(const struct language_model *model, size_t index, const struct language_codes *codes,
                       float together, float *chances) {
    const struct language_siblings *group = &model->groups[index];
    const struct language_class *first = &model->classes[group->members[0]];
    uint64_t hashes[LANGUAGE_GRAMS_MAX];
    size_t count = language_sibling_grams(index, codes->codes[first->script], codes->size[first->script], hashes);
    int32_t sums[4] = {0};
    float logits[LANGUAGE_SIBLINGS_MAX], highest = -INFINITY, sum = 0;
    float factor = language_sibling_factor(sum_sibling_rows(model, hashes, count, sums));
    for (size_t k = 0; k < group->count; k++) {
        float before = chances[group->members[k] - model->first[first->script]] / together;
        logits[k] = group->trust * logf(fmaxf(before, LEAST_BEFORE)) + group->biases[k] +
                    (k + 1 < group->count ? factor * group->units[k] * (float)sums[k + 1] : 0);
        highest = fmaxf(highest, logits[k]);
    }
    for (size_t k = 0; k < group->count; k++)
        sum += logits[k] = expf(logits[k] - highest);
    for (size_t k = 0; k < group->count; k++)
        chances[group->members[k] - model->first[first->script]] = together * logits[k] / sum;
}

bool language_are_siblings(const struct language_model *model, size_t a, size_t b) {
    for (size_t i = 0; i < model->group_count; i++) {
        const struct language_siblings *group = &model->groups[i];
        bool has_a = false, has_b = false;
        for (size_t k = 0; k < group->count; k++) {
            has_a |= model->language_of[group->members[k]] == a;
            has_b |= model->language_of[group->members[k]] == b;
        }
        if (has_a && has_b)
            return true;
    }
    return false;
}

void language_model_part_siblings(const struct language_model *model, enum language_script script,
                                  const struct language_codes *codes, float *chances) {
    for (size_t i = 0; i < model->group_count; i++) {
        const struct language_siblings *group = &model->groups[i];
        float together = 0, most = 0;
        if (model->classes[group->members[0]].script != script)
            continue;
        for (size_t k = 0; k < group->count; k++) {
            float chance = chances[group->members[k] - model->first[script]];
            together += chance;
            most = fmaxf(most, chance);
        }
        if (together > NEGLIGIBLE && most < together * (1 - SETTLED))
            part_group(model, i, codes, together, chances);
    }
}
