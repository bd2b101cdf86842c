/*
 * The table of signals, and how each is measured. Owns the scratch memory that measures share: the words of the text
 * and their hashes. Knows nothing of rules or thresholds.
 */
#include "clean/signals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "clean/repetition.h"
#include "text/sentences.h"
#include "text/utf8.h"
#include "text/words.h"

struct signals {
    const struct text_classes *classes;
    struct word_finder *finder;
    struct span text, language;
    const struct stop_words *stop_words;
    uint64_t known; /* bit per signal whose value is set */
    double value[SIGNAL_COUNT];
    bool has_words, has_hashes, has_folded;
    struct word_list words;
    uint64_t *hashes, *folded; /* of the words, and of the words in small letters */
    size_t hash_capacity, folded_capacity;
    bool *seen; /* of the stop words of a list */
    size_t seen_capacity;
    struct repetition repetition;
};

static void set(struct signals *signals, enum signal signal, double value) {
    signals->value[signal] = value;
    signals->known |= UINT64_C(1) << signal;
}

static void set_share(struct signals *signals, enum signal signal, double part, double whole) {
    set(signals, signal, whole > 0 ? part / whole : NAN);
}

/* ---- words ---- */

static const struct word_list *words_of(struct signals *signals) {
    if (!signals->has_words) {
        signals->words.count = 0;
        word_finder_append(signals->finder, signals->text, &signals->words);
        signals->has_words = true;
    }
    return &signals->words;
}

static struct span word_text(const struct signals *signals, const struct word *word) {
    return (struct span){signals->text.data + word->start, word->size};
}

/* Makes room for a hash of every word. */
static uint64_t *make_room(uint64_t *hashes, size_t *capacity, const struct word_list *words) {
    if (words->count <= *capacity)
        return hashes;
    *capacity = words->capacity;
    return memory_resize(hashes, *capacity, sizeof *hashes);
}

static const uint64_t *hashes_of(struct signals *signals) {
    const struct word_list *words = words_of(signals);
    if (signals->has_hashes)
        return signals->hashes;
    signals->hashes = make_room(signals->hashes, &signals->hash_capacity, words);
    for (size_t i = 0; i < words->count; i++)
        signals->hashes[i] = hash64(word_text(signals, &words->items[i]), 0);
    signals->has_hashes = true;
    return signals->hashes;
}

static const uint64_t *folded_of(struct signals *signals) {
    const struct word_list *words = words_of(signals);
    if (signals->has_folded)
        return signals->folded;
    signals->folded = make_room(signals->folded, &signals->folded_capacity, words);
    for (size_t i = 0; i < words->count; i++)
        signals->folded[i] = words->items[i].symbol ? 0 : word_folded_hash(word_text(signals, &words->items[i]));
    signals->has_folded = true;
    return signals->folded;
}

/*
 * Units are Gopher's words: what blanks part (1,000-word or "(2024-08-27)," is one), and each word of a script without
 * blanks. Counts them, and those that hold a letter.
 */
static void count_units(const struct word_list *words, size_t *units, size_t *alphabetic) {
    bool has_word = false, has_letter = false; /* of the unit at hand */
    bool closed = false;                       /* it holds a dictionary word, and no other word joins it */
    size_t end = SIZE_MAX;
    *units = *alphabetic = 0;
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->items[i];
        bool joins = word->symbol || !has_word || (!closed && !word->dictionary);
        if (word->start != end || !joins) {
            ++*units;
            has_word = has_letter = closed = false;
        }
        *alphabetic += word->alphabetic && !has_letter;
        has_letter |= word->alphabetic;
        has_word |= !word->symbol;
        closed |= word->dictionary;
        end = word->start + word->size;
    }
}

static void measure_words(struct signals *signals, size_t unused) {
    (void)unused;
    const struct word_list *words = words_of(signals);
    size_t count = 0, chars = 0, longest = 0, units, alphabetic;
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->items[i];
        if (word->symbol)
            continue;
        count++;
        chars += word->length;
        if (word->length > longest)
            longest = word->length;
    }
    count_units(words, &units, &alphabetic);
    set(signals, SIGNAL_WORDS, (double)count);
    set(signals, SIGNAL_SYMBOLS, (double)(words->count - count));
    set_share(signals, SIGNAL_MEAN_WORD_LENGTH, (double)chars, (double)count);
    set(signals, SIGNAL_MAX_WORD_LENGTH, (double)longest);
    set(signals, SIGNAL_UNITS, (double)units);
    set_share(signals, SIGNAL_ALPHABETIC_WORDS, (double)alphabetic, (double)units);
}

/* Words that differ in capitals only are one; very long ones never are. */
static void measure_word_run(struct signals *signals, size_t unused) {
    (void)unused;
    const struct word_list *words = words_of(signals);
    const uint64_t *folded = folded_of(signals);
    size_t longest = 0, run = 0;
    uint64_t previous = 0;
    for (size_t i = 0; i < words->count; i++) {
        if (words->items[i].symbol)
            continue;
        run = previous != 0 && folded[i] == previous ? run + 1 : 1;
        previous = folded[i];
        if (run > longest)
            longest = run;
    }
    set(signals, SIGNAL_MAX_WORD_RUN, (double)longest);
}

/* Counts occurrences of a byte string without overlaps. */
static size_t count_string(struct span text, const char *string, size_t size) {
    size_t count = 0;
    const char *end = text.data + text.size;
    for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), string, size)) != NULL; at += size)
        count++;
    return count;
}

static void measure_per_word(struct signals *signals, size_t unused) {
    (void)unused;
    double words = signals_get(signals, SIGNAL_UNITS);
    size_t ellipses = count_string(signals->text, "...", 3) + count_string(signals->text, "\xE2\x80\xA6", 3);
    set_share(signals, SIGNAL_HASHES_PER_WORD, (double)count_string(signals->text, "#", 1), words);
    set_share(signals, SIGNAL_ELLIPSES_PER_WORD, (double)ellipses, words);
    set_share(signals, SIGNAL_NEWLINES_PER_WORD, (double)count_string(signals->text, "\n", 1), words);
}

/* The stop words of one list in the text: how many, and how many different ones. */
static void count_stop_words(struct signals *signals, const struct stop_list *list, size_t *count, size_t *kinds) {
    const struct word_list *words = words_of(signals);
    const uint64_t *folded = folded_of(signals);
    *count = *kinds = 0;
    if (list->count > signals->seen_capacity) {
        signals->seen_capacity = list->count;
        signals->seen = memory_resize(signals->seen, list->count, sizeof *signals->seen);
    }
    memset(signals->seen, 0, list->count * sizeof *signals->seen);
    for (size_t i = 0; i < words->count; i++) {
        if (words->items[i].symbol)
            continue;
        size_t found = stop_list_find(list, folded[i]);
        if (found == list->count)
            continue;
        ++*count;
        *kinds += !signals->seen[found];
        signals->seen[found] = true;
    }
}

/* By the list of the text's language; where that is unknown, by the list that knows most of the text. */
static void measure_stop_words(struct signals *signals, size_t unused) {
    (void)unused;
    const struct stop_words *stop_words = signals->stop_words;
    const struct stop_list *own = stop_words_of(stop_words, signals->language);
    size_t best = 0, best_kinds = 0, tried = 0;
    for (size_t i = 0; i < stop_words->count; i++) {
        const struct stop_list *list = &stop_words->lists[i];
        size_t count, kinds;
        if (signals->language.data && list != own)
            continue;
        count_stop_words(signals, list, &count, &kinds);
        if (tried++ == 0 || kinds > best_kinds || (kinds == best_kinds && count > best)) {
            best = count;
            best_kinds = kinds;
        }
    }
    set_share(signals, SIGNAL_STOP_WORDS, tried ? (double)best : NAN, signals_get(signals, SIGNAL_WORDS));
    set(signals, SIGNAL_STOP_WORD_KINDS, tried ? (double)best_kinds : NAN);
}

/* ---- lines ---- */

static bool begins_with_bullet(struct span line) {
    while (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
        line.data++;
        line.size--;
    }
    return (line.size > 0 && line.data[0] == '-') || (line.size >= 3 && memcmp(line.data, "\xE2\x80\xA2", 3) == 0);
}

static bool ends_with_ellipsis(struct span line) {
    while (line.size > 0 && (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\t'))
        line.size--;
    if (line.size < 3)
        return false;
    const char *end = line.data + line.size - 3;
    return memcmp(end, "...", 3) == 0 || memcmp(end, "\xE2\x80\xA6", 3) == 0;
}

static bool is_blank_line(struct span line) {
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
    return true;
}

/* Cuts the first line off the text. */
static struct span line_next(struct span *text) {
    const char *newline = memchr(text->data, '\n', text->size);
    struct span line = {text->data, newline ? (size_t)(newline - text->data) : text->size};
    size_t taken = line.size + (newline != NULL);
    text->data += taken;
    text->size -= taken;
    return line;
}

static void measure_sentences(struct signals *signals, size_t unused) {
    (void)unused;
    size_t sentences = 0;
    for (struct span rest = signals->text; rest.size > 0;)
        sentences += sentences_count(signals->classes, line_next(&rest));
    set(signals, SIGNAL_SENTENCES, (double)sentences);
}

static void measure_lines(struct signals *signals, size_t unused) {
    (void)unused;
    size_t lines = 0, filled = 0, bullets = 0, ellipses = 0, ended = 0, brief = 0;
    for (struct span rest = signals->text; rest.size > 0;) {
        struct span line = line_next(&rest);
        lines++;
        if (is_blank_line(line))
            continue;
        filled++;
        bullets += begins_with_bullet(line);
        ellipses += ends_with_ellipsis(line);
        ended += sentence_is_ended(signals->classes, line);
        brief += utf8_length(line) <= 30;
    }
    set(signals, SIGNAL_LINES, (double)lines);
    set_share(signals, SIGNAL_BULLET_LINES, (double)bullets, (double)lines);
    set_share(signals, SIGNAL_ELLIPSIS_LINES, (double)ellipses, (double)lines);
    set_share(signals, SIGNAL_ENDED_LINES, (double)ended, (double)filled);
    set_share(signals, SIGNAL_SHORT_LINES, (double)brief, (double)filled);
}

/* ---- repetition ---- */

static void measure_duplicate_pieces(struct signals *signals, size_t newlines) {
    struct duplicates found = repetition_pieces(&signals->repetition, signals->text, newlines);
    enum signal share = newlines == 1 ? SIGNAL_DUP_LINES : SIGNAL_DUP_PARAGRAPHS;
    enum signal chars = newlines == 1 ? SIGNAL_DUP_LINE_CHARS : SIGNAL_DUP_PARAGRAPH_CHARS;
    set_share(signals, share, (double)found.duplicates, (double)found.pieces);
    set_share(signals, chars, (double)found.duplicate_chars, signals_get(signals, SIGNAL_CHARS));
}

static void measure_top_ngram(struct signals *signals, size_t n) {
    size_t chars = repetition_top_ngram(&signals->repetition, words_of(signals), hashes_of(signals), n);
    set_share(signals, (enum signal)(SIGNAL_TOP_2GRAM_CHARS + n - 2), (double)chars,
              signals_get(signals, SIGNAL_CHARS));
}

static void measure_dup_ngrams(struct signals *signals, size_t n) {
    size_t chars = repetition_dup_ngrams(&signals->repetition, words_of(signals), hashes_of(signals), n);
    set_share(signals, (enum signal)(SIGNAL_DUP_5GRAM_CHARS + n - 5), (double)chars,
              signals_get(signals, SIGNAL_CHARS));
}

/* ---- characters ---- */

static void measure_chars(struct signals *signals, size_t unused) {
    (void)unused;
    set(signals, SIGNAL_CHARS, (double)utf8_length(signals->text));
}

static void measure_char_kinds(struct signals *signals, size_t unused) {
    (void)unused;
    size_t chars = 0, digits = 0, special = 0, replacements = 0;
    for (size_t i = 0; i < signals->text.size; chars++) {
        uint32_t code;
        i += utf8_decode_valid(signals->text.data + i, &code);
        unsigned class = signals->classes->of[code];
        digits += (class & TEXT_DIGIT) != 0;
        special += (class & (TEXT_LETTER | TEXT_MARK)) == 0;
        replacements += code == UTF8_REPLACEMENT;
    }
    set_share(signals, SIGNAL_DIGIT_CHARS, (double)digits, (double)chars);
    set_share(signals, SIGNAL_SPECIAL_CHARS, (double)special, (double)chars);
    set_share(signals, SIGNAL_REPLACEMENT_CHARS, (double)replacements, (double)chars);
}

/* ---- the table ---- */

static const struct {
    const char *name, *description;
    void (*measure)(struct signals *signals,
                    size_t argument); /* sets this signal and those measured with it; NULL: signals_set does */
    size_t argument;
} table[SIGNAL_COUNT] = {
    [SIGNAL_CHARS] = {"chars", "characters", measure_chars, 0},
    [SIGNAL_WORDS] = {"words", "words", measure_words, 0},
    [SIGNAL_SYMBOLS] = {"symbols", "tokens that are no words: punctuation and symbols", measure_words, 0},
    [SIGNAL_UNITS] = {"units", "what blanks part, or words of scripts without blanks", measure_words, 0},
    [SIGNAL_MEAN_WORD_LENGTH] = {"mean_word_length", "characters a word", measure_words, 0},
    [SIGNAL_MAX_WORD_LENGTH] = {"max_word_length", "characters of the longest word", measure_words, 0},
    [SIGNAL_MAX_WORD_RUN] = {"max_word_run", "most times that one word comes in a row", measure_word_run, 0},
    [SIGNAL_ALPHABETIC_WORDS] = {"alphabetic_words", "share of units that hold a letter", measure_words, 0},
    [SIGNAL_HASHES_PER_WORD] = {"hashes_per_word", "number signs (#) a unit", measure_per_word, 0},
    [SIGNAL_ELLIPSES_PER_WORD] = {"ellipses_per_word", "ellipses a unit", measure_per_word, 0},
    [SIGNAL_NEWLINES_PER_WORD] = {"newlines_per_word", "newlines a unit", measure_per_word, 0},
    [SIGNAL_STOP_WORDS] = {"stop_words", "share of words that are stop words", measure_stop_words, 0},
    [SIGNAL_STOP_WORD_KINDS] = {"stop_word_kinds", "different stop words", measure_stop_words, 0},
    [SIGNAL_SENTENCES] = {"sentences", "sentences", measure_sentences, 0},
    [SIGNAL_LINES] = {"lines", "lines, blank ones too", measure_lines, 0},
    [SIGNAL_BULLET_LINES] = {"bullet_lines", "share of lines that begin with a bullet or hyphen", measure_lines, 0},
    [SIGNAL_ELLIPSIS_LINES] = {"ellipsis_lines", "share of lines that end in an ellipsis", measure_lines, 0},
    [SIGNAL_ENDED_LINES] = {"ended_lines", "share of filled lines that end in end punctuation", measure_lines, 0},
    [SIGNAL_SHORT_LINES] = {"short_lines", "share of filled lines of at most 30 characters", measure_lines, 0},
    [SIGNAL_DUP_LINES] = {"dup_lines", "share of lines that stood before", measure_duplicate_pieces, 1},
    [SIGNAL_DUP_LINE_CHARS] = {"dup_line_chars", "share of characters in such lines", measure_duplicate_pieces, 1},
    [SIGNAL_DUP_PARAGRAPHS] = {"dup_paragraphs", "share of paragraphs that stood before", measure_duplicate_pieces, 2},
    [SIGNAL_DUP_PARAGRAPH_CHARS] = {"dup_paragraph_chars", "share of characters in such paragraphs",
                                    measure_duplicate_pieces, 2},
#define TOP_NGRAM(n) \
    { "top_" #n "gram_chars", "share of characters in the most frequent " #n "-gram of tokens", measure_top_ngram, n }
    [SIGNAL_TOP_2GRAM_CHARS] = TOP_NGRAM(2),
    [SIGNAL_TOP_3GRAM_CHARS] = TOP_NGRAM(3),
    [SIGNAL_TOP_4GRAM_CHARS] = TOP_NGRAM(4),
#define DUP_NGRAMS(n) \
    { "dup_" #n "gram_chars", "share of characters in repeated " #n "-grams of tokens", measure_dup_ngrams, n }
    [SIGNAL_DUP_5GRAM_CHARS] = DUP_NGRAMS(5),
    [SIGNAL_DUP_6GRAM_CHARS] = DUP_NGRAMS(6),
    [SIGNAL_DUP_7GRAM_CHARS] = DUP_NGRAMS(7),
    [SIGNAL_DUP_8GRAM_CHARS] = DUP_NGRAMS(8),
    [SIGNAL_DUP_9GRAM_CHARS] = DUP_NGRAMS(9),
    [SIGNAL_DUP_10GRAM_CHARS] = DUP_NGRAMS(10),
    [SIGNAL_DIGIT_CHARS] = {"digit_chars", "share of characters that are digits", measure_char_kinds, 0},
    [SIGNAL_SPECIAL_CHARS] = {"special_chars", "share of characters that are no letters", measure_char_kinds, 0},
    [SIGNAL_REPLACEMENT_CHARS] = {"replacement_chars", "share of characters that are U+FFFD", measure_char_kinds, 0},
    [SIGNAL_HITS] = {"hits", "strippings and replacements in this text so far", NULL, 0},
    [SIGNAL_SCORE] = {"score", "the record's score", NULL, 0},
    [SIGNAL_TURNS] = {"turns", "turns of the dialogue", NULL, 0},
};

const char *signal_name(enum signal signal) {
    return table[signal].name;
}

const char *signal_description(enum signal signal) {
    return table[signal].description;
}

enum signal signal_find(struct span name) {
    enum signal signal = 0;
    while (signal < SIGNAL_COUNT && !span_is(name, table[signal].name))
        signal++;
    return signal;
}

int signals_new(struct signals **signals, const struct text_classes *classes, struct error *error) {
    struct word_finder *finder;
    *signals = NULL;
    if (word_finder_new(&finder, classes, error))
        return -1;
    *signals = memory_zeroed(1, sizeof **signals);
    (*signals)->classes = classes;
    (*signals)->finder = finder;
    return 0;
}

void signals_free(struct signals *signals) {
    if (!signals)
        return;
    word_finder_free(signals->finder);
    word_list_release(&signals->words);
    repetition_release(&signals->repetition);
    free(signals->hashes);
    free(signals->folded);
    free(signals->seen);
    free(signals);
}

void signals_begin(struct signals *signals, struct span text, struct span language,
                   const struct stop_words *stop_words) {
    signals->text = text;
    signals->language = language;
    signals->stop_words = stop_words;
    signals->known = 0;
    signals->has_words = signals->has_hashes = signals->has_folded = false;
}

void signals_set(struct signals *signals, enum signal signal, double value) {
    set(signals, signal, value);
}

double signals_get(struct signals *signals, enum signal signal) {
    if (!(signals->known >> signal & 1)) {
        if (table[signal].measure)
            table[signal].measure(signals, table[signal].argument);
        else
            set(signals, signal, NAN);
    }
    return signals->value[signal];
}
