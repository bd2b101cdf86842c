/* gpt-eval: how well a model predicts text, how close its replies come to human ones, and scores of given files. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/options.h"
#include "base/output.h"
#include "eval/replies.h"
#include "eval/results.h"
#include "eval/segments.h"

/* Tokens in a batch of rows. Fixed, since sums are taken batch by batch. */
#define BATCH_TOKENS 4096

struct arguments {
    struct common_options common;
    const char *model, *data, *replies;
    int split, objective, format, tokenization, smoothing;
    bool lowercase;
    uint64_t length, eval_tokens, max_tokens, word_order;
    double temperature;
    struct option_list prompts, references;
    const char *hypotheses;
};

/* ---- prediction ---- */

static int predict(const struct arguments *arguments, const struct model_bundle *bundle, struct results *results,
                   struct error *error) {
    const struct model_config *config = &bundle->model->config;
    struct packing_options *packing = &results->packing;
    *packing = (struct packing_options){.objective = (enum objective)arguments->objective,
                                        .split = (enum shard_split)arguments->split,
                                        .length = arguments->length ? arguments->length : config->positions};
    if (packing->length > config->positions)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--length %zu is over the model's %zu positions",
                         packing->length, config->positions);
    struct shard_set *set;
    if (shard_set_open(&set, arguments->data, error))
        return -1;
    struct text_classes *classes = NULL;
    struct word_finder *words = NULL;
    struct transformer *transformer = NULL;
    struct packed_rows rows = {0};
    int status = shard_set_require_tokenizer(set, bundle->tokenizer, error);
    if (status == 0 && shard_set_documents(set, packing->split) == 0)
        status = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: the split %s is empty", arguments->data,
                           shard_split_name(packing->split));
    if (status == 0)
        status = text_classes_new(&classes, error) || word_finder_new(&words, classes, error) ? -1 : 0;
    if (status == 0) {
        size_t count = packing->length < BATCH_TOKENS ? BATCH_TOKENS / packing->length : 1;
        transformer = transformer_new(config, &(struct transformer_options){.rows = count,
                                                                            .length = packing->length,
                                                                            .threads = arguments->common.threads});
        packed_rows_init(&rows, count, packing->length);
        status = evaluate_split(transformer, bundle->model, set, bundle->tokenizer, packing, &rows,
                                arguments->eval_tokens, words, &results->evaluation, error);
        results->predicted = true;
    }
    if (status == 0 && results->evaluation.targets == 0)
        status = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: the split %s has nothing to predict%s",
                           arguments->data, shard_split_name(packing->split),
                           packing->objective == OBJECTIVE_SFT ? ": no dialogue that fits" : "");
    packed_rows_release(&rows);
    transformer_free(transformer);
    word_finder_free(words);
    text_classes_free(classes);
    shard_set_free(set);
    return status;
}

/* ---- replies ---- */

static int answer(const struct arguments *arguments, const struct model_bundle *bundle, struct score *score,
                  struct results *results, struct error *error) {
    struct replies replies = {.bundle = bundle,
                              .conversation = conversation_default_options(),
                              .paths = arguments->prompts.items,
                              .path_count = arguments->prompts.count,
                              .output = arguments->replies,
                              .options = &arguments->common,
                              .score = score};
    replies.conversation.sampler.temperature = arguments->temperature;
    replies.conversation.seed = arguments->common.seed;
    replies.conversation.max_tokens = arguments->max_tokens;
    replies.conversation.threads = arguments->common.threads;
    if (replies_run(&replies, error))
        return -1;
    results->scored = results->generated = true;
    results->questions = replies.questions;
    results->no_reply = replies.no_reply;
    results->too_long = replies.too_long;
    return 0;
}

/* ---- files ---- */

static int score_segments(const struct arguments *arguments, const struct segments *hypotheses,
                          const struct segments *references, struct score *score, struct error *error) {
    size_t count = arguments->references.count;
    for (size_t i = 0; i < count; i++)
        if (references[i].count != hypotheses->count)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s has %zu segments, %s %zu", arguments->hypotheses,
                             hypotheses->count, arguments->references.items[i], references[i].count);
    struct span *spans = memory_zeroed(count, sizeof *spans);
    int status = 0;
    for (size_t s = 0; s < hypotheses->count && status == 0; s++) {
        struct span lang = segments_lang(hypotheses, s);
        for (size_t i = 0; i < count; i++) {
            spans[i] = segments_text(&references[i], s);
            if (!lang.data)
                lang = segments_lang(&references[i], s);
        }
        struct score_sums sums;
        status = score_add(score, lang, segments_text(hypotheses, s), spans, count, &sums, error);
    }
    free(spans);
    return status;
}

static int score_files(const struct arguments *arguments, struct score *score, struct results *results,
                       struct error *error) {
    struct segments hypotheses = {0};
    struct segments *references = memory_zeroed(arguments->references.count, sizeof *references);
    int status = segments_load(&hypotheses, arguments->hypotheses, error);
    for (size_t i = 0; i < arguments->references.count && status == 0; i++)
        status = segments_load(&references[i], arguments->references.items[i], error);
    if (status == 0)
        status = score_segments(arguments, &hypotheses, references, score, error);
    results->scored = true;
    for (size_t i = 0; i < arguments->references.count; i++)
        segments_release(&references[i]);
    free(references);
    segments_release(&hypotheses);
    return status;
}

/* ---- all of it ---- */

static int check_usage(const struct arguments *arguments, struct error *error) {
    const char *wrong = NULL;
    if ((arguments->hypotheses != NULL) != (arguments->references.count > 0))
        wrong = "--hypotheses and --references go together";
    else if (arguments->hypotheses && (arguments->model || arguments->data || arguments->prompts.count))
        wrong = "--hypotheses needs no model, --data or --prompts";
    else if (!arguments->hypotheses && !arguments->model)
        wrong = "name a model, or files with --hypotheses and --references";
    else if (!arguments->hypotheses && !arguments->data && !arguments->prompts.count)
        wrong = "name what to evaluate on with --data DIR or --prompts FILE";
    else if (arguments->replies && !arguments->prompts.count)
        wrong = "--replies needs --prompts";
    return wrong ? error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s", wrong) : 0;
}

static int evaluate(const struct arguments *arguments, struct score *score, struct results *results,
                    struct error *error) {
    if (check_usage(arguments, error))
        return -1;
    if (arguments->hypotheses)
        return score_files(arguments, score, results, error);
    struct model_bundle bundle;
    int status = model_bundle_open(&bundle, arguments->model, error);
    if (status == 0) {
        results->parameters = model_config_parameters(&bundle.model->config);
        program_say(&arguments->common, "%s", bytes_text(&bundle.directory));
    }
    if (status == 0 && arguments->data)
        status = predict(arguments, &bundle, results, error);
    if (status == 0 && arguments->prompts.count)
        status = answer(arguments, &bundle, score, results, error);
    model_bundle_release(&bundle);
    return status;
}

static int write_results(const struct arguments *arguments, const struct results *results, struct error *error) {
    struct bytes text = {0};
    if (arguments->format == 0)
        results_append_table(results, &text);
    else
        results_append_json(results, &text);
    int status = output_save(arguments->common.output, span_of_bytes(&text), error);
    bytes_release(&text);
    return status;
}

int main(int argc, char **argv) {
    static const char *const formats[] = {"table", "json", NULL};
    static const char *const splits[] = {"train", "val", "test", NULL};
    static const char *const objectives[] = {"pretrain", "sft", NULL};
    static const char *const tokenizations[] = {"13a", "zh", "intl", "char", "none", "auto", NULL};
    struct arguments arguments = {.split = SPLIT_VAL, .tokenization = TOKENIZATION_AUTO, .max_tokens = 256};
    const struct option options[] = {
        {'d', "data", OPTION_TEXT, &arguments.data, "DIR", "token shards of gpt-encode to predict", 0, 0, NULL},
        {0, "split", OPTION_CHOICE, &arguments.split, "NAME", "which of them", 0, 0, splits},
        {0, "objective", OPTION_CHOICE, &arguments.objective, "WHAT",
         "what to predict: every token, or what assistants say in dialogues", 0, 0, objectives},
        {0, "length", OPTION_COUNT, &arguments.length, "N", "tokens a row; 0: the model's context", 0, 1 << 20, NULL},
        {0, "eval-tokens", OPTION_COUNT, &arguments.eval_tokens, "N", "tokens to predict at least; 0: all", 0, 0, NULL},
        {'p', "prompts", OPTION_LIST, &arguments.prompts, "FILE",
         "dialogues whose last assistant turn is to be answered anew and compared", 0, 0, NULL},
        {0, "replies", OPTION_TEXT, &arguments.replies, "FILE", "write those replies to FILE", 0, 0, NULL},
        {0, "max-tokens", OPTION_COUNT, &arguments.max_tokens, "N", "of a reply", 1, 1 << 20, NULL},
        {0, "temperature", OPTION_NUMBER, &arguments.temperature, "X", "of replies; 0: greedy", 0, 100, NULL},
        {0, "hypotheses", OPTION_TEXT, &arguments.hypotheses, "FILE", "score these segments instead of a model", 0, 0,
         NULL},
        {0, "references", OPTION_LIST, &arguments.references, "FILE", "against these; may be given again", 0, 0, NULL},
        {0, "tokenize", OPTION_CHOICE, &arguments.tokenization, "NAME", "of BLEU; auto: zh for Chinese, else 13a", 0, 0,
         tokenizations},
        {0, "smooth", OPTION_CHOICE, &arguments.smoothing, "NAME", "of BLEU", 0, 0, bleu_smoothing_names},
        {0, "lowercase", OPTION_FLAG, &arguments.lowercase, NULL, "score without regard to case", 0, 0, NULL},
        {0, "word-order", OPTION_COUNT, &arguments.word_order, "N", "of chrF; 2: chrF++", 0, CHRF_WORD_ORDER_MAX, NULL},
        {0, "format", OPTION_CHOICE, &arguments.format, "FORM", "of the results", 0, 0, formats},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-eval",
        .purpose = "Evaluate a model on token shards and dialogues, or score replies.",
        .usage = "[OPTIONS] [RUN|MODEL]",
        .options = options,
        .common = COMMON_THREADS | COMMON_SEED | COMMON_OUTPUT | COMMON_PROGRESS | COMMON_QUIET,
        .values = &arguments.common,
        .maximum_operands = 1,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    arguments.model = first < argc ? argv[first] : NULL;
    struct score score = {.options = {.tokenization = (enum tokenization)arguments.tokenization,
                                      .smoothing = (enum bleu_smoothing)arguments.smoothing,
                                      .lowercase = arguments.lowercase,
                                      .word_order = arguments.word_order}};
    struct results results = {.score = &score};
    struct error error = {.position = ERROR_NO_POSITION};
    int status = evaluate(&arguments, &score, &results, &error);
    if (status == 0)
        status = write_results(&arguments, &results, &error);
    score_release(&score);
    options_release(&arguments.prompts);
    options_release(&arguments.references);
    return status ? program_fail(&error) : 0;
}
