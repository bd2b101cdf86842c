/*
 * The comparison form of texts. It owns the mapping of characters, which is ICU's data behind an ASCII fast path; it
 * knows nothing of hashing or of what the words are compared for.
 */
#include "text/fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "base/memory.h"
#include "text/utf8.h"

enum character_class { CLASS_BREAK, CLASS_LETTER, CLASS_DIGIT, CLASS_IDEOGRAPH, CLASS_IGNORED };

/* The state of one fold_text: whether the last byte written belongs to a word, and to a number. */
struct folder {
    struct fold *fold;
    const UNormalizer2 *decomposer;
    bool in_word, in_number, keep_numbers;
    size_t word_start;
};

static void word_end(struct folder *folder) {
    if (!folder->in_word)
        return;
    struct fold *fold = folder->fold;
    if (fold->count == fold->capacity) {
        fold->capacity = fold->capacity ? 2 * fold->capacity : 64;
        fold->words = memory_resize(fold->words, fold->capacity, sizeof *fold->words);
    }
    fold->words[fold->count++] = (struct fold_word){folder->word_start, fold->text.size - folder->word_start};
    bytes_append_byte(&fold->text, ' ');
    folder->in_word = folder->in_number = false;
}

static void word_begin(struct folder *folder) {
    if (!folder->in_word) {
        folder->in_word = true;
        folder->word_start = folder->fold->text.size;
    }
}

static bool script_without_spaces(UChar32 character) {
    if (u_hasBinaryProperty(character, UCHAR_IDEOGRAPHIC))
        return true;
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(character, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
        return true;
    default:
        return false;
    }
}

static enum character_class classify(UChar32 character) {
    switch (u_charType(character)) {
    case U_NON_SPACING_MARK:
    case U_FORMAT_CHAR:
        return CLASS_IGNORED;
    case U_DECIMAL_DIGIT_NUMBER:
        return CLASS_DIGIT;
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER:
    case U_COMBINING_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_LETTER_NUMBER:
    case U_OTHER_NUMBER:
        return script_without_spaces(character) ? CLASS_IDEOGRAPH : CLASS_LETTER;
    default:
        return CLASS_BREAK;
    }
}

static void put(struct folder *folder, UChar32 character, enum character_class class) {
    switch (class) {
    case CLASS_IGNORED:
        return;
    case CLASS_BREAK:
        word_end(folder);
        return;
    case CLASS_DIGIT:
        word_begin(folder);
        if (folder->keep_numbers)
            bytes_append_byte(&folder->fold->text, (char)('0' + u_charDigitValue(character)));
        else if (!folder->in_number)
            bytes_append_byte(&folder->fold->text, '0');
        folder->in_number = true;
        return;
    case CLASS_IDEOGRAPH:
        word_end(folder);
        break;
    case CLASS_LETTER:
        break;
    }
    word_begin(folder);
    folder->in_number = false;
    utf8_append(&folder->fold->text, (uint32_t)character);
    if (class == CLASS_IDEOGRAPH)
        word_end(folder);
}

/* Lower case first, then the canonical decomposition, whose marks fall away. */
static void put_unicode(struct folder *folder, UChar32 character) {
    UChar decomposed[64];
    UErrorCode status = U_ZERO_ERROR;
    UChar32 lower = u_tolower(character);
    /* Hangul syllables stay whole: a jamo is no word of its own. */
    int32_t size = u_hasBinaryProperty(lower, UCHAR_IDEOGRAPHIC) || (lower >= 0xAC00 && lower <= 0xD7A3)
                       ? -1
                       : unorm2_getDecomposition(folder->decomposer, lower, decomposed, 64, &status);
    if (size < 0 || U_FAILURE(status)) {
        put(folder, lower, classify(lower));
        return;
    }
    for (int32_t i = 0; i < size; i++) {
        UChar32 part = decomposed[i];
        if (U16_IS_LEAD(decomposed[i])) {
            part = U16_GET_SUPPLEMENTARY(decomposed[i], decomposed[i + 1]);
            i++;
        }
        put(folder, part, classify(part));
    }
}

static enum character_class classify_ascii(unsigned char byte) {
    if (byte >= '0' && byte <= '9')
        return CLASS_DIGIT;
    unsigned char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'z' ? CLASS_LETTER : CLASS_BREAK;
}

static void fold_characters(struct fold *fold, struct span text, bool keep_numbers) {
    UErrorCode status = U_ZERO_ERROR;
    struct folder folder = {.fold = fold, .decomposer = unorm2_getNFDInstance(&status), .keep_numbers = keep_numbers};
    bytes_clear(&fold->text);
    fold->count = 0;
    bytes_reserve(&fold->text, text.size + text.size / 2);
    for (size_t i = 0; i < text.size;) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x80) {
            enum character_class class = classify_ascii(byte);
            put(&folder, class == CLASS_LETTER ? byte | 0x20 : byte, class);
            i++;
        } else {
            uint32_t code;
            i += utf8_decode_valid(text.data + i, &code);
            put_unicode(&folder, (UChar32)code);
        }
    }
    word_end(&folder);
}

void fold_text(struct fold *fold, struct span text) {
    fold_characters(fold, text, false);
}

void fold_text_with_numbers(struct fold *fold, struct span text) {
    fold_characters(fold, text, true);
}

void fold_release(struct fold *fold) {
    bytes_release(&fold->text);
    free(fold->words);
    *fold = (struct fold){0};
}
