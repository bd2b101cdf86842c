/*
 * Normalisation with a segment-wise fast path. Owns a table taken from ICU's properties; only the short segments
 * around characters that may change are handed to ICU (whose C interface is UTF-16). Knows nothing of records or rules.
 */
#include "text/normalize.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include "base/memory.h"
#include "text/utf8.h"

#define CODE_POINTS 0x110000U

/* What becomes of a code point. */
enum kind {
    STARTER, /* never changed, class 0, so a segment may begin before it */
    MARK,    /* unchanged unless it stands behind a mark of a higher class (then they change places) */
    UNSURE,
};

struct normalizer {
    const UNormalizer2 *icu; /* NULL: the form is none */
    uint8_t kind[CODE_POINTS];
};

/* Gives a kind to the code points of an ICU set pattern. */
static int kind_fill(uint8_t *table, enum kind kind, const char *pattern, struct error *error) {
    UChar wide[80];
    u_charsToUChars(pattern, wide, (int32_t)strlen(pattern) + 1);
    UErrorCode status = U_ZERO_ERROR;
    USet *set = uset_openPattern(wide, -1, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s", u_errorName(status));
    for (int32_t i = 0; i < uset_getItemCount(set); i++) {
        UChar32 first, last;
        if (uset_getItem(set, i, &first, &last, NULL, 0, &status) != 0)
            continue; /* a string; code points come first and these properties have none */
        memset(table + first, (int)kind, (size_t)(last - first) + 1);
    }
    uset_close(set);
    return 0;
}

int normalizer_new(struct normalizer **normalizer, enum normal_form form, struct error *error) {
    struct normalizer *made = memory_zeroed(1, sizeof *made);
    *normalizer = NULL;
    if (form != NORMAL_FORM_NONE) {
        bool canonical = form == NORMAL_FORM_C;
        UErrorCode status = U_ZERO_ERROR;
        made->icu = canonical ? unorm2_getNFCInstance(&status) : unorm2_getNFKCInstance(&status);
        if (U_FAILURE(status)) {
            free(made);
            return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s", u_errorName(status));
        }
        memset(made->kind, UNSURE, sizeof made->kind);
        if (kind_fill(made->kind, MARK, canonical ? "[:NFC_QC=Y:]" : "[:NFKC_QC=Y:]", error) ||
            kind_fill(made->kind, STARTER, canonical ? "[[:NFC_QC=Y:]&[:ccc=0:]]" : "[[:NFKC_QC=Y:]&[:ccc=0:]]",
                      error)) {
            free(made);
            return -1;
        }
    }
    *normalizer = made;
    return 0;
}

void normalizer_free(struct normalizer *normalizer) {
    free(normalizer);
}

enum normal_effect normalizer_effect(const struct normalizer *normalizer, uint32_t code) {
    if (!normalizer->icu || normalizer->kind[code] == STARTER)
        return NORMAL_STAYS;
    return normalizer->kind[code] == MARK ? NORMAL_MARK : NORMAL_MAY_CHANGE;
}

bool normalizer_reorders(uint32_t mark, uint32_t next) {
    return u_getCombiningClass((UChar32)mark) > u_getCombiningClass((UChar32)next);
}

/* Where a segment that may change begins and ends: it starts at a starter (or the text's start) and ends before the
 * next one. */
struct segment {
    size_t start, end;
};

/* Finds the next segment at or after position `from`, which is a segment boundary. Returns false where there is none.
 */
static bool segment_find(const struct normalizer *normalizer, struct span text, size_t from, struct segment *segment) {
    size_t starter = from, i = from;
    uint32_t last = 0; /* the code point right before i */
    unsigned behind_mark = 0;
    while (i < text.size) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x80) { /* ASCII never changes; remember only the last one, and skip by words */
            uint64_t word;
            while (i + 8 < text.size && (memcpy(&word, text.data + i, 8), !(word & 0x8080808080808080U)))
                i += 8;
            while (i < text.size && (signed char)text.data[i] >= 0)
                i++;
            starter = i - 1;
            behind_mark = 0;
            continue;
        }
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        unsigned kind = normalizer->kind[code];
        /* Letters and marks take turns in many scripts, which nothing foresees; two marks in a row are rare. */
        if (kind == UNSURE || (kind + behind_mark > MARK && kind == MARK && normalizer_reorders(last, code))) {
            segment->start = starter;
            break;
        }
        starter = kind == STARTER ? i : starter;
        behind_mark = kind;
        last = code;
        i += length;
    }
    if (i >= text.size)
        return false;
    do {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        if (i > segment->start && normalizer->kind[code] == STARTER)
            break;
        i += length;
    } while (i < text.size);
    segment->end = i;
    return true;
}

/* Two characters as one; negative where they are none. Hangul by Unicode 15, section 3.12. */
static UChar32 compose_pair(const struct normalizer *normalizer, uint32_t first, uint32_t second) {
    uint32_t lead = first - 0x1100, vowel = second - 0x1161, syllable = first - 0xAC00, trail = second - 0x11A7;
    if (lead < 19 && vowel < 21)
        return (UChar32)(0xAC00 + (lead * 21 + vowel) * 28);
    if (syllable < 11172 && syllable % 28 == 0 && trail - 1 < 27)
        return (UChar32)(first + trail);
    return unorm2_composePair(normalizer->icu, (UChar32)first, (UChar32)second);
}

/*
 * The one character that a segment composes to, where each of its characters composes with those before it, as letters
 * with their marks and the parts of Hangul syllables nearly always do; false where ICU has to look at it as a whole.
 */
static bool segment_compose(const struct normalizer *normalizer, struct span segment, struct bytes *out) {
    uint32_t composed, next;
    size_t at = utf8_decode_valid(segment.data, &composed);
    if (normalizer->kind[composed] != STARTER && at < segment.size && u_getCombiningClass((UChar32)composed) != 0)
        return false;
    while (at < segment.size) {
        at += utf8_decode_valid(segment.data + at, &next);
        UChar32 pair = compose_pair(normalizer, composed, next);
        if (pair < 0)
            return false;
        composed = (uint32_t)pair;
    }
    if (normalizer->kind[composed] != STARTER) /* alone it may decompose */
        return false;
    bytes_clear(out);
    utf8_append(out, composed);
    return true;
}

/* Replaces *out by ICU's normal form of a segment. */
static int segment_normalize(const struct normalizer *normalizer, struct span segment, struct bytes *out,
                             struct error *error) {
    /* Segments are a letter and its marks, as a rule; the longest growth is 18 times, of U+FDFA under NFKC. */
    UChar wide_small[32], result_small[18 * 32];
    if (segment_compose(normalizer, segment, out))
        return 0;
    size_t units = segment.size; /* UTF-16 needs no more units than UTF-8 bytes */
    if (units > INT32_MAX / 64)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a run of combining characters of %zu bytes", units);
    bool small = units <= 32;
    UChar *wide = small ? wide_small : memory_allocate(units * sizeof *wide);
    UChar *result = small ? result_small : memory_allocate(18 * units * sizeof *result);
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0, size = 0;
    u_strFromUTF8(wide, (int32_t)units, &length, segment.data, (int32_t)segment.size, &status);
    int32_t normal = unorm2_normalize(normalizer->icu, wide, length, result, (int32_t)(18 * units), &status);
    if (U_SUCCESS(status)) {
        bytes_clear(out);
        u_strToUTF8(bytes_reserve(out, 3 * (size_t)normal), 3 * normal, &size, result, normal, &status);
        out->size = (size_t)size;
    }
    if (!small) {
        free(wide);
        free(result);
    }
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s", u_errorName(status));
    return 0;
}

int normalizer_apply(const struct normalizer *normalizer, struct span text, struct bytes *out, struct error *error) {
    size_t original = out->size, copied = 0, from = 0;
    struct segment segment;
    struct bytes normal = {0};
    if (!normalizer->icu)
        return 0;
    while (from < text.size && segment_find(normalizer, text, from, &segment)) {
        struct span source = {text.data + segment.start, segment.end - segment.start};
        if (segment_normalize(normalizer, source, &normal, error)) {
            bytes_release(&normal);
            out->size = original;
            return -1;
        }
        if (!span_equal(span_of_bytes(&normal), source)) {
            bytes_append(out, text.data + copied, segment.start - copied);
            bytes_append_span(out, span_of_bytes(&normal));
            copied = segment.end;
        }
        from = segment.end;
    }
    bytes_release(&normal);
    if (copied == 0)
        return 0;
    bytes_append(out, text.data + copied, text.size - copied);
    return 1;
}
