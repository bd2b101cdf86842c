/*
 * language_accuracy [-w WEIGHTS] [-v] [-s] FILE...: how often the language of lines is told, beside CLD2 where its
 * library (Debian libcld2-0) is there. A FILE is named LANGUAGE.txt and has a text in that language on each line. Whole
 * lines are judged, their first 30 bytes (cut before a character that does not fit), and their longest word.
 *
 * -v lists mistakes instead, as "LENGTH TRUE FOUND SCORE TEXT"; -s prints MB/s of CPU time over all lines of all files,
 * packed into texts of 240 bytes, each judged once, and of 30 bytes.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/input.h"
#include "base/memory.h"
#include "text/language.h"
#include "text/utf8.h"

#define LENGTHS 3
static const char *const length_names[LENGTHS] = {"line", "30 bytes", "word"};

/* CLD2 is C++; its two functions are called by their mangled names. */
struct cld2 {
    int (*detect)(const char *text, int size, bool plain, bool *reliable);
    const char *(*code)(int language);
};

struct accuracy {
    struct language_model *model;
    struct language_judge *judge;
    struct cld2 cld2;
    bool verbose;
};

struct tally {
    size_t lines, ours[LENGTHS], theirs[LENGTHS];
};

static void die(const char *message) {
    fprintf(stderr, "language_accuracy: %s\n", message);
    exit(1);
}

static void cld2_open(struct cld2 *cld2) {
    void *library = dlopen("libcld2.so.0", RTLD_NOW);
    if (!library)
        library = dlopen("libcld2.so", RTLD_NOW);
    if (!library)
        return;
    *(void **)&cld2->detect = dlsym(library, "_ZN4CLD214DetectLanguageEPKcibPb");
    *(void **)&cld2->code = dlsym(library, "_ZN4CLD212LanguageCodeENS_8LanguageE");
    if (!cld2->code)
        cld2->detect = NULL;
}

static size_t cld2_find(const struct accuracy *accuracy, struct span text) {
    bool reliable;
    int language = accuracy->cld2.detect(text.data, (int)text.size, true, &reliable);
    return language_find(accuracy->model, span_of(accuracy->cld2.code(language)));
}

static struct span beginning(struct span line, size_t size) {
    if (line.size <= size)
        return line;
    while (size > 0 && ((unsigned char)line.data[size] & 0xC0) == 0x80)
        size--;
    return (struct span){line.data, size};
}

static struct span longest_word(struct span line) {
    struct span longest = {line.data, 0};
    for (size_t start = 0, i = 0; i <= line.size; i++) {
        if (i < line.size && line.data[i] != ' ')
            continue;
        if (i - start > longest.size)
            longest = (struct span){line.data + start, i - start};
        start = i + 1;
    }
    return longest;
}

static void judge_line(struct accuracy *accuracy, struct span line, size_t wanted, struct tally *tally) {
    const struct span texts[LENGTHS] = {line, beginning(line, 30), longest_word(line)};
    tally->lines++;
    for (size_t i = 0; i < LENGTHS; i++) {
        struct language_verdict verdict;
        language_judge_texts(accuracy->judge, &texts[i], 1, NULL, 0, &verdict);
        tally->ours[i] += verdict.language == wanted;
        if (accuracy->verbose && verdict.language != wanted)
            printf("%s\t%s\t%s\t%.3f\t%.*s\n", length_names[i], language_tag(accuracy->model, wanted),
                   language_tag(accuracy->model, verdict.language), verdict.score, (int)texts[i].size, texts[i].data);
        if (accuracy->cld2.detect && !accuracy->verbose)
            tally->theirs[i] += cld2_find(accuracy, texts[i]) == wanted;
    }
}

/* Takes the next line off; false at the end. */
static bool next_line(struct span *rest, struct span *line) {
    if (rest->size == 0)
        return false;
    const char *newline = memchr(rest->data, '\n', rest->size);
    size_t size = newline ? (size_t)(newline - rest->data) : rest->size;
    *line = (struct span){rest->data, size};
    rest->data += size + (newline != NULL);
    rest->size -= size + (newline != NULL);
    return true;
}

static void print_row(const char *name, size_t files, const double *shares) {
    printf("%-8s %5zu", name, files);
    for (size_t i = 0; i < 2 * LENGTHS; i++)
        printf("  %6.4f", shares[i]);
    putchar('\n');
}

static void judge_files(struct accuracy *accuracy, char **paths, size_t count) {
    double sums[2 * LENGTHS] = {0};
    size_t judged = 0;
    if (!accuracy->verbose)
        printf("language lines    line   30 by    word   CLD2: line 30 by    word\n");
    for (size_t i = 0; i < count; i++) {
        struct bytes content = {0};
        struct error error;
        struct tally tally = {0};
        const char *base = strrchr(paths[i], '/') ? strrchr(paths[i], '/') + 1 : paths[i];
        struct span tag = {base, strcspn(base, ".")}, line;
        size_t wanted = language_find(accuracy->model, tag);
        if (input_load(paths[i], (size_t)1 << 30, &content, &error))
            die(error.message);
        struct bytes text = {0};
        utf8_repair(span_of_bytes(&content), &text);
        struct span rest = span_of_bytes(&text);
        while (next_line(&rest, &line))
            if (line.size > 0)
                judge_line(accuracy, line, wanted, &tally);
        bytes_release(&content);
        bytes_release(&text);
        double shares[2 * LENGTHS];
        char name[16];
        for (size_t k = 0; k < LENGTHS; k++) {
            shares[k] = wanted == LANGUAGE_NONE ? 0 : (double)tally.ours[k] / (double)(tally.lines + !tally.lines);
            shares[LENGTHS + k] = (double)tally.theirs[k] / (double)(tally.lines + !tally.lines);
        }
        for (size_t k = 0; k < 2 * LENGTHS; k++)
            sums[k] += shares[k];
        judged++;
        snprintf(name, sizeof name, "%.*s", (int)tag.size, tag.data);
        if (!accuracy->verbose)
            print_row(name, tally.lines, shares);
    }
    for (size_t k = 0; k < 2 * LENGTHS; k++)
        sums[k] /= (double)(judged + !judged);
    if (!accuracy->verbose)
        print_row("mean", judged, sums);
}

/* ---- speed ---- */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double speed(const struct accuracy *accuracy, const struct bytes *content, size_t size, bool cld2) {
    size_t seen = 0;
    double begin = now();
    for (size_t at = 0; at + size + 4 < content->size; at += size) {
        struct span text = beginning((struct span){content->data + at, content->size - at}, size);
        struct language_verdict verdict;
        at -= size - text.size;
        if (cld2)
            seen += 1 + cld2_find(accuracy, text);
        else
            language_judge_texts(accuracy->judge, &text, 1, NULL, 0, &verdict), seen += 1 + verdict.language;
    }
    double seconds = now() - begin;
    return seen > 0 ? (double)content->size / seconds / 1e6 : 0;
}

static void measure(const struct accuracy *accuracy, char **paths, size_t count) {
    static const size_t sizes[] = {240, 30};
    struct bytes content = {0};
    struct error error;
    for (size_t i = 0; i < count; i++)
        if (input_load(paths[i], (size_t)1 << 30, &content, &error))
            die(error.message);
    content.size = utf8_valid_prefix(span_of_bytes(&content));
    for (size_t i = 0; i < 2; i++) {
        printf("texts of %zu bytes, %.1f MB: %.1f MB/s", sizes[i], (double)content.size / 1e6,
               speed(accuracy, &content, sizes[i], false));
        if (accuracy->cld2.detect)
            printf(", CLD2 %.1f MB/s", speed(accuracy, &content, sizes[i], true));
        putchar('\n');
    }
    bytes_release(&content);
}

int main(int argc, char **argv) {
    struct accuracy accuracy = {0};
    struct error error;
    const char *weights = NULL;
    bool speeds = false;
    for (int option; (option = getopt(argc, argv, "w:vs")) != -1;) {
        if (option == 'w')
            weights = optarg;
        else if (option == 'v')
            accuracy.verbose = true;
        else if (option == 's')
            speeds = true;
        else
            return 2;
    }
    if (language_model_open(&accuracy.model, weights, &error))
        die(error.message);
    accuracy.judge = language_judge_new(accuracy.model);
    cld2_open(&accuracy.cld2);
    if (speeds)
        measure(&accuracy, argv + optind, (size_t)(argc - optind));
    else
        judge_files(&accuracy, argv + optind, (size_t)(argc - optind));
    language_judge_free(accuracy.judge);
    language_model_free(accuracy.model);
    return 0;
}
