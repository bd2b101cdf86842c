/* Fuzzes text/charset.h and text/html.h together: any bytes as a page, read by rules, with the learned weights and
 * whole. What comes out is UTF-8, and no statement or text has NULs it did not have. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "text/charset.h"
#include "text/html.h"
#include "text/html_model.h"

static void require(int holds) {
    if (!holds)
        abort();
}

/* Of filters/, where the fuzzer runs from the source's folder; else NULL. */
static struct html_model *model;

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    struct error error;
    (void)count, (void)arguments;
    model = html_model_load("filters/extraction.weights", &error);
    return 0;
}

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
    enum { BY_RULES, BY_WEIGHTS, WHOLE, WAYS };
    for (int way = 0; way < WAYS; way++) {
        struct html_options options = {
            .keep_all = way == WHOLE, .model = way == BY_WEIGHTS ? model : NULL, .max_work = 10000};
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
