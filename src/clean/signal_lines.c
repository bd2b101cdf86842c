/*
 * What is measured on lines, sentences and characters.
 */
#include <string.h>

#include "clean/signal_measures.h"
#include "text/sentences.h"
#include "text/utf8.h"

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

struct span signal_line_next(struct span *text) {
    const char *newline = memchr(text->data, '\n', text->size);
    struct span line = {text->data, newline ? (size_t)(newline - text->data) : text->size};
    size_t taken = line.size + (newline != NULL);
    text->data += taken;
    text->size -= taken;
    return line;
}

/* Counts the units that begin behind a blank with an ASCII letter or digit. */
bool signal_has_units(struct span line, double least) {
    bool behind_blank = true;
    double units = 0;
    for (size_t i = 0; i < line.size && i < 96 && units < least; i++) {
        unsigned char c = (unsigned char)line.data[i];
        bool word = (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10;
        units += word && behind_blank;
        behind_blank = c == ' ';
    }
    return units >= least;
}

void measure_sentences(struct signals *signals, size_t unused) {
    (void)unused;
    size_t sentences = 0;
    for (struct span rest = signals->text; rest.size > 0;)
        sentences += sentences_count(signals->classes, signal_line_next(&rest));
    signal_set(signals, SIGNAL_SENTENCES, (double)sentences);
}

void measure_lines(struct signals *signals, size_t unused) {
    (void)unused;
    size_t lines = 0, filled = 0, bullets = 0, ellipses = 0, ended = 0, brief = 0, tiny = 0;
    for (struct span rest = signals->text; rest.size > 0;) {
        struct span line = signal_line_next(&rest);
        lines++;
        if (is_blank_line(line))
            continue;
        filled++;
        bullets += begins_with_bullet(line);
        ellipses += ends_with_ellipsis(line);
        ended += sentence_is_ended(signals->classes, line);
        size_t length = line.size <= 10 ? line.size : line.size > 4 * 30 ? SIZE_MAX : utf8_length(line);
        brief += length <= 30;
        tiny += length <= 10;
    }
    signal_set(signals, SIGNAL_LINES, (double)lines);
    signal_set_share(signals, SIGNAL_BULLET_LINES, (double)bullets, (double)lines);
    signal_set_share(signals, SIGNAL_ELLIPSIS_LINES, (double)ellipses, (double)lines);
    signal_set_share(signals, SIGNAL_ENDED_LINES, (double)ended, (double)filled);
    signal_set_share(signals, SIGNAL_SHORT_LINES, (double)brief, (double)filled);
    signal_set_share(signals, SIGNAL_TINY_LINES, (double)tiny, (double)filled);
}

/* ---- repetition ---- */

void measure_duplicate_pieces(struct signals *signals, size_t newlines) {
    struct duplicates found = repetition_pieces(&signals->repetition, signals->text, newlines);
    enum signal share = newlines == 1 ? SIGNAL_DUP_LINES : SIGNAL_DUP_PARAGRAPHS;
    enum signal chars = newlines == 1 ? SIGNAL_DUP_LINE_CHARS : SIGNAL_DUP_PARAGRAPH_CHARS;
    signal_set_share(signals, share, (double)found.duplicates, (double)found.pieces);
    signal_set_share(signals, chars, (double)found.duplicate_chars, signals_get(signals, SIGNAL_CHARS));
}

void measure_ended(struct signals *signals, size_t unused) {
    (void)unused;
    struct span text = signals->text;
    size_t start = text.size;
    while (start > 0 && text.data[start - 1] != '\n')
        start--;
    struct span last = {text.data + start, text.size - start};
    signal_set(signals, SIGNAL_ENDED, sentence_is_ended(signals->classes, last));
}

/* ---- characters ---- */

void measure_chars(struct signals *signals, size_t unused) {
    (void)unused;
    signal_set(signals, SIGNAL_CHARS, (double)utf8_length(signals->text));
}

typedef uint8_t block __attribute__((vector_size(16)));

static size_t sum(block lanes) {
    size_t total = 0;
    for (size_t lane = 0; lane < sizeof(block); lane++)
        total += lanes[lane];
    return total;
}

/* Counts kinds of characters among the ASCII of a text, which most text is. */
static void count_ascii(struct span text, size_t *digits, size_t *letters) {
    size_t i = 0;
    while (text.size - i >= sizeof(block)) {
        block some_digits = {0}, some_letters = {0}, bytes; /* by lane; a lane holds no more than 255 */
        for (size_t round = 0; round < 255 && text.size - i >= sizeof(block); round++, i += sizeof(block)) {
            memcpy(&bytes, text.data + i, sizeof bytes);
            some_digits -= (block)((bytes - '0') < 10); /* true is -1 */
            some_letters -= (block)(((bytes | 0x20) - 'a') < 26);
        }
        *digits += sum(some_digits);
        *letters += sum(some_letters);
    }
    for (; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i], small = (unsigned char)(c | 0x20);
        *digits += (unsigned char)(c - '0') < 10;
        *letters += (unsigned char)(small - 'a') < 26;
    }
}

void measure_char_kinds(struct signals *signals, size_t unused) {
    (void)unused;
    size_t digits = 0, letters = 0, replacements = 0;
    struct span text = signals->text;
    double chars = signals_get(signals, SIGNAL_CHARS);
    count_ascii(text, &digits, &letters);
    for (size_t i = utf8_ascii_end(text, 0); i < text.size; i = utf8_ascii_end(text, i)) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        unsigned class = signals->classes->of[code];
        digits += (class & TEXT_DIGIT) != 0;
        letters += (class & (TEXT_LETTER | TEXT_MARK)) != 0;
        replacements += code == UTF8_REPLACEMENT;
    }
    signal_set_share(signals, SIGNAL_DIGIT_CHARS, (double)digits, chars);
    signal_set_share(signals, SIGNAL_SPECIAL_CHARS, chars - (double)letters, chars);
    signal_set_share(signals, SIGNAL_REPLACEMENT_CHARS, (double)replacements, chars);
}

void measure_char_repetition(struct signals *signals, size_t n) {
    signal_set(signals, n == 3 ? SIGNAL_CHAR_REPETITION_3 : SIGNAL_CHAR_REPETITION_10,
               repetition_of_chars(&signals->repetition, signals->text, n));
}
