/* gpt-export: a model directory becomes a GGUF file, or a model directory with its weights in another form. */
#include "base/input.h"
#include "base/options.h"
#include "export/llama_gguf.h"
#include "model/checkpoint.h"

#define TOKENIZER_FILE_MAX ((size_t)1 << 30)

enum format { FORMAT_GGUF, FORMAT_SAFETENSORS };

struct arguments {
    struct common_options common;
    int format, type;
    uint64_t shard_size;
    const char *name;
    bool force;
};

static int check_arguments(const struct arguments *arguments, struct error *error) {
    bool gguf = arguments->format == FORMAT_GGUF;
    if (!gguf && arguments->common.output == NULL)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--format safetensors needs --output DIRECTORY");
    if (!gguf && arguments->type == WEIGHT_Q8_0)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--dtype q8_0 is for --format gguf");
    if (!gguf && (arguments->force || arguments->name != NULL))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--name and --force are for --format gguf");
    if (gguf && arguments->shard_size)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--shard-size is for --format safetensors");
    return 0;
}

static int export_gguf(const struct arguments *arguments, const struct model_bundle *bundle, struct error *error) {
    const struct llama_gguf_options options = {
        .type = (enum weight_type)arguments->type, .name = arguments->name, .force = arguments->force};
    struct gguf gguf = {0};
    const char *pretokenizer;
    int status = llama_gguf_fill(&gguf, bundle, &options, &pretokenizer, error);
    if (status == 0) {
        if (!llama_gguf_has_pretokenizer(bundle->tokenizer))
            program_say(&arguments->common,
                        "warning: llama.cpp will cut text as its pretokeniser %s does, not as this tokenizer's %s",
                        pretokenizer, pretokenizer_name(tokenizer_pretokenizer(bundle->tokenizer)));
        status = gguf_write(&gguf, arguments->common.output, error);
    }
    gguf_release(&gguf);
    return status;
}

/* The tokenizer's files go along as they are. */
static int export_safetensors(const struct arguments *arguments, const struct model_bundle *bundle,
                              struct error *error) {
    const struct weights_form form = {(enum weight_type)arguments->type, arguments->shard_size};
    struct bytes path = {0}, tokenizer = {0}, config = {0};
    bytes_append_format(&path, "%.*s/tokenizer.json", (int)bundle->directory.size, bundle->directory.data);
    int status = input_load(bytes_text(&path), TOKENIZER_FILE_MAX, &tokenizer, error);
    tokenizer_append_config(bundle->tokenizer, &config);
    const struct checkpoint_file files[] = {{"tokenizer.json", span_of_bytes(&tokenizer), false},
                                            {"tokenizer_config.json", span_of_bytes(&config), false}};
    if (status == 0)
        status = checkpoint_export(arguments->common.output, bundle->model, &form, files, 2, error);
    bytes_release(&path);
    bytes_release(&tokenizer);
    bytes_release(&config);
    return status;
}

static void say_tensors(const struct arguments *arguments, const struct model *model) {
    for (size_t i = 0; arguments->common.verbose && i < model->tensor_count; i++)
        program_say(&arguments->common, "%s [%zu, %zu]", model->tensors[i].name,
                    model->tensors[i].rows ? model->tensors[i].rows : 1, model->tensors[i].columns);
}

static int export_model(const struct arguments *arguments, const char *path, struct error *error) {
    struct model_bundle bundle;
    if (check_arguments(arguments, error))
        return -1;
    int status = model_bundle_open(&bundle, path, error);
    if (status == 0)
        status = arguments->format == FORMAT_GGUF ? export_gguf(arguments, &bundle, error)
                                                  : export_safetensors(arguments, &bundle, error);
    if (status == 0)
        say_tensors(arguments, bundle.model);
    if (status == 0)
        program_say(&arguments->common, "%s, %.2f M parameters", bytes_text(&bundle.directory),
                    (double)model_config_parameters(&bundle.model->config) / 1e6);
    model_bundle_release(&bundle);
    return status;
}

int main(int argc, char **argv) {
    static const char *const formats[] = {"gguf", "safetensors", NULL};
    static const char *const types[] = {
        [WEIGHT_F32] = "f32", [WEIGHT_F16] = "f16", [WEIGHT_BF16] = "bf16", [WEIGHT_Q8_0] = "q8_0", [4] = NULL};
    struct arguments arguments = {0};
    const struct option options[] = {
        {0, "format", OPTION_CHOICE, &arguments.format, "FORMAT", "of what is written", 0, 0, formats},
        {0, "dtype", OPTION_CHOICE, &arguments.type, "TYPE", "numbers that weights are stored as", 0, 0, types},
        {0, "shard-size", OPTION_SIZE, &arguments.shard_size, "SIZE",
         "of tensors in one safetensors file; 0: one file for all", 0, 0, NULL},
        {0, "name", OPTION_TEXT, &arguments.name, "TEXT", "the model's name in the GGUF file", 0, 0, NULL},
        {0, "force", OPTION_FLAG, &arguments.force, NULL,
         "write GGUF although llama.cpp cuts text otherwise than the tokenizer", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-export",
        .purpose = "Write a model for other programs: as GGUF, or as safetensors of another type or size.",
        .usage = "[OPTIONS] RUN|MODEL",
        .options = options,
        .common = COMMON_OUTPUT | COMMON_QUIET,
        .values = &arguments.common,
        .minimum_operands = 1,
        .maximum_operands = 1,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error = {.position = ERROR_NO_POSITION};
    return export_model(&arguments, argv[first], &error) ? program_fail(&error) : 0;
}
