/*
 * The texts that languages are learned from: which languages, and the lines of each by kind. A line in HELD_OUT is
 * never learned from.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/memory.h"
#include "trainer.h"

#define FILE_MAX ((size_t)1 << 30)
#define HELD_OUT 40U
#define LINES_MAX 60000U /* lines of a kind that are read of a language, chosen by chance where there are more */

/* What is learned: the languages of each script; of those before a bar more samples are seen than of those behind it,
 * so that they are likelier where a text says little. */
static const char *const taught[SCRIPT_CODED] = {
    [SCRIPT_LATIN] =
        "en | de fr es it pt nl sv da nb pl cs ro hu fi tr id vi hr "
        "| af az ca cy eo et eu ga is la lt lv sk sl sq sw tl "
        "| bs sr ms nn gl br gd fy mt lb fo ku oc uz lg mi om sn so st tn ts xh yo zu " LANGUAGE_PROGRAM " ",
    [SCRIPT_CYRILLIC] = "ru | uk bg | be kk mk mn sr | ky tg tt ",
    [SCRIPT_ARABIC] = "| ar fa | ur | ps ug ckb ",
    [SCRIPT_DEVANAGARI] = "| hi | mr | ne ",
    [SCRIPT_ETHIOPIC] = "| | am ti | ",
    [SCRIPT_BENGALI] = "| bn | | as ",
    [SCRIPT_HEBREW] = "| he | | yi ",
};
static const double weights[] = {8, 4, 1.5, 0.6};

static const char *const kind_names[KINDS] = {"prose", "story", "ui", "words", "translated"};
const double kind_weights[KINDS] = {0.35, 0.3, 0.2, 0.15, 0.3};

static void lines_add(struct lines *lines, struct span line) {
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? lines->capacity * 2 : 64;
        lines->items = memory_resize(lines->items, lines->capacity, sizeof *lines->items);
    }
    lines->items[lines->count++] = line;
}

/* True where most of a line's letters are of the script. */
static bool is_written_in(struct trainer *trainer, struct span line, enum language_script script) {
    uint32_t sum = 0;
    language_letters_read(&trainer->model.letters, line, &trainer->codes);
    for (size_t i = 0; i < SCRIPT_COUNT; i++)
        sum += trainer->codes.weight[i];
    return trainer->codes.weight[script] * 10 > sum * 7 && sum >= 4;
}

/* Takes the next line of a file of texts off; its kind, KINDS at the end. */
static enum kind next_line(struct span *rest, struct span *line) {
    if (rest->size == 0)
        return KINDS;
    const char *at = rest->data, *newline = memchr(at, '\n', rest->size);
    if (!newline)
        die("a file of texts is cut");
    size_t size = (size_t)(newline - at);
    const char *tab = memchr(at, '\t', size);
    enum kind kind = 0;
    while (kind < KINDS && !(tab && span_is((struct span){at, (size_t)(tab - at)}, kind_names[kind])))
        kind++;
    if (kind == KINDS)
        die("a line is of no kind");
    *line = (struct span){tab + 1, (size_t)(newline - tab - 1)};
    *rest = (struct span){newline + 1, rest->size - size - 1};
    return kind;
}

/* The lines of one class, whose language and script are set. */
static void read_class(struct trainer *trainer, struct class *class, const char *folder) {
    char path[4096];
    struct bytes content = {0}; /* stays: lines borrow from it */
    struct error error;
    struct span line;
    size_t counts[KINDS] = {0};
    enum kind kind;
    snprintf(path, sizeof path, "%s/%s.txt", folder, class->language);
    if (input_load(path, FILE_MAX, &content, &error)) {
        fprintf(stderr, "train_language: %s: left out\n", error.message);
        return;
    }
    for (struct span rest = span_of_bytes(&content); (kind = next_line(&rest, &line)) < KINDS;)
        counts[kind]++;
    for (struct span rest = span_of_bytes(&content); (kind = next_line(&rest, &line)) < KINDS;) {
        uint64_t hash = hash64(line, 7);
        if (counts[kind] > LINES_MAX && hash_mix(hash) % counts[kind] >= LINES_MAX)
            continue;
        if (is_written_in(trainer, line, class->script))
            lines_add(hash % HELD_OUT == 0 ? &class->held[kind] : &class->learn[kind], line);
    }
}

void texts_read(struct trainer *trainer, const char *folder) {
    double sum = 0;
    for (enum language_script script = 0; script < SCRIPT_CODED; script++) {
        size_t tier = 0;
        trainer->first[script] = trainer->class_count;
        for (const char *at = taught[script]; *at; at++) {
            size_t size = strcspn(at, " ");
            if (*at == '|') {
                tier++;
            } else if (size > 0) {
                struct class *class = &trainer->classes[trainer->class_count];
                *class = (struct class){.script = script};
                memcpy(class->language, at, size);
                read_class(trainer, class, folder);
                size_t lines = 0;
                for (size_t kind = 0; kind < KINDS; kind++)
                    lines += class->learn[kind].count;
                if (lines >= 50) {
                    class->weight = sum += weights[tier];
                    trainer->class_count++;
                }
            }
            at += size > 0 ? size - 1 : 0;
        }
    }
    trainer->first[SCRIPT_CODED] = trainer->class_count;
}

size_t texts_find(const struct trainer *trainer, const char *language, enum language_script script) {
    size_t i = 0;
    while (i < trainer->class_count &&
           (trainer->classes[i].script != script || strcmp(trainer->classes[i].language, language) != 0))
        i++;
    return i;
}
