/*
 * Removal of stop words: which words there are is text/words.h's affair, which of them are stop words the lists'.
 */
#include "clean/stopword_removal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/data_folder.h"
#include "base/memory.h"
#include "clean/rule_file.h"
#include "text/words.h"

struct stopword_remover {
    const struct stop_words *stop_words;
    struct word_finder *finder;
    struct word_list words;
    struct bytes out;
};

/* ---- lists ---- */

static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_list(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return size > 4 && strcmp(entry->d_name + size - 4, ".txt") == 0;
}

int stopwords_load_all(struct stop_words *stop_words, struct error *error) {
    struct bytes path = {0};
    struct dirent **entries;
    if (data_folder_find("filters/stopwords/en.txt", &path, error))
        return -1;
    path.size -= strlen("en.txt");
    int count = scandir(bytes_text(&path), &entries, is_list, compare_names), result = 0;
    if (count < 0)
        result = error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s: %s", bytes_text(&path), strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct span language = {name, strlen(name) - 4};
        if (result == 0)
            result = rule_file_stop_words(bytes_text(&path), name, language, stop_words, error);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    bytes_release(&path);
    stop_words_finish(stop_words);
    return result;
}

/* ---- removal ---- */

int stopword_remover_new(struct stopword_remover **remover, const struct stop_words *stop_words,
                         const struct text_classes *classes, struct error *error) {
    struct word_finder *finder;
    *remover = NULL;
    if (word_finder_new(&finder, classes, error))
        return -1;
    *remover = memory_zeroed(1, sizeof **remover);
    (*remover)->stop_words = stop_words;
    (*remover)->finder = finder;
    return 0;
}

void stopword_remover_free(struct stopword_remover *remover) {
    if (!remover)
        return;
    word_finder_free(remover->finder);
    word_list_release(&remover->words);
    bytes_release(&remover->out);
    free(remover);
}

static bool is_stop_word(const struct stop_words *stop_words, const struct stop_list *list, struct span word) {
    uint64_t hash = word_folded_key(word, word.size);
    return hash != 0 && stop_words_lists(stop_words, hash) >> (list - stop_words->lists) & 1;
}

/* Writes the text up to a word that is left out; returns where the text goes on. */
static size_t leave_out(struct bytes *out, struct span text, size_t from, const struct word *word) {
    size_t end = word->start + word->size;
    bytes_append(out, text.data + from, word->start - from);
    if (end < text.size && text.data[end] == ' ')
        return end + 1;
    if (end == text.size || text.data[end] == '\n')
        while (out->size > 0 && out->data[out->size - 1] == ' ')
            out->size--;
    return end;
}

bool stopword_remover_apply(struct stopword_remover *remover, struct span text, struct span language,
                            struct span *result) {
    const struct stop_list *list = language.data ? stop_words_of(remover->stop_words, language) : NULL;
    size_t copied = 0;
    bool removed = false;
    *result = text;
    if (!list)
        return false;
    remover->words.count = 0;
    word_finder_append(remover->finder, text, &remover->words);
    bytes_clear(&remover->out);
    for (size_t i = 0; i < remover->words.count; i++) {
        const struct word *word = &remover->words.items[i];
        if (word->symbol ||
            !is_stop_word(remover->stop_words, list, (struct span){text.data + word->start, word->size}))
            continue;
        copied = leave_out(&remover->out, text, copied, word);
        removed = true;
    }
    if (!removed)
        return false;
    bytes_append(&remover->out, text.data + copied, text.size - copied);
    *result = span_of_bytes(&remover->out);
    return true;
}
