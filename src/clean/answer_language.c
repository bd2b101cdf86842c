/*
 * Comparing the languages of answers and questions, and the words by which another language is asked for. How
 * languages are told is the affair of text/language.c.
 */
#include "clean/answer_language.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "text/utf8.h"

/* On fewer bytes of letters no language is told, nor where it is less sure. */
#define LETTERS_MIN 40U
#define SURE 0.9

/* What words for translating begin with or hold, in small letters. */
static const char *const translating[] = {
    "translat",    "översätt", "oversæt",  "oversett", "übersetz", "uebersetz", "vertal",  "vertaal",
    "traduc",      "tradui",   "traduz",   "traducc",  "tradur",   "перевод",   "перевед", "tłumacz",
    "przetłumacz", "přelož",   "prelož",   "çevir",    "翻译",     "翻譯",      "翻訳",    "訳して",
    "번역",        "dịch",     "terjemah", "käännä",   "fordít",   "ترجم",
};

void answer_language_release(struct answer_language *answers) {
    bytes_release(&answers->prose);
    bytes_release(&answers->folded);
    bytes_release(&answers->scratch);
}

static void append_folded(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        utf8_append(out, (uint32_t)u_tolower((UChar32)code));
    }
}

static bool holds(const struct bytes *folded, struct span word) {
    return word.size > 0 && folded->size > 0 && memmem(folded->data, folded->size, word.data, word.size) != NULL;
}

/* True where the name that `in` has for a language stands in the text, in any case that only changes its end. */
static bool holds_name(const struct bytes *folded, const char *language, const char *in) {
    UChar wide[64];
    char name[256];
    int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = uloc_getDisplayLanguage(language, in, wide, 64, &status);
    u_strToUTF8(name, sizeof name, &size, wide, length, &status);
    if (U_FAILURE(status) || size == 0 || strcmp(name, language) == 0)
        return false;
    struct bytes small = {0};
    append_folded(&small, (struct span){name, (size_t)size});
    struct span stem = span_of_bytes(&small);
    bool east = (unsigned char)stem.data[0] >= 0xE3;
    if (east && stem.size > 6) /* 英语, 英文, 英語 */
        stem.size = utf8_previous(stem.data, stem.size);
    else if (!east && stem.size >= 7) /* svensk, svenska, svenskt */
        stem.size = utf8_previous(stem.data, utf8_previous(stem.data, stem.size));
    bool found = holds(folded, stem);
    if (!found && east && stem.size == 6) { /* of two characters, the second says "language" */
        static const char *const ends[] = {"文", "語", "语"};
        for (size_t i = 0; i < sizeof ends / sizeof *ends && !found; i++) {
            memcpy(small.data + 3, ends[i], 3);
            found = holds(folded, stem);
        }
    }
    bytes_release(&small);
    return found;
}

/* True where something in what was said may ask for an answer in this language. */
static bool asks_for(struct answer_language *answers, const struct span *said, size_t count, const char *language,
                     const char *in) {
    bytes_clear(&answers->folded);
    for (size_t i = 0; i < count; i++) {
        append_folded(&answers->folded, said[i]);
        bytes_append_byte(&answers->folded, '\n');
    }
    for (size_t i = 0; i < sizeof translating / sizeof *translating; i++)
        if (holds(&answers->folded, span_of(translating[i])))
            return true;
    return holds_name(&answers->folded, language, in) || holds_name(&answers->folded, language, "en") ||
           holds_name(&answers->folded, language, language);
}

/* ---- prose ---- */

/* The text without what stands between backquotes. */
static void append_without_code(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size;) {
        const char *open = memchr(text.data + i, '`', text.size - i);
        size_t from = open ? (size_t)(open - text.data) : text.size, to = from;
        bytes_append(out, text.data + i, from - i);
        while (to < text.size && text.data[to] == '`')
            to++;
        const char *close = to < text.size ? memmem(text.data + to, text.size - to, text.data + from, to - from) : NULL;
        i = close ? (size_t)(close - text.data) + (to - from) : text.size;
    }
}

/* True for a word as prose has most: no capital at its front, no signs of code in it. */
static bool is_plain_word(struct span word) {
    bool begun = false;
    for (size_t i = 0; i < word.size;) {
        uint32_t code;
        i += utf8_decode_valid(word.data + i, &code);
        if (code < 0x80 && strchr("=_<>{}[]\\/|@#$%^&*~+", (int)code))
            return false;
        if (!begun && u_isalpha((UChar32)code)) {
            begun = true;
            if (u_isupper((UChar32)code) || u_istitle((UChar32)code))
                return false;
        }
    }
    return begun;
}

/* True where at least half of a line's words are plain ones, and there are some: not for names in a row, titles, code.
 */
static bool is_prose(struct span line) {
    size_t words = 0, plain = 0;
    for (size_t i = 0; i < line.size;) {
        const char *blank = memchr(line.data + i, ' ', line.size - i);
        size_t end = blank ? (size_t)(blank - line.data) : line.size;
        words += end > i;
        plain += end > i && is_plain_word((struct span){line.data + i, end - i});
        i = end + 1;
    }
    /* Scripts without blanks have whole sentences between two. */
    return 2 * plain >= words && (words >= 4 || (words > 0 && line.size / words >= 24));
}

/* Appends the lines of a text that are prose; `scratch` is overwritten. */
static void append_prose(struct bytes *out, struct span text, struct bytes *scratch) {
    bytes_clear(scratch);
    append_without_code(scratch, text);
    for (size_t start = 0; start < scratch->size;) {
        const char *newline = memchr(scratch->data + start, '\n', scratch->size - start);
        size_t end = newline ? (size_t)(newline - scratch->data) : scratch->size;
        struct span line = {scratch->data + start, end - start};
        if (is_prose(line)) {
            bytes_append_span(out, line);
            bytes_append_byte(out, '\n');
        }
        start = end + 1;
    }
}

/* ---- the comparison ---- */

static bool is_sure(const struct language_verdict *verdict) {
    return verdict->language != LANGUAGE_NONE && verdict->letters >= LETTERS_MIN && verdict->score >= SURE;
}

/* Judges the prose of some messages as one. */
static bool judge_prose(struct answer_language *answers, struct language_judge *judge, const struct span *texts,
                        size_t count, struct language_verdict *verdict) {
    bytes_clear(&answers->prose);
    for (size_t i = 0; i < count; i++)
        append_prose(&answers->prose, texts[i], &answers->scratch);
    struct span prose = span_of_bytes(&answers->prose);
    language_judge_texts(judge, &prose, 1, NULL, 0, verdict);
    return is_sure(verdict);
}

double answer_language_change(struct answer_language *answers, const struct language_step *step,
                              struct language_judge *judge, const struct span *said, size_t count, struct span answer) {
    struct language_verdict asked, given;
    if (count == 0 || !judge_prose(answers, judge, &answer, 1, &given))
        return NAN;
    if (!judge_prose(answers, judge, &said[count - 1], 1, &asked) && !judge_prose(answers, judge, said, count, &asked))
        return NAN;
    if (asked.language == given.language)
        return 0;
    const char *from = language_tag(step->model, asked.language), *to = language_tag(step->model, given.language);
    if (language_are_siblings(step->model, asked.language, given.language) || asks_for(answers, said, count, to, from))
        return NAN;
    return fmin(asked.score, given.score);
}
