/*
 * Filling a template's pattern. Arguments may hold any markup, so they are not copied: what is between them is kept
 * until the page has been written up to there.
 */
#include "text/wikitext_composition.h"

#include <string.h>

static struct bytes *composed(struct wiki_composition *composition) {
    return &composition->markup->composed;
}

void wiki_compose_text(struct wiki_composition *composition, struct span text) {
    struct bytes *out = composed(composition);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n')
            wiki_break_append(composition->markup, out);
        else
            bytes_append_byte(out, text.data[i]);
    }
}

static bool is_plain(struct span value) {
    static const bool markup[256] = {['{'] = true, ['}'] = true,  ['['] = true,  [']'] = true, ['<'] = true,
                                     ['&'] = true, ['\''] = true, ['\n'] = true, ['!'] = true, [WIKI_LITERAL] = true};
    for (size_t i = 0; i < value.size; i++) {
        if (markup[(unsigned char)value.data[i]])
            return false;
    }
    return true;
}

void wiki_compose_value(struct wiki_composition *composition, struct span value) {
    size_t from = (size_t)(value.data - composition->markup->text.data), count = composition->count;
    if (is_plain(value)) {
        wiki_compose_text(composition, value);
    } else if (count < WIKI_PIECES_MAX && (count == 0 || composition->pieces[count - 1].to <= from)) {
        composition->pieces[count].from = from;
        composition->pieces[count].to = from + value.size;
        composition->pieces[count].text = composed(composition)->size;
        composition->count++;
    }
}

/* ---- patterns ---- */

/* The value that a field stands for, absent where there is none. field: what stands between "<" and ">". */
static struct span field_value(const struct wiki_composition *composition, struct span field) {
    for (size_t at = 0; at <= field.size;) {
        const char *slash = at < field.size ? memchr(field.data + at, '/', field.size - at) : NULL;
        size_t end = slash ? (size_t)(slash - field.data) : field.size;
        struct span name = {field.data + at, end - at};
        if (name.size > 0 && name.data[0] == '=')
            return (struct span){name.data + 1, name.size - 1};
        const struct wiki_argument *argument = wiki_argument_find(composition->arguments, name);
        if (argument)
            return argument->value;
        at = end + 1;
    }
    return (struct span){NULL, 0};
}

static bool has_position(const struct wiki_argument *argument) {
    return !argument->name.data && argument->value.size > 0;
}

static bool field_is_there(const struct wiki_composition *composition, struct span field) {
    if (field.data[0] != '*')
        return field_value(composition, field).data != NULL;
    for (size_t i = 0; i < composition->arguments->count; i++) {
        if (has_position(&composition->arguments->items[i]))
            return true;
    }
    return false;
}

static void compose_field(struct wiki_composition *composition, struct span field) {
    if (field.data[0] != '*') {
        struct span value = field_value(composition, field);
        bool is_default = value.data >= field.data && value.data <= field.data + field.size;
        if (is_default)
            wiki_compose_text(composition, value);
        else
            wiki_compose_value(composition, value);
        return;
    }
    bool any = false;
    for (size_t i = 0; i < composition->arguments->count; i++) {
        const struct wiki_argument *argument = &composition->arguments->items[i];
        if (!has_position(argument))
            continue;
        if (any)
            wiki_compose_text(composition, (struct span){field.data + 1, field.size - 1});
        wiki_compose_value(composition, argument->value);
        any = true;
    }
}

/* What a field is, at "<"; *past is behind it. */
static struct span read_field(const char *at, const char **past) {
    const char *end = strchr(at, '>');
    *past = end + 1;
    return (struct span){at + 1, (size_t)(end - at) - 1};
}

/* Whether the group that begins here is written. */
static bool group_is_there(const struct wiki_composition *composition, const char *at) {
    bool any = false;
    for (unsigned depth = 0; *at && (depth > 0 || *at != ']');) {
        char byte = *at;
        if (byte == '<') {
            struct span field = read_field(at, &at);
            if (depth == 0 && field_is_there(composition, field))
                return true;
            any = any || depth == 0;
            continue;
        }
        depth += byte == '[';
        depth -= byte == ']';
        at++;
    }
    return !any;
}

/* Writes the group that begins here unless it is within one that is not written; returns its end. */
static const char *compose_group(struct wiki_composition *composition, const char *at, bool written) {
    written = written && group_is_there(composition, at);
    for (bool begun = false, any = false;; begun = true) {
        struct span text = {at, strcspn(at, "<[]")};
        at += text.size;
        if (*at == '<') {
            struct span field = read_field(at, &at);
            bool there = written && field_is_there(composition, field);
            if (begun ? there && any : written)
                wiki_compose_text(composition, text);
            if (there)
                compose_field(composition, field);
            any = any || there;
            continue;
        }
        if (written)
            wiki_compose_text(composition, text);
        if (*at != '[')
            return at;
        at = compose_group(composition, at + 1, written) + 1;
    }
}

static void compose(struct wiki_composition *composition, const char *pattern) {
    if (strcmp(pattern, "=convert") == 0)
        wiki_compose_measure(composition);
    else if (strcmp(pattern, "=fraction") == 0)
        wiki_compose_fraction(composition);
    else if (strcmp(pattern, "=coordinates") == 0)
        wiki_compose_coordinates(composition);
    else
        compose_group(composition, pattern, true);
}

size_t wiki_composition_write(struct wiki_markup *markup, const char *pattern, const struct wiki_arguments *arguments,
                              size_t past) {
    struct wiki_composition composition = {.markup = markup, .arguments = arguments};
    bytes_clear(&markup->composed);
    compose(&composition, pattern);
    size_t count = composition.count, end = markup->composed.size;
    if (end == 0 && count == 0)
        return 0;
    /* The last piece lies deepest. */
    for (size_t i = count; i > 0; i--) {
        size_t to = composition.pieces[i - 1].to, next = i < count ? composition.pieces[i].from : past;
        size_t text = i < count ? composition.pieces[i].text : end, before = composition.pieces[i - 1].text;
        struct span between = {text > before ? markup->composed.data + before : "", text - before};
        wiki_markup_expect_close(markup, to, next - to, between);
    }
    bytes_append(markup->out, markup->composed.data, count ? composition.pieces[0].text : end);
    return count ? composition.pieces[0].from : past;
}
