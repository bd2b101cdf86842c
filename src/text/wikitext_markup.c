/*
 * Markup within the text: brackets of all kinds, quotes, magic words. Brackets are matched once over the whole page, so
 * nesting costs nothing and what is never closed takes nothing with it. Knows nothing of headings and lists.
 */
#include "text/wikitext_markup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "text/wikitext_scan.h"

static const struct span NOTHING = {"", 0};

/* Looking further for the end of an external link's label would cost the square of the page. */
#define EXTERNAL_LABEL_MAX 2000

/* File and Category in English and in wikis that are often read under a header that is not their own. */
#define DROPPED_SPACES                                                                                                                                                                   \
    "file\nimage\nmedia\ncategory\ndatei\nbild\nkategorie\nfichier\ncatégorie\narchivo\nimagen\ncategoría\n"                                                                           \
    "categoria\nimmagine\nbestand\nafbeelding\ncategorie\nfil\nkategori\nplik\ngrafika\nkategoria\nficheiro\nimagem\n"                                                                   \
    "файл\nизображение\nкатегория\nфайл\nкатегорія\nファイル\n画像\nカテゴリ\n文件\n檔案\n分类\n分類\nملف\nصورة\nتصني" \
    "ف\nслика\nкартинка"

void wiki_markup_expect_close(struct wiki_markup *markup, size_t place, size_t size, struct span text) {
    if (markup->close_count == markup->close_capacity) {
        markup->close_capacity = markup->close_capacity ? markup->close_capacity * 2 : 16;
        markup->closes = memory_resize(markup->closes, markup->close_capacity, sizeof *markup->closes);
    }
    markup->closes[markup->close_count++] = (struct wiki_close){place, size, text.size};
    bytes_append_span(&markup->owed, text);
}

static const struct wiki_close *pop_close(struct wiki_markup *markup) {
    const struct wiki_close *close = &markup->closes[--markup->close_count];
    markup->owed.size -= close->text_size;
    return close;
}

/* True, with how much to pass over, where a piece that is being written ends here; what follows it is written. Pieces
 * whose ends were jumped over with what they were in are forgotten. */
static bool take_close(struct wiki_markup *markup, size_t place, size_t *size) {
    while (markup->close_count > 0 && markup->closes[markup->close_count - 1].place < place)
        pop_close(markup);
    if (markup->close_count == 0 || markup->closes[markup->close_count - 1].place != place)
        return false;
    const struct wiki_close *close = pop_close(markup);
    if (close->text_size > 0)
        bytes_append(markup->out, markup->owed.data + markup->owed.size, close->text_size);
    *size = close->size;
    return true;
}

static bool name_in_list(struct span name, struct span list) {
    for (size_t at = 0; at < list.size;) {
        const char *stop = memchr(list.data + at, '\n', list.size - at);
        size_t length = (stop ? (size_t)(stop - list.data) : list.size) - at;
        if (length == name.size && strncasecmp(list.data + at, name.data, length) == 0)
            return true;
        at += length + 1;
    }
    return false;
}

struct span wiki_trimmed(struct span text) {
    while (text.size && isspace((unsigned char)text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size && isspace((unsigned char)text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Prefixes of links to the same page in another language: "de:", "zh-min-nan:", "simple:". */
static bool is_language_prefix(struct span prefix) {
    if (span_is(prefix, "simple") || prefix.size < 2 || prefix.size > 12)
        return span_is(prefix, "simple");
    size_t first = 0;
    for (size_t i = 0; i < prefix.size; i++) {
        if (prefix.data[i] == '-')
            continue;
        if (prefix.data[i] < 'a' || prefix.data[i] > 'z')
            return false;
        first += i == first;
    }
    return first == 2 || first == 3;
}

/* Files, categories and links to other languages show nothing in the text. */
static bool is_dropped_link(const struct wiki_markup *markup, struct span target) {
    const char *colon = target.size ? memchr(target.data, ':', target.size) : NULL;
    if (!colon || colon == target.data)
        return false;
    struct span prefix = wiki_trimmed((struct span){target.data, (size_t)(colon - target.data)});
    return name_in_list(prefix, SPAN_LITERAL(DROPPED_SPACES)) || name_in_list(prefix, markup->wiki->local_names) ||
           is_language_prefix(prefix);
}

/* "[[Mercury (planet)|]]" shows "Mercury", "[[Help:Contents|]]" shows "Contents". */
static struct span pipe_trick(struct span target) {
    const char *colon = memchr(target.data, ':', target.size);
    if (colon) {
        target.size -= (size_t)(colon + 1 - target.data);
        target.data = colon + 1;
    }
    const char *paren = memrchr(target.data, '(', target.size);
    if (paren && target.size && target.data[target.size - 1] == ')')
        target.size = (size_t)(paren - target.data);
    return wiki_trimmed(target);
}

/* "[[Lêer:Aarde.jpg|thumb|…]]": whatever the wiki calls its files, other links with a prefix have no second bar. */
static bool is_file_link(struct span text, struct span target, size_t bar, size_t close) {
    if (!memchr(target.data, ':', target.size) || target.data[0] == ':')
        return false;
    size_t at = bar + 1, limit = close - bar < 100 ? close : bar + 100;
    while (at < limit && !strchr("|[{", text.data[at]))
        at++;
    return at < limit && text.data[at] == '|';
}

/* Handles the link that opens at `at`; returns where to go on. */
static size_t write_link(struct wiki_markup *markup, const struct wiki_bracket *pair) {
    struct span text = span_of_bytes(&markup->text);
    size_t from = pair->open + 2;
    size_t end = from;
    /* A target has no brackets in it; looking beyond them would make nested links cost their square. */
    while (end < pair->close && !strchr("|\n[{", text.data[end]))
        end++;
    struct span target = wiki_trimmed((struct span){text.data + from, end - from});
    if (is_dropped_link(markup, target) || is_file_link(text, target, end, pair->close))
        return pair->close + 2;
    if (end < pair->close && text.data[end] == '|') {
        if (end + 1 == pair->close) {
            bytes_append_span(markup->out, pipe_trick(target));
            return pair->close + 2;
        }
        from = end + 1;
    } else if (from < pair->close && text.data[from] == ':') {
        from++;
    }
    wiki_markup_expect_close(markup, pair->close, 2, NOTHING);
    return from;
}

/* "[https://example.org a label]" → "a label"; one without a label is dropped. 0 where this is no such link. */
static size_t write_external_link(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    static const char *const schemes[] = {"http://", "https://", "ftp://", "mailto:", "news:", "irc://", "//"};
    size_t from = at + 1;
    bool known = false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0] && !known; i++)
        known = text.size - from >= strlen(schemes[i]) &&
                strncasecmp(text.data + from, schemes[i], strlen(schemes[i])) == 0;
    if (!known)
        return 0;
    size_t label = from;
    while (label < text.size && !strchr(" \t\n]", text.data[label]))
        label++;
    size_t close = label;
    size_t limit = text.size - label < EXTERNAL_LABEL_MAX ? text.size : label + EXTERNAL_LABEL_MAX;
    for (unsigned depth = 0; close < limit && text.data[close] != '\n' && !(depth == 0 && text.data[close] == ']');
         close++) {
        if (text.data[close] == '[')
            depth++;
        else if (text.data[close] == ']')
            depth--;
    }
    if (close == limit || text.data[close] != ']')
        return label;
    if (label == close)
        return close + 1;
    wiki_markup_expect_close(markup, close, 1, NOTHING);
    return label + 1;
}

/* "__NOTOC__" and its like. */
static size_t skip_magic_word(struct span text, size_t at) {
    size_t end = at + 2;
    while (end < text.size && isupper((unsigned char)text.data[end]))
        end++;
    return end > at + 3 && end + 1 < text.size && text.data[end] == '_' && text.data[end + 1] == '_' ? end + 2 : 0;
}

/*
 * Where neither bold nor italics are balanced on a line, MediaWiki takes one run of three quotes for an apostrophe
 * before italics ("l''''été"): the first after a word of one letter, else the first after a longer word. WIKI_UNMATCHED
 * where all is balanced.
 */
static size_t find_apostrophe(struct span text, size_t line) {
    size_t bold = 0, italics = 0, after_letter = WIKI_UNMATCHED, after_word = WIKI_UNMATCHED;
    for (size_t i = line; i < text.size && text.data[i] != '\n';) {
        size_t run = text.data[i] == '\'' ? wiki_run(text, i, '\'') : 0;
        if (run == 3 || run == 4) {
            size_t start = i + run - 3;
            bool word = start > line && text.data[start - 1] != ' ';
            bool letter = word && (start - line < 2 || text.data[start - 2] == ' ');
            after_letter = letter && after_letter == WIKI_UNMATCHED ? start : after_letter;
            after_word = word && after_word == WIKI_UNMATCHED ? start : after_word;
        }
        bold += run == 3 || run >= 4;
        italics += run == 2 || run >= 5;
        i += run ? run : 1;
    }
    if (bold % 2 == 0 || italics % 2 == 0)
        return WIKI_UNMATCHED;
    return after_letter != WIKI_UNMATCHED ? after_letter : after_word;
}

/* Bold and italics are runs of two, three or five quotes; of four, one is text. */
static size_t skip_quotes(struct wiki_markup *markup, size_t at) {
    size_t run = wiki_run(span_of_bytes(&markup->text), at, '\'');
    if (run == 1 || run == 4 || run > 5 || (run == 3 && at == markup->apostrophe))
        bytes_append_byte(markup->out, '\'');
    return at + run;
}

/* Computed when the first quotes of a line are met. */
static void look_for_apostrophe(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    const char *before = at ? memrchr(text.data, '\n', at) : NULL;
    const char *after = memchr(text.data + at, '\n', text.size - at);
    markup->apostrophe = find_apostrophe(text, before ? (size_t)(before - text.data) + 1 : 0);
    markup->line_end = after ? (size_t)(after - text.data) + 1 : text.size;
}

static size_t write_bracket(struct wiki_markup *markup, const struct wiki_bracket *pair) {
    if (pair->close == WIKI_UNMATCHED && pair->kind == WIKI_TABLE) {
        /* Its attributes are no text. */
        struct span text = span_of_bytes(&markup->text);
        const char *end = memchr(text.data + pair->open, '\n', text.size - pair->open);
        return end ? (size_t)(end - text.data) : text.size;
    }
    if (pair->close == WIKI_UNMATCHED)
        return pair->open + wiki_bracket_size(pair->kind);
    if (pair->kind == WIKI_LINK)
        return write_link(markup, pair);
    return pair->kind == WIKI_TABLE ? wiki_table_enter(markup, pair) : wiki_template_write(markup, pair);
}

/* Writes the special character at `at`, or passes over what it begins; returns where to go on. */
static size_t write_at(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    size_t size, next = 0;
    if (take_close(markup, at, &size))
        return at + size;
    char byte = text.data[at], following = at + 1 < text.size ? text.data[at + 1] : '\0';
    if (byte == WIKI_LITERAL && at + 1 < text.size) {
        bytes_append(markup->out, text.data + at, 2);
        return at + 2;
    }
    if (byte == '{' || byte == '[') {
        const struct wiki_bracket *pair = wiki_brackets_at(&markup->brackets, at);
        if (pair)
            return write_bracket(markup, pair);
        next = byte == '[' ? write_external_link(markup, at) : 0;
    } else if ((byte == '}' || byte == ']') && following == byte) {
        next = at + 2;
    } else if (byte == '<') {
        next = wiki_tag_write(markup, at);
    } else if (byte == '&') {
        next = wiki_entity_write(markup, at);
    } else if (byte == '\'' && following == '\'') {
        if (at >= markup->line_end)
            look_for_apostrophe(markup, at);
        next = skip_quotes(markup, at);
    } else if (byte == '_' && following == '_') {
        next = skip_magic_word(text, at);
    } else if (byte == '-' && following == '{') {
        next = wiki_variant_write(markup, at);
    } else if ((byte == '\n' || byte == '|' || byte == '!') && at < markup->table_end) {
        next = wiki_table_write(markup, at);
    }
    if (next)
        return next;
    bytes_append_byte(markup->out, byte);
    return at + 1;
}

/* Over text without brackets, tags, entities, quotes and underscores. */
static size_t skip_plain(const char *data, size_t at, size_t limit) {
    for (size_t step = WIKI_SCAN_STEP; step == WIKI_SCAN_STEP && at + step <= limit; at += step) {
        uint64_t word = wiki_scan_load(data + at),
                 even = word & ~WIKI_SCAN_ONES; /* "&" and "'" differ in the lowest bit */
        step = wiki_scan_first(wiki_scan_brackets(word) | wiki_scan_equal(word, '<') | wiki_scan_equal(even, '&') |
                               wiki_scan_below(word, WIKI_LITERAL + 1));
    }
    return at;
}

void wikitext_strip_markup(struct span wikitext, const struct wikitext_wiki *wiki, struct bytes *out) {
    /* 1: special everywhere, 2: in tables, 4: on pages with "-{". */
    static const unsigned char special[256] = {
        ['{'] = 1, ['}'] = 1, ['['] = 1,  [']'] = 1,          ['<'] = 1, ['&'] = 1, ['\''] = 1,
        ['_'] = 1, ['-'] = 4, ['\n'] = 2, [WIKI_LITERAL] = 1, ['|'] = 2, ['!'] = 2};
    struct wiki_markup markup = {.wiki = wiki, .out = out, .apostrophe = WIKI_UNMATCHED};
    bytes_reserve(&markup.text, wikitext.size);
    bytes_reserve(out, wikitext.size);
    wiki_literal_append(wikitext, &markup.text);
    struct span text = span_of_bytes(&markup.text);
    wiki_brackets_match(&markup.brackets, text);
    unsigned mask = markup.brackets.has_variants ? 5 : 1;
    for (size_t at = 0; at < text.size;) {
        if (markup.table_end < at)
            markup.table_end = 0;
        mask = markup.table_end > 0 ? mask | 2 : mask & ~2U;
        size_t end = at, limit = text.size;
        if (markup.close_count > 0 && markup.closes[markup.close_count - 1].place >= at)
            limit = markup.closes[markup.close_count - 1].place;
        if (mask == 1)
            end = skip_plain(text.data, end, limit);
        while (end < limit && !(special[(unsigned char)text.data[end]] & mask))
            end++;
        bytes_append(out, text.data + at, end - at);
        at = end < text.size ? write_at(&markup, end) : end;
    }
    bytes_release(&markup.text);
    wiki_brackets_release(&markup.brackets);
    free(markup.closes);
    bytes_release(&markup.owed);
    bytes_release(&markup.composed);
}
