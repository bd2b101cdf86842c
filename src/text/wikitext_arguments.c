/*
 * What a template is called with. Knows nothing of what becomes of it.
 */
#include "text/wikitext_arguments.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "text/utf8.h"
#include <unicode/uchar.h>

/* "name=value": its name, absent where there is none. */
static struct span name_of(struct span argument) {
    for (size_t i = 0; i < argument.size && i <= WIKI_NAME_MAX; i++) {
        unsigned char byte = (unsigned char)argument.data[i];
        if (byte == '=' && i > 0)
            return wiki_trimmed((struct span){argument.data, i});
        if (!isalnum(byte) && byte < 0x80 && byte != '_' && byte != '-' && byte != ' ')
            break;
    }
    return (struct span){NULL, 0};
}

static unsigned number_of(struct span name) {
    unsigned number = 0;
    for (size_t i = 0; i < name.size; i++) {
        if (!isdigit((unsigned char)name.data[i]) || i == 3)
            return 0;
        number = number * 10 + (unsigned)(name.data[i] - '0');
    }
    return number;
}

static void take_argument(struct wiki_arguments *arguments, struct span text, unsigned *position) {
    if (arguments->count == WIKI_ARGUMENTS_MAX)
        return;
    struct wiki_argument *argument = &arguments->items[arguments->count++];
    *argument = (struct wiki_argument){.name = name_of(wiki_trimmed(text)), .value = text};
    if (argument->name.data) {
        const char *past = (const char *)memchr(text.data, '=', text.size) + 1;
        argument->value = (struct span){past, (size_t)(text.data + text.size - past)};
        argument->number = number_of(argument->name);
    } else {
        argument->number = ++*position;
    }
    argument->value = wiki_trimmed(argument->value);
}

void wiki_arguments_read(const struct wiki_markup *markup, const struct wiki_bracket *pair, size_t from,
                         struct wiki_arguments *arguments) {
    unsigned position = 0;
    size_t bar = pair->first_bar;
    arguments->count = 0;
    while (from <= pair->close) {
        while (bar != WIKI_UNMATCHED && markup->brackets.bars[bar].place < from)
            bar = markup->brackets.bars[bar].next;
        size_t end = bar != WIKI_UNMATCHED ? markup->brackets.bars[bar].place : pair->close;
        take_argument(arguments, (struct span){markup->text.data + from, end - from}, &position);
        from = end + 1;
    }
}

const struct wiki_argument *wiki_argument_find(const struct wiki_arguments *arguments, struct span name) {
    unsigned number = number_of(name);
    const struct wiki_argument *found = NULL;
    for (size_t i = 0; i < arguments->count; i++) {
        const struct wiki_argument *argument = &arguments->items[i];
        bool same = number ? argument->number == number
                           : argument->name.size == name.size && argument->number == 0 &&
                                 strncasecmp(argument->name.data, name.data, name.size) == 0;
        if (same && argument->value.size > 0)
            found = argument;
    }
    return found;
}

const struct span *wiki_argument_text(const struct wiki_arguments *arguments, const char *name) {
    const struct wiki_argument *argument = wiki_argument_find(arguments, span_of(name));
    return argument ? &argument->value : NULL;
}

size_t wiki_name_fold(struct span name, char folded[WIKI_NAME_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < name.size;) {
        uint32_t code;
        i += utf8_decode(name.data + i, name.size - i, &code);
        if (code == '_' || code == '\t')
            code = ' ';
        if ((code == ' ' && size > 0 && folded[size - 1] == ' ') || code == UTF8_INVALID)
            continue;
        if (size + 4 > WIKI_NAME_MAX)
            return 0;
        size += utf8_encode((uint32_t)u_tolower((UChar32)code), folded + size);
    }
    return size;
}
