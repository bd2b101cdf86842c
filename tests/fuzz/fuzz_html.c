/* Fuzzes text/charset.h and text/html.h together: any bytes as a page. What comes out is UTF-8, and no statement or
 * text has NULs it did not have. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "text/charset.h"
#include "text/html.h"

static void require(int holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span bytes = {size ? (const char *)data : "", size};
    struct charset charset;
    struct bytes utf8 = {0};
    struct html_page page = {0};
    struct error error;
    charset_detect(bytes, &(struct charset_evidence){.is_markup = true}, &charset);
    if (charset_decode(bytes, &charset, &utf8, NULL, &error) < 0)
        abort();
    require(charset_is_utf8(span_of_bytes(&utf8)));
    for (int keep_all = 0; keep_all < 2; keep_all++) {
        struct html_options options = {.keep_all = keep_all == 1, .max_nodes = 10000};
        if (html_extract(span_of_bytes(&utf8), &options, &page, &error) < 0) {
            require(error.code == ERROR_DATA);
            continue;
        }
        require(charset_is_utf8(span_of_bytes(&page.text)));
        require(charset_is_utf8(span_of_bytes(&page.title)));
        require(page.text.size == 0 || page.text.data[page.text.size - 1] != '\n');
    }
    html_page_release(&page);
    bytes_release(&utf8);
    return 0;
}
