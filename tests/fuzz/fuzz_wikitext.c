/* Fuzzes text/wikitext.h: any bytes as a page, its start as what the wiki says of itself. UTF-8 in gives UTF-8 out. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "text/charset.h"
#include "text/wikitext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span page = {size ? (const char *)data : "", size};
    struct bytes out = {0};
    wikitext_is_redirect(page);
    struct wikitext_wiki wiki = {.local_names = {page.data, size < 8 ? size : 8},
                                 .lang = {page.data, size < 3 ? size : 3}};
    wikitext_append(page, &wiki, &out);
    if (charset_is_utf8(page) && !charset_is_utf8(span_of_bytes(&out)))
        abort();
    bytes_release(&out);
    return 0;
}
