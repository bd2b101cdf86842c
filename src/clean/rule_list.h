/* Named lists of words, addresses or domains that conditions of rules look things up in. */
#ifndef CLEAN_RULE_LIST_H
#define CLEAN_RULE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct rule_list {
    char *name;     /* owned */
    char **entries; /* in small letters; owned */
    size_t count, capacity;
    uint64_t *slots; /* word_key of the entries, open addressing, 0 empty; made by rule_list_finish */
    size_t mask;
};

/* Zero-initialised is valid and empty. */
struct rule_lists {
    struct rule_list *items;
    size_t count;
};

/* The place of the list of a name; count where there is none. */
size_t rule_lists_find(const struct rule_lists *lists, struct span name);
/* The same; the list is made where there is none. */
size_t rule_lists_add(struct rule_lists *lists, struct span name);
void rule_lists_release(struct rule_lists *lists);

void rule_list_add(struct rule_list *list, struct span entry);
/* Call once after the last entry and before look-ups. */
void rule_list_finish(struct rule_list *list);

/* By the word_key of what may be an entry, in small letters; 0 is in no list. */
bool rule_list_has(const struct rule_list *list, uint64_t hash);

/* True where the host of a URL, or a domain that it lies in, is in the list. */
bool rule_list_has_domain(const struct rule_list *list, struct span url);
/* True where the URL is, scheme, a leading www. and a slash at its end aside. */
bool rule_list_has_address(const struct rule_list *list, struct span url);
/* Words of a text or URL that are in a list. */
struct listed {
    size_t words; /* all words of the text */
    size_t count, kinds;
};
/* A URL's words are runs of ASCII letters and digits. */
struct listed rule_list_count_words(const struct rule_list *list, struct span url);
/* True where an entry occurs in what is left of the URL without all but ASCII letters and digits. */
bool rule_list_has_letters(const struct rule_list *list, struct span url);

#endif
