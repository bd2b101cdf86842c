/* Owns what --pretokenizer and --regex come to. */
#include "bpe/choose.h"

static int refuse_name(const char *name, struct error *error) {
    struct bytes known = {0};
    for (size_t i = 0; pretokenizer_names[i]; i++)
        bytes_append_format(&known, "%s%s", i ? ", " : "", pretokenizer_names[i]);
    error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--pretokenizer: '%s' is none of %s", name, bytes_text(&known));
    bytes_release(&known);
    return -1;
}

int bpe_choose_pretokenizer(struct pretokenizer **pretokenizer, const char *name, const char *pattern,
                            struct error *error) {
    enum pretokenizer_kind kind;
    *pretokenizer = NULL;
    if (name && pattern)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "give --pretokenizer or --regex, not both");
    if (pattern && pretokenizer_compile(pretokenizer, span_of(pattern), error) != 0) {
        error->code = ERROR_USAGE;
        return error_prefix(error, "--regex: ");
    }
    if (name && !pretokenizer_parse(span_of(name), &kind))
        return refuse_name(name, error);
    if (name)
        *pretokenizer = pretokenizer_new(kind);
    return 0;
}
