/*
 * Owns the choice between scanners and patterns, the published patterns' spellings, and the walk through a text. How a
 * scanner or PCRE2 finds a piece is the affair of scanner.c and text/regex.c.
 */
#include "token/pretokenizer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text/regex.h"
#include "token/regex_dialect.h"
#include "token/scanner.h"
#include "token/unicode_tables.h"

const char *const pretokenizer_names[PRETOKENIZER_KNOWN + 1] = {"gpt2", "cl100k", "digits2", "o200k", NULL};

#define CL100K_PLAIN(digits)                                               \
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1," digits \
    "}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+(?![\\s\\S])|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"
#define CL100K_POSSESSIVE(digits)                                            \
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1," digits \
    "}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"
#define O200K_SUFFIX "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

/*
 * The spellings that stand for each scanner; the first is the one that is written. It has no possessive {m,n}+, which
 * Oniguruma (Hugging Face) takes for a repeated group, and no $, which there matches before every newline.
 */
static const struct {
    enum pretokenizer_kind kind;
    const char *pattern;
} spellings[] = {
    {PRETOKENIZER_GPT2, "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s"},
    {PRETOKENIZER_GPT2, "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s"},
    {PRETOKENIZER_GPT2, "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},
    {PRETOKENIZER_CL100K, CL100K_PLAIN("3")},
    {PRETOKENIZER_CL100K, CL100K_POSSESSIVE("3")},
    {PRETOKENIZER_DIGITS2, CL100K_PLAIN("2")},
    {PRETOKENIZER_DIGITS2, CL100K_POSSESSIVE("2")},
    {PRETOKENIZER_O200K,
     "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" O200K_SUFFIX
     "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*" O200K_SUFFIX
     "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
};

#define SPELLING_COUNT (sizeof(spellings) / sizeof(spellings[0]))

struct pretokenizer {
    enum pretokenizer_kind kind;
    struct bytes pattern; /* of PRETOKENIZER_REGEX */
    struct regex *regex;
};

struct pretokenizer *pretokenizer_new(enum pretokenizer_kind kind) {
    struct pretokenizer *pretokenizer = memory_zeroed(1, sizeof *pretokenizer);
    pretokenizer->kind = kind;
    return pretokenizer;
}

static int compile(struct regex **regex, struct span pattern, struct error *error) {
    struct bytes rewritten = {0};
    int result = regex_dialect_rewrite(pattern, &rewritten, error);
    /* Invalid UTF-8 never matches, instead of being undefined: raw bytes are encoded too. */
    if (result == 0 && (result = regex_new(regex, span_of_bytes(&rewritten), REGEX_ANY_BYTES, error)) != 0)
        error->position = ERROR_NO_POSITION; /* it is one of the rewritten pattern */
    bytes_release(&rewritten);
    return result;
}

int pretokenizer_compile(struct pretokenizer **pretokenizer, struct span pattern, struct error *error) {
    struct regex *regex = NULL;
    enum pretokenizer_kind kind = PRETOKENIZER_REGEX;
    *pretokenizer = NULL;
    for (size_t i = 0; i < SPELLING_COUNT && kind == PRETOKENIZER_REGEX; i++)
        if (span_is(pattern, spellings[i].pattern))
            kind = spellings[i].kind;
    if (kind == PRETOKENIZER_REGEX && compile(&regex, pattern, error) != 0)
        return -1;
    *pretokenizer = pretokenizer_new(kind);
    (*pretokenizer)->regex = regex;
    if (regex)
        bytes_append_span(&(*pretokenizer)->pattern, pattern);
    return 0;
}

void pretokenizer_free(struct pretokenizer *pretokenizer) {
    if (!pretokenizer)
        return;
    regex_free(pretokenizer->regex);
    bytes_release(&pretokenizer->pattern);
    free(pretokenizer);
}

enum pretokenizer_kind pretokenizer_kind(const struct pretokenizer *pretokenizer) {
    return pretokenizer->kind;
}

const char *pretokenizer_name(const struct pretokenizer *pretokenizer) {
    return pretokenizer->kind == PRETOKENIZER_REGEX ? "regex" : pretokenizer_names[pretokenizer->kind];
}

bool pretokenizer_parse(struct span name, enum pretokenizer_kind *kind) {
    for (int i = 0; i < PRETOKENIZER_KNOWN; i++) {
        if (span_is(name, pretokenizer_names[i])) {
            *kind = (enum pretokenizer_kind)i;
            return true;
        }
    }
    return false;
}

struct span pretokenizer_pattern(const struct pretokenizer *pretokenizer) {
    if (pretokenizer->kind == PRETOKENIZER_REGEX)
        return span_of_bytes(&pretokenizer->pattern);
    size_t i = 0;
    while (spellings[i].kind != pretokenizer->kind)
        i++;
    return span_of(spellings[i].pattern);
}

void pretokenizer_append_unicode_version(const struct pretokenizer *pretokenizer, struct bytes *out) {
    if (pretokenizer->kind == PRETOKENIZER_REGEX)
        regex_append_unicode_version(out);
    else
        bytes_append_text(out, unicode_version);
}

struct cutter {
    const struct pretokenizer *pretokenizer;
    struct regex_matcher *matcher;
    struct span text;
    size_t at;                     /* where the next piece begins */
    size_t match_start, match_end; /* of a pattern: the match that the pieces have come to */
    bool exhausted;                /* no match is left */
};

struct cutter *cutter_new(const struct pretokenizer *pretokenizer) {
    struct cutter *cutter = memory_zeroed(1, sizeof *cutter);
    cutter->pretokenizer = pretokenizer;
    if (pretokenizer->regex)
        cutter->matcher = regex_matcher_new();
    return cutter;
}

void cutter_free(struct cutter *cutter) {
    if (!cutter)
        return;
    regex_matcher_free(cutter->matcher);
    free(cutter);
}

void cutter_begin(struct cutter *cutter, struct span text) {
    cutter->text = text;
    cutter->at = cutter->match_start = cutter->match_end = 0;
    cutter->exhausted = false;
    if (cutter->matcher)
        regex_begin(cutter->matcher, text);
}

/* Bytes of the character at `at`, at least one. */
static size_t character_size(struct span text, size_t at) {
    size_t size = 1;
    while (at + size < text.size && ((unsigned char)text.data[at + size] & 0xC0) == 0x80)
        size++;
    return size;
}

/* Goes on to the next match that ends behind `at`: an empty one cuts the text where it stands, if it is not at `at`. */
static int find_match(struct cutter *cutter, struct error *error) {
    for (size_t from = cutter->match_end; from <= cutter->text.size;) {
        enum match found = regex_find(cutter->matcher, cutter->pretokenizer->regex, from);
        if (found == MATCH_LIMIT)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                             "the tokenizer's pattern takes too much work from byte %zu of the text on", from + 1);
        if (found == MATCH_NONE)
            break;
        struct span whole = regex_group(cutter->matcher, 0);
        cutter->match_start = (size_t)(whole.data - cutter->text.data);
        cutter->match_end = cutter->match_start + whole.size;
        if (cutter->match_end > cutter->at)
            return 0;
        from = cutter->match_end + character_size(cutter->text, cutter->match_end);
    }
    cutter->exhausted = true;
    cutter->match_start = cutter->match_end = cutter->text.size;
    return 0;
}

static int next_of_regex(struct cutter *cutter, size_t *size, struct error *error) {
    if (cutter->at >= cutter->match_end && !cutter->exhausted && find_match(cutter, error) != 0)
        return -1;
    size_t end = cutter->at < cutter->match_start ? cutter->match_start : cutter->match_end;
    *size = end - cutter->at;
    return 0;
}

long cutter_take(struct cutter *cutter, struct span *pieces, size_t capacity, struct error *error) {
    struct span text = cutter->text;
    size_t count = 0;
    if (cutter->pretokenizer->kind != PRETOKENIZER_REGEX) {
        struct span rest = {text.data + cutter->at, text.size - cutter->at};
        count = scanner_take(cutter->pretokenizer->kind, rest, pieces, capacity);
        if (count > 0)
            cutter->at = (size_t)(pieces[count - 1].data - text.data) + pieces[count - 1].size;
        return (long)count;
    }
    for (size_t size; count < capacity && cutter->at < text.size; count++) {
        if (next_of_regex(cutter, &size, error) != 0)
            return -1;
        pieces[count] = (struct span){text.data + cutter->at, size};
        cutter->at += size;
    }
    return (long)count;
}
