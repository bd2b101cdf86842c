/*
 * Word breaks: a table-driven scanner for scripts with spaces, ICU's dictionary breaks for runs of the others. Owns
 * ICU's break iterator; knows nothing of what words are counted for.
 */
#include "text/words.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "base/memory.h"
#include "text/utf8.h"

#define WORD_CLASSES (TEXT_LETTER | TEXT_DIGIT | TEXT_MARK)
/* Runs without spaces are handed to ICU in pieces of at most this many bytes, which bounds its memory. */
#define DICTIONARY_RUN 16384

struct word_finder {
    const struct text_classes *classes;
    UBreakIterator *breaks;
};

void word_list_release(struct word_list *list) {
    free(list->items);
    *list = (struct word_list){0};
}

static void word_list_append(struct word_list *list, struct word word) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 256;
        list->items = memory_resize(list->items, list->capacity, sizeof *list->items);
    }
    list->items[list->count++] = word;
}

int word_finder_new(struct word_finder **finder, const struct text_classes *classes, struct error *error) {
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
    *finder = NULL;
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: word breaks: %s", u_errorName(status));
    *finder = memory_zeroed(1, sizeof **finder);
    (*finder)->classes = classes;
    (*finder)->breaks = breaks;
    return 0;
}

void word_finder_free(struct word_finder *finder) {
    if (!finder)
        return;
    ubrk_close(finder->breaks);
    free(finder);
}

/* True for punctuation that stays inside a word when both neighbours are of the class that is returned in *between. */
static bool is_inner_punctuation(uint32_t code, uint8_t *between) {
    switch (code) {
    case '.':
    case '\'':
    case 0x2019: /* right single quotation mark */
        *between = TEXT_LETTER | TEXT_DIGIT;
        return true;
    case ',':
        *between = TEXT_DIGIT;
        return true;
    case 0xB7: /* middle dot, of Catalan */
        *between = TEXT_LETTER;
        return true;
    default:
        return false;
    }
}

/* Reads one word of a script with spaces from text at start, and returns its end. */
static size_t word_scan(const struct word_finder *finder, struct span text, size_t start, struct word *word) {
    const uint8_t *class_of = finder->classes->of;
    uint8_t previous = 0;
    size_t i = start;
    *word = (struct word){.start = start};
    while (i < text.size) {
        uint32_t code, next;
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = class_of[code], between;
        if ((!(class & WORD_CLASSES) || class & TEXT_DICTIONARY) && code != '_') {
            if (!previous || !is_inner_punctuation(code, &between) || i + length >= text.size)
                break;
            utf8_decode_valid(text.data + i + length, &next);
            uint8_t shared = previous & class_of[next] & between;
            if (!shared || class_of[next] & TEXT_DICTIONARY)
                break;
        } else if (!(class & TEXT_MARK)) {
            previous = code == '_' ? 0 : class;
            word->alphabetic |= (class & TEXT_LETTER) != 0;
        }
        i += length;
        word->length++;
    }
    word->size = (uint32_t)(i - start);
    return i;
}

/* Reads a token that is no word: a run of one and the same character, with the marks after it. */
static size_t symbol_scan(const struct word_finder *finder, struct span text, size_t start, struct word *word) {
    uint32_t first, code;
    size_t i = start + utf8_decode_valid(text.data + start, &first);
    *word = (struct word){.start = start, .length = 1, .symbol = true};
    while (i < text.size) {
        size_t length = utf8_decode_valid(text.data + i, &code);
        if (code != first && !(finder->classes->of[code] & TEXT_MARK))
            break;
        i += length;
        word->length++;
    }
    word->size = (uint32_t)(i - start);
    return i;
}

/* Cuts a run of a script without spaces into words. */
static void dictionary_append(struct word_finder *finder, struct span text, size_t start, size_t end,
                              struct word_list *list) {
    UErrorCode status = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, text.data + start, (int64_t)(end - start), &status);
    ubrk_setUText(finder->breaks, &source, &status);
    int32_t from = ubrk_first(finder->breaks);
    for (int32_t to = ubrk_next(finder->breaks); to != UBRK_DONE; from = to, to = ubrk_next(finder->breaks)) {
        struct span piece = {text.data + start + from, (size_t)(to - from)};
        word_list_append(list, (struct word){.start = start + (size_t)from,
                                             .size = (uint32_t)piece.size,
                                             .length = (uint32_t)utf8_length(piece),
                                             .alphabetic = true,
                                             .dictionary = true});
    }
    utext_close(&source);
}

/* The end of the run of dictionary script at start, at most DICTIONARY_RUN bytes away. */
static size_t dictionary_scan(const struct word_finder *finder, struct span text, size_t start) {
    size_t i = start;
    while (i < text.size && i - start < DICTIONARY_RUN) {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = finder->classes->of[code];
        if (!(class & TEXT_DICTIONARY) && !(i > start && class & TEXT_MARK))
            break;
        i += length;
    }
    return i;
}

void word_finder_append(struct word_finder *finder, struct span text, struct word_list *list) {
    const uint8_t *class_of = finder->classes->of;
    size_t i = 0;
    while (i < text.size) {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = class_of[code];
        struct word word;
        if (class & TEXT_DICTIONARY) {
            size_t end = dictionary_scan(finder, text, i);
            dictionary_append(finder, text, i, end, list);
            i = end;
        } else if (class & (TEXT_LETTER | TEXT_DIGIT)) {
            i = word_scan(finder, text, i, &word);
            word_list_append(list, word);
        } else if (class & (TEXT_PUNCTUATION | TEXT_SYMBOL)) {
            i = symbol_scan(finder, text, i, &word);
            word_list_append(list, word);
        } else {
            i += length; /* white space, stray marks, controls */
        }
    }
}
