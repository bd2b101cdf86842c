/* The run directory. It owns its layout, the log and the life of checkpoints; what training does it does not know. */
#include "train/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"

#define STATE_FILE "trainer_state.json"
#define FILE_LIMIT ((size_t)1 << 30)

struct run {
    char *path;
    struct bytes last; /* directory of the last checkpoint */
    struct settings settings;
    struct bytes tokenizer, tokenizer_config;
    struct hash128 data;
    int log;
};

static const char *path_of(struct bytes *buffer, const struct run *run, const char *name) {
    bytes_clear(buffer);
    bytes_append_format(buffer, "%s/%s", run->path, name);
    return bytes_text(buffer);
}

static struct run *run_new(const char *path) {
    struct run *run = memory_zeroed(1, sizeof *run);
    run->path = memory_copy(path, strlen(path));
    run->log = -1;
    return run;
}

void run_free(struct run *run) {
    if (!run)
        return;
    if (run->log >= 0)
        close(run->log);
    bytes_release(&run->last);
    bytes_release(&run->tokenizer);
    bytes_release(&run->tokenizer_config);
    free(run->path);
    free(run);
}

const char *run_last(const struct run *run) {
    return run->last.data;
}

/* ---- the log ---- */

/* Opens the log for appending, and holds the run by a lock on it, which ends with the process. */
static int open_log(struct run *run, struct error *error) {
    struct bytes buffer = {0};
    const char *path = path_of(&buffer, run, "log.jsonl");
    int status = 0;
    run->log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (run->log < 0)
        status = error_set_system(error, "%s", path);
    else if (flock(run->log, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        status = error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "another gpt-train is at work on %s", run->path);
    bytes_release(&buffer);
    return status;
}

static int cut_log(struct run *run, size_t size, struct error *error) {
    return ftruncate(run->log, (off_t)size) ? error_set_system(error, "%s/log.jsonl", run->path) : 0;
}

int run_log(struct run *run, struct span json, struct error *error) {
    struct bytes line = {0};
    bytes_append_span(&line, json);
    bytes_append_byte(&line, '\n');
    int status = 0;
    for (size_t done = 0; done < line.size && status == 0;) {
        ssize_t written = write(run->log, line.data + done, line.size - done);
        if (written > 0)
            done += (size_t)written;
        else if (errno != EINTR)
            status = error_set_system(error, "%s/log.jsonl", run->path);
    }
    bytes_release(&line);
    return status;
}

/* The size of the log up to the last line of a step not after `step`. A torn last line is cut too. */
static size_t log_size_at(struct span log, uint64_t step) {
    size_t at = 0;
    while (at < log.size) {
        const char *end = memchr(log.data + at, '\n', log.size - at);
        struct json_document *document = NULL;
        if (!end || json_parse(&document, (struct span){log.data + at, (size_t)(end - log.data) - at}, NULL))
            break;
        int64_t line_step = json_integer(json_root(document), "step", 0);
        json_free(document);
        if (line_step < 0 || (uint64_t)line_step > step)
            break;
        at = (size_t)(end - log.data) + 1;
    }
    return at;
}

/* Cuts the log back to what it was at a step. */
static int rewind_log(struct run *run, uint64_t step, struct error *error) {
    struct bytes log = {0}, buffer = {0};
    int status = input_load(path_of(&buffer, run, "log.jsonl"), FILE_LIMIT, &log, error);
    if (status == 0)
        status = cut_log(run, log_size_at(span_of_bytes(&log), step), error);
    bytes_release(&log);
    bytes_release(&buffer);
    return status;
}

/* ---- opening ---- */

static int make_folder(const char *path, struct error *error) {
    if (mkdir(path, 0777) && errno != EEXIST)
        return error_set_system(error, "%s", path);
    return 0;
}

static void append_hash(struct bytes *out, struct hash128 hash) {
    char hex[HASH128_HEX_SIZE + 1];
    hash128_hex(hash, hex);
    bytes_append_text(out, hex);
}

int run_set_settings(struct run *run, const struct settings *settings, struct error *error) {
    struct bytes json = {0}, buffer = {0};
    run->settings = *settings;
    bytes_append_format(&json, "{\"program\":\"gpt-train\",\"version\":\"%s\",\"data\":\"", GPT_VERSION);
    append_hash(&json, run->data);
    bytes_append_text(&json, "\",\"settings\":");
    settings_append_json(settings, &json);
    bytes_append_text(&json, "}\n");
    int status = output_save(path_of(&buffer, run, "run.json"), span_of_bytes(&json), error);
    bytes_release(&json);
    bytes_release(&buffer);
    return status;
}

int run_create(struct run **result, const char *path, const struct settings *settings, struct span tokenizer,
               struct span tokenizer_config, struct hash128 data, struct error *error) {
    static const char *const taken[] = {"last", "best"};
    struct run *run = run_new(path);
    struct bytes buffer = {0};
    *result = NULL;
    int status = make_folder(path, error);
    struct stat stat;
    for (size_t i = 0; i < 2 && status == 0; i++)
        if (lstat(path_of(&buffer, run, taken[i]), &stat) == 0)
            status = error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                               "%s holds a run already: go on with --resume, or name another directory", path);
    if (status == 0)
        status = make_folder(path_of(&buffer, run, "checkpoints"), error);
    bytes_append_span(&run->tokenizer, tokenizer);
    bytes_append_span(&run->tokenizer_config, tokenizer_config);
    run->data = data;
    if (status == 0)
        status = open_log(run, error);
    if (status == 0) /* what an earlier run left that ended before its first checkpoint is worth nothing */
        status = cut_log(run, 0, error);
    if (status == 0)
        status = run_set_settings(run, settings, error);
    bytes_release(&buffer);
    if (status)
        run_free(run);
    else
        *result = run;
    return status;
}

/* Where each set of shards stood. */
static void read_sources(const struct json_value *list, struct progress_state *state) {
    for (size_t i = 0; list && list->type == JSON_ARRAY && i < list->count && i < MIXTURE_MOST; i++) {
        const struct json_value *source = &list->items[i];
        state->position.sources[i].position =
            (struct packing_position){.epoch = (uint64_t)json_integer(source, "epoch", 0),
                                      .window = (uint64_t)json_integer(source, "window", 0),
                                      .row = (uint64_t)json_integer(source, "row", 0)};
        state->position.sources[i].rows = (uint64_t)json_integer(source, "rows", 0);
        state->sources = i + 1;
    }
}

static void read_losses(const struct json_value *json, struct loss_statistics *losses) {
    losses->mean = json_number(json, "mean", 0);
    losses->variance = json_number(json, "variance", 0);
    losses->count = (uint64_t)json_integer(json, "count", 0);
    losses->skipped = (uint64_t)json_integer(json, "skipped", 0);
    losses->row = (uint64_t)json_integer(json, "row", 0);
}

static int read_state(struct run *run, struct settings *settings, struct progress_state *state, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/" STATE_FILE, bytes_text(&run->last));
    struct json_document *document = NULL;
    int status = json_load(&document, bytes_text(&path), FILE_LIMIT, error);
    const struct json_value *json = document ? json_root(document) : NULL;
    if (status == 0 && settings_read(settings, json_member(json, "settings"), error))
        status = error_prefix(error, "%s: ", bytes_text(&path));
    if (status == 0) {
        *state = (struct progress_state){
            .step = (uint64_t)json_integer(json, "step", 0),
            .tokens = (uint64_t)json_integer(json, "tokens", 0),
            .best_loss = json_number(json, "best_loss", INFINITY),
            .best_step = (uint64_t)json_integer(json, "best_step", 0),
            .seconds = json_number(json, "seconds", 0),
        };
        read_losses(json_member(json, "losses"), &state->losses);
        read_sources(json_member(json, "sources"), state);
        run->settings = *settings;
        run->data = (struct hash128){0};
        struct span hex = json_string(json, "data");
        for (size_t i = 0; hex.data && i < hex.size && i < HASH128_HEX_SIZE; i++) {
            uint64_t digit = (uint64_t)(hex.data[i] <= '9' ? hex.data[i] - '0' : hex.data[i] - 'a' + 10) & 15;
            uint64_t *half = i < HASH128_HEX_SIZE / 2 ? &run->data.high : &run->data.low;
            *half = *half << 4 | digit;
        }
    }
    json_free(document);
    bytes_release(&path);
    return status;
}

static int load_beside_model(const struct run *run, const char *name, struct bytes *content, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%s", run->last.data, name);
    int status = input_load(bytes_text(&path), FILE_LIMIT, content, error);
    bytes_release(&path);
    return status;
}

int run_require_checkpoint(const char *path, struct error *error) {
    struct bytes last = {0};
    bytes_append_format(&last, "%s/last", path);
    bool found = access(bytes_text(&last), F_OK) == 0;
    bytes_release(&last);
    return found ? 0 : error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s has no checkpoint to resume from", path);
}

int run_resume(struct run **result, const char *path, struct settings *settings, struct progress_state *state,
               struct hash128 *data, struct error *error) {
    struct run *run = run_new(path);
    *result = NULL;
    bytes_append_format(&run->last, "%s/last", path);
    int status = open_log(run, error);
    if (status == 0)
        status = read_state(run, settings, state, error);
    if (status == 0)
        status = load_beside_model(run, "tokenizer.json", &run->tokenizer, error);
    if (status == 0)
        status = load_beside_model(run, "tokenizer_config.json", &run->tokenizer_config, error);
    if (status == 0)
        status = rewind_log(run, state->step, error);
    *data = run->data;
    if (status)
        run_free(run);
    else
        *result = run;
    return status;
}

/* ---- checkpoints ---- */

static void append_state(struct bytes *out, const struct run *run, const struct progress_state *state) {
    bytes_append_format(out, "{\"step\":%llu,\"tokens\":%llu,\"sources\":[", (unsigned long long)state->step,
                        (unsigned long long)state->tokens);
    for (size_t i = 0; i < state->sources; i++) {
        const struct packing_position *position = &state->position.sources[i].position;
        bytes_append_format(out, "%s{\"epoch\":%llu,\"window\":%llu,\"row\":%llu,\"rows\":%llu}", i ? "," : "",
                            (unsigned long long)position->epoch, (unsigned long long)position->window,
                            (unsigned long long)position->row, (unsigned long long)state->position.sources[i].rows);
    }
    bytes_append_byte(out, ']');
    if (isfinite(state->best_loss)) {
        bytes_append_text(out, ",\"best_loss\":");
        json_append_number(out, state->best_loss);
        bytes_append_format(out, ",\"best_step\":%llu", (unsigned long long)state->best_step);
    }
    bytes_append_text(out, ",\"losses\":{\"mean\":");
    json_append_number(out, state->losses.mean);
    bytes_append_text(out, ",\"variance\":");
    json_append_number(out, state->losses.variance);
    bytes_append_format(out, ",\"count\":%llu,\"skipped\":%llu,\"row\":%llu}", (unsigned long long)state->losses.count,
                        (unsigned long long)state->losses.skipped, (unsigned long long)state->losses.row);
    bytes_append_text(out, ",\"seconds\":");
    json_append_number(out, state->seconds);
    bytes_append_text(out, ",\"data\":\"");
    append_hash(out, run->data);
    bytes_append_text(out, "\",\"settings\":");
    settings_append_json(&run->settings, out);
    bytes_append_text(out, "}\n");
}

/* What a symlink of the run names, or "" where there is none. */
static void read_link(const struct run *run, const char *name, char *target, size_t size) {
    struct bytes buffer = {0};
    ssize_t length = readlink(path_of(&buffer, run, name), target, size - 1);
    target[length > 0 ? length : 0] = '\0';
    bytes_release(&buffer);
}

/* Removes the checkpoints that neither last nor best names. */
static int prune(const struct run *run, struct error *error) {
    char last[256], best[256];
    read_link(run, "last", last, sizeof last);
    read_link(run, "best", best, sizeof best);
    struct bytes buffer = {0};
    DIR *folder = opendir(path_of(&buffer, run, "checkpoints"));
    if (!folder) {
        bytes_release(&buffer);
        return error_set_system(error, "%s/checkpoints", run->path);
    }
    int status = 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(folder));) {
        char target[sizeof entry->d_name + 16];
        snprintf(target, sizeof target, "checkpoints/%s", entry->d_name);
        if (strncmp(entry->d_name, "step-", 5) == 0 && strcmp(target, last) != 0 && strcmp(target, best) != 0)
            status = checkpoint_remove(path_of(&buffer, run, target), error);
    }
    closedir(folder);
    bytes_release(&buffer);
    return status;
}

int run_save(struct run *run, const struct model *model, const struct optimizer *optimizer,
             const struct progress_state *state, bool best, struct error *error) {
    struct bytes json = {0}, buffer = {0};
    char target[64];
    append_state(&json, run, state);
    const struct checkpoint_file files[] = {
        {"tokenizer.json", span_of_bytes(&run->tokenizer), false},
        {"tokenizer_config.json", span_of_bytes(&run->tokenizer_config), false},
        {STATE_FILE, span_of_bytes(&json), true},
    };
    snprintf(target, sizeof target, "checkpoints/step-%08llu", (unsigned long long)state->step);
    int status = run->log >= 0 && fsync(run->log) ? error_set_system(error, "%s/log.jsonl", run->path) : 0;
    if (status == 0)
        status = checkpoint_save(path_of(&buffer, run, target), model, optimizer, files, 3, error);
    /* best before last: ended between the two, the run goes on from an older last and finds the same best again. */
    if (status == 0 && best)
        status = checkpoint_link(run->path, "best", target, error);
    if (status == 0)
        status = checkpoint_link(run->path, "last", target, error);
    if (status == 0)
        status = prune(run, error);
    bytes_release(&json);
    bytes_release(&buffer);
    return status;
}
