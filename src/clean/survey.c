/*
 * The look that decides what a text needs: tables of what the repairs say of each character, and the plain way to look
 * a text over with them: ASCII by blocks, other characters one by one, where whole pages of 64 that need nothing cost
 * one look-up. Knows which characters concern which repair, not what becomes of them.
 */
#include "clean/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/controls.h"
#include "clean/mojibake.h"
#include "clean/space.h"
#include "clean/survey_tables.h"
#include "text/utf8.h"

/* ---- tables ---- */

static uint8_t character_findings(const struct survey *survey, uint32_t code) {
    enum normal_effect effect = normalizer_effect(survey->normalizer, code);
    unsigned found = effect == NORMAL_MAY_CHANGE ? FINDING_UNNORMALIZED : 0;
    if (controls_may_remove(code))
        found |= FINDING_CONTROL;
    if (space_is_odd(code))
        found |= FINDING_SPACE;
    if (code == UTF8_REPLACEMENT)
        found |= FINDING_REPLACEMENT;
    if (code == '&')
        found |= FINDING_AMPERSAND;
    if (code >= 0x80 && mojibake_may_show(survey->codepages, code))
        found |= FINDING_MOJIBAKE;
    found &= survey->wanted;
    if (effect == NORMAL_MARK && (survey->wanted & FINDING_UNNORMALIZED))
        found |= SURVEY_MARK;
    return (uint8_t)found;
}

static void set_add(struct survey_byte_set *set, unsigned byte) {
    set->low[byte & 15] |= (uint8_t)(1U << (byte >> 4 & 7));
    set->high[byte >> 4] = (uint8_t)(1U << (byte >> 4 & 7));
}

static bool pages_say(const struct survey *survey, uint32_t first, uint32_t end) {
    for (uint32_t page = first; page < end; page++)
        if (survey->pages[page])
            return true;
    return false;
}

/* Leads of Georgian, Vietnamese, punctuation, kana, Hangul, full-width forms; of Cyrillic and Arabic. */
static const uint8_t split_leads[SURVEY_SPLIT_COUNT] = {0xE1, 0xE2, 0xE3, 0xEA, 0xED, 0xEF, 0xD0, 0xD1, 0xD8, 0xD9};

/* What the characters say that begin with two bytes. */
static unsigned front_findings(const struct survey *survey, unsigned lead, unsigned second) {
    return lead < 0xE0 ? survey->characters[(lead & 0x1F) << 6 | (second & 0x3F)]
                       : survey->pages[(lead & 0x0F) << 6 | (second & 0x3F)];
}

static void fill_split_leads(struct survey *survey) {
    for (unsigned i = 0; i < SURVEY_SPLIT_COUNT; i++) {
        unsigned shift = i % 2 * 4;
        bool again = split_leads[i] == 0xE2 || split_leads[i] == 0xE3; /* 80 is for fill_thirds */
        survey->split_leads[i / 2][split_leads[i] & 15] = (uint8_t)(0x0FU << shift);
        for (unsigned second = 0x80 + again; second < 0xC0; second++)
            if (front_findings(survey, split_leads[i], second))
                survey->split_seconds[i / 2][second & 15] |= (uint8_t)(1U << ((second >> 4 & 3) + shift));
    }
    for (unsigned high = 8; high < 12; high++)
        survey->split_high[high] = (uint8_t)(0x11U << (high & 3));
}

/* U+2000 to U+203F and U+3000 to U+303F, by their last byte. */
static void fill_thirds(struct survey *survey) {
    survey->third_leads[2] = 0x0F;
    survey->third_leads[3] = 0xF0;
    for (uint32_t third = 0; third < 64; third++) {
        if (survey->characters[0x2000 + third])
            survey->thirds[third & 15] |= (uint8_t)(1U << (third >> 4));
        if (survey->characters[0x3000 + third])
            survey->thirds[third & 15] |= (uint8_t)(0x10U << (third >> 4));
    }
}

static void fill_vectors(struct survey *survey) {
    for (unsigned byte = 0; byte < 0x80; byte++)
        if (survey->characters[byte])
            set_add(&survey->ascii, byte);
    for (unsigned lead = 0xC2; lead < 0xF5; lead++) {
        uint32_t page = lead < 0xE0 ? lead & 0x1F : (lead & 0x0F) << 6;
        bool split = memchr(split_leads, (int)lead, sizeof split_leads) != NULL;
        if (lead >= 0xF0 || (!split && pages_say(survey, page, lead < 0xE0 ? page + 1 : page + 64)))
            set_add(&survey->others, lead);
    }
    fill_split_leads(survey);
    fill_thirds(survey);
}

struct survey *survey_new(const struct normalizer *normalizer, const struct codepages *pages, unsigned wanted) {
    struct survey *survey = memory_zeroed(1, sizeof *survey);
    survey->normalizer = normalizer;
    survey->codepages = pages;
    survey->wanted = wanted;
    for (uint32_t code = 0; code < SURVEY_BMP_SIZE; code++) {
        survey->characters[code] = character_findings(survey, code);
        survey->pages[code / SURVEY_PAGE_SIZE] |= survey->characters[code];
    }
    fill_vectors(survey);
    return survey;
}

void survey_free(struct survey *survey) {
    free(survey);
}

/* ---- single characters ---- */

size_t survey_character(const struct survey *survey, struct span text, size_t at, struct survey_state *state) {
    uint32_t code;
    size_t end = at + utf8_decode_valid(text.data + at, &code);
    if (end <= state->end)
        return end;
    unsigned now = code < SURVEY_BMP_SIZE ? survey->characters[code] : character_findings(survey, code);
    if (now & FINDING_MOJIBAKE & ~state->found && !mojibake_shows(survey->codepages, text, at, code))
        now &= ~(unsigned)FINDING_MOJIBAKE;
    if (now & SURVEY_MARK && state->mark && at == state->end && normalizer_reorders(state->mark, code))
        now |= FINDING_UNNORMALIZED;
    state->found |= now & ~SURVEY_MARK;
    state->mark = now & SURVEY_MARK ? code : 0;
    state->end = end;
    return end;
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
static size_t survey_ascii(const struct survey *survey, struct span text, size_t at, struct survey_state *state) {
    for (;;) {
        while (at >= 2 && at + sizeof(block) <= text.size && block_is_quiet(text.data + at))
            at += sizeof(block);
        size_t end = at + sizeof(block) < text.size ? at + sizeof(block) : text.size;
        for (; at < end && (signed char)text.data[at] >= 0; at++) {
            unsigned char byte = (unsigned char)text.data[at];
            state->found |= byte == '\n' ? newline_findings(text, at) & survey->wanted : survey->characters[byte];
        }
        if (at == text.size || (signed char)text.data[at] < 0)
            return at;
    }
}

/* Passes over characters above ASCII; returns where ASCII or the end follows. */
static size_t survey_beyond(const struct survey *survey, struct span text, size_t at, struct survey_state *state) {
    while (at < text.size && (signed char)text.data[at] < 0) {
        const unsigned char *data = (const unsigned char *)text.data + at;
        bool three = (data[0] & 0xF0) == 0xE0;
        if (three && survey->pages[(data[0] & 0x0F) << 6 | (data[1] & 0x3F)] == 0)
            at += 3;
        else
            at = survey_character(survey, text, at, state);
    }
    return at;
}

/* ---- texts ---- */

/* What the ends of a text say: white space does not stand there. */
static unsigned edge_findings(struct span text) {
    char last = text.data[text.size - 1];
    return text.data[0] == '\n' || last == '\n' || is_blank(last) ? FINDING_SPACE : 0;
}

static void run_plain(const struct survey *survey, struct span text, struct survey_state *state) {
    for (size_t at = 0; at < text.size;) {
        at = survey_ascii(survey, text, at, state);
        at = survey_beyond(survey, text, at, state);
    }
}

unsigned survey_text_plain(const struct survey *survey, struct span text) {
    struct survey_state state = {0};
    if (text.size == 0)
        return 0;
    state.found = edge_findings(text) & survey->wanted;
    run_plain(survey, text, &state);
    return state.found;
}

#if defined(__x86_64__)
/* Looks at the characters that begin in the first two bytes, which the blocks look back on. */
static void survey_front(const struct survey *survey, struct span text, struct survey_state *state) {
    for (size_t at = 0; at < 2;) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 0x80) {
            at = survey_character(survey, text, at, state);
            continue;
        }
        state->found |= byte == '\n' ? newline_findings(text, at) & survey->wanted : survey->characters[byte];
        at++;
    }
}
#endif

unsigned survey_text(const struct survey *survey, struct span text) {
#if defined(__x86_64__)
    if (text.size > SURVEY_VECTOR_MIN && __builtin_cpu_supports("avx2")) {
        struct survey_state state = {.found = edge_findings(text) & survey->wanted};
        survey_front(survey, text, &state);
        survey_run_avx2(survey, text, &state);
        return state.found;
    }
#endif
    return survey_text_plain(survey, text);
}
