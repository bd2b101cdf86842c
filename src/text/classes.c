/*
 * The tables of character classes, filled from ICU's property sets. Knows nothing of text, only of code points.
 */
#include "text/classes.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include "base/memory.h"

struct class_set {
    uint8_t value;
    const char *pattern; /* of ICU's UnicodeSet */
};

#define DICTIONARY "\\u30FC\\uFF70[:LineBreak=Complex_Context:][:Script=Han:][:Script=Hiragana:][:Script=Katakana:]"

/* Signs that end sentences of Khmer and Tibetan, which ICU's properties leave out; behind a sign of Ethiopic that parts
 * words no line ends but where two of them stand for a stop. */
#define EASTERN_STOPS "\\u17D4\\u17D5\\u0F0D\\u0F0E"
#define ETHIOPIC_WORDSPACE "\\u1361"

static const struct class_set class_sets[] = {
    {TEXT_SPACE, "[:White_Space:]"},
    {TEXT_LETTER, "[[:Alphabetic:]-[:M:]-[:N:]-[:S:]]"},
    {TEXT_DIGIT, "[:N:]"},
    {TEXT_MARK, "[[:M:][:Cf:]]"},
    {TEXT_PUNCTUATION, "[:P:]"},
    {TEXT_SYMBOL, "[:S:]"},
    {TEXT_DICTIONARY, "[" DICTIONARY "-[:P:]-[:S:]]"},
    {TEXT_SENTENCE_END, "[[:Sentence_Terminal:]\\u2026" EASTERN_STOPS ETHIOPIC_WORDSPACE "]"},
};

static const struct class_set word_sets[] = {
    {WORD_BREAK_LETTER, "[:WB=ALetter:]"},
    {WORD_BREAK_HEBREW, "[:WB=Hebrew_Letter:]"},
    {WORD_BREAK_NUMERIC, "[:WB=Numeric:]"},
    {WORD_BREAK_EXTEND_NUM_LET, "[:WB=ExtendNumLet:]"},
    {WORD_BREAK_EXTEND, "[[:WB=Extend:][:WB=Format:][:WB=ZWJ:]]"},
    {WORD_BREAK_MID_LETTER, "[[:WB=MidLetter:]-[\\u003A\\uFE55\\uFF1A]]"}, /* no colon, as in CLDR */
    {WORD_BREAK_MID_NUM, "[:WB=MidNum:]"},
    {WORD_BREAK_MID_NUM_LET, "[[:WB=MidNumLet:][:WB=Single_Quote:]]"},
    {WORD_BREAK_DOUBLE_QUOTE, "[:WB=Double_Quote:]"},
    {WORD_BREAK_HANGUL, "[\\uAC00-\\uD7A3]"},
    {WORD_BREAK_OTHER, "[" DICTIONARY "]"},
};

static const struct class_set sentence_sets[] = {
    {SENTENCE_BREAK_SEP, "[[:SB=Sep:][:SB=CR:][:SB=LF:]]"},
    {SENTENCE_BREAK_EXTEND, "[[:SB=Extend:][:SB=Format:]]"},
    {SENTENCE_BREAK_SP, "[:SB=Sp:]"},
    {SENTENCE_BREAK_LOWER, "[:SB=Lower:]"},
    {SENTENCE_BREAK_UPPER, "[:SB=Upper:]"},
    {SENTENCE_BREAK_OLETTER, "[:SB=OLetter:]"},
    {SENTENCE_BREAK_NUMERIC, "[:SB=Numeric:]"},
    {SENTENCE_BREAK_ATERM, "[:SB=ATerm:]"},
    {SENTENCE_BREAK_STERM, "[[:SB=STerm:]" EASTERN_STOPS "]"},
    {SENTENCE_BREAK_CLOSE, "[:SB=Close:]"},
    {SENTENCE_BREAK_SCONTINUE, "[:SB=SContinue:]"},
};

/* What a table gets for the characters of a set. */
enum fill { FILL_BITS, FILL_VALUE };

static int set_fill(uint8_t *table, enum fill fill, const struct class_set *set, struct error *error) {
    UChar wide[160];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(set->pattern, wide, (int32_t)strlen(set->pattern) + 1);
    USet *characters = uset_openPattern(wide, -1, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s: %s", set->pattern, u_errorName(status));
    for (int32_t i = 0; i < uset_getItemCount(characters); i++) {
        UChar32 first, last;
        if (uset_getItem(characters, i, &first, &last, NULL, 0, &status) == 0)
            for (UChar32 code = first; code <= last; code++)
                table[code] = (uint8_t)(fill == FILL_BITS ? table[code] | set->value : set->value);
    }
    uset_close(characters);
    return 0;
}

static int sets_fill(uint8_t *table, enum fill fill, const struct class_set *sets, size_t count, struct error *error) {
    for (size_t i = 0; i < count; i++)
        if (set_fill(table, fill, &sets[i], error))
            return -1;
    return 0;
}

#define LENGTH(array) (sizeof(array) / sizeof *(array))

int text_classes_new(struct text_classes **classes, struct error *error) {
    *classes = memory_zeroed(1, sizeof **classes);
    if (sets_fill((*classes)->of, FILL_BITS, class_sets, LENGTH(class_sets), error) ||
        sets_fill((*classes)->word_break, FILL_VALUE, word_sets, LENGTH(word_sets), error) ||
        sets_fill((*classes)->sentence_break, FILL_VALUE, sentence_sets, LENGTH(sentence_sets), error)) {
        text_classes_free(*classes);
        *classes = NULL;
        return -1;
    }
    return 0;
}

void text_classes_free(struct text_classes *classes) {
    free(classes);
}
