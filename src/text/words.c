/*
 * Word breaks: the rules of UAX #29 by table for scripts with spaces, ICU's dictionary breaks for runs of the others.
 * Owns ICU's break iterator; knows nothing of what words are counted for.
 */
#include "text/words.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "base/memory.h"
#include "text/cjk_words.h"
#include "text/utf8.h"

/* Runs without spaces are handed to ICU in pieces of at most this many bytes, which bounds its memory. */
#define DICTIONARY_RUN 16384

#define SEEN(class) ((uint8_t)(1U << (class)))

struct word_finder {
    const struct text_classes *classes;
    UBreakIterator *breaks;
    struct cjk_words *cjk; /* NULL where ICU must do it all */
    uint8_t ascii[256];    /* SEEN bit of the Word_Break of ASCII that words are made of; 0 for all other bytes */
};

void word_list_release(struct word_list *list) {
    free(list->items);
    *list = (struct word_list){0};
}

/* The place for the word to come; list->count++ makes it one. */
static inline struct word *word_list_next(struct word_list *list) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 256;
        list->items = memory_resize(list->items, list->capacity, sizeof *list->items);
    }
    return &list->items[list->count];
}

/* What words are made of, all of which stick together (rules WB5, 8 to 10, 13). */
static bool is_core(uint8_t class) {
    return class >= WORD_BREAK_LETTER && class <= WORD_BREAK_EXTEND_NUM_LET;
}

static bool is_letter(uint8_t class) {
    return class == WORD_BREAK_LETTER || class == WORD_BREAK_HEBREW;
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
    (*finder)->cjk = cjk_words_new();
    for (size_t byte = 0; byte < 0x80; byte++)
        if (is_core(classes->word_break[byte]))
            (*finder)->ascii[byte] = SEEN(classes->word_break[byte]);
    return 0;
}

void word_finder_free(struct word_finder *finder) {
    if (!finder)
        return;
    ubrk_close(finder->breaks);
    cjk_words_free(finder->cjk);
    free(finder);
}

/* The Word_Break of the character at a position, or of the one behind it that is no mark. */
static uint8_t class_after_marks(const struct word_finder *finder, struct span text, size_t at) {
    while (at < text.size) {
        uint32_t code;
        at += utf8_decode_valid(text.data + at, &code);
        if (finder->classes->word_break[code] != WORD_BREAK_EXTEND)
            return finder->classes->word_break[code];
    }
    return WORD_BREAK_OTHER;
}

/* True where punctuation of a class stays inside a word, between characters of the classes before and after (rules
 * WB6, 7, 11, 12; 7b and 7c for Hebrew). */
static bool is_inner(uint8_t before, uint8_t class, uint8_t after) {
    bool letters = is_letter(before) && is_letter(after);
    bool digits = before == WORD_BREAK_NUMERIC && after == WORD_BREAK_NUMERIC;
    switch (class) {
    case WORD_BREAK_MID_LETTER:
        return letters;
    case WORD_BREAK_MID_NUM:
        return digits;
    case WORD_BREAK_MID_NUM_LET:
        return letters || digits;
    case WORD_BREAK_DOUBLE_QUOTE:
        return before == WORD_BREAK_HEBREW && after == WORD_BREAK_HEBREW;
    default:
        return false;
    }
}

/* Goes over marks, and counts their bytes beyond one each. */
static size_t skip_marks(const struct word_finder *finder, struct span text, size_t at, uint32_t *wide) {
    while (at < text.size) {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + at, &code);
        if (finder->classes->word_break[code] != WORD_BREAK_EXTEND)
            break;
        at += length;
        *wide += (uint32_t)length - 1;
    }
    return at;
}

/*
 * Goes from the start of a word to its end, which it returns. *wide counts the bytes of characters beyond one each,
 * *seen the classes of what the word is made of.
 */
static size_t word_end(const struct word_finder *finder, struct span text, size_t i, uint32_t *wide, unsigned *seen) {
    const unsigned char *data = (const unsigned char *)text.data;
    uint8_t previous = WORD_BREAK_OTHER;
    for (;;) {
        unsigned classes = 0, bit;
        size_t from = i;
        for (; i < text.size && (bit = finder->ascii[data[i]]) != 0; i++)
            classes |= bit;
        *seen |= classes;
        if (i > from)
            previous = finder->classes->word_break[data[i - 1]];
        if (i >= text.size)
            return i;
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = finder->classes->word_break[code];
        if (is_core(class)) {
            previous = class;
            *seen |= SEEN(class);
        } else if (class != WORD_BREAK_EXTEND) {
            if (class == WORD_BREAK_OTHER || class == WORD_BREAK_HANGUL)
                return i;
            bool inner = is_inner(previous, class, class_after_marks(finder, text, i + length));
            if (!inner && previous == WORD_BREAK_HEBREW && code == '\'') /* WB7a */
                return skip_marks(finder, text, i + length, wide);
            if (!inner)
                return i;
        }
        i += length;
        *wide += (uint32_t)length - 1;
    }
}

/* As word_end for a run of Hangul. */
static size_t hangul_end(const struct word_finder *finder, struct span text, size_t i, uint32_t *wide) {
    while (i < text.size) {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = finder->classes->word_break[code];
        if (class != WORD_BREAK_HANGUL && class != WORD_BREAK_EXTEND)
            break;
        i += length;
        *wide += (uint32_t)length - 1;
    }
    return i;
}

/* Reads one word of a script with spaces, whose first character has the class, and returns its end. */
static size_t word_scan(const struct word_finder *finder, struct span text, size_t start, uint8_t first,
                        struct word *word) {
    uint32_t wide = 0;
    unsigned seen = first == WORD_BREAK_HANGUL ? SEEN(first) : 0U;
    size_t end = seen ? hangul_end(finder, text, start, &wide) : word_end(finder, text, start, &wide, &seen);
    bool alphabetic = (seen & (SEEN(WORD_BREAK_LETTER) | SEEN(WORD_BREAK_HEBREW) | SEEN(WORD_BREAK_HANGUL))) != 0;
    *word = (struct word){.start = start,
                          .size = (uint32_t)(end - start),
                          .length = (uint32_t)(end - start) - wide,
                          .symbol = !alphabetic && !(seen & SEEN(WORD_BREAK_NUMERIC)),
                          .alphabetic = alphabetic};
    return end;
}

/* A bit at the top of each of eight bytes that is no ASCII letter. */
static inline uint64_t others_of(const char *data) {
    const uint64_t ones = 0x0101010101010101U, high = 0x80 * ones;
    uint64_t block;
    memcpy(&block, data, 8);
    uint64_t small = (block & ~high) | 0x20 * ones;
    return ~((small + (0x80 - 'a') * ones) & ~(small + (0x7F - 'z') * ones) & ~block) & high;
}

#define LETTERS_BLOCK 16

/* How many of the bytes of a block are ASCII letters before one is none. Whether more than eight are is told by no
 * branch, since none on the length of words would be foreseen. */
static inline size_t letters_of_block(const char *data) {
    uint64_t low = others_of(data), high = others_of(data + 8);
    unsigned is_long = low == 0;
    uint64_t others = low | (high & -(uint64_t)is_long);
    return others ? (size_t)__builtin_ctzll(others) / 8 + 8 * is_long : LETTERS_BLOCK;
}

/*
 * Reads the commonest tokens, words of ASCII letters and single ASCII signs, where what follows shows that they end.
 * Returns false where it takes a closer look.
 */
static bool plain_scan(const struct word_finder *finder, struct span text, size_t start, struct word *word) {
    size_t end = start, letters = LETTERS_BLOCK;
    while (letters == LETTERS_BLOCK && end + LETTERS_BLOCK < text.size) {
        letters = letters_of_block(text.data + end);
        end += letters;
    }
    if (letters == LETTERS_BLOCK)
        return false;
    unsigned char first = (unsigned char)text.data[start], next = (unsigned char)text.data[end];
    if (end > start) {
        *word = (struct word){
            .start = start, .size = (uint32_t)(end - start), .length = (uint32_t)(end - start), .alphabetic = true};
        return next < 0x80 && finder->classes->word_break[next] == WORD_BREAK_OTHER;
    }
    *word = (struct word){.start = start, .size = 1, .length = 1, .symbol = true};
    next = (unsigned char)text.data[start + 1];
    return finder->classes->of[first] & (TEXT_PUNCTUATION | TEXT_SYMBOL) && !finder->ascii[first] && next < 0x80 &&
           next != first;
}

/* Reads a token that is no word: a run of one and the same character, with the marks after it. */
static size_t symbol_scan(const struct word_finder *finder, struct span text, size_t start, struct word *word) {
    uint32_t first, code;
    size_t i = start + utf8_decode_valid(text.data + start, &first);
    *word = (struct word){.start = start, .length = 1, .symbol = !(finder->classes->of[first] & TEXT_LETTER)};
    word->alphabetic = !word->symbol; /* an ideograph without a dictionary */
    while (i < text.size) {
        size_t length = utf8_decode_valid(text.data + i, &code);
        if ((code != first || !word->symbol) && !(finder->classes->of[code] & TEXT_MARK))
            break;
        i += length;
        word->length++;
    }
    word->size = (uint32_t)(i - start);
    return i;
}

/* Cuts a run into words where all of it is common Han and kana. */
static bool cjk_append(struct word_finder *finder, struct span text, size_t start, size_t end, struct word_list *list) {
    const uint32_t *ends;
    uint32_t from = 0;
    size_t count = finder->cjk ? cjk_words_cut(finder->cjk, (struct span){text.data + start, end - start}, &ends) : 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t length = ends[i] - from;
        *word_list_next(list) = (struct word){.start = start + 3 * (size_t)from,
                                              .size = 3 * length,
                                              .length = length,
                                              .alphabetic = true,
                                              .dictionary = true};
        list->count++;
        from = ends[i];
    }
    return count > 0;
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
        *word_list_next(list) = (struct word){.start = start + (size_t)from,
                                              .size = (uint32_t)piece.size,
                                              .length = (uint32_t)utf8_length(piece),
                                              .alphabetic = true,
                                              .dictionary = true};
        list->count++;
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
    const uint8_t visible = TEXT_LETTER | TEXT_DIGIT | TEXT_PUNCTUATION | TEXT_SYMBOL;
    size_t i = 0;
    while (i < text.size) {
        uint32_t code;
        if (text.data[i] == ' ') {
            i++;
            continue;
        }
        if ((signed char)text.data[i] >= 0 && plain_scan(finder, text, i, word_list_next(list))) {
            i += list->items[list->count++].size;
            continue;
        }
        size_t length = utf8_decode_valid(text.data + i, &code);
        uint8_t class = finder->classes->of[code], break_class = finder->classes->word_break[code];
        if (class & TEXT_DICTIONARY) {
            size_t end = dictionary_scan(finder, text, i);
            if (!cjk_append(finder, text, i, end, list))
                dictionary_append(finder, text, i, end, list);
            i = end;
        } else if (is_core(break_class) || break_class == WORD_BREAK_HANGUL) {
            i = word_scan(finder, text, i, break_class, word_list_next(list));
            list->count++;
        } else if (class & visible) {
            i = symbol_scan(finder, text, i, word_list_next(list));
            list->count++;
        } else {
            i += length; /* white space, stray marks, controls */
        }
    }
}
