/* Scoring segment by segment. It owns the choice of tokenization and the sums by language; metrics are bleu.c's and
 * chrf.c's. */
#include "eval/score.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

void score_release(struct score *score) {
    for (size_t i = 0; i < score->language_count; i++)
        free(score->languages[i].name);
    free(score->languages);
    bleu_counter_release(&score->bleu);
    chrf_counter_release(&score->chrf);
}

/* The primary language subtag is zh, or there is none and the text has a Han character of the common blocks. */
static bool is_chinese_text(struct span lang, struct span text) {
    if (lang.data && lang.size >= 2)
        return (lang.size == 2 || lang.data[2] == '-') && (lang.data[0] | 32) == 'z' && (lang.data[1] | 32) == 'h';
    uint32_t code;
    for (size_t i = 0; i < text.size; i += utf8_decode_valid(text.data + i, &code)) {
        utf8_decode_valid(text.data + i, &code);
        if (code >= 0x3400 && code <= 0x9FFF)
            return true;
    }
    return false;
}

static void sums_add(struct score_sums *into, const struct score_sums *from) {
    bleu_sums_add(&into->bleu, &from->bleu);
    chrf_sums_add(&into->chrf, &from->chrf);
    into->segments += from->segments;
    into->exact += from->exact;
}

static struct score_sums *find_language(struct score *score, struct span lang) {
    size_t at = 0;
    struct span name = lang.data ? lang : span_of("");
    while (at < score->language_count && span_compare(span_of(score->languages[at].name), name) < 0)
        at++;
    if (at == score->language_count || !span_is(name, score->languages[at].name)) {
        score->languages = memory_resize(score->languages, score->language_count + 1, sizeof *score->languages);
        memmove(score->languages + at + 1, score->languages + at,
                (score->language_count - at) * sizeof *score->languages);
        score->languages[at] = (struct score_language){.name = memory_copy(name.data, name.size)};
        score->language_count++;
    }
    return &score->languages[at].sums;
}

static void score_segment(struct score *score, struct span lang, struct span hypothesis, const struct span *references,
                          size_t count, struct score_sums *one) {
    enum tokenization tokenization = score->options.tokenization;
    if (tokenization == TOKENIZATION_AUTO)
        tokenization = is_chinese_text(lang, references[0]) ? TOKENIZATION_ZH : TOKENIZATION_13A;
    bleu_count(&score->bleu, tokenization, hypothesis, references, count, &one->bleu);
    chrf_count(&score->chrf, (size_t)score->options.word_order, hypothesis, references, count, &one->chrf);
}

static int score_lower_case(struct score *score, struct span lang, struct span hypothesis,
                            const struct span *references, size_t count, struct score_sums *one, struct error *error) {
    struct bytes *lower = memory_zeroed(count + 1, sizeof *lower);
    struct span *spans = memory_zeroed(count + 1, sizeof *spans);
    int status = 0;
    for (size_t i = 0; i <= count && status == 0; i++) {
        status = append_lower_case(i < count ? references[i] : hypothesis, &lower[i], error);
        spans[i] = (struct span){bytes_text(&lower[i]), lower[i].size};
    }
    if (status == 0)
        score_segment(score, lang, spans[count], spans, count, one);
    for (size_t i = 0; i <= count; i++)
        bytes_release(&lower[i]);
    free(lower);
    free(spans);
    return status;
}

int score_add(struct score *score, struct span lang, struct span hypothesis, const struct span *references,
              size_t count, struct score_sums *one, struct error *error) {
    *one = (struct score_sums){.segments = 1};
    for (size_t i = 0; i < count && one->exact == 0; i++)
        one->exact = span_equal(hypothesis, references[i]);
    if (score->options.lowercase) {
        if (score_lower_case(score, lang, hypothesis, references, count, one, error))
            return -1;
    } else {
        score_segment(score, lang, hypothesis, references, count, one);
    }
    if (count > score->references)
        score->references = count;
    sums_add(&score->total, one);
    sums_add(find_language(score, lang), one);
    return 0;
}

void score_bleu_signature(const struct score *score, struct bytes *out) {
    bool automatic = score->options.tokenization == TOKENIZATION_AUTO;
    bytes_append_format(out, "nrefs:%zu|case:%s|eff:no|tok:%s|smooth:%s|version:gpt-" GPT_VERSION, score->references,
                        score->options.lowercase ? "lc" : "mixed",
                        automatic ? "auto" : tokenization_names[score->options.tokenization],
                        bleu_smoothing_signature(score->options.smoothing));
}

void score_chrf_signature(const struct score *score, struct bytes *out) {
    bytes_append_format(out, "nrefs:%zu|case:%s|eff:yes|nc:%d|nw:%llu|space:no|version:gpt-" GPT_VERSION,
                        score->references, score->options.lowercase ? "lc" : "mixed", CHRF_CHARACTER_ORDER,
                        (unsigned long long)score->options.word_order);
}

const char *score_chrf_name(const struct score *score) {
    static const char *const names[] = {"chrF2", "chrF2+", "chrF2++"};
    return names[score->options.word_order];
}
