/*
 * Language variants: "-{zh-hans:…; zh-hant:…}-", of which readers see one.
 */
#include <ctype.h>
#include <string.h>

#include "text/wikitext_markup.h"

/* Looking further for the end would cost the square of the page. */
#define VARIANT_MAX 1000

static bool has_brackets(struct span text) {
    return memchr(text.data, '[', text.size) || memchr(text.data, '{', text.size);
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
