/*
 * make_samples: writes the sample dumps from the hand-written material. Same seed, same bytes. It owns the list of
 * files and their names; what stands in them is generator/'s.
 */
#include <string.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>

#include "base/options.h"
#include "base/output.h"
#include "generator/compress.h"
#include "generator/formats.h"

struct file {
    const char *name;
    format_writer *write;
    size_t language; /* where the file has one language */
};

enum { EN, SV, NL, FR, ZH };

static const struct file files[] = {
    {"chats.jsonl", write_chats, 0},
    {"sharegpt.json.zst", write_sharegpt, 0},
    {"transcripts.en.txt", write_transcript, EN},
    {"transcripts.sv.txt", write_transcript, SV},
    {"transcripts.nl.txt.xz", write_transcript, NL},
    {"transcripts.fr.txt", write_transcript, FR},
    {"transcripts.zh.txt", write_transcript, ZH},
    {"faq.en.txt", write_faq, EN},
    {"faq.sv.txt", write_faq, SV},
    {"faq.nl.txt", write_faq, NL},
    {"faq.fr.txt", write_faq, FR},
    {"faq.zh.txt.zst", write_faq, ZH},
    {"page.en.html", write_html_article, EN},
    {"page.sv.html", write_html_article, SV},
    {"thread.nl.html", write_html_thread, NL},
    {"faq.fr.html", write_html_faq, FR},
    {"page.zh.html", write_html_article, ZH},
    {"shop.warc.gz", write_warc, 0},
    {"pages.wet.gz", write_wet, 0},
    {"wiki.en.xml.bz2", write_wiki, EN},
    {"wiki.sv.xml.bz2", write_wiki, SV},
    {"wiki.nl.xml.bz2", write_wiki, NL},
    {"wiki.fr.xml.bz2", write_wiki, FR},
    {"wiki.zh.xml.bz2", write_wiki, ZH},
    {"Posts.xml", write_posts, 0},
};
enum { FILE_COUNT = sizeof files / sizeof *files };

static bool ends_in(const char *name, const char *end) {
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

/* Writes content under folder/name, compressed as the name says; .gz content is compressed already, record by record.
 */
static int save(const char *folder, const char *name, struct span content, struct error *error) {
    struct bytes path = {0}, packed = {0};
    int result = 0;
    bytes_append_format(&path, "%s/%s", folder, name);
    if (ends_in(name, ".bz2"))
        result = compress_bzip2(content, &packed, error);
    else if (ends_in(name, ".xz"))
        result = compress_xz(content, &packed, error);
    if (result == 0 && ends_in(name, ".zst"))
        result = output_save(bytes_text(&path), content, error);
    else if (result == 0)
        result = save_bytes(bytes_text(&path), packed.size ? span_of_bytes(&packed) : content, error);
    bytes_release(&path);
    bytes_release(&packed);
    return result;
}

static void print_row(const char *name, const uint64_t text[LANGUAGE_COUNT]) {
    printf("%s", name);
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        printf("\t%llu", (unsigned long long)text[i]);
    printf("\n");
}

static int write_files(const struct material *materials, const char *folder, uint64_t seed, struct error *error) {
    struct bytes content = {0};
    uint64_t total[LANGUAGE_COUNT] = {0};
    int result = 0;
    printf("file\ten\tsv\tnl\tfr\tzh\n");
    for (size_t i = 0; result == 0 && i < FILE_COUNT; i++) {
        struct sample sample;
        sample_begin(&sample, materials, seed * FILE_COUNT + i);
        bytes_clear(&content);
        result = files[i].write(&sample, files[i].language, &content, error);
        if (result == 0)
            result = save(folder, files[i].name, span_of_bytes(&content), error);
        for (size_t j = 0; j < LANGUAGE_COUNT; j++)
            total[j] += sample.text[j];
        print_row(files[i].name, sample.text);
    }
    print_row("total", total);
    bytes_release(&content);
    if (result == 0 && (fflush(stdout) != 0 || ferror(stdout)))
        result = error_set_system(error, "stdout");
    return result;
}

int main(int argc, char **argv) {
    uint64_t seed = 1;
    const char *material = "sample_corpora/material", *folder = "build/samples";
    const struct option options[] = {
        {'m', "material", OPTION_TEXT, &material, "FOLDER", "read the material from FOLDER [sample_corpora/material]",
         0, 0, NULL},
        {'o', "output", OPTION_TEXT, &folder, "FOLDER", "write the dumps into FOLDER [build/samples]", 0, 0, NULL},
        {0, "seed", OPTION_COUNT, &seed, "N", "seed of the random numbers", 0, 0, NULL},
        OPTION_END};
    struct common_options values = {0};
    const struct program program = {"make_samples",
                                    "write small dumps in every format that gpt-crawl reads",
                                    "[OPTIONS]",
                                    options,
                                    0,
                                    &values,
                                    0,
                                    0};
    static struct material materials[LANGUAGE_COUNT];
    struct error error;
    int first_operand, result = 0;
    options_parse(&program, argc, argv, &first_operand);
    for (size_t i = 0; result == 0 && i < LANGUAGE_COUNT; i++)
        result = material_load(&materials[i], material, LANGUAGES[i], &error);
    if (result == 0 && mkdir(folder, 0777) != 0 && errno != EEXIST)
        result = error_set_system(&error, "%s", folder);
    if (result == 0)
        result = write_files(materials, folder, seed, &error);
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        material_release(&materials[i]);
    return result ? program_fail(&error) : 0;
}
