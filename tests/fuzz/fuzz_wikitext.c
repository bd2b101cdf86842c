/* Fuzzes text/wikitext.h: any bytes as a page, its start as the local names. UTF-8 in gives UTF-8 out. */
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
    wikitext_append(page, (struct span){page.data, size < 8 ? size : 8}, &out);
    if (charset_is_utf8(page) && !charset_is_utf8(span_of_bytes(&out)))
        abort();
    bytes_release(&out);
    return 0;
}
