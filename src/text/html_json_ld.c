/*
 * Strings of JSON-LD.
 */
#include "text/html_json_ld.h"

#include <string.h>

#include "base/json.h"
#include "text/html_tree.h"

struct span html_json_ld_member(struct span script, const char *name) {
    const char *at = memmem(script.data, script.size, name, strlen(name));
    const char *end = script.data + script.size;
    if (!at)
        return (struct span){NULL, 0};
    at += strlen(name);
    while (at < end && strchr(" \t\r\n:", *at))
        at++;
    if (at == end || *at != '"')
        return (struct span){NULL, 0};
    const char *close = at + 1;
    while (close < end && *close != '"')
        close += *close == '\\' && close + 1 < end ? 2 : 1;
    return close < end ? (struct span){at + 1, (size_t)(close - at - 1)} : (struct span){NULL, 0};
}

void html_json_ld_append(struct bytes *out, struct span escaped) {
    struct bytes quoted = {0};
    struct json_document *document;
    bytes_append_byte(&quoted, '"');
    for (size_t i = 0; i < escaped.size; i++)
        bytes_append_byte(&quoted, (unsigned char)escaped.data[i] < ' ' ? ' ' : escaped.data[i]);
    bytes_append_byte(&quoted, '"');
    if (json_parse(&document, span_of_bytes(&quoted), NULL) == 0) {
        if (json_root(document)->type == JSON_STRING)
            html_append_collapsed(out, json_root(document)->string);
        json_free(document);
    }
    bytes_release(&quoted);
}
