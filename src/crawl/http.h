/*
 * HTTP messages as crawlers stored them: headers, and payloads freed of their transfer and content codings.
 */
#ifndef CRAWL_HTTP_H
#define CRAWL_HTTP_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

/* A block of "Name: value" lines; folded lines are part of the value before them. Borrows. */
struct http_headers {
    struct span lines;
};

struct http_message {
    int status; /* of a response; 0 where there is none */
    struct http_headers headers;
    struct span body; /* still coded */
};

/* The first value under that name, trimmed; absent where there is none. */
struct span http_header(const struct http_headers *headers, const char *name);
/* Where the headers in text end: the size up to and including the empty line, 0 where there is no empty line. */
size_t http_headers_size(struct span text);
/*
 * Splits a response, behind interim ones (1xx). A missing empty line makes an empty body. Where the status line is
 * missing the block may begin with headers or be a page alone; ERROR_DATA for anything else.
 */
int http_parse_response(struct span block, struct http_message *message, struct error *error);
/* A media type's essence in lower case ("text/html") into essence[size], "" where there is none; its charset parameter,
 * absent where none. */
void http_media_type(struct span content_type, char *essence, size_t size, struct span *charset);

/*
 * Frees body of the transfer codings and the content codings: chunked, gzip, deflate, br and zstd. Many crawlers store
 * what they already decoded under the headers they received, so a body that is not in the coding its header names is
 * taken as it is. The result is body itself or lies in one of the two scratch buffers. ERROR_DATA for a coding that is
 * unknown, for damage, and beyond limit bytes.
 */
int http_decode_body(const struct http_message *message, size_t limit, struct bytes scratch[2], struct span *body,
                     struct error *error);

/* Appends what the chunks hold; false where the text is not chunked at all. *whole tells whether the last chunk was
 * there. */
bool http_unchunk(struct span text, struct bytes *out, bool *whole);

#endif
