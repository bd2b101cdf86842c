/*
 * Lists of stop words by language. Knows how words are looked up, not where they come from or what is counted.
 */
#include "clean/stopwords.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/uchar.h>

#include "base/memory.h"
#include "clean/word_key.h"
#include "text/utf8.h"

bool language_matches(struct span tag, struct span language) {
    if (!language.data || tag.size > language.size || strncasecmp(tag.data, language.data, tag.size) != 0)
        return false;
    return tag.size == language.size || language.data[tag.size] == '-' || language.data[tag.size] == '_';
}

/* Longer words are in no list. */
#define WORD_MAX 64

/* Writes the word in small letters; returns its size, 0 where it is too long. */
static size_t word_fold(struct span word, char folded[WORD_MAX + 4]) {
    size_t size = 0;
    if (word.size > WORD_MAX)
        return 0;
    for (; size < word.size && (signed char)word.data[size] >= 0; size++) {
        unsigned char c = (unsigned char)word.data[size];
        folded[size] = (char)((unsigned char)(c - 'A') < 26 ? c + 32 : c);
    }
    for (size_t i = size; i < word.size;) {
        uint32_t code;
        if (size > WORD_MAX)
            return 0;
        i += utf8_decode_valid(word.data + i, &code);
        bool is_caseless = code >= 0x2E80 && code < 0xA640; /* Han, kana, Yi and more of the East: asked most */
        size += utf8_encode(is_caseless ? code : (uint32_t)u_tolower((UChar32)code), folded + size);
    }
    return size;
}

uint64_t word_folded_key(struct span word, size_t readable) {
    char folded[WORD_MAX + 4];
    uint64_t key;
    if (word_key_folded(word, readable, &key))
        return key;
    size_t size = word_fold(word, folded);
    return size > 0 ? word_key((struct span){folded, size}) : 0;
}

/* NULL where there are as many lists as there may be. */
static struct stop_list *list_of(struct stop_words *stop_words, struct span language) {
    for (size_t i = 0; i < stop_words->count; i++)
        if (span_equal(span_of(stop_words->lists[i].language), language))
            return &stop_words->lists[i];
    if (stop_words->count == STOP_LISTS_MAX)
        return NULL;
    stop_words->lists = memory_resize(stop_words->lists, stop_words->count + 1, sizeof *stop_words->lists);
    struct stop_list *list = &stop_words->lists[stop_words->count++];
    *list = (struct stop_list){.language = memory_copy(language.data, language.size)};
    return list;
}

int stop_words_add(struct stop_words *stop_words, struct span language, struct span word) {
    struct stop_list *list = list_of(stop_words, language);
    char folded[WORD_MAX + 4];
    size_t size = word_fold(word, folded);
    if (!list)
        return -1;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 16;
        list->words = memory_resize(list->words, list->capacity, sizeof *list->words);
    }
    list->words[list->count++] = memory_copy(folded, size);
    return 0;
}

/* The slot of a key, or the empty one where it belongs. */
static struct stop_entry *entry_find(const struct stop_words *stop_words, uint64_t key) {
    size_t i = (size_t)key & stop_words->mask;
    while (stop_words->entries[i].lists && stop_words->entries[i].key != key)
        i = (i + 1) & stop_words->mask;
    return &stop_words->entries[i];
}

static void list_finish(struct stop_list *list) {
    size_t capacity = 16;
    while (capacity < 4 * list->count)
        capacity *= 2;
    list->slots = memory_zeroed(capacity, sizeof *list->slots);
    list->mask = capacity - 1;
    for (size_t word = 0; word < list->count; word++) {
        uint64_t key = word_key(span_of(list->words[word]));
        size_t i = (size_t)key & list->mask;
        while (list->slots[i] != 0 && list->slots[i] != key)
            i = (i + 1) & list->mask;
        list->slots[i] = key;
    }
}

bool stop_list_has(const struct stop_list *list, uint64_t folded_key) {
    size_t i = (size_t)folded_key & list->mask;
    while (list->slots[i] != 0 && list->slots[i] != folded_key)
        i = (i + 1) & list->mask;
    return list->slots[i] != 0;
}

void stop_words_finish(struct stop_words *stop_words) {
    size_t words = 0, capacity = 16;
    for (size_t i = 0; i < stop_words->count; i++)
        words += stop_words->lists[i].count;
    while (capacity < 4 * words)
        capacity *= 2;
    stop_words->entries = memory_zeroed(capacity, sizeof *stop_words->entries);
    stop_words->mask = capacity - 1;
    for (size_t i = 0; i < stop_words->count; i++) {
        list_finish(&stop_words->lists[i]);
        for (size_t word = 0; word < stop_words->lists[i].count; word++) {
            uint64_t key = word_key(span_of(stop_words->lists[i].words[word]));
            struct stop_entry *entry = entry_find(stop_words, key);
            entry->key = key;
            entry->lists |= UINT64_C(1) << i;
        }
    }
}

uint64_t stop_words_lists(const struct stop_words *stop_words, uint64_t folded_key) {
    return stop_words->entries ? entry_find(stop_words, folded_key)->lists : 0;
}

void stop_words_release(struct stop_words *stop_words) {
    for (size_t i = 0; i < stop_words->count; i++) {
        for (size_t word = 0; word < stop_words->lists[i].count; word++)
            free(stop_words->lists[i].words[word]);
        free(stop_words->lists[i].words);
        free(stop_words->lists[i].language);
        free(stop_words->lists[i].slots);
    }
    free(stop_words->entries);
    free(stop_words->lists);
    *stop_words = (struct stop_words){0};
}

const struct stop_list *stop_words_of(const struct stop_words *stop_words, struct span language) {
    const struct stop_list *best = NULL;
    for (size_t i = 0; i < stop_words->count; i++) {
        const struct stop_list *list = &stop_words->lists[i];
        if (language_matches(span_of(list->language), language) &&
            (!best || strlen(list->language) > strlen(best->language)))
            best = list;
    }
    return best;
}
