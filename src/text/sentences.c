/*
 * Sentence ends by the rules of UAX #29, in one pass. Works on one line at a time and owns nothing.
 */
#include "text/sentences.h"

#include <string.h>

#include "text/utf8.h"

/* The Sentence_Break of the character at *at, marks passed over, which goes behind it; OTHER at the end. */
static uint8_t next_class(const struct text_classes *classes, struct span line, size_t *at) {
    while (*at < line.size) {
        uint32_t code;
        *at += utf8_decode_valid(line.data + *at, &code);
        if (classes->sentence_break[code] != SENTENCE_BREAK_EXTEND)
            return classes->sentence_break[code];
    }
    return SENTENCE_BREAK_OTHER;
}

static uint8_t peek_class(const struct text_classes *classes, struct span line, size_t at) {
    return next_class(classes, line, &at);
}

/* True where a small letter comes before any other letter or terminal: then a full stop ended no sentence (SB8). */
static bool small_letter_follows(const struct text_classes *classes, struct span line, size_t at) {
    while (at < line.size) {
        uint8_t class = next_class(classes, line, &at);
        if (class == SENTENCE_BREAK_LOWER)
            return true;
        if (class == SENTENCE_BREAK_OLETTER || class == SENTENCE_BREAK_UPPER || class == SENTENCE_BREAK_SEP ||
            class == SENTENCE_BREAK_ATERM || class == SENTENCE_BREAK_STERM)
            return false;
    }
    return false;
}

/*
 * Called behind a terminal: goes over what belongs to it, and returns whether the sentence ends there. `before` is the
 * class in front of the terminal.
 */
static bool sentence_ends(const struct text_classes *classes, struct span line, uint8_t terminal, uint8_t before,
                          size_t *at) {
    uint8_t next = peek_class(classes, line, *at);
    bool stop = terminal == SENTENCE_BREAK_ATERM;
    if (stop && next == SENTENCE_BREAK_NUMERIC)
        return false; /* SB6 */
    if (stop && next == SENTENCE_BREAK_UPPER && (before == SENTENCE_BREAK_UPPER || before == SENTENCE_BREAK_LOWER))
        return false; /* SB7 */
    while (peek_class(classes, line, *at) == SENTENCE_BREAK_CLOSE)
        next_class(classes, line, at);
    while (peek_class(classes, line, *at) == SENTENCE_BREAK_SP)
        next_class(classes, line, at);
    next = peek_class(classes, line, *at);
    if (next == SENTENCE_BREAK_SCONTINUE || next == SENTENCE_BREAK_ATERM || next == SENTENCE_BREAK_STERM)
        return false; /* SB8a */
    return !(stop && small_letter_follows(classes, line, *at));
}

typedef int8_t block __attribute__((vector_size(16)));

/* The first byte at or behind `from` that is not ASCII, or may end a sentence. */
static size_t plain_end(struct span line, size_t from) {
    size_t i = from;
    for (; i + sizeof(block) <= line.size; i += sizeof(block)) {
        block bytes, found;
        uint64_t halves[2];
        memcpy(&bytes, line.data + i, sizeof bytes);
        found = (bytes < 0) | (bytes == '.') | (bytes == '!') | (bytes == '?') | (bytes == '\n') | (bytes == '\r');
        memcpy(halves, &found, sizeof halves);
        if (halves[0] | halves[1]) /* which of the bytes it is, is told by no loop, whose end nothing would foresee */
            return i + (size_t)__builtin_ctzll(halves[0] ? halves[0] : halves[1]) / 8 + (halves[0] ? 0 : 8);
    }
    for (; i < line.size; i++) {
        char c = line.data[i];
        if ((signed char)c < 0 || c == '.' || c == '!' || c == '?' || c == '\n' || c == '\r')
            break;
    }
    return i;
}

/* True where one of some ASCII characters is no blank. */
static bool is_visible(const struct text_classes *classes, struct span ascii) {
    for (size_t i = 0; i < ascii.size; i++)
        if (!(classes->of[(unsigned char)ascii.data[i]] & TEXT_SPACE))
            return true;
    return false;
}

size_t sentences_count(const struct text_classes *classes, struct span line) {
    size_t count = 0, i = 0;
    bool open = false; /* a visible character since the last end */
    uint8_t before = SENTENCE_BREAK_OTHER;
    while (i < line.size) {
        uint32_t code;
        size_t end = plain_end(line, i);
        if (end > i) {
            open = open || is_visible(classes, (struct span){line.data + i, end - i});
            before = classes->sentence_break[(unsigned char)line.data[end - 1]];
            i = end;
            continue;
        }
        i += utf8_decode_valid(line.data + i, &code);
        uint8_t class = classes->sentence_break[code];
        if (class == SENTENCE_BREAK_EXTEND)
            continue;
        if (class == SENTENCE_BREAK_SEP) {
            count += open;
            open = false;
            before = class;
            continue;
        }
        if (class != SENTENCE_BREAK_ATERM && class != SENTENCE_BREAK_STERM) {
            open |= !(classes->of[code] & TEXT_SPACE);
            before = class;
            continue;
        }
        if (sentence_ends(classes, line, class, before, &i)) {
            count++;
            open = false;
        } else {
            open = true;
        }
        before = SENTENCE_BREAK_OTHER;
    }
    return count + open;
}

bool sentence_is_ended(const struct text_classes *classes, struct span line) {
    size_t end = line.size;
    while (end > 0) {
        uint32_t code;
        size_t start = utf8_previous(line.data, end);
        utf8_decode_valid(line.data + start, &code);
        uint8_t class = classes->of[code];
        if (!(class & TEXT_SPACE))
            return class & TEXT_SENTENCE_END || code == '"' || code == '\'' || code == 0xBB || code == 0x2019 ||
                   code == 0x201D || code == 0x300D || code == 0x300F;
        end = start;
    }
    return false;
}
