/*
 * A reader of as much of the syntax of regular expressions as it takes to be sure of literals, which gives up at
 * anything that it does not know; and the search for literals, 32 places at a time.
 */
#include "clean/pattern_literals.h"

#include <string.h>
#include <unicode/uchar.h>

#include "text/utf8.h"

/* ---- searching ---- */

typedef uint8_t block __attribute__((vector_size(32)));

#define CASE_BIT 0x20U

/* Bytes from the commonest of text to the rarest, as far as it matters; those that are not here lie in between. */
static unsigned rarity(unsigned char byte) {
    static const char common[] = " etaoinsrhldcumfpg", rare[] = "wybvkxjqz";
    unsigned char small = byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | CASE_BIT) : byte;
    const char *found = small ? strchr(common, small) : NULL;
    if (found)
        return (unsigned)(found - common);
    found = small ? strchr(rare, small) : NULL;
    return found ? 40 + (unsigned)(found - rare) : byte >= 0xE0 ? 18 : byte >= 0x80 ? 50 : 30;
}

static void find_rare(struct literal *literal) {
    literal->rare = literal->rarest = 0;
    for (unsigned char i = 1; i < literal->size; i++) {
        if (rarity(literal->bytes[i]) > rarity(literal->bytes[literal->rarest])) {
            literal->rare = literal->rarest;
            literal->rarest = i;
        } else if (literal->rare == literal->rarest ||
                   rarity(literal->bytes[i]) > rarity(literal->bytes[literal->rare])) {
            literal->rare = i;
        }
    }
}

static bool stands_at(const struct literal *literal, const unsigned char *at, unsigned fold) {
    for (size_t i = 0; i < literal->size; i++)
        if ((at[i] | fold) != literal->bytes[i])
            return false;
    return true;
}

static inline bool is_any(const block *found) {
    uint64_t parts[4];
    memcpy(parts, found, sizeof parts);
    return (parts[0] | parts[1] | parts[2] | parts[3]) != 0;
}

/* Places that are looked at before it is asked whether one fits. */
#define STRIDE (2 * sizeof(block))

__attribute__((target_clones("avx2", "default"))) static size_t search(const struct pattern_literals *literals,
                                                                       size_t index, struct span text, size_t from) {
    const struct literal *literal = &literals->items[index];
    const unsigned char *data = (const unsigned char *)text.data, *rare_data = data + literal->rare,
                        *rarest_data = data + literal->rarest;
    const uint8_t fold = literals->caseless ? CASE_BIT : 0;
    const block folds = (block){0} + fold, rare = (block){0} + literal->bytes[literal->rare],
                rarest = (block){0} + literal->bytes[literal->rarest];
    size_t i = from;
    for (; i + STRIDE + literal->size <= text.size; i += STRIDE) {
        block found = {0};
#pragma GCC unroll 2
        for (size_t k = 0; k < STRIDE; k += sizeof(block)) {
            block first, second;
            memcpy(&first, rare_data + i + k, sizeof first);
            memcpy(&second, rarest_data + i + k, sizeof second);
            found |= (block)(((first | folds) == rare) & ((second | folds) == rarest));
        }
        if (!is_any(&found))
            continue;
        for (size_t k = i; k < i + STRIDE; k++)
            if ((rarest_data[k] | fold) == literal->bytes[literal->rarest] && stands_at(literal, data + k, fold))
                return k;
    }
    for (; i + literal->size <= text.size; i++)
        if ((rarest_data[i] | fold) == literal->bytes[literal->rarest] && stands_at(literal, data + i, fold))
            return i;
    return text.size;
}

size_t literal_search(const struct pattern_literals *literals, size_t index, struct span text, size_t from) {
    return search(literals, index, text, from);
}

bool literals_have_odd_case(struct span text) {
    static const struct pattern_literals odd = {
        .count = 2,
        .items = {{.bytes = "\xE2\x84\xAA", .size = 3, .rare = 1, .rarest = 2},
                  {.bytes = "\xC5\xBF", .size = 2, .rare = 0, .rarest = 1}},
    };
    return literal_search(&odd, 0, text, 0) < text.size || literal_search(&odd, 1, text, 0) < text.size;
}

/* ---- reading expressions ---- */

struct reader {
    struct span source;
    size_t at;
    bool caseless;
    char run[LITERAL_SIZE_MAX];  /* literal bytes in a row */
    size_t run_size, last_start; /* of the run's last character */
    struct literal best;         /* the longest run of the alternative so far */
};

static void run_end(struct reader *reader) {
    if (reader->run_size > reader->best.size) {
        for (size_t i = 0; i < reader->run_size; i++)
            reader->best.bytes[i] = (unsigned char)((unsigned char)reader->run[i] | (reader->caseless ? CASE_BIT : 0));
        reader->best.size = (unsigned char)reader->run_size;
    }
    reader->run_size = 0;
}

/* True for characters that are the same in capitals. */
static bool has_no_case(const char *bytes) {
    uint32_t code;
    utf8_decode_valid(bytes, &code);
    return u_tolower((UChar32)code) == (UChar32)code && u_toupper((UChar32)code) == (UChar32)code &&
           !u_hasBinaryProperty((UChar32)code, UCHAR_CASE_SENSITIVE);
}

/* Adds a character of the expression that stands for itself. */
static void run_add(struct reader *reader, const char *bytes, size_t size) {
    if (reader->caseless && (unsigned char)bytes[0] >= 0x80 && !has_no_case(bytes)) {
        run_end(reader);
        return;
    }
    if (reader->run_size + size > LITERAL_SIZE_MAX)
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

/* Adds what an alternative must hold. Returns false where that is nothing, or a byte alone, which is nearly so. */
static bool alternative_end(struct reader *reader, struct pattern_literals *literals) {
    run_end(reader);
    if (reader->best.size < 2 || literals->count == LITERALS_MAX)
        return false;
    find_rare(&reader->best);
    literals->items[literals->count++] = reader->best;
    reader->best = (struct literal){0};
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
    literals->caseless = caseless;
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
