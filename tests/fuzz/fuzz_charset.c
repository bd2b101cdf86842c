/*
 * Fuzzes text/charset.h: any bytes in any encoding become UTF-8 with as many U+FFFD as are reported, ASCII stays itself
 * where malformed sequences leave it, and labels and hints are read within their bounds.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/charset.h"
#include "text/charset_markup.h"
#include "text/charset_tables.h"
#include "text/utf8.h"

static void require(int holds) {
    if (!holds)
        abort();
}

static void decode(struct span data, const struct charset *charset) {
    struct bytes text = {0};
    struct error error;
    uint64_t replaced, found = 0;
    require(charset_decode(data, charset, &text, &replaced, &error) == 0);
    require(charset_is_utf8(span_of_bytes(&text)));
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        found += code == 0xFFFD;
    }
    /* The text may have held U+FFFD of its own. */
    require(found >= replaced);
    bytes_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the encoding, the second how much of the rest is label and URL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t encodings = 0;
    if (size < 2)
        return 0;
    while (CHARSET_ENCODINGS[encodings].name)
        encodings++;
    struct span rest = {(const char *)data + 2, size - 2};
    struct charset charset;
    require(charset_of_label(span_of(CHARSET_ENCODINGS[data[0] % encodings].name), &charset));
    decode(rest, &charset);
    size_t label = data[1] % 32 < rest.size ? data[1] % 32 : rest.size;
    struct charset_evidence evidence = {
        .declared = {rest.data, label}, .url = {rest.data, label}, .is_markup = data[1] & 128};
    rest.data += label;
    rest.size -= label;
    charset_detect(rest, &evidence, &charset);
    decode(rest, &charset);
    return 0;
}
