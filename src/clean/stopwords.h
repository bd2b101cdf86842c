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
    uint64_t *slots; /* keys of the words, open addressing, 0 empty; made by stop_words_finish */
    size_t mask;
};

#define STOP_LISTS_MAX 64
#define STOP_LISTS_FULL "there are stop words for 64 languages already"

/* Which lists a word is in. */
struct stop_entry {
    uint64_t key;   /* of the word */
    uint64_t lists; /* bit per list; 0: the slot is empty */
};

/* Zero-initialised is valid and empty. */
struct stop_words {
    struct stop_list *lists;
    size_t count;
    struct stop_entry *entries; /* open addressing; made by stop_words_finish */
    size_t mask;
};

/* Adds a word to a language's list. Returns -1 where that would be one list more than STOP_LISTS_MAX. */
int stop_words_add(struct stop_words *stop_words, struct span language, struct span word);
/* Call once after the last word and before look-ups. */
void stop_words_finish(struct stop_words *stop_words);
void stop_words_release(struct stop_words *stop_words);
/* The list of a language: of the longest tag that is the language's or its beginning (sv of sv-FI); NULL where there is
 * none. */
const struct stop_list *stop_words_of(const struct stop_words *stop_words, struct span language);
/* The lists that hold the word of a folded key, a bit each. */
uint64_t stop_words_lists(const struct stop_words *stop_words, uint64_t folded_key);

bool stop_list_has(const struct stop_list *list, uint64_t folded_key);

/* The key of a word in small letters, of which `readable` bytes may be read. Words over 64 bytes are in no list and
 * equal to none: 0. */
uint64_t word_folded_key(struct span word, size_t readable);

/* True where tag is the language or its beginning up to a hyphen, letters' case aside. */
bool language_matches(struct span tag, struct span language);

#endif
