/*
 * Owns the scanners that cut text into pieces, one a published pattern. Each function says which alternative of its
 * pattern it is; alternatives are tried in the pattern's order. Knows nothing of vocabularies or of where text comes
 * from.
 */
#include "token/scanner.h"

#include <stdint.h>
#include <string.h>

#include "base/clones.h"
#include "token/contraction.h"
#include "token/piece_starts.h"
#include "token/symbol.h"

static uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

/* ---- runs, eight bytes of ASCII at a time ---- */

#define EACH_BYTE(byte) (0x0101010101010101u * (byte))
#define HIGH_BITS EACH_BYTE(0x80u)

/* The high bit of each byte of x (all ASCII) that lies in [first, last]. */
static inline uint64_t bytes_within(uint64_t x, unsigned first, unsigned last) {
    return (x + EACH_BYTE(0x80u - first)) & ~(x + EACH_BYTE(0x7Fu - last)) & HIGH_BITS;
}

/* The high bit of each byte that is an ASCII character of the set. Sets that are not of letters alone have none. */
static inline uint64_t ascii_of_set(uint64_t word, unsigned set) {
    uint64_t ascii = ~word & HIGH_BITS, x = word & ~HIGH_BITS;
    if ((set & SET_LETTER) == SET_LETTER)
        return bytes_within(x | EACH_BYTE(0x20u), 'a', 'z') & ascii;
    return ascii & (set & CLASS(UPPER) ? bytes_within(x, 'A', 'Z') : bytes_within(x, 'a', 'z'));
}

/* The end of the longest run from `at` of characters in the set. */
static inline size_t run_end(const char *text, size_t size, size_t at, unsigned set) {
    for (;;) {
        struct symbol symbol = symbol_at(text, size, at);
        if (!(symbol.set & set))
            return at;
        at += symbol.size;
    }
}

/* As run_end, fast for a set that has letters and perhaps marks. */
static inline size_t letters_end(const char *text, size_t size, size_t at, unsigned set) {
    while (size - at >= 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        uint64_t others = ~ascii_of_set(little_endian(word), set) & HIGH_BITS;
        if (!others) {
            at += 8;
            continue;
        }
        at += (size_t)__builtin_ctzll(others) / 8;
        if (!((unsigned char)text[at] & 0x80))
            return at;
        size_t before = at;
        while ((set & CLASS(LETTER)) && size - at >= 3 && is_han(text + at))
            at += 3;
        if (at > before)
            continue;
        struct symbol symbol = symbol_beyond_ascii(text + at, size - at);
        if (!(symbol.set & set))
            return at;
        at += symbol.size;
    }
    return run_end(text, size, at, set);
}

static bool is_newline(char byte) {
    return byte == '\n' || byte == '\r';
}

/*
 * The white-space alternatives, at a white-space character. to_newline: `\s*[\r\n]` stands in the pattern;
 * whole_at_end: `\s++$` stands before it. Then `\s+(?!\S)` leaves the last character of a run to what follows, and `\s`
 * takes a single one.
 */
static size_t space_end(const char *text, size_t size, size_t at, bool to_newline, bool whole_at_end) {
    size_t end = at, last = at, newline_end = 0;
    for (struct symbol symbol; (symbol = symbol_at(text, size, end)).set & SET_SPACE;) {
        last = end;
        end += symbol.size;
        if (is_newline(text[last]))
            newline_end = end;
    }
    if (end == size && whole_at_end)
        return end;
    if (to_newline && newline_end)
        return newline_end;
    return end == size || last == at ? end : last;
}

/* '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s */
static inline size_t gpt2_next(const char *text, size_t size) {
    size_t contraction = text[0] == '\'' ? contraction_size(text, size, 0, false) : 0;
    if (contraction)
        return contraction;
    size_t start = text[0] == ' ' ? 1 : 0;
    unsigned set = symbol_at(text, size, start).set;
    if (set & SET_LETTER)
        return letters_end(text, size, start, SET_LETTER);
    if (set & SET_NUMBER)
        return run_end(text, size, start, SET_NUMBER);
    if (set & SET_SYMBOL)
        return run_end(text, size, start, SET_SYMBOL);
    if ((set & INVALID) && start == 0)
        return 1;
    return space_end(text, size, 0, false, true);
}

/* \p{N}{1,most} at a number */
static inline size_t number_end(const char *text, size_t size, unsigned most) {
    size_t end = 0;
    for (unsigned i = 0; i < most; i++) {
        struct symbol symbol = symbol_at(text, size, end);
        if (!(symbol.set & SET_NUMBER))
            break;
        end += symbol.size;
    }
    return end;
}

/* The alternative ` ?[^\s\p{L}\p{N}]++` followed by any number of newlines (and slashes), from a start past the
 * optional space. */
static inline size_t symbols_end(const char *text, size_t size, size_t start, bool slashes) {
    size_t end = run_end(text, size, start, SET_SYMBOL);
    while (end < size && (is_newline(text[end]) || (slashes && text[end] == '/')))
        end++;
    return end;
}

/*
 * '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s
 * with `digits` for the 3.
 */
static inline size_t cl100k_next(const char *text, size_t size, unsigned digits) {
    size_t contraction = text[0] == '\'' ? contraction_size(text, size, 0, true) : 0;
    if (contraction)
        return contraction;
    struct symbol first = symbol_at(text, size, 0);
    if (first.set & SET_LETTER)
        return letters_end(text, size, first.size, SET_LETTER);
    if (first.set & SET_NUMBER)
        return number_end(text, size, digits);
    if (first.set & INVALID)
        return 1;
    unsigned second = symbol_at(text, size, first.size).set;
    if ((second & SET_LETTER) && !is_newline(text[0]))
        return letters_end(text, size, first.size, SET_LETTER);
    if (first.set & SET_SYMBOL)
        return symbols_end(text, size, 0, false);
    if (text[0] == ' ' && (second & SET_SYMBOL))
        return symbols_end(text, size, 1, false);
    return space_end(text, size, 0, true, true);
}

/*
 * [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ from `start`: its end, or start for no match. Where the
 * head's run is not followed by a tail, the match backs off to the last character of the run that is in both sets.
 */
static inline size_t tailed_word_end(const char *text, size_t size, size_t start) {
    size_t end = start, both_end = start;
    for (struct symbol symbol; (symbol = symbol_at(text, size, end)).set & SET_HEAD;) {
        end += symbol.size;
        if (symbol.set & SET_HEAD_AND_TAIL)
            both_end = end;
    }
    size_t tail_end = letters_end(text, size, end, SET_TAIL);
    return tail_end > end ? tail_end : both_end;
}

/* The two word alternatives of o200k, each with an optional character before it, tried with it first; 0 for no match.
 */
static inline size_t o200k_word_end(const char *text, size_t size, struct symbol first) {
    bool has_prefix = !(first.set & (SET_LETTER | SET_NUMBER)) && !is_newline(text[0]);
    size_t starts[] = {first.size, 0};
    for (size_t i = has_prefix ? 0 : 1; i < 2; i++) {
        size_t end = tailed_word_end(text, size, starts[i]);
        if (end > starts[i])
            return end;
    }
    for (size_t i = has_prefix ? 0 : 1; i < 2; i++) {
        size_t end = letters_end(text, size, starts[i], SET_HEAD);
        if (end > starts[i])
            return letters_end(text, size, end, SET_TAIL);
    }
    return 0;
}

/*
 * word(?i:'s|'t|'re|'ve|'m|'ll|'d)? (twice, see above)|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
static inline size_t o200k_next(const char *text, size_t size) {
    struct symbol first = symbol_at(text, size, 0);
    if (first.set & INVALID)
        return 1;
    size_t end = o200k_word_end(text, size, first);
    if (end)
        return end + contraction_size(text, size, end, true);
    if (first.set & SET_NUMBER)
        return number_end(text, size, 3);
    if (first.set & SET_SYMBOL)
        return symbols_end(text, size, 0, true);
    if (text[0] == ' ' && (symbol_at(text, size, 1).set & SET_SYMBOL))
        return symbols_end(text, size, 1, true);
    return space_end(text, size, 0, true, false);
}

static inline size_t next_piece(enum pretokenizer_kind kind, const char *text, size_t size) {
    switch (kind) {
    case PRETOKENIZER_GPT2:
        return gpt2_next(text, size);
    case PRETOKENIZER_CL100K:
        return cl100k_next(text, size, 3);
    case PRETOKENIZER_O200K:
        return o200k_next(text, size);
    case PRETOKENIZER_DIGITS2:
    case PRETOKENIZER_REGEX:
        break;
    }
    return cl100k_next(text, size, 2);
}

/* Takes pieces by masks as far as they are known. */
static inline size_t take_by_masks(piece_starts_function *piece_starts, enum pretokenizer_kind kind, struct span text,
                                   struct span *pieces, size_t capacity) {
    uint64_t starts = piece_starts(kind, text.data, text.size);
    size_t count = 0, at = 0;
    while ((starts &= starts - 1) != 0 && count < capacity) {
        size_t next = (size_t)__builtin_ctzll(starts);
        pieces[count++] = (struct span){text.data + at, next - at};
        at = next;
    }
    return count;
}

/* The loop once a kind, so that the choice is made outside of it. */
static inline size_t take_pieces(enum pretokenizer_kind kind, struct span text, struct span *pieces, size_t capacity) {
    piece_starts_function *piece_starts = piece_starts_best();
    const char *end = text.data + text.size;
    size_t count = 0;
    while (count < capacity && text.size > 0) {
        size_t taken = take_by_masks(piece_starts, kind, text, pieces + count, capacity - count);
        if (taken == 0) {
            pieces[count] = (struct span){text.data, next_piece(kind, text.data, text.size)};
            taken = 1;
        }
        count += taken;
        text.data = pieces[count - 1].data + pieces[count - 1].size;
        text.size = (size_t)(end - text.data);
    }
    return count;
}

CLONED size_t scanner_take(enum pretokenizer_kind kind, struct span text, struct span *pieces, size_t capacity) {
    switch (kind) {
    case PRETOKENIZER_GPT2:
        return take_pieces(PRETOKENIZER_GPT2, text, pieces, capacity);
    case PRETOKENIZER_CL100K:
        return take_pieces(PRETOKENIZER_CL100K, text, pieces, capacity);
    case PRETOKENIZER_O200K:
        return take_pieces(PRETOKENIZER_O200K, text, pieces, capacity);
    case PRETOKENIZER_DIGITS2:
    case PRETOKENIZER_REGEX:
        break;
    }
    return take_pieces(PRETOKENIZER_DIGITS2, text, pieces, capacity);
}
