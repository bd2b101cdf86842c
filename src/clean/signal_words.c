/*
 * What is measured on words and tokens. Every token of a text gets a number by what it is, so that whatever is to be
 * known of a word is found out once for all the times that it comes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/signal_measures.h"
#include "clean/word_key.h"
#include "text/utf8.h"

/* The words of a line among those of its text; lines come in order. */
static void find_line_words(struct signals *line) {
    const struct word_list *all = signal_words(line->whole);
    size_t start = (size_t)(line->text.data - line->base), end = start + line->text.size, from = line->cursor;
    while (from < all->count && all->items[from].start < start)
        from++;
    line->cursor = from;
    while (line->cursor < all->count && all->items[line->cursor].start < end)
        line->cursor++;
    line->words.items = all->items + from;
    line->words.count = line->cursor - from;
}

const struct word_list *signal_words(struct signals *signals) {
    if (signals->has_words)
        return &signals->words;
    signals->has_words = true;
    if (signals->whole) {
        find_line_words(signals);
    } else {
        signals->words.count = 0;
        word_finder_append(signals->finder, signals->text, &signals->words);
    }
    return &signals->words;
}

/* ---- the vocabulary ---- */

void vocabulary_release(struct vocabulary *vocabulary) {
    free(vocabulary->ids);
    free(vocabulary->keys);
    free(vocabulary->counts);
    free(vocabulary->first);
    free(vocabulary->folded);
    free(vocabulary->folded_keys);
    intern_release(&vocabulary->intern);
}

/* Tokens. */
#define PREFETCH_DISTANCE 8

static void vocabulary_reserve(struct vocabulary *vocabulary, size_t tokens) {
    if (tokens <= vocabulary->id_capacity)
        return;
    size_t capacity = tokens + tokens / 2;
    vocabulary->id_capacity = capacity;
    vocabulary->ids = memory_resize(vocabulary->ids, capacity, sizeof *vocabulary->ids);
    vocabulary->keys = memory_resize(vocabulary->keys, capacity, sizeof *vocabulary->keys);
    vocabulary->counts = memory_resize(vocabulary->counts, capacity, sizeof *vocabulary->counts);
    vocabulary->first = memory_resize(vocabulary->first, capacity, sizeof *vocabulary->first);
    vocabulary->folded = memory_resize(vocabulary->folded, capacity, sizeof *vocabulary->folded);
    vocabulary->folded_keys = memory_resize(vocabulary->folded_keys, capacity, sizeof *vocabulary->folded_keys);
}

const struct vocabulary *signal_vocabulary(struct signals *signals) {
    const struct word_list *words = signal_words(signals);
    struct vocabulary *vocabulary = &signals->vocabulary;
    if (signals->has_ids)
        return vocabulary;
    vocabulary_reserve(vocabulary, words->count);
    intern_begin(&vocabulary->intern, words->count);
    const char *end = signals->text.data + signals->text.size;
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->items[i];
        const char *data = signals->base + word->start;
        vocabulary->keys[i] = word_key_in((struct span){data, word->size}, (size_t)(end - data));
    }
    for (size_t i = 0; i < words->count; i++) {
        uint32_t next = vocabulary->intern.count; /* of this token, where it is new */
        if (i + PREFETCH_DISTANCE < words->count)
            intern_prefetch(&vocabulary->intern, vocabulary->keys[i + PREFETCH_DISTANCE]);
        vocabulary->counts[next] = 0;
        vocabulary->first[next] = (uint32_t)i;
        uint32_t id = intern_add(&vocabulary->intern, vocabulary->keys[i]);
        vocabulary->counts[id]++;
        vocabulary->ids[i] = id;
    }
    vocabulary->count = vocabulary->intern.count;
    signals->has_ids = true;
    return vocabulary;
}

const struct vocabulary *signal_folded(struct signals *signals) {
    struct vocabulary *vocabulary = &signals->vocabulary;
    signal_vocabulary(signals);
    if (signals->has_folded)
        return vocabulary;
    const char *end = signals->text.data + signals->text.size;
    intern_begin(&vocabulary->intern, vocabulary->count);
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        const struct word *word = &signals->words.items[vocabulary->first[id]];
        struct span text = {signals->base + word->start, word->size};
        uint64_t key = word->symbol ? 0 : word_folded_key(text, (size_t)(end - text.data));
        if (key == 0) {
            vocabulary->folded[id] = FOLDED_NONE;
            continue;
        }
        uint32_t folded = intern_add(&vocabulary->intern, key);
        vocabulary->folded[id] = folded;
        vocabulary->folded_keys[folded] = key;
    }
    vocabulary->folded_count = vocabulary->intern.count;
    signals->has_folded = true;
    return vocabulary;
}

/* Numbers of the words in small letters, in order, without symbols; returns how many. Very long words are no others'
 * equals. */
static size_t folded_list(struct signals *signals) {
    const struct vocabulary *vocabulary = signal_folded(signals);
    size_t count = 0;
    if (signals->words.count > signals->list_capacity) {
        signals->list_capacity = signals->words.capacity;
        signals->list = memory_resize(signals->list, signals->list_capacity, sizeof *signals->list);
    }
    for (size_t i = 0; i < signals->words.count; i++) {
        uint32_t id = vocabulary->ids[i], folded = vocabulary->folded[id];
        signals->list[count] = folded != FOLDED_NONE ? folded : vocabulary->folded_count + id;
        count += !signals->words.items[i].symbol;
    }
    return count;
}

/* ---- counts of words ---- */

/* The unit at hand: how long it is, where it ends, whether it has a word and a letter; closed: it holds a dictionary
 * word, and no other word joins it. Ones and zeros, since no branch on words is ever foreseen. */
struct unit {
    size_t length, end;
    unsigned has_word, has_letter, closed;
};

/*
 * Words and units. Units are Gopher's words: what blanks part (1,000-word or "(2024-08-27)," is one), and each word of
 * a script without blanks.
 */
void measure_words(struct signals *signals, size_t unused) {
    (void)unused;
    const struct word_list *words = signal_words(signals);
    size_t count = 0, chars = 0, longest = 0, units = 0, alphabetic = 0, longest_unit = 0;
    struct unit unit = {.end = SIZE_MAX};
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->items[i];
        unsigned symbol = word->symbol, letter = word->alphabetic, dictionary = word->dictionary;
        size_t length = (size_t)word->length * !symbol;
        count += !symbol;
        chars += length;
        longest = length > longest ? length : longest;
        unsigned joins = symbol | !unit.has_word | (!unit.closed & !dictionary);
        unsigned goes_on = (word->start == unit.end) & joins;
        alphabetic += letter & !(unit.has_letter & goes_on);
        unit = (struct unit){
            .length = (goes_on ? unit.length : 0) + word->length,
            .end = word->start + word->size,
            .has_word = (unit.has_word & goes_on) | !symbol,
            .has_letter = (unit.has_letter & goes_on) | letter,
            .closed = (unit.closed & goes_on) | dictionary,
        };
        units += !goes_on;
        longest_unit = unit.length > longest_unit ? unit.length : longest_unit;
    }
    signal_set(signals, SIGNAL_WORDS, (double)count);
    signal_set(signals, SIGNAL_SYMBOLS, (double)(words->count - count));
    signal_set_share(signals, SIGNAL_MEAN_WORD_LENGTH, (double)chars, (double)count);
    signal_set(signals, SIGNAL_MAX_WORD_LENGTH, (double)longest);
    signal_set(signals, SIGNAL_UNITS, (double)units);
    signal_set(signals, SIGNAL_MAX_UNIT_LENGTH, (double)longest_unit);
    signal_set_share(signals, SIGNAL_ALPHABETIC_WORDS, (double)alphabetic, (double)units);
}

/* True for signs that part words of one sentence, or sentences; others (C, C++, C#) make the words part of something.
 */
static bool is_pause(const char *sign) {
    unsigned char c = (unsigned char)*sign;
    return c >= 0x80 || strchr(",.!?;-'\"~", c) != NULL;
}

/* Words that differ in capitals only are one. */
void measure_word_run(struct signals *signals, size_t unused) {
    (void)unused;
    const struct vocabulary *vocabulary = signal_folded(signals);
    size_t longest = 0, run = 0;
    uint32_t last = FOLDED_NONE;
    for (size_t i = 0; i < signals->words.count; i++) {
        const struct word *word = &signals->words.items[i];
        if (word->symbol) {
            if (!is_pause(signals->base + word->start))
                last = FOLDED_NONE;
            continue;
        }
        uint32_t folded = vocabulary->folded[vocabulary->ids[i]];
        run = folded != FOLDED_NONE && folded == last ? run + 1 : 1;
        last = folded;
        longest = run > longest ? run : longest;
    }
    signal_set(signals, SIGNAL_MAX_WORD_RUN, (double)longest);
}

/* Signs that a unit's worth of which says something of a page. Runs of them are tokens, so they need no search. */
void measure_per_word(struct signals *signals, size_t unused) {
    (void)unused;
    double units = signals_get(signals, SIGNAL_UNITS);
    const struct word_list *words = signal_words(signals);
    size_t hashes = 0, ellipses = 0;
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = &words->items[i];
        const char *text = signals->base + word->start;
        if (text[0] == '#' && word->symbol)
            hashes += word->length;
        else if (text[0] == '.' && word->size >= 3 && word->symbol)
            ellipses += word->length / 3;
        else if (text[0] == '\xE2' && word->symbol && memcmp(text, "\xE2\x80\xA6", 3) == 0)
            ellipses += word->length;
    }
    signal_set_share(signals, SIGNAL_HASHES_PER_WORD, (double)hashes, units);
    signal_set_share(signals, SIGNAL_ELLIPSES_PER_WORD, (double)ellipses, units);
    signal_set_share(signals, SIGNAL_NEWLINES_PER_WORD, (double)span_count(signals->text, '\n'), units);
}

/* How often words are in a list of stop words, and how many different ones. */
struct stop_count {
    size_t total, kinds;
};

/*
 * Counts by all lists, or by one of them. For each word in small letters it is found out once in which lists it is, a
 * bit each.
 */
static void count_stop_words(const struct vocabulary *vocabulary, const struct stop_words *stop_words,
                             const struct stop_list *own, uint64_t *lists, struct stop_count *counts) {
    for (uint32_t i = 0; i < vocabulary->folded_count; i++) {
        uint64_t key = vocabulary->folded_keys[i];
        lists[i] = own ? stop_list_has(own, key) : stop_words_lists(stop_words, key);
        for (uint64_t rest = lists[i]; rest; rest &= rest - 1)
            counts[__builtin_ctzll(rest)].kinds++;
    }
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        uint32_t folded = vocabulary->folded[id];
        for (uint64_t rest = folded != FOLDED_NONE ? lists[folded] : 0; rest; rest &= rest - 1)
            counts[__builtin_ctzll(rest)].total += vocabulary->counts[id];
    }
}

/* By the list of the text's language; where that is unknown, by the list that knows most of the text. */
void measure_stop_words(struct signals *signals, size_t unused) {
    (void)unused;
    const struct stop_words *stop_words = signals->stop_words;
    const struct stop_list *own = stop_words_of(stop_words, signals->language);
    struct stop_count counts[STOP_LISTS_MAX] = {{0, 0}}, *best = counts;
    double words = signals_get(signals, SIGNAL_WORDS);
    if (signals->language.data ? !own : stop_words->count == 0) {
        signal_set(signals, SIGNAL_STOP_WORDS, NAN);
        signal_set(signals, SIGNAL_STOP_WORD_KINDS, NAN);
        return;
    }
    const struct vocabulary *vocabulary = signal_folded(signals);
    uint64_t *lists = memory_allocate((vocabulary->folded_count + 1) * sizeof *lists);
    count_stop_words(vocabulary, stop_words, own, lists, counts);
    free(lists);
    for (size_t i = 1; i < stop_words->count && !own; i++)
        if (counts[i].kinds > best->kinds || (counts[i].kinds == best->kinds && counts[i].total > best->total))
            best = &counts[i];
    signal_set_share(signals, SIGNAL_STOP_WORDS, (double)best->total, words);
    signal_set(signals, SIGNAL_STOP_WORD_KINDS, (double)best->kinds);
}

struct listed signals_count_words(struct signals *signals, const struct rule_list *list) {
    const struct vocabulary *vocabulary = signal_folded(signals);
    struct listed listed = {.words = (size_t)signals_get(signals, SIGNAL_WORDS)};
    bool *has = memory_zeroed(vocabulary->folded_count + 1, sizeof *has);
    for (uint32_t i = 0; i < vocabulary->folded_count; i++)
        listed.kinds += has[i] = rule_list_has(list, vocabulary->folded_keys[i]);
    for (uint32_t id = 0; id < vocabulary->count; id++)
        if (vocabulary->folded[id] != FOLDED_NONE && has[vocabulary->folded[id]])
            listed.count += vocabulary->counts[id];
    free(has);
    return listed;
}

/* ---- repetition ---- */

void measure_ngrams(struct signals *signals, size_t unused) {
    (void)unused;
    const struct vocabulary *vocabulary = signal_vocabulary(signals);
    double chars = signals_get(signals, SIGNAL_CHARS);
    struct ngrams ngrams;
    repetition_ngrams(&signals->repetition, &signals->words, vocabulary->ids, vocabulary->counts, &ngrams);
    for (size_t n = 2; n <= TOP_NGRAM_MAX; n++)
        signal_set_share(signals, (enum signal)(SIGNAL_TOP_2GRAM_CHARS + n - 2), (double)ngrams.top_chars[n], chars);
    for (size_t n = DUP_NGRAM_MIN; n <= DUP_NGRAM_MAX; n++)
        signal_set_share(signals, (enum signal)(SIGNAL_DUP_5GRAM_CHARS + n - DUP_NGRAM_MIN),
                         (double)ngrams.duplicate_chars[n], chars);
}

void measure_word_repetition(struct signals *signals, size_t n) {
    size_t count = folded_list(signals);
    signal_set(signals, n == 5 ? SIGNAL_WORD_REPETITION_5 : SIGNAL_WORD_REPETITION_7,
               repetition_of_list(&signals->repetition, signals->list, count, n));
}

/* So many signs without a word are a loop; fewer are dots or exclamation marks with blanks between. */
#define SIGN_LOOP_MIN 12U

void measure_loop(struct signals *signals, size_t unused) {
    (void)unused;
    const struct vocabulary *vocabulary = signal_vocabulary(signals);
    size_t count = signals->words.count, first = repetition_loop(&signals->repetition, vocabulary->ids, count);
    size_t signs = first;
    while (signs < count && signals->words.items[signs].symbol)
        signs++;
    if (signs == count && count - first < SIGN_LOOP_MIN)
        first = count;
    size_t start = first < count ? signals->words.items[first].start - (size_t)(signals->text.data - signals->base)
                                 : signals->text.size;
    struct span loop = {signals->text.data + start, signals->text.size - start};
    signal_set_share(signals, SIGNAL_LOOP_CHARS, (double)utf8_length(loop), signals_get(signals, SIGNAL_CHARS));
}
