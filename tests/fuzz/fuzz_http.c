/* Fuzzes crawl/http.h: any bytes as a stored response. Its parts lie within it, what comes out stays within the limit,
 * and damage is an error, not a short body. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/http.h"

#define LIMIT ((size_t)1 << 16)

static void require(int holds) {
    if (!holds)
        abort();
}

static int lies_within(struct span part, struct span whole) {
    return part.size == 0 || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span block = {size ? (const char *)data : "", size};
    struct http_message message;
    struct error error = {0};
    struct bytes scratch[2] = {{0}, {0}}, chunks = {0};
    bool whole;
    if (http_parse_response(block, &message, &error) < 0) {
        require(error.code == ERROR_DATA);
        return 0;
    }
    require(lies_within(message.body, block) && lies_within(message.headers.lines, block));
    char type[64];
    struct span charset, body;
    http_media_type(http_header(&message.headers, "content-type"), type, sizeof type, &charset);
    require(lies_within(charset, block) && strlen(type) < sizeof type);
    if (http_decode_body(&message, LIMIT, scratch, &body, &error) == 0)
        require(lies_within(body, message.body) || body.size <= LIMIT);
    else
        require(error.code == ERROR_DATA);
    if (http_unchunk(message.body, &chunks, &whole))
        require(chunks.size <= message.body.size);
    bytes_release(&chunks);
    bytes_release(&scratch[0]);
    bytes_release(&scratch[1]);
    return 0;
}
