/* Stop words: the very common words of a language, by which its running text is known. */
#ifndef CLEAN_STOPWORDS_H
#define CLEAN_STOPWORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* One language's list. */
struct stop_list {
    char *language; /* BCP 47 tag; owned */
    char **words;   /* in small letters; owned */
    size_t count, capacity;
    uint64_t *hashes; /* of the words, sorted; made by stop_words_finish */
};

/* Zero-initialised is valid and empty. */
struct stop_words {
    struct stop_list *lists;
    size_t count;
};

/* Adds a word to a language's list. */
void stop_words_add(struct stop_words *stop_words, struct span language, struct span word);
/* Call once after the last word and before look-ups. */
void stop_words_finish(struct stop_words *stop_words);
void stop_words_release(struct stop_words *stop_words);
/* The list of a language: of the longest tag that is the language's or its beginning (sv of sv-FI); NULL where there is
 * none. */
const struct stop_list *stop_words_of(const struct stop_words *stop_words, struct span language);
/* The place in the list of the word with that folded hash; count where it is not in it. */
size_t stop_list_find(const struct stop_list *list, uint64_t folded_hash);

/* The hash of a word in small letters. Words over 64 bytes are in no list and equal to none: 0. */
uint64_t word_folded_hash(struct span word);

/* True where tag is the language or its beginning up to a hyphen, letters' case aside. */
bool language_matches(struct span tag, struct span language);

#endif
