/*
 * Model directories: which files they have and what is in them. Formats are in config.c and safetensors.c, atomic
 * replacement in directory.c; what a trainer keeps beside the model comes from the caller.
 */
#include "model/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"
#include "model/directory.h"
#include "model/weights_file.h"

#define FIRST_MOMENT "first."
#define SECOND_MOMENT "second."
#define MOMENTUM "momentum." /* of Muon, alone */
#define STEP_KEY "step"
#define AVERAGE "ema"

static int save_file(const char *directory, const char *name, struct span content, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%s", directory, name);
    int status = output_save(bytes_text(&path), content, error);
    bytes_release(&path);
    return status;
}

static void append_id(struct bytes *out, const char *name, int64_t id) {
    if (id == MODEL_NO_TOKEN)
        bytes_append_format(out, "  \"%s\": null,\n", name);
    else
        bytes_append_format(out, "  \"%s\": %lld,\n", name, (long long)id);
}

static int save_configs(const char *directory, const struct model_config *config, enum weight_type type,
                        struct error *error) {
    struct bytes text = {0};
    model_config_append_json(config, type, &text);
    int status = save_file(directory, "config.json", span_of_bytes(&text), error);
    bytes_clear(&text);
    bytes_append_text(&text, "{\n");
    append_id(&text, "bos_token_id", config->bos);
    append_id(&text, "eos_token_id", config->eos);
    append_id(&text, "pad_token_id", config->pad);
    bytes_append_text(&text, "  \"_from_model_config\": true\n}\n");
    if (status == 0)
        status = save_file(directory, "generation_config.json", span_of_bytes(&text), error);
    bytes_release(&text);
    return status;
}

static int save_model(const char *directory, const struct model *model, const struct weights_form *form,
                      struct error *error) {
    struct safetensors_item *items = memory_zeroed(model->tensor_count, sizeof *items);
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        items[i] = (struct safetensors_item){span_of(tensor->name), tensor->rows, tensor->columns,
                                             model->weights + tensor->offset, WEIGHT_F32};
    }
    int status = weights_save(directory, items, model->tensor_count, form, error);
    free(items);
    return status;
}

/* The name of a tensor of the optimiser's. */
static struct span moment_name(struct bytes *names, const char *prefix, const struct tensor *tensor) {
    size_t begin = names->size;
    bytes_append_text(names, prefix);
    bytes_append_text(names, tensor->name);
    return (struct span){names->data + begin, names->size - begin};
}

static int save_optimizer(const char *directory, const struct model *model, const struct optimizer *optimizer,
                          struct error *error) {
    struct safetensors_item *items = memory_zeroed(2 * model->tensor_count, sizeof *items);
    struct bytes names = {0}, path = {0};
    size_t count = 0;
    /* Enough that spans into it stay. */
    bytes_reserve(&names, 2 * model->tensor_count * (TENSOR_NAME_SIZE + sizeof MOMENTUM));
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        bool muon = optimizer_is_muon(&optimizer->options, model, tensor);
        items[count++] =
            (struct safetensors_item){moment_name(&names, muon ? MOMENTUM : FIRST_MOMENT, tensor), tensor->rows,
                                      tensor->columns, optimizer->first + tensor->offset, WEIGHT_F32};
        if (!muon)
            items[count++] = (struct safetensors_item){moment_name(&names, SECOND_MOMENT, tensor), tensor->rows,
                                                       tensor->columns, optimizer->second + tensor->offset, WEIGHT_F32};
    }
    char step[24];
    snprintf(step, sizeof step, "%llu", (unsigned long long)optimizer->step);
    bytes_append_format(&path, "%s/optimizer.safetensors", directory);
    int status = safetensors_save(bytes_text(&path), items, count, STEP_KEY, step, error);
    bytes_release(&path);
    bytes_release(&names);
    free(items);
    return status;
}

static bool has_file(const char *directory, const char *name) {
    struct bytes path = {0};
    struct stat status;
    bytes_append_format(&path, "%s/%s", directory, name);
    bool found = stat(bytes_text(&path), &status) == 0;
    bytes_release(&path);
    return found;
}

static bool is_empty(const char *directory) {
    DIR *entries = opendir(directory);
    size_t count = 0;
    while (entries != NULL && readdir(entries) != NULL)
        count++;
    if (entries != NULL)
        closedir(entries);
    return count == 2; /* itself and its parent */
}

/* What is in the way must be an older model, an empty directory or nothing: anything else is a mistake on the command
 * line. */
static int check_place(const char *directory, struct error *error) {
    struct stat status;
    if (lstat(directory, &status))
        return errno == ENOENT ? 0 : error_set_system(error, "%s", directory);
    if (!S_ISDIR(status.st_mode))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s exists and is not a directory", directory);
    if (has_file(directory, "config.json") || is_empty(directory))
        return 0;
    return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s exists and is not a model directory", directory);
}

static int fill(const char *directory, const struct model *model, const struct weights_form *form,
                struct error *error) {
    if (save_configs(directory, &model->config, form == NULL ? WEIGHT_F32 : form->type, error))
        return -1;
    return save_model(directory, model, form, error);
}

/* The average of the weights as a model directory inside another. */
static int save_average(const char *directory, const struct model *average, const struct checkpoint_file *files,
                        size_t file_count, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/" AVERAGE, directory);
    const char *inside = bytes_text(&path);
    int status = mkdir(inside, 0777) ? error_set_system(error, "%s", inside) : fill(inside, average, NULL, error);
    for (size_t i = 0; status == 0 && i < file_count; i++)
        if (!files[i].resuming)
            status = save_file(inside, files[i].name, files[i].content, error);
    if (status == 0)
        status = directory_sync(inside, error);
    bytes_release(&path);
    return status;
}

static int save(const char *directory, const struct model *model, const struct weights_form *form,
                const struct optimizer *optimizer, const struct checkpoint_file *files, size_t file_count,
                struct error *error) {
    struct bytes buffer = {0};
    if (check_place(directory, error) || directory_begin(directory, &buffer, error)) {
        bytes_release(&buffer);
        return -1;
    }
    const char *partial = bytes_text(&buffer);
    int status = fill(partial, model, form, error);
    if (status == 0 && optimizer != NULL)
        status = save_optimizer(partial, model, optimizer, error);
    if (status == 0 && optimizer != NULL && optimizer->average != NULL)
        status = save_average(partial, optimizer->average, files, file_count, error);
    for (size_t i = 0; status == 0 && i < file_count; i++)
        status = save_file(partial, files[i].name, files[i].content, error);
    if (status == 0)
        status = directory_commit(directory, partial, error);
    else
        directory_remove(partial, NULL);
    bytes_release(&buffer);
    return status;
}

int checkpoint_save(const char *directory, const struct model *model, const struct optimizer *optimizer,
                    const struct checkpoint_file *files, size_t file_count, struct error *error) {
    return save(directory, model, NULL, optimizer, files, file_count, error);
}

int checkpoint_export(const char *directory, const struct model *model, const struct weights_form *form,
                      const struct checkpoint_file *files, size_t file_count, struct error *error) {
    return save(directory, model, form, NULL, files, file_count, error);
}

/* weights_each's: whether the model has that tensor. */
static int check_known(void *context, const char *path, struct span name, struct error *error) {
    char *text = memory_copy(name.data, name.size);
    bool known = strlen(text) == name.size && model_find(context, text) != NULL;
    free(text);
    if (known)
        return 0;
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: tensor %.*s: not one of this config's", path,
                     (int)name.size, name.data);
}

static int load_tensors(struct model *model, const struct weights_file *weights, struct error *error) {
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        if (weights_read(weights, span_of(tensor->name), tensor->rows, tensor->columns, model->weights + tensor->offset,
                         error))
            return -1;
    }
    return weights_each(weights, check_known, model, error);
}

int checkpoint_load_config(struct model_config *config, const char *directory, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/config.json", directory);
    int status = model_config_load(config, bytes_text(&path), error);
    bytes_release(&path);
    return status;
}

int checkpoint_load(struct model **model, const char *directory, struct error *error) {
    struct model_config config;
    struct weights_file *weights = NULL;
    *model = NULL;
    int status = checkpoint_load_config(&config, directory, error);
    if (status == 0)
        status = weights_open(&weights, directory, error);
    /* A config from elsewhere must not make us allocate what the files cannot fill: two bytes are the least a weight
     * takes. */
    if (status == 0 && weights_data_size(weights) / 2 < model_config_parameters(&config))
        status = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: fewer weights than the config says", directory);
    if (status == 0) {
        struct model *loaded = model_new(&config);
        status = load_tensors(loaded, weights, error);
        if (status == 0)
            *model = loaded;
        else
            model_free(loaded);
    }
    weights_close(weights);
    return status;
}

static int load_moments(struct optimizer *optimizer, const struct model *model, const struct safetensors *file,
                        struct error *error) {
    struct bytes names = {0};
    int status = 0;
    for (size_t i = 0; status == 0 && i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        bytes_clear(&names);
        bool muon = optimizer_is_muon(&optimizer->options, model, tensor);
        status = safetensors_read(file, moment_name(&names, muon ? MOMENTUM : FIRST_MOMENT, tensor), tensor->rows,
                                  tensor->columns, optimizer->first + tensor->offset, error);
        bytes_clear(&names);
        if (status == 0 && !muon)
            status = safetensors_read(file, moment_name(&names, SECOND_MOMENT, tensor), tensor->rows, tensor->columns,
                                      optimizer->second + tensor->offset, error);
    }
    bytes_release(&names);
    return status;
}

static int load_average(struct optimizer *optimizer, const char *directory, struct error *error) {
    struct bytes path = {0};
    struct model *average = NULL;
    bytes_append_format(&path, "%s/" AVERAGE, directory);
    int status = checkpoint_load(&average, bytes_text(&path), error);
    bytes_release(&path);
    if (status == 0) {
        model_free(optimizer->average);
        optimizer->average = average;
    }
    return status;
}

int checkpoint_load_optimizer(struct optimizer *optimizer, const struct model *model, const char *directory,
                              struct error *error) {
    struct bytes path = {0};
    struct safetensors *file;
    bytes_append_format(&path, "%s/optimizer.safetensors", directory);
    int status = safetensors_open(&file, bytes_text(&path), error);
    if (status == 0) {
        struct span step = safetensors_metadata(file, STEP_KEY);
        char *text = memory_copy(step.data == NULL ? "" : step.data, step.size), *end;
        errno = 0;
        optimizer->step = strtoull(text, &end, 10);
        if (errno || *text < '0' || *text > '9' || *end != '\0')
            status = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no count of steps", bytes_text(&path));
        free(text);
    }
    if (status == 0)
        status = load_moments(optimizer, model, file, error);
    if (status == 0 && optimizer->average != NULL)
        status = load_average(optimizer, directory, error);
    safetensors_close(file);
    bytes_release(&path);
    return status;
}

int checkpoint_link(const char *run, const char *name, const char *target, struct error *error) {
    struct bytes link = {0}, partial = {0};
    bytes_append_format(&link, "%s/%s", run, name);
    bytes_append_format(&partial, "%s/.%s.partial", run, name);
    int status = 0;
    if ((unlink(bytes_text(&partial)) && errno != ENOENT) || symlink(target, bytes_text(&partial)) ||
        rename(bytes_text(&partial), bytes_text(&link)))
        status = error_set_system(error, "%s", bytes_text(&link));
    if (status == 0)
        status = directory_sync(run, error);
    bytes_release(&link);
    bytes_release(&partial);
    return status;
}

int checkpoint_find(const char *path, struct bytes *directory, struct error *error) {
    static const char *const places[] = {"", "/best/" AVERAGE, "/best", "/last/" AVERAGE, "/last"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct bytes candidate = {0};
        bytes_append_format(&candidate, "%s%s", path, places[i]);
        bool found = has_file(bytes_text(&candidate), "config.json");
        if (found)
            bytes_append_span(directory, span_of_bytes(&candidate));
        bytes_release(&candidate);
        if (found)
            return 0;
    }
    struct stat status;
    if (stat(path, &status))
        return error_set_system(error, "%s", path);
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: neither a model directory nor a run with one", path);
}

int checkpoint_remove(const char *directory, struct error *error) {
    return directory_remove(directory, error);
}
