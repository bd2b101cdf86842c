/*
 * Templates that show their arguments whatever the wiki, and language variants. What any other template would show is
 * not known, so it is left out.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "text/wikitext_markup.h"

/* Looking further into a template for its arguments would cost the square of the page's nesting. */
#define SHOWN_MAX 2000
#define VARIANT_MAX 1000

/* Templates whose text is one of their arguments, or several side by side: {{lang|fr|mot}}, {{convert|12|km}}. */
static const struct shown_template {
    const char *name;
    unsigned first, last; /* positional arguments, from 1 */
    const char *prefix, *separator;
} SHOWN[] = {
    {"lang", 2, 2, "", ""},
    {"langue", 2, 2, "", ""},
    {"transl", 2, 2, "", ""},
    {"nowrap", 1, 1, "", ""},
    {"nobr", 1, 1, "", ""},
    {"nobreak", 1, 1, "", ""},
    {"small", 1, 1, "", ""},
    {"smaller", 1, 1, "", ""},
    {"big", 1, 1, "", ""},
    {"sc", 1, 1, "", ""},
    {"smallcaps", 1, 1, "", ""},
    {"abbr", 1, 1, "", ""},
    {"tooltip", 1, 1, "", ""},
    {"convert", 1, 2, "", " "},
    {"cvt", 1, 2, "", " "},
    {"unité", 1, 2, "", " "},
    {"unit", 1, 2, "", " "},
    {"nombre", 1, 2, "", " "},
    {"formatnum", 1, 1, "", ""},
    {"date-", 1, 1, "", ""},
    {"date", 1, 3, "", " "},
    {"date de naissance", 1, 3, "", " "},
    {"date de décès", 1, 3, "", " "},
    {"s", 1, 2, "", ""},
    {"s-", 1, 2, "", ""},
    {"nihongo", 1, 1, "", ""},
    {"lien", 1, 1, "", ""},
    {"ill", 1, 1, "", ""},
    {"tq", 1, 1, "", ""},
    {"xt", 1, 1, "", ""},
    {"strong", 1, 1, "", ""},
    {"em", 1, 1, "", ""},
    {"u", 1, 1, "", ""},
    {"user", 1, 1, "", ""},
    {"noping", 1, 1, "", ""},
    {"ping", 1, 7, "@", ", @"},
    {"reply to", 1, 7, "@", ", @"},
    {"replyto", 1, 7, "@", ", @"},
    {"reply", 1, 7, "@", ", @"},
    {"re", 1, 7, "@", ", @"},
    {"rto", 1, 7, "@", ", @"},
    {"yo", 1, 7, "@", ", @"},
    {"@", 1, 7, "@", ", @"},
    {"notif", 1, 7, "@", ", @"},
    {"notification", 1, 7, "@", ", @"},
};

/* Templates that stand for a few characters. */
static const struct fixed_template {
    const char *name, *text;
} FIXED[] = {{"ndash", "–"},
             {"mdash", "—"},
             {"snd", " – "},
             {"spnd", " – "},
             {"spaced ndash", " – "},
             {"spaced en dash", " – "},
             {"dash", " – "},
             {"nbsp", " "},
             {"!", "|"},
             {"=", "="},
             {"'", "'"},
             {"'s", "'s"}};

static bool name_is(struct span name, const char *other) {
    return name.size > 0 && tolower((unsigned char)name.data[0]) == tolower((unsigned char)other[0]) &&
           name.size == strlen(other) && strncasecmp(name.data, other, name.size) == 0;
}

static const struct shown_template *find_shown(struct span name) {
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        if (name_is(name, SHOWN[i].name))
            return &SHOWN[i];
    }
    return NULL;
}

static const char *find_fixed(struct span name) {
    for (size_t i = 0; i < sizeof FIXED / sizeof FIXED[0]; i++) {
        if (name_is(name, FIXED[i].name))
            return FIXED[i].text;
    }
    return NULL;
}

/* Where the argument that begins at `at` ends: at a bar or the end, brackets within it passed over. */
static size_t argument_end(const struct wiki_markup *markup, size_t at, size_t end, size_t *bracket) {
    const struct wiki_brackets *brackets = &markup->brackets;
    for (; at < end && markup->text.data[at] != '|'; at++) {
        while (*bracket < brackets->count && brackets->items[*bracket].open < at)
            (*bracket)++;
        const struct wiki_bracket *inner = *bracket < brackets->count ? &brackets->items[*bracket] : NULL;
        if (inner && inner->open == at && inner->close < end)
            at = inner->close + wiki_bracket_size(inner->kind) - 1;
    }
    return at < end ? at : end;
}

/* "name=value", where the name is one. */
static bool is_named(struct span argument) {
    for (size_t i = 0; i < argument.size; i++) {
        char byte = argument.data[i];
        if (byte == '=')
            return i > 0;
        if (!isalnum((unsigned char)byte) && byte != '_' && byte != '-' && byte != ' ')
            return false;
    }
    return false;
}

static bool has_brackets(struct span text) {
    return memchr(text.data, '[', text.size) || memchr(text.data, '{', text.size);
}

/* An argument beside others: without its quotes. */
static void append_argument(struct bytes *out, struct span argument) {
    for (size_t i = 0; i < argument.size;) {
        size_t quotes = wiki_run(argument, i, '\'');
        if (quotes < 2)
            bytes_append_byte(out, argument.data[i]);
        i += quotes < 2 ? 1 : quotes;
    }
}

/* Appends what the template shows; returns where to go on. An argument that is shown alone is written as the page is:
 * then that is its beginning. */
static size_t write_shown(struct wiki_markup *markup, const struct shown_template *shown, size_t at, size_t close) {
    size_t past = close + 2;
    size_t bracket = markup->brackets.next;
    unsigned position = 0;
    bool any = false;
    for (size_t end; at <= close && position < shown->last; at = end + 1) {
        end = argument_end(markup, at, close, &bracket);
        struct span argument = wiki_trimmed((struct span){markup->text.data + at, end - at});
        bool numbered = argument.size > 2 && argument.data[1] == '=' && isdigit((unsigned char)argument.data[0]);
        if (numbered)
            argument = wiki_trimmed((struct span){argument.data + 2, argument.size - 2});
        else if (is_named(argument))
            continue;
        position++;
        if (position < shown->first || argument.size == 0)
            continue;
        if (shown->first == shown->last) {
            wiki_markup_expect_close(markup, end, past - end);
            return (size_t)(argument.data - markup->text.data);
        }
        if (has_brackets(argument) || memchr(argument.data, '<', argument.size))
            continue;
        bytes_append_text(markup->out, any ? shown->separator : shown->prefix);
        append_argument(markup->out, argument);
        any = true;
    }
    if (!any)
        bytes_append_byte(markup->out, WIKI_DROPPED);
    return past;
}

size_t wiki_template_write(struct wiki_markup *markup, const struct wiki_bracket *pair) {
    size_t size = wiki_bracket_size(pair->kind), from = pair->open + size;
    size_t bar = from, limit = pair->close - from < 32 ? pair->close : from + 32;
    while (bar < limit && !strchr("|:\n[{", markup->text.data[bar]))
        bar++;
    struct span name = wiki_trimmed((struct span){markup->text.data + from, bar - from});
    const char *fixed = pair->kind == WIKI_TEMPLATE && bar == pair->close ? find_fixed(name) : NULL;
    if (fixed) {
        bytes_append_text(markup->out, fixed);
        return pair->close + size;
    }
    bool divided = bar < limit && (markup->text.data[bar] == '|' || span_is(name, "formatnum"));
    const struct shown_template *shown = pair->kind == WIKI_TEMPLATE && divided ? find_shown(name) : NULL;
    if (shown && pair->close - from < SHOWN_MAX)
        return write_shown(markup, shown, bar + 1, pair->close);
    bytes_append_byte(markup->out, WIKI_DROPPED);
    return pair->close + size;
}

/* The text of "zh-hans:软件", "软件" or "zh-cn:a=>zh-tw:b" with its variant's tag off. */
static struct span variant_text(struct span variant) {
    const char *colon = memchr(variant.data, ':', variant.size);
    bool tagged = colon && variant.size > 2;
    for (const char *at = variant.data; tagged && at < colon; at++)
        tagged = islower((unsigned char)*at) || *at == '-' || *at == ' ';
    if (tagged) {
        variant.size -= (size_t)(colon + 1 - variant.data);
        variant.data = colon + 1;
    }
    return wiki_trimmed(variant);
}

size_t wiki_variant_write(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    size_t from = at + 2, limit = text.size - from < VARIANT_MAX ? text.size : from + VARIANT_MAX;
    const char *close = from <= limit ? memmem(text.data + from, limit - from, "}-", 2) : NULL;
    struct span inside = {text.data + from, close ? (size_t)(close - text.data) - from : 0};
    if (!close || has_brackets(inside))
        return 0;
    const char *bar = memchr(inside.data, '|', inside.size);
    if (bar) {
        /* Flags: "A" and "R" show the text, "T", "H" and "-" (rules for the page) do not. */
        struct span flags = {inside.data, (size_t)(bar - inside.data)};
        if (memchr(flags.data, 'T', flags.size) || memchr(flags.data, 'H', flags.size) || span_is(flags, "-"))
            return (size_t)(close - text.data) + 2;
        inside.size -= flags.size + 1;
        inside.data = bar + 1;
    }
    const char *end = memchr(inside.data, ';', inside.size);
    if (end)
        inside.size = (size_t)(end - inside.data);
    bytes_append_span(markup->out, variant_text(inside));
    return (size_t)(close - text.data) + 2;
}
