/* gpt-chat: a conversation with a model, or its answers to a file of questions. */
#include <unistd.h>

#include "base/memory.h"
#include "base/options.h"
#include "chat/answers.h"
#include "chat/talk.h"

struct arguments {
    struct common_options common;
    const char *model, *system;
    struct option_list prompts;
    struct conversation_options conversation;
    uint64_t top_k, max_tokens;
    bool greedy;
    int format;
};

static int chat(struct arguments *arguments, struct error *error) {
    struct conversation_options *options = &arguments->conversation;
    struct model_bundle bundle;
    options->sampler.top_k = (size_t)arguments->top_k;
    options->max_tokens = (size_t)arguments->max_tokens;
    options->seed = arguments->common.seed;
    options->threads = arguments->common.threads;
    if (arguments->greedy)
        options->sampler.temperature = 0;
    int status = model_bundle_open(&bundle, arguments->model, error);
    if (status == 0 && arguments->prompts.count) {
        const struct answers answers = {.bundle = &bundle,
                                        .conversation = *options,
                                        .options = &arguments->common,
                                        .system = arguments->system,
                                        .text = arguments->format == 1,
                                        .paths = arguments->prompts.items,
                                        .path_count = arguments->prompts.count};
        status = answers_run(&answers, error);
    } else if (status == 0) {
        program_say(&arguments->common, "%s, %.2f M parameters, context of %zu tokens%s", bytes_text(&bundle.directory),
                    (double)model_config_parameters(&bundle.model->config) / 1e6, bundle.model->config.positions,
                    isatty(STDIN_FILENO) ? "; /help lists commands" : "");
        const struct talk talk = {
            .bundle = &bundle, .conversation = *options, .options = &arguments->common, .system = arguments->system};
        status = talk_run(&talk, error);
    }
    model_bundle_release(&bundle);
    return status;
}

int main(int argc, char **argv) {
    static const char *const formats[] = {"jsonl", "text", NULL};
    struct arguments arguments = {.conversation = conversation_default_options()};
    struct sampler_options *sampler = &arguments.conversation.sampler;
    arguments.top_k = sampler->top_k;
    arguments.max_tokens = arguments.conversation.max_tokens;
    const struct option options[] = {
        {'p', "prompts", OPTION_LIST, &arguments.prompts, "FILE",
         "answer this file: records, or a question a line; may be given again", 0, 0, NULL},
        {0, "format", OPTION_CHOICE, &arguments.format, "FORM", "of answers to --prompts", 0, 0, formats},
        {0, "system", OPTION_TEXT, &arguments.system, "TEXT", "a system turn before everything", 0, 0, NULL},
        {0, "max-tokens", OPTION_COUNT, &arguments.max_tokens, "N", "of a reply", 1, 1 << 20, NULL},
        {0, "temperature", OPTION_NUMBER, &sampler->temperature, "X", "flattens (above 1) or sharpens choice", 0, 100,
         NULL},
        {0, "greedy", OPTION_FLAG, &arguments.greedy, NULL, "always the likeliest token, as --temperature 0", 0, 0,
         NULL},
        {0, "top-k", OPTION_COUNT, &arguments.top_k, "N", "choose among the N likeliest tokens; 0: among all", 0, 0,
         NULL},
        {0, "top-p", OPTION_NUMBER, &sampler->top_p, "X", "choose among the likeliest that make up this share", 1e-9, 1,
         NULL},
        {0, "repetition-penalty", OPTION_NUMBER, &sampler->repetition_penalty, "X",
         "above 1: what the reply has said becomes less likely", 0.01, 100, NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-chat",
        .purpose = "Talk with a model, or let it answer a file of questions.",
        .usage = "[OPTIONS] RUN|MODEL",
        .options = options,
        .common = COMMON_THREADS | COMMON_SEED | COMMON_OUTPUT | COMMON_PROGRESS | COMMON_QUIET,
        .values = &arguments.common,
        .minimum_operands = 1,
        .maximum_operands = 1,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    arguments.model = argv[first];
    struct error error = {.position = ERROR_NO_POSITION};
    int status = 0;
    if (!arguments.prompts.count && arguments.common.output)
        status = error_set(&error, ERROR_USAGE, ERROR_NO_POSITION, "--output needs --prompts");
    if (status == 0)
        status = chat(&arguments, &error);
    options_release(&arguments.prompts);
    return status ? program_fail(&error) : 0;
}
