/*
 * Hand-written material: for each language words.txt, intents.txt and articles.txt. A line "[name]" opens a section; "?
 * ", "= " and "- " mark its entries; "#" is a comment. Entries are templates: (a|b) chooses, {slot} is filled.
 */
#ifndef GENERATOR_MATERIAL_H
#define GENERATOR_MATERIAL_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

enum { LANGUAGE_COUNT = 5, SECTION_MAX = 128 };

extern const char *const LANGUAGES[LANGUAGE_COUNT]; /* BCP 47 */

struct entry {
    char marker;
    struct span text;
};

struct section {
    struct span name;
    struct entry *entries; /* owned */
    size_t count;
};

struct material {
    const char *language;
    struct bytes sources[3]; /* what the spans point into */
    struct section sections[SECTION_MAX];
    size_t count;
};

/* Reads FOLDER/LANGUAGE/ *.txt and checks that every template is well formed and its slots are known; errors name file
 * and line. */
int material_load(struct material *material, const char *folder, const char *language, struct error *error);
void material_release(struct material *material);
/* The section of that name; NULL where there is none. */
const struct section *material_find(const struct material *material, struct span name);
/* As material_find, of a section that material_load has made sure of. */
const struct section *material_words(const struct material *material, const char *name);
/* The entries of a section with that marker: how many, and the one at index. */
size_t section_count(const struct section *section, char marker);
struct span section_entry(const struct section *section, char marker, size_t index);

#endif
