/* Writing results. It owns names, order and rounding; it computes nothing but means. */
#include "eval/results.h"

#include "base/json.h"

static const char *objective_name(const struct results *results) {
    return results->packing.objective == OBJECTIVE_SFT ? "sft" : "pretrain";
}

static void append_count(struct bytes *out, const char *name, uint64_t value) {
    bytes_append_format(out, ",\"%s\":%llu", name, (unsigned long long)value);
}

static void append_number(struct bytes *out, const char *name, double value) {
    bytes_append_format(out, ",\"%s\":", name);
    json_append_number(out, value);
}

static void append_prediction(const struct results *results, struct bytes *out) {
    const struct evaluation *evaluation = &results->evaluation;
    bytes_append_format(out, "\"prediction\":{\"split\":\"%s\",\"objective\":\"%s\"",
                        shard_split_name(results->packing.split), objective_name(results));
    append_count(out, "length", results->packing.length);
    append_count(out, "tokens", evaluation->targets);
    append_count(out, "words", evaluation->words);
    append_count(out, "bytes", evaluation->bytes);
    append_number(out, "loss", evaluation_loss(evaluation));
    append_number(out, "perplexity", evaluation_perplexity(evaluation));
    append_number(out, "word_perplexity", evaluation_word_perplexity(evaluation));
    append_number(out, "bits_per_byte", evaluation_bits_per_byte(evaluation));
    append_number(out, "accuracy", evaluation_accuracy(evaluation));
    bytes_append_byte(out, '}');
}

static void append_sums(const struct score *score, const struct score_sums *sums, struct bytes *out) {
    struct bleu_score bleu = bleu_compute(&sums->bleu, score->options.smoothing, false);
    bytes_append_format(out, "\"segments\":%llu", (unsigned long long)sums->segments);
    append_count(out, "exact", sums->exact);
    append_number(out, "bleu", bleu.score);
    bytes_append_text(out, ",\"precisions\":[");
    for (size_t n = 0; n < BLEU_ORDER; n++) {
        if (n)
            bytes_append_byte(out, ',');
        json_append_number(out, bleu.precisions[n]);
    }
    bytes_append_byte(out, ']');
    append_number(out, "brevity_penalty", bleu.brevity);
    append_count(out, "hypothesis_length", sums->bleu.hypothesis_length);
    append_count(out, "reference_length", sums->bleu.reference_length);
    append_number(out, "chrf", chrf_compute(&sums->chrf, (size_t)score->options.word_order));
}

static bool has_languages(const struct score *score) {
    return score->language_count > 1 || (score->language_count == 1 && score->languages[0].name[0]);
}

static void append_scores(const struct results *results, struct bytes *out) {
    const struct score *score = results->score;
    bytes_append_text(out, "\"scores\":{");
    append_sums(score, &score->total, out);
    if (results->generated) {
        append_count(out, "questions", results->questions);
        append_count(out, "no_reply", results->no_reply);
        append_count(out, "too_long", results->too_long);
    }
    bytes_append_text(out, ",\"bleu_signature\":\"");
    score_bleu_signature(score, out);
    bytes_append_text(out, "\",\"chrf_signature\":\"");
    score_chrf_signature(score, out);
    bytes_append_byte(out, '"');
    if (has_languages(score)) {
        bytes_append_text(out, ",\"languages\":{");
        for (size_t i = 0; i < score->language_count; i++) {
            if (i)
                bytes_append_byte(out, ',');
            json_append_string(out, span_of(score->languages[i].name));
            bytes_append_text(out, ":{");
            append_sums(score, &score->languages[i].sums, out);
            bytes_append_byte(out, '}');
        }
        bytes_append_byte(out, '}');
    }
    bytes_append_byte(out, '}');
}

void results_append_json(const struct results *results, struct bytes *out) {
    bool first = true;
    bytes_append_byte(out, '{');
    if (results->parameters) {
        bytes_append_format(out, "\"parameters\":%llu", (unsigned long long)results->parameters);
        first = false;
    }
    if (results->predicted) {
        bytes_append_text(out, first ? "" : ",");
        append_prediction(results, out);
        first = false;
    }
    if (results->scored) {
        bytes_append_text(out, first ? "" : ",");
        append_scores(results, out);
    }
    bytes_append_text(out, "}\n");
}

static void tabulate_prediction(const struct results *results, struct bytes *out) {
    const struct evaluation *evaluation = &results->evaluation;
    bytes_append_format(out, "%-22s %s, %s, length %zu\n", "split", shard_split_name(results->packing.split),
                        objective_name(results), results->packing.length);
    bytes_append_format(out, "%-22s %llu tokens, %llu words, %llu bytes\n", "predicted",
                        (unsigned long long)evaluation->targets, (unsigned long long)evaluation->words,
                        (unsigned long long)evaluation->bytes);
    bytes_append_format(out, "%-22s %.4f nats/token\n", "loss", evaluation_loss(evaluation));
    bytes_append_format(out, "%-22s %.4g a token, %.4g a word\n", "perplexity", evaluation_perplexity(evaluation),
                        evaluation_word_perplexity(evaluation));
    bytes_append_format(out, "%-22s %.4f\n", "bits/byte", evaluation_bits_per_byte(evaluation));
    bytes_append_format(out, "%-22s %.2f %%\n", "next-token accuracy", 100 * evaluation_accuracy(evaluation));
}

static void tabulate_language(const struct score *score, const struct score_language *language, struct bytes *out) {
    struct bleu_score bleu = bleu_compute(&language->sums.bleu, score->options.smoothing, false);
    bytes_append_format(out, "  %-20s %.2f BLEU, %.2f %s, %llu segments, %llu exact\n",
                        language->name[0] ? language->name : "(no language)", bleu.score,
                        chrf_compute(&language->sums.chrf, (size_t)score->options.word_order), score_chrf_name(score),
                        (unsigned long long)language->sums.segments, (unsigned long long)language->sums.exact);
}

static void tabulate_scores(const struct results *results, struct bytes *out) {
    const struct score *score = results->score;
    const struct bleu_sums *sums = &score->total.bleu;
    struct bleu_score bleu = bleu_compute(sums, score->options.smoothing, false);
    if (results->generated)
        bytes_append_format(out, "%-22s %llu, %llu without a reply, %llu too long\n", "questions",
                            (unsigned long long)results->questions, (unsigned long long)results->no_reply,
                            (unsigned long long)results->too_long);
    bytes_append_format(out, "%-22s %llu, %llu exact\n", "segments", (unsigned long long)score->total.segments,
                        (unsigned long long)score->total.exact);
    double ratio = sums->reference_length ? (double)sums->hypothesis_length / (double)sums->reference_length : 0;
    bytes_append_format(
        out, "%-22s %.2f %.1f/%.1f/%.1f/%.1f (BP = %.3f ratio = %.3f hyp_len = %llu ref_len = %llu)\n  ", "BLEU",
        bleu.score, bleu.precisions[0], bleu.precisions[1], bleu.precisions[2], bleu.precisions[3], bleu.brevity, ratio,
        (unsigned long long)sums->hypothesis_length, (unsigned long long)sums->reference_length);
    score_bleu_signature(score, out);
    bytes_append_format(out, "\n%-22s %.2f\n  ", score_chrf_name(score),
                        chrf_compute(&score->total.chrf, (size_t)score->options.word_order));
    score_chrf_signature(score, out);
    bytes_append_byte(out, '\n');
    if (has_languages(score))
        for (size_t i = 0; i < score->language_count; i++)
            tabulate_language(score, &score->languages[i], out);
}

void results_append_table(const struct results *results, struct bytes *out) {
    if (results->parameters)
        bytes_append_format(out, "%-22s %.2f M\n", "parameters", (double)results->parameters / 1e6);
    if (results->predicted)
        tabulate_prediction(results, out);
    if (results->scored)
        tabulate_scores(results, out);
}
