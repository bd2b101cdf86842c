/*
 * Repair of UTF-8 that was read in another code page, pass by pass until nothing is left to repair: whole lines first,
 * then single sequences, then C1 controls. Which sequences there are and what they weigh is mojibake_sequence.c's
 * affair; this file knows what may be concluded from them, and nothing of records or other repairs.
 */
#include "clean/mojibake.h"

#include <string.h>
#include <unicode/uchar.h>

#include "clean/mojibake_sequence.h"
#include "text/utf8.h"

/* Mojibake four times over has been seen; every pass shortens the text. */
#define PASSES_MAX 8

static uint32_t code_at(struct span text, size_t at) {
    uint32_t code = 0;
    if (at < text.size)
        utf8_decode_valid(text.data + at, &code);
    return code;
}

static uint32_t code_before(struct span text, size_t at) {
    uint32_t code = 0;
    if (at > 0)
        utf8_decode_valid(text.data + utf8_previous(text.data, at), &code);
    return code;
}

/* The next byte above ASCII, or text.size. */
static size_t skip_ascii(struct span text, size_t at) {
    uint64_t word;
    while (at + 8 <= text.size && (memcpy(&word, text.data + at, 8), !(word & 0x8080808080808080U)))
        at += 8;
    while (at < text.size && (signed char)text.data[at] >= 0)
        at++;
    return at;
}

static bool is_blank(uint32_t code) {
    return code == 0 || code == ' ' || code == '\n' || code == '\t';
}

/* ---- where to look ---- */

static unsigned tail_pages(const struct codepages *pages, uint32_t code) {
    return code < CODEPAGE_CHARACTERS ? pages->tails[code] : 0;
}

bool mojibake_may_show(const struct codepages *pages, uint32_t code) {
    return code == UTF8_REPLACEMENT || code == 0xC3 || tail_pages(pages, code);
}

/* Whether a sequence begins at a position in one of the given code pages; a lost byte counts, too. */
static bool sequence_begins(const struct codepages *pages, unsigned wanted, struct span text, size_t at, bool lossy) {
    struct sequence s;
    for (enum codepage page = 0; wanted >> page; page++)
        if ((wanted >> page & 1) && sequence_read(pages, page, text, at, lossy, &s))
            return true;
    return false;
}

bool mojibake_shows(const struct codepages *pages, struct span text, size_t at, uint32_t code) {
    bool lossy = code == UTF8_REPLACEMENT;
    if (code >= 0x80 && code < 0xA0)
        return true;
    if (code == 0xC3 && at + 2 < text.size && text.data[at + 2] == ' ')
        return true;
    if (at == 0 || (signed char)text.data[at - 1] >= 0)
        return false;
    uint32_t before;
    size_t start = utf8_previous(text.data, at);
    utf8_decode_valid(text.data + start, &before);
    if (before >= CODEPAGE_CHARACTERS)
        return false;
    unsigned wanted = lossy ? pages->leads[before] : pages->leads[before] & tail_pages(pages, code);
    return wanted && sequence_begins(pages, wanted, text, start, lossy);
}

/* ---- what lost its no-break space ---- */

/* After A-tilde and a space that was a no-break space: whether the next word is the rest of a Portuguese one. */
static bool continues_word(struct span rest) {
    static const char *const words[] = {"quele", "quela", "quilo"};
    if (rest.size >= 2 && rest.data[0] == 's' && (rest.data[1] == ' ' || rest.data[1] == '\n'))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rest.size >= 5 && memcmp(rest.data, words[i], 5) == 0)
            return true;
    return false;
}

/*
 * A lead byte before a space that was byte A0, the no-break space. That is nearly always à, a word of its own, whose
 * own space went with it; of other letters only those that begin words. Returns the bytes to replace, 0 for none.
 */
static size_t lost_space_read(struct span text, size_t at, size_t lead_size, uint8_t lead, uint32_t *code) {
    struct span rest = {text.data + at + lead_size, text.size - at - lead_size};
    if (rest.size < 2 || rest.data[0] != ' ')
        return 0;
    switch (lead) {
    case 0xC3:
        *code = 0xE0;
        return lead_size + (rest.data[1] == ' ' || continues_word((struct span){rest.data + 1, rest.size - 1}));
    case 0xC2:
        *code = 0xA0;
        return lead_size + 1;
    case 0xC5: /* S with caron */
    case 0xCE: /* Pi */
    case 0xD0: /* Er */
    case 0xD7: /* Nun */
        *code = (uint32_t)(lead & 0x1F) << 6 | 0x20;
        return lead_size + 1;
    default:
        return 0;
    }
}

/* ---- whole lines ---- */

/* What a line holds beyond ASCII, read in one code page. */
struct line_look {
    size_t sequences, odd;
    size_t run;     /* sequences without a gap before them that are no Latin letters */
    bool stray;     /* something is in no sequence */
    bool plausible; /* some sequence is of a common letter or sign */
    bool certain, long_run, run_is_odd;
};

static void look_at_sequence(struct line_look *look, const struct sequence *s, enum codepage page, uint32_t before,
                             uint32_t after, bool adjoins) {
    if (s->lossy) {
        look->odd += u_isULowercase((UChar32)before) && u_isUUppercase((UChar32)s->lead);
        return;
    }
    if (s->spaced)
        return;
    look->sequences++;
    look->plausible |= sequence_is_plausible(s);
    look->odd += sequence_count_odd(s, before, after);
    look->certain |= sequence_weigh(s, page, before, after) == WEIGHT_CERTAIN;
    if (!adjoins)
        look->run = look->run_is_odd = 0;
    look->run = s->code < 0x370 ? 0 : look->run + 1;
    for (size_t i = 0; i < s->tails; i++) /* tables are drawn with boxes alone */
        look->run_is_odd |= s->tail[i] < 0x2500 || s->tail[i] >= 0x2580;
    look->long_run |= look->run >= 3 && look->run_is_odd;
}

/* Writes the line as it was before it was read in the code page, or, without out, says only whether it should be. */
static bool line_read(const struct codepages *pages, enum codepage page, struct span line, struct bytes *out) {
    struct line_look look = {0};
    size_t copied = 0, end = SIZE_MAX;
    for (size_t at = 0; (at = skip_ascii(line, at)) < line.size && !look.stray;) {
        struct sequence s;
        size_t size = 0;
        uint32_t code = 0;
        if (sequence_read(pages, page, line, at, true, &s)) {
            look_at_sequence(&look, &s, page, code_before(line, at), code_at(line, at + s.size), at == end);
            size = s.size;
            code = s.code;
        } else if (s.first) {
            uint32_t lead;
            size = lost_space_read(line, at, utf8_decode_valid(line.data + at, &lead), s.first, &code);
        }
        look.stray |= size == 0;
        if (out && size > 0) {
            bytes_append(out, line.data + copied, at - copied);
            utf8_append(out, code);
            copied = at + size;
        }
        at += size > 0 ? size : 1;
        end = at;
    }
    if (out)
        bytes_append(out, line.data + copied, line.size - copied);
    size_t enough = look.sequences == 1 || look.sequences == 2 ? 2 : 1;
    return !look.stray &&
           (look.certain || look.long_run || (look.odd >= enough && (look.plausible || look.sequences != 1)));
}

/* The code pages in which sequences begin in a text. */
static unsigned find_pages(const struct codepages *pages, struct span text) {
    unsigned found = 0, leads = 0;
    size_t previous = 0, end = SIZE_MAX;
    for (size_t at = 0; (at = skip_ascii(text, at)) < text.size; end = at) {
        uint32_t code;
        size_t start = at;
        if (at != end)
            leads = 0;
        at += utf8_decode_valid(text.data + at, &code);
        bool lossy = code == UTF8_REPLACEMENT;
        unsigned both = leads ? leads & (lossy ? ~0U : tail_pages(pages, code)) & ~found : 0;
        for (enum codepage page = 0; both >> page; page++)
            if ((both >> page & 1) && sequence_begins(pages, 1U << page, text, previous, lossy))
                found |= 1U << page;
        leads = code < CODEPAGE_CHARACTERS ? pages->leads[code] : 0;
        previous = start;
    }
    return found;
}

/* The code page in which a line makes sense whole; CODEPAGE_COUNT where it needs no repair, or not that of a line. */
static enum codepage line_find_page(const struct codepages *pages, struct span line) {
    unsigned found = find_pages(pages, line);
    enum codepage page = 0;
    while (page < CODEPAGE_COUNT && !((found >> page & 1) && line_read(pages, page, line, NULL)))
        page++;
    return page;
}

/* Repairs the lines that can be whole; false, with nothing appended, where there are none. */
static bool repair_lines(const struct codepages *pages, struct span text, struct bytes *out) {
    size_t copied = 0;
    for (size_t at = 0; at < text.size;) {
        const char *newline = memchr(text.data + at, '\n', text.size - at);
        size_t end = newline ? (size_t)(newline - text.data) : text.size;
        struct span line = {text.data + at, end - at};
        enum codepage page = line_find_page(pages, line);
        if (page < CODEPAGE_COUNT) {
            bytes_append(out, text.data + copied, at - copied);
            line_read(pages, page, line, out);
            copied = end;
        }
        at = end + 1;
    }
    if (copied > 0)
        bytes_append(out, text.data + copied, text.size - copied);
    return copied > 0;
}

/* ---- single sequences ---- */

/* Runs of sequences without a gap: mojibake of Greek, Cyrillic, Hebrew, Arabic, Han. Good text has no three in a row.
 */
struct run {
    size_t end; /* byte after it */
    bool certain;
};

static struct run run_read(const struct codepages *pages, enum codepage page, struct span text, size_t at) {
    struct sequence s;
    size_t count = 0;
    bool odd = false, latin = false;
    for (; at < text.size && sequence_read(pages, page, text, at, false, &s); at += s.size) {
        count++;
        latin |= s.code < 0x370;
        for (size_t i = 0; i < s.tails; i++)
            odd |= is_odd_after_letter(s.tail[i]);
    }
    return (struct run){at, !latin && (page == CODEPAGE_1252 ? count >= 3 || (count == 2 && odd) : count >= 3 && odd)};
}

/* One pass over a text: `repair` false only looks for something certain. */
struct pass {
    const struct codepages *pages;
    enum codepage page;
    struct span text;
    struct bytes *out;
    bool repair;
    bool found;
    struct run run; /* the last one seen */
};

/*
 * UTF-8 read as Windows-1252 that lost a byte, known by its lead only: a grave a, or the S-caron of twofold mojibake
 * (ÃƒÅ  for Ê), whose no-break space became a space; a closing quote whose last byte Windows-1252 does not have.
 */
static size_t damaged_repair(struct pass *pass, size_t at, uint32_t before, bool adjoins, uint32_t *code) {
    struct span rest = {pass->text.data + at, pass->text.size - at};
    bool begins = is_blank(before) || before == '\'', small = u_isULowercase((UChar32)before);
    if (pass->page != CODEPAGE_1252)
        return 0;
    if (rest.size >= 3 && memcmp(rest.data, "\xC3\x83 ", 3) == 0 && (begins || small)) {
        bool twice = rest.size > 3 && rest.data[3] == ' ';
        size_t size = lost_space_read(pass->text, at, 2, 0xC3, code);
        pass->found |= size > 0 && (small || twice); /* no capital ends a word in small letters */
        return size;
    }
    if (adjoins && rest.size >= 3 && memcmp(rest.data, "\xC3\x85 ", 3) == 0) {
        *code = 0x160;
        return 3;
    }
    if (rest.size >= 5 && memcmp(rest.data, "\xC3\xA2\xE2\x82\xAC", 5) == 0 && !begins) {
        *code = 0x201D;
        if (rest.size >= 8 && memcmp(rest.data + 5, "\xEF\xBF\xBD", 3) == 0)
            return 8;
        return rest.size == 5 || (signed char)rest.data[5] >= 0 ? 5 : 0;
    }
    return 0;
}

/* Handles the sequence at `at`, which adjoins a repaired one or not: returns its size and *code where it is to be
 * replaced, 0 where it stays. */
static size_t pass_handle(struct pass *pass, size_t at, uint32_t before, bool adjoins, uint32_t *code) {
    struct sequence s;
    if (!sequence_read(pass->pages, pass->page, pass->text, at, false, &s))
        return damaged_repair(pass, at, before, adjoins, code);
    uint32_t after = code_at(pass->text, at + s.size);
    if (at >= pass->run.end)
        pass->run = run_read(pass->pages, pass->page, pass->text, at);
    enum weight weight = pass->run.certain ? WEIGHT_CERTAIN : sequence_weigh(&s, pass->page, before, after);
    if (adjoins && (s.lead == 0xC2 || is_european_letter(s.code))) /* mojibake of mojibake */
        weight = WEIGHT_CERTAIN;
    pass->found |= weight == WEIGHT_CERTAIN;
    *code = s.code;
    return weight == WEIGHT_CERTAIN || (pass->repair && weight == WEIGHT_LIKELY) ? s.size : 0;
}

/* Walks over the leads of a text. */
static void pass_run(struct pass *pass) {
    struct span text = pass->text;
    size_t copied = 0;
    uint32_t replaced = 0; /* the last replacement, which is what stands before the next sequence if that adjoins */
    for (size_t at = 0; (at = skip_ascii(text, at)) < text.size && (pass->repair || !pass->found);) {
        uint32_t lead, code = 0;
        size_t length = utf8_decode_valid(text.data + at, &lead), size = 0;
        if (lead < CODEPAGE_CHARACTERS && (pass->pages->leads[lead] >> pass->page & 1)) {
            bool adjoins = at == copied && at > 0;
            size = pass_handle(pass, at, adjoins ? replaced : code_before(text, at), adjoins, &code);
        }
        if (size > 0 && pass->repair) {
            bytes_append(pass->out, text.data + copied, at - copied);
            utf8_append(pass->out, code);
            copied = at + size;
            replaced = code;
        }
        at += size > 0 ? size : length;
    }
    if (pass->repair)
        bytes_append(pass->out, text.data + copied, text.size - copied);
}

/* Repairs single sequences of the first code page that has a certain one; false where none has. */
static bool repair_sequences(const struct codepages *pages, unsigned found, struct span text, struct bytes *out) {
    if (memmem(text.data, text.size, "\xC3\x83 ", 3)) /* a damaged one */
        found |= 1U << CODEPAGE_1252;
    for (enum codepage page = 0; page < CODEPAGE_COUNT; page++) {
        struct pass look = {.pages = pages, .page = page, .text = text};
        if (found >> page & 1)
            pass_run(&look);
        if (look.found) {
            struct pass repair = {.pages = pages, .page = page, .text = text, .out = out, .repair = true};
            pass_run(&repair);
            return true;
        }
    }
    return false;
}

/* ---- C1 controls ---- */

/*
 * Position of the next C1 control that Windows-1252 read as Latin-1 can have left; text.size where there is none. NEL
 * may be meant as a line end, unless a line goes on behind it; after a letter that Latin-1 does not have, something
 * else went wrong.
 */
static size_t c1_find(struct span text, size_t at) {
    while (at < text.size) {
        const char *lead = memchr(text.data + at, 0xC2, text.size - at);
        if (!lead)
            break;
        at = (size_t)(lead - text.data);
        uint8_t next = (uint8_t)lead[1];
        uint32_t before = 0;
        if (next < 0xA0 && at > 0)
            utf8_decode_valid(text.data + utf8_previous(text.data, at), &before);
        bool foreign = before > 0xFF && u_isalpha((UChar32)before);
        bool line_end = next == 0x85 && !(at + 2 == text.size || text.data[at + 2] == ' ');
        if (next < 0xA0 && !line_end && windows1252_decode(next) != next && !foreign)
            return at;
        at += 2;
    }
    return text.size;
}

/* Reads all C1 controls of a text that holds such as the characters of Windows-1252. */
static void c1_repair(struct span text, struct bytes *out) {
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        utf8_append(out, code < 0x100 ? windows1252_decode((uint8_t)code) : code);
    }
}

bool mojibake_repair(const struct codepages *pages, struct span text, struct bytes *out) {
    struct bytes next = {0};
    size_t start = out->size;
    bool changed = false;
    for (int i = 0; i < PASSES_MAX; i++) {
        bytes_clear(&next);
        unsigned found = find_pages(pages, text);
        if (!(found && repair_lines(pages, text, &next)) && !repair_sequences(pages, found, text, &next)) {
            if (c1_find(text, 0) == text.size)
                break;
            c1_repair(text, &next);
        }
        out->size = start;
        bytes_append_span(out, span_of_bytes(&next));
        changed = true;
        text = (struct span){out->data + start, out->size - start};
    }
    bytes_release(&next);
    return changed;
}
