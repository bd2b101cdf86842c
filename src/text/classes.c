/*
 * The table of character classes, filled from ICU's property sets. Knows nothing of text, only of code points.
 */
#include "text/classes.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include "base/memory.h"

static const struct {
    uint8_t class;
    const char *pattern; /* of ICU's UnicodeSet */
} class_sets[] = {
    {TEXT_SPACE, "[:White_Space:]"},
    {TEXT_LETTER, "[[:Alphabetic:]-[:M:]-[:N:]-[:S:]]"},
    {TEXT_DIGIT, "[:N:]"},
    {TEXT_MARK, "[[:M:][:Cf:]]"},
    {TEXT_PUNCTUATION, "[:P:]"},
    {TEXT_SYMBOL, "[:S:]"},
    {TEXT_DICTIONARY,
     "[[:LineBreak=Complex_Context:][:Script=Han:][:Script=Hiragana:][:Script=Katakana:]-[:P:]-[:S:]]"},
    {TEXT_SENTENCE_END, "[[:Sentence_Terminal:]\\u2026]"},
};

static int class_fill(struct text_classes *classes, uint8_t class, const char *pattern, struct error *error) {
    UChar wide[160];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(pattern, wide, (int32_t)strlen(pattern) + 1);
    USet *set = uset_openPattern(wide, -1, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s: %s", pattern, u_errorName(status));
    for (int32_t i = 0; i < uset_getItemCount(set); i++) {
        UChar32 first, last;
        if (uset_getItem(set, i, &first, &last, NULL, 0, &status) == 0)
            for (UChar32 code = first; code <= last; code++)
                classes->of[code] |= class;
    }
    uset_close(set);
    return 0;
}

int text_classes_new(struct text_classes **classes, struct error *error) {
    *classes = memory_zeroed(1, sizeof **classes);
    for (size_t i = 0; i < sizeof class_sets / sizeof class_sets[0]; i++)
        if (class_fill(*classes, class_sets[i].class, class_sets[i].pattern, error)) {
            text_classes_free(*classes);
            *classes = NULL;
            return -1;
        }
    return 0;
}

void text_classes_free(struct text_classes *classes) {
    free(classes);
}
