/*
 * gpt-crawl: dumps in many formats → documents and dialogues. Only options are here; the run is crawl.c's.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/data_folder.h"
#include "crawl/crawl.h"
#include "text/html_model.h"

/* The weights of the file, or of the one that the programs bring along. */
static int load_model(const char *file, struct html_model **model) {
    struct bytes path = {0};
    struct error error;
    bytes_append_text(&path, file ? file : "");
    if (file || data_folder_find("filters/extraction.weights", &path, &error) == 0)
        *model = html_model_load(bytes_text(&path), &error);
    bytes_release(&path);
    if (!*model)
        fprintf(stderr, "gpt-crawl: %s\n", error.message);
    return *model ? 0 : -1;
}

int main(int argc, char **argv) {
    static const char *const keep_choices[] = {"main", "all", NULL};
    static const char *const split_choices[] = {"file", "form-feed", "paragraph", "line", "chapter", NULL};
    struct common_options common = {0};
    struct option_list namespaces = {0};
    struct crawl_options options = {
        .max_record = (uint64_t)64 << 20, .max_work = HTML_DEFAULT_WORK, .namespaces = &namespaces};
    int format = 0, keep = 0;
    const char *weights = NULL;
    const char *format_names[CRAWL_FORMATS_MAX];
    crawl_format_names(format_names);
    const struct option table[] = {
        {0, "from", OPTION_CHOICE, &format, "FORMAT", "format of all inputs", 0, 0, format_names},
        {0, "source", OPTION_TEXT, &options.source, "NAME", "the records' source, instead of the format's name", 0, 0,
         NULL},
        {0, "keep", OPTION_CHOICE, &keep, "PART", "what of a page is kept", 0, 0, keep_choices},
        {0, "weights", OPTION_TEXT, &weights, "FILE", "weights that tell a page's content, instead of the usual", 0, 0,
         NULL},
        {0, "split", OPTION_CHOICE, &options.split, "UNIT", "what a document is in plain text and books", 0, 0,
         split_choices},
        {0, "namespace", OPTION_LIST, &namespaces, "NUMBER",
         "wiki name space to keep, or all (repeatable; default 0, articles)", 0, 0, NULL},
        {0, "redirects", OPTION_FLAG, &options.redirects, NULL, "keep a wiki's redirects", 0, 0, NULL},
        {0, "verify", OPTION_FLAG, &options.verify, NULL, "compare records of archives with their digests", 0, 0, NULL},
        {0, "talk", OPTION_FLAG, &options.talk, NULL, "keep a wiki's talk pages, as threads of posts", 0, 0, NULL},
        {0, "max-record", OPTION_SIZE, &options.max_record, "SIZE", "longest entry, coded or decoded", 1024,
         (double)((uint64_t)512 << 20), NULL},
        {0, "max-time", OPTION_NUMBER, &options.max_time, "SECONDS", "longest time for a page (0: no limit)", 0, 1e6,
         NULL},
        {0, "max-work", OPTION_COUNT, &options.max_work, "N", "most tags, texts and elements of a page", 1, 1e9, NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-crawl",
        .purpose = "Turn dumps of the web, wikis, forums and chats into documents and dialogues.",
        .usage = "[OPTIONS] [FILE|FOLDER...]",
        .options = table,
        .common = COMMON_THREADS | COMMON_OUTPUT | COMMON_STATS | COMMON_STRICT | COMMON_PROGRESS | COMMON_QUIET,
        .values = &common,
        .maximum_operands = SIZE_MAX,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    options.keep_all = keep == 1;
    options.threads = (unsigned)common.threads;
    if (!options.keep_all && load_model(weights, &options.model) < 0)
        return 1;
    const struct crawl crawl = {
        .options = &options,
        .format = format ? CRAWL_FORMATS[format - 1] : NULL,
        .common = &common,
        .operands = (const char *const *)argv + first,
        .operand_count = (size_t)(argc - first),
    };
    int status = crawl_run(&crawl);
    html_model_free(options.model);
    options_release(&namespaces);
    return status;
}
