/*
 * Normalisation with a segment-wise fast path. Owns two bit sets taken from ICU's properties; only the short segments
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

struct normalizer {
    const UNormalizer2 *icu; /* NULL: the form is none */
    uint32_t first_unsure;   /* every code point below is a starter that never changes */
    /* Bit sets over all code points. starter: never changed, class 0, so a segment may begin before it. mark: unchanged
     * unless it stands behind a mark of a higher class (then they change places). */
    uint64_t starter[CODE_POINTS / 64];
    uint64_t mark[CODE_POINTS / 64];
};

static bool bit_get(const uint64_t *bits, uint32_t code) {
    return bits[code / 64] >> (code % 64) & 1;
}

/* Fills bits from an ICU set pattern. */
static int bits_fill(uint64_t *bits, const char *pattern, struct error *error) {
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
        for (UChar32 code = first; code <= last; code++)
            bits[code / 64] |= UINT64_C(1) << (code % 64);
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
        if (bits_fill(made->starter, canonical ? "[[:NFC_QC=Y:]&[:ccc=0:]]" : "[[:NFKC_QC=Y:]&[:ccc=0:]]", error) ||
            bits_fill(made->mark, canonical ? "[[:NFC_QC=Y:]-[:ccc=0:]]" : "[[:NFKC_QC=Y:]-[:ccc=0:]]", error)) {
            free(made);
            return -1;
        }
        while (bit_get(made->starter, made->first_unsure))
            made->first_unsure++;
    }
    *normalizer = made;
    return 0;
}

void normalizer_free(struct normalizer *normalizer) {
    free(normalizer);
}

enum normal_effect normalizer_effect(const struct normalizer *normalizer, uint32_t code) {
    if (!normalizer->icu || bit_get(normalizer->starter, code))
        return NORMAL_STAYS;
    return bit_get(normalizer->mark, code) ? NORMAL_MARK : NORMAL_MAY_CHANGE;
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
    uint32_t last_mark = 0; /* the mark right before i; 0: none stands there */
    while (i < text.size) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x80) { /* ASCII never changes; remember only the last one, and skip by words */
            uint64_t word;
            while (i + 8 < text.size && (memcpy(&word, text.data + i, 8), !(word & 0x8080808080808080U)))
                i += 8;
            while (i < text.size && (signed char)text.data[i] >= 0)
                i++;
            starter = i - 1;
            last_mark = 0;
            continue;
        }
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        if (code < normalizer->first_unsure || bit_get(normalizer->starter, code)) {
            starter = i;
            last_mark = 0;
        } else if (bit_get(normalizer->mark, code) && (last_mark == 0 || !normalizer_reorders(last_mark, code))) {
            last_mark = code;
        } else {
            segment->start = starter;
            break;
        }
        i += length;
    }
    if (i >= text.size)
        return false;
    do {
        uint32_t code;
        size_t length = utf8_decode_valid(text.data + i, &code);
        if (i > segment->start && bit_get(normalizer->starter, code))
            break;
        i += length;
    } while (i < text.size);
    segment->end = i;
    return true;
}

/*
 * The one character that a segment composes to, where each of its characters composes with those before it, as letters
 * with their marks and the parts of Hangul syllables nearly always do; false where ICU has to look at it as a whole.
 */
static bool segment_compose(const struct normalizer *normalizer, struct span segment, struct bytes *out) {
    uint32_t composed, next;
    size_t at = utf8_decode_valid(segment.data, &composed);
    if (!bit_get(normalizer->starter, composed) && at < segment.size && u_getCombiningClass((UChar32)composed) != 0)
        return false;
    while (at < segment.size) {
        at += utf8_decode_valid(segment.data + at, &next);
        UChar32 pair = unorm2_composePair(normalizer->icu, (UChar32)composed, (UChar32)next);
        if (pair < 0)
            return false;
        composed = (uint32_t)pair;
    }
    if (!bit_get(normalizer->starter, composed)) /* alone it may decompose */
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
