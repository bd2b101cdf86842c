/*
 * A reader of as much of the syntax of regular expressions as it takes to be sure of literals; at anything that it does
 * not know it gives up. Knows nothing of PCRE2's interface.
 */
#include "clean/pattern_literals.h"

#include <string.h>

/* Bit 5 is the case of ASCII letters; what else it tells apart is lost, which only makes the set coarser. */
static uint32_t fold_byte(unsigned char byte) {
    return byte | 0x20U;
}

/* Of three folded bytes, the first lowest. */
static uint16_t trigram_hash(uint32_t three) {
    return (uint16_t)((three * 0x9E3779B1U) >> (32 - TRIGRAM_BITS));
}

static uint16_t trigram_of(const unsigned char *at) {
    return trigram_hash(fold_byte(at[0]) | fold_byte(at[1]) << 8 | fold_byte(at[2]) << 16);
}

/* Without case, k is also the Kelvin sign and s the long s. A text with one of those may hold anything. */
static bool has_odd_case(const struct trigram_set *set, struct span text) {
    const char *end = text.data + text.size;
    if (set->has[trigram_of((const unsigned char *)"\xE2\x84\xAA")])
        return true;
    for (const char *at = text.data; (at = memchr(at, 0xC5, (size_t)(end - at))) != NULL; at++)
        if (at + 1 < end && (unsigned char)at[1] == 0xBF)
            return true;
    return false;
}

void trigram_set_fill(struct trigram_set *set, struct span text) {
    const unsigned char *data = (const unsigned char *)text.data;
    unsigned all = 0;
    uint32_t three = 0;
    memset(set, 0, sizeof *set);
    for (size_t i = 0; i < text.size; i++) {
        all |= data[i];
        three = three >> 8 | fold_byte(data[i]) << 16;
        set->has[trigram_hash(three)] = true; /* before the third byte it is one that need not be there */
    }
    if (all >= 0x80 && has_odd_case(set, text))
        memset(set, true, sizeof *set);
}

bool pattern_literals_may_occur(const struct pattern_literals *literals, const struct trigram_set *set) {
    for (size_t i = 0; i < literals->count; i++) {
        bool all = true;
        for (size_t j = 0; j < literals->items[i].count && all; j++) {
            uint16_t trigram = literals->items[i].trigrams[j];
            all = set->has[trigram];
        }
        if (all)
            return true;
    }
    return literals->count == 0;
}

/* ---- reading expressions ---- */

#define RUN_MAX 64

struct reader {
    struct span source;
    size_t at;
    bool caseless;
    char run[RUN_MAX];                       /* literal bytes in a row */
    size_t run_size, last_start;             /* of the run's last character */
    uint16_t trigrams[LITERAL_TRIGRAMS_MAX]; /* of the alternative so far */
    size_t trigram_count;
};

static void run_end(struct reader *reader) {
    const unsigned char *run = (const unsigned char *)reader->run;
    for (size_t i = 0; i + 3 <= reader->run_size && reader->trigram_count < LITERAL_TRIGRAMS_MAX; i++)
        if (!memchr(run + i, '\n', 3)) /* what parts lines is not in lines */
            reader->trigrams[reader->trigram_count++] = trigram_of(run + i);
    reader->run_size = 0;
}

/* Adds a character of the expression that stands for itself. */
static void run_add(struct reader *reader, const char *bytes, size_t size) {
    if (reader->caseless && (unsigned char)bytes[0] >= 0x80) { /* it may have another case */
        run_end(reader);
        return;
    }
    if (reader->run_size + size > RUN_MAX)
        run_end(reader);
    reader->last_start = reader->run_size;
    memcpy(reader->run + reader->run_size, bytes, size);
    reader->run_size += size;
}

static char byte_at(const struct reader *reader, size_t at) {
    return at < reader->source.size ? reader->source.data[at] : 0;
}

/* Goes over a class in brackets. */
static void skip_class(struct reader *reader) {
    reader->at++;
    reader->at += byte_at(reader, reader->at) == '^';
    reader->at += byte_at(reader, reader->at) == ']';
    while (reader->at < reader->source.size && reader->source.data[reader->at] != ']') {
        if (reader->source.data[reader->at] == '[' && strchr(":.=", byte_at(reader, reader->at + 1)))
            reader->at = SIZE_MAX / 2; /* a POSIX class: its brackets are more than this reader counts */
        else
            reader->at += reader->source.data[reader->at] == '\\' ? 2 : 1;
    }
    reader->at++;
}

/* Goes over a group in parentheses, whose literals are not looked for. */
static void skip_group(struct reader *reader) {
    size_t depth = 0;
    do {
        char c = byte_at(reader, reader->at);
        if (c == '[') {
            skip_class(reader);
            continue;
        }
        depth += c == '(';
        depth -= c == ')';
        reader->at += c == '\\' ? 2 : 1;
    } while (depth > 0 && reader->at < reader->source.size);
}

/* The size of "{2}", "{2,}" or "{2,3}"; 0 where the brace stands for itself. Returns false for what some versions of
 * PCRE2 take so and others do not. */
static bool braces_size(const struct reader *reader, size_t *size) {
    size_t at = reader->at + 1, digits = 0, commas = 0, others = 0;
    for (; at < reader->source.size && reader->source.data[at] && strchr("0123456789, \t", reader->source.data[at]);
         at++) {
        char c = reader->source.data[at];
        commas += c == ',';
        others += c == ' ' || c == '\t' || (c == ',' && digits == 0);
        digits += c >= '0' && c <= '9';
    }
    bool closed = byte_at(reader, at) == '}';
    *size = closed && digits > 0 && commas <= 1 && others == 0 ? at + 1 - reader->at : 0;
    return !closed || *size > 0 || digits == 0;
}

/* A quantifier that may be none takes the last character out of the run; any other ends the run behind it. Returns
 * false where the reader gives up. */
static bool take_quantifier(struct reader *reader) {
    char c = byte_at(reader, reader->at);
    size_t size = 1;
    if (!c || !strchr("?*+{", c))
        return true;
    if (c == '{') {
        if (!braces_size(reader, &size))
            return false;
        if (size == 0)
            return true;
    }
    if (c != '+' && reader->run_size > 0)
        reader->run_size = reader->last_start;
    run_end(reader);
    reader->at += size;
    char more = byte_at(reader, reader->at);
    reader->at += more == '?' || more == '+';
    return true;
}

/* Reads one item of an alternative. Returns false where the reader gives up. */
static bool take_item(struct reader *reader) {
    const char *data = reader->source.data + reader->at;
    unsigned char c = (unsigned char)*data;
    size_t size = 1;
    if (c == '(') {
        run_end(reader);
        skip_group(reader);
    } else if (c == '[') {
        run_end(reader);
        skip_class(reader);
    } else if (c == '\\') {
        char escaped = byte_at(reader, reader->at + 1);
        bool letter = (escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z');
        bool digit = escaped >= '0' && escaped <= '9';
        if (!escaped || digit || (letter && !strchr("bBAzZGdDsSwWhHvVRXnrt", escaped)))
            return false; /* \Q, \x, \p, back references and the like */
        if (letter)
            run_end(reader);
        else
            run_add(reader, &escaped, 1);
        reader->at += 2;
    } else if (c == '.' || c == '^' || c == '$') {
        run_end(reader);
        reader->at++;
    } else {
        while (c >= 0xC0 && size < 4 && ((unsigned char)byte_at(reader, reader->at + size) & 0xC0) == 0x80)
            size++;
        run_add(reader, data, size);
        reader->at += size;
    }
    return take_quantifier(reader);
}

/* Adds what an alternative must hold. Returns false where that is nothing. */
static bool alternative_end(struct reader *reader, struct pattern_literals *literals) {
    run_end(reader);
    if (reader->trigram_count == 0 || literals->count == LITERALS_MAX)
        return false;
    memcpy(literals->items[literals->count].trigrams, reader->trigrams, sizeof reader->trigrams);
    literals->items[literals->count++].count = reader->trigram_count;
    reader->trigram_count = 0;
    return true;
}

/* True for options set inside, (?i) or (*UTF), which change what literals mean. */
static bool has_inner_options(struct span source) {
    for (size_t i = 0; i + 2 < source.size; i++)
        if (source.data[i] == '(' &&
            (source.data[i + 1] == '*' || (source.data[i + 1] == '?' && !strchr(":=!<>|", source.data[i + 2]))))
            return true;
    return false;
}

void pattern_literals_find(struct pattern_literals *literals, struct span source, bool caseless) {
    struct reader reader = {.source = source, .caseless = caseless};
    bool known = !has_inner_options(source);
    literals->count = 0;
    while (known && reader.at < source.size) {
        if (source.data[reader.at] == '|') {
            known = alternative_end(&reader, literals);
            reader.at++;
        } else {
            known = take_item(&reader);
        }
    }
    if (!known || reader.at > source.size || !alternative_end(&reader, literals))
        literals->count = 0;
}
