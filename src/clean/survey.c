/*
 * The look that decides what a text needs: ASCII by blocks, other characters by tables of what the repairs say of each
 * character, where whole pages of 64 that need nothing (Han, kana, Hangul) cost one look-up. Knows which characters
 * concern which repair, not what becomes of them.
 */
#include "clean/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/controls.h"
#include "clean/space.h"
#include "text/utf8.h"

#define BMP_SIZE 0x10000U
#define PAGE_SIZE 64U /* characters that share their first two bytes in UTF-8 of three */

/* Beside the findings: a combining mark, which is one only behind another. */
#define MARK (1U << 7)

struct survey {
    const struct normalizer *normalizer;
    uint8_t characters[BMP_SIZE];
    uint8_t pages[BMP_SIZE / PAGE_SIZE]; /* all that is in the characters of one */
};

static uint8_t character_findings(const struct normalizer *normalizer, uint32_t code) {
    enum normal_effect effect = normalizer_effect(normalizer, code);
    unsigned found = effect == NORMAL_MAY_CHANGE ? FINDING_UNNORMALIZED : effect == NORMAL_MARK ? MARK : 0;
    if (controls_may_remove(code))
        found |= FINDING_CONTROL;
    if (space_is_odd(code))
        found |= FINDING_SPACE;
    if (code == UTF8_REPLACEMENT)
        found |= FINDING_REPLACEMENT;
    if (code == '&')
        found |= FINDING_AMPERSAND;
    if (code >= 0x80 && code < 0x100)
        found |= FINDING_MOJIBAKE;
    return (uint8_t)found;
}

struct survey *survey_new(const struct normalizer *normalizer) {
    struct survey *survey = memory_zeroed(1, sizeof *survey);
    survey->normalizer = normalizer;
    for (uint32_t code = 0; code < BMP_SIZE; code++) {
        survey->characters[code] = character_findings(normalizer, code);
        survey->pages[code / PAGE_SIZE] |= survey->characters[code];
    }
    return survey;
}

void survey_free(struct survey *survey) {
    free(survey);
}

/* ---- ASCII ---- */

typedef uint8_t block __attribute__((vector_size(16)));

static block load(const char *data) {
    block bytes;
    memcpy(&bytes, data, sizeof bytes);
    return bytes;
}

/*
 * True where the block at data, behind which two bytes can be read, is ASCII that needs nothing: no controls but tab
 * and newline, no ampersand, no blank before a newline, no third newline in a row.
 */
static bool block_is_quiet(const char *data) {
    block now = load(data), before = load(data - 1), twice_before = load(data - 2);
    block newline = (block)(now == '\n');
    block odd = (block)((now >= 0x7F) | (now == '&') | ((now < 0x20) & ~newline & (now != '\t')));
    odd |= newline & (block)((before == ' ') | (before == '\t') | ((before == '\n') & (twice_before == '\n')));
    uint64_t half[2];
    memcpy(half, &odd, sizeof half);
    return (half[0] | half[1]) == 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* What the newline at text.data[at] says. */
static unsigned newline_findings(struct span text, size_t at) {
    const char *data = text.data + at;
    bool blank = at > 0 && is_blank(data[-1]), third = at > 1 && data[-1] == '\n' && data[-2] == '\n';
    return blank || third ? FINDING_SPACE : 0;
}

/* Passes over ASCII from a position on; returns where it ends. */
static size_t survey_ascii(const struct survey *survey, struct span text, size_t at, unsigned *found) {
    for (;;) {
        while (at >= 2 && at + sizeof(block) <= text.size && block_is_quiet(text.data + at))
            at += sizeof(block);
        size_t end = at + sizeof(block) < text.size ? at + sizeof(block) : text.size;
        for (; at < end && (signed char)text.data[at] >= 0; at++) {
            unsigned char byte = (unsigned char)text.data[at];
            *found |= byte == '\n' ? newline_findings(text, at) : survey->characters[byte];
        }
        if (at == text.size || (signed char)text.data[at] < 0)
            return at;
    }
}

/* ---- the rest ---- */

static unsigned supplementary_findings(const struct survey *survey, uint32_t code) {
    return character_findings(survey->normalizer, code);
}

/* Passes over characters above ASCII; returns where ASCII or the end follows. */
static size_t survey_beyond(const struct survey *survey, struct span text, size_t at, unsigned *found) {
    unsigned previous = 0, all = 0;
    while (at < text.size && (signed char)text.data[at] < 0) {
        const unsigned char *data = (const unsigned char *)text.data + at;
        uint32_t code;
        if ((data[0] & 0xF0) == 0xE0) {
            at += 3;
            uint32_t page = (uint32_t)(data[0] & 0x0F) << 6 | (data[1] & 0x3F);
            if (survey->pages[page] == 0) {
                previous = 0;
                continue;
            }
            code = page << 6 | (data[2] & 0x3F);
        } else {
            at += utf8_decode_valid(text.data + at, &code);
        }
        unsigned now = code < BMP_SIZE ? survey->characters[code] : supplementary_findings(survey, code);
        all |= now | ((now & previous & MARK) ? FINDING_UNNORMALIZED : 0);
        previous = now;
    }
    *found |= all & ~MARK;
    return at;
}

unsigned survey_text(const struct survey *survey, struct span text) {
    unsigned found = 0;
    if (text.size == 0)
        return 0;
    char last = text.data[text.size - 1];
    if (text.data[0] == '\n' || last == '\n' || is_blank(last))
        found |= FINDING_SPACE;
    for (size_t at = 0; at < text.size;) {
        at = survey_ascii(survey, text, at, &found);
        at = survey_beyond(survey, text, at, &found);
    }
    return found;
}
