/*
 * Templates: what those of wikitext_shown.h show is composed of their arguments, each written as the page is. All
 * others are left out.
 */
#include <ctype.h>
#include <string.h>

#include "text/wikitext_composition.h"
#include "text/wikitext_shown.h"

/* "{{XXe siècle}}", "{{1er mai}}", "{{Ier}}", "{{2nd}}" and "{{e}}" show their own names. */
static bool names_itself(struct span name) {
    static const char *const endings[] = {"er", "re", "ère", "e", "ème", "nd", "nde", "ers", "es", "o", "a"};
    const char *blank = memchr(name.data, ' ', name.size);
    struct span ordinal = {name.data, blank ? (size_t)(blank - name.data) : name.size};
    size_t digits = 0;
    while (digits < ordinal.size && ordinal.data[digits] && strchr("IVXLC0123456789", ordinal.data[digits]))
        digits++;
    struct span ending = {ordinal.data + digits, ordinal.size - digits};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (span_is(ending, endings[i]))
            return digits > 0 || (!blank && !span_is(ending, "o") && !span_is(ending, "a"));
    }
    return false;
}

/* What the template at `pair` shows, by its name; *from is where its arguments begin. */
static const char *find_pattern(const struct wiki_markup *markup, const struct wiki_bracket *pair, struct span *name,
                                size_t *from) {
    const char *text = markup->text.data;
    char folded[WIKI_NAME_MAX];
    size_t begin = pair->open + wiki_bracket_size(pair->kind), end = pair->close;
    if (pair->first_bar != WIKI_UNMATCHED && markup->brackets.bars[pair->first_bar].place < end)
        end = markup->brackets.bars[pair->first_bar].place;
    if (end - begin > WIKI_NAME_MAX)
        end = begin + WIKI_NAME_MAX;
    const char *colon = memchr(text + begin, ':', end - begin);
    if (colon && colon > text + begin)
        end = (size_t)(colon - text) + 1;
    *from = end + (colon ? 0 : 1);
    *name = wiki_trimmed((struct span){text + begin, end - begin});
    size_t size = wiki_name_fold(*name, folded);
    return size ? wiki_shown_find((struct span){folded, size}) : NULL;
}

size_t wiki_template_write(struct wiki_markup *markup, const struct wiki_bracket *pair) {
    size_t past = pair->close + wiki_bracket_size(pair->kind), from, next = 0;
    struct span name;
    const char *pattern = pair->kind == WIKI_TEMPLATE ? find_pattern(markup, pair, &name, &from) : NULL;
    if (pattern) {
        struct wiki_arguments arguments;
        wiki_arguments_read(markup, pair, from, &arguments);
        next = wiki_composition_write(markup, pattern, &arguments, past);
    }
    if (next)
        return next;
    bool bare = pair->kind == WIKI_TEMPLATE && pair->first_bar == WIKI_UNMATCHED && name.size > 0;
    if (bare && names_itself(name))
        bytes_append_span(markup->out, name);
    else if (!bare || !wiki_country_append(name, markup->wiki->lang, markup->out))
        bytes_append_byte(markup->out, WIKI_DROPPED);
    return past;
}
