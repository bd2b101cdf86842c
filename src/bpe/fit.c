/* Owns the measuring of texts and the sums. Knows nothing of options or of how figures are printed. */
#include "bpe/fit.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text/utf8.h"
#include "text/words.h"

/* Pieces that are cut at once. */
#define CUT_COUNT 64

struct fit_meter {
    const struct tokenizer *tokenizers[FIT_TOKENIZERS_MAX];
    size_t count;
    struct encoder *encoders[FIT_TOKENIZERS_MAX];
    struct cutter *cutters[FIT_TOKENIZERS_MAX];
    struct word_finder *finder; /* NULL where that failed */
    struct error error;
    struct word_list words;
    struct token_ids ids;
    struct fit sums;
};

static struct fit_language *find_language(struct fit *fit, struct span name) {
    for (size_t i = 0; i < fit->language_count; i++)
        if (span_equal(span_of_bytes(&fit->languages[i].name), name))
            return &fit->languages[i];
    if (fit->language_count == fit->language_capacity) {
        fit->language_capacity = fit->language_capacity ? fit->language_capacity * 2 : 16;
        fit->languages = memory_resize(fit->languages, fit->language_capacity, sizeof(*fit->languages));
    }
    struct fit_language *language = &fit->languages[fit->language_count++];
    *language = (struct fit_language){0};
    bytes_append_span(&language->name, name);
    return language;
}

static void add_uses(struct fit *into, size_t which, const uint64_t *uses, uint32_t size) {
    if (!into->uses[which])
        into->uses[which] = memory_zeroed(size, sizeof(*into->uses[which]));
    for (uint32_t id = 0; id < size; id++)
        into->uses[which][id] += uses[id];
}

void fit_merge(struct fit *into, const struct fit *from, const struct tokenizer *const *tokenizers, size_t count) {
    for (size_t i = 0; i < from->language_count; i++) {
        const struct fit_language *add = &from->languages[i];
        struct fit_language *language = find_language(into, span_of_bytes(&add->name));
        language->records += add->records;
        language->bytes += add->bytes;
        language->characters += add->characters;
        language->words += add->words;
        for (size_t which = 0; which < count; which++) {
            language->pieces[which] += add->pieces[which];
            language->tokens[which] += add->tokens[which];
        }
    }
    for (size_t which = 0; which < count; which++)
        if (from->uses[which])
            add_uses(into, which, from->uses[which], tokenizer_vocabulary_size(tokenizers[which]));
}

static int compare_languages(const void *a, const void *b) {
    const struct fit_language *left = a, *right = b;
    if (left->bytes != right->bytes)
        return left->bytes > right->bytes ? -1 : 1;
    return span_compare(span_of_bytes(&left->name), span_of_bytes(&right->name));
}

void fit_sort(struct fit *fit) {
    if (fit->language_count > 0)
        qsort(fit->languages, fit->language_count, sizeof(*fit->languages), compare_languages);
}

void fit_release(struct fit *fit) {
    for (size_t i = 0; i < fit->language_count; i++)
        bytes_release(&fit->languages[i].name);
    free(fit->languages);
    for (size_t which = 0; which < FIT_TOKENIZERS_MAX; which++)
        free(fit->uses[which]);
    *fit = (struct fit){0};
}

/* ---- measuring ---- */

struct fit_meter *fit_meter_new(const struct tokenizer *const *tokenizers, size_t count,
                                const struct text_classes *classes) {
    struct fit_meter *meter = memory_zeroed(1, sizeof(*meter));
    meter->count = count;
    for (size_t which = 0; which < count; which++) {
        uint32_t size = tokenizer_vocabulary_size(tokenizers[which]);
        meter->tokenizers[which] = tokenizers[which];
        meter->encoders[which] = encoder_new(tokenizers[which]);
        meter->cutters[which] = cutter_new(tokenizer_pretokenizer(tokenizers[which]));
        meter->sums.uses[which] = memory_zeroed(size, sizeof(*meter->sums.uses[which]));
    }
    word_finder_new(&meter->finder, classes, &meter->error);
    return meter;
}

void fit_meter_free(struct fit_meter *meter) {
    if (!meter)
        return;
    for (size_t which = 0; which < meter->count; which++) {
        encoder_free(meter->encoders[which]);
        cutter_free(meter->cutters[which]);
    }
    word_finder_free(meter->finder);
    word_list_release(&meter->words);
    token_ids_release(&meter->ids);
    fit_release(&meter->sums);
    free(meter);
}

static int count_pieces(struct cutter *cutter, struct span text, uint64_t *pieces, struct error *error) {
    struct span cut[CUT_COUNT];
    long count;
    cutter_begin(cutter, text);
    while ((count = cutter_take(cutter, cut, CUT_COUNT, error)) > 0)
        *pieces += (uint64_t)count;
    return count < 0 ? -1 : 0;
}

static int add_text(struct fit_meter *meter, struct fit_language *language, struct span text, struct error *error) {
    meter->words.count = 0;
    word_finder_append(meter->finder, text, &meter->words);
    for (size_t i = 0; i < meter->words.count; i++)
        language->words += !meter->words.items[i].symbol;
    language->bytes += text.size;
    language->characters += utf8_length(text);
    for (size_t which = 0; which < meter->count; which++) {
        meter->ids.count = 0;
        if (count_pieces(meter->cutters[which], text, &language->pieces[which], error) != 0 ||
            encoder_append_text(meter->encoders[which], text, &meter->ids, error) != 0)
            return -1;
        language->tokens[which] += meter->ids.count;
        for (size_t i = 0; i < meter->ids.count; i++)
            meter->sums.uses[which][meter->ids.data[i]]++;
    }
    return 0;
}

int fit_meter_add(struct fit_meter *meter, const struct record *record, struct error *error) {
    if (!meter->finder) {
        *error = meter->error;
        return -1;
    }
    struct span lang = record->field[FIELD_LANG];
    struct fit_language *language = find_language(&meter->sums, lang.data ? lang : SPAN_LITERAL("-"));
    language->records++;
    if (record->kind == RECORD_DOCUMENT)
        return add_text(meter, language, record->field[FIELD_TEXT], error);
    for (size_t i = 0; i < record->message_count; i++)
        if (add_text(meter, language, record->messages[i].content, error) != 0)
            return -1;
    return 0;
}

const struct fit *fit_meter_sums(const struct fit_meter *meter) {
    return &meter->sums;
}
