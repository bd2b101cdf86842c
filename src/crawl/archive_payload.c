/*
 * What archives hold → documents: HTTP responses opened, media types judged, digests compared. Knows nothing of how
 * records are found.
 */
#include <string.h>
#include <strings.h>

#include "crawl/archive.h"
#include "crawl/http.h"
#include "text/charset.h"

#define SNIFFED_SIZE ((size_t)64 << 10)
#define JUDGED_SIZE ((size_t)4 << 10)

static bool is_page_type(const char *type) {
    return strcmp(type, "text/html") == 0 || strcmp(type, "application/xhtml+xml") == 0;
}

static bool looks_like_page(struct span body) {
    return crawl_html.recognise((struct span){body.data, body.size < SNIFFED_SIZE ? body.size : SNIFFED_SIZE}, "") > 0;
}

/* Whether a body that calls itself text is something else: by its first bytes, or since it holds control characters as
 * no text does. UTF-16 and UTF-32 hold them, those of ISO 2022 and NUL are met in pages. */
static bool is_binary(struct span body, struct span charset) {
    struct charset wide;
    if (charset_of_mark(body, &wide, NULL) ||
        (charset_of_label(charset, &wide) && strncmp(wide.name, "UTF-16", 6) == 0))
        return false;
    if (crawl_foreign_format(body))
        return true;
    size_t controls = 0, size = body.size < JUDGED_SIZE ? body.size : JUDGED_SIZE;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)body.data[i];
        controls += byte < ' ' && byte && !(byte >= '\b' && byte <= 0x0F) && byte != 0x1B;
    }
    return controls * 50 > size;
}

/* A payload of the given media type, or judged by its first bytes where none is given. */
static void convert_payload(struct crawl_entry *entry, struct crawl_converter *converter, struct span content_type,
                            struct span body) {
    char type[64];
    struct span charset;
    http_media_type(content_type, type, sizeof type, &charset);
    bytes_clear(&entry->charset);
    bytes_append_span(&entry->charset, charset);
    entry->xhtml = strcmp(type, "application/xhtml+xml") == 0;
    bool is_page = is_page_type(type) || (*type == '\0' && looks_like_page(body));
    if (!is_page && strcmp(type, "text/plain") != 0)
        crawl_skip(entry, "not-html");
    else if (is_binary(body, charset))
        crawl_skip(entry, "binary");
    else if (is_page)
        crawl_emit_page(entry, converter, body);
    else
        crawl_emit_text(entry, converter, body);
}

static void convert_response(struct crawl_entry *entry, struct crawl_converter *converter) {
    struct http_message message;
    struct error error;
    if (http_parse_response(span_of_bytes(&entry->data), &message, &error) < 0) {
        crawl_break(entry, entry->position, "%s", error.message);
        return;
    }
    /* 0: headers or a page without a status line, as servers before HTTP 1.0 answered. */
    if (message.status != 200 && message.status != 0) {
        crawl_skip(entry, "status");
        return;
    }
    char type[64];
    struct span charset, content_type = http_header(&message.headers, "content-type");
    http_media_type(content_type, type, sizeof type, &charset);
    if (*type && !is_page_type(type) && strcmp(type, "text/plain") != 0) {
        crawl_skip(entry, "not-html");
        return;
    }
    struct bytes scratch[2] = {{0}, {0}};
    struct span body;
    if (http_decode_body(&message, converter->options->max_record, scratch, &body, &error) < 0)
        crawl_break(entry, entry->position, "%s", error.message);
    else
        convert_payload(entry, converter, content_type, body);
    bytes_release(&scratch[0]);
    bytes_release(&scratch[1]);
}

/* Whether the payload has the digest: as it is stored, or freed of its chunks, since writers differ. */
static bool payload_has(struct span stated, struct span type, struct span block) {
    struct http_message message;
    if (!type.data || type.size < 16 || strncasecmp(type.data, "application/http", 16) != 0)
        return digest_check(stated, block) != 0;
    size_t head = http_headers_size(block);
    struct span body = head ? (struct span){block.data + head, block.size - head} : (struct span){"", 0};
    if (digest_check(stated, body) != 0)
        return true;
    struct bytes plain = {0};
    bool whole;
    bool has = http_parse_response(block, &message, NULL) == 0 && http_unchunk(message.body, &plain, &whole) &&
               digest_check(stated, plain.data ? span_of_bytes(&plain) : (struct span){"", 0}) != 0;
    bytes_release(&plain);
    return has;
}

/* Compares the digests that the record's header states; false where it broke the entry. */
static bool verify(struct crawl_entry *entry) {
    struct http_headers headers = {span_of_bytes(&entry->context)};
    struct span block = entry->data.data ? span_of_bytes(&entry->data) : (struct span){"", 0};
    struct span of_block = http_header(&headers, "WARC-Block-Digest");
    struct span of_payload = http_header(&headers, "WARC-Payload-Digest");
    struct span type = http_header(&headers, "WARC-Type");
    const char *wrong = NULL;
    if (of_block.data && digest_check(of_block, block) == 0)
        wrong = "WARC-Block-Digest";
    /* A revisit states the digest of the payload that it does not repeat. */
    else if (of_payload.data && !(type.size == 7 && strncasecmp(type.data, "revisit", 7) == 0) &&
             !payload_has(of_payload, http_header(&headers, "Content-Type"), block))
        wrong = "WARC-Payload-Digest";
    if (wrong)
        crawl_break(entry, entry->position, "the record differs from its %s", wrong);
    return !wrong;
}

void archive_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    struct http_headers headers = {span_of_bytes(&entry->context)};
    if (converter->options->verify && !verify(entry))
        return;
    switch ((enum archive_kind)entry->kind) {
    case ARCHIVE_RESPONSE:
        convert_response(entry, converter);
        break;
    case ARCHIVE_RESOURCE:
        convert_payload(entry, converter, http_header(&headers, "Content-Type"), span_of_bytes(&entry->data));
        break;
    case ARCHIVE_TEXT:
        crawl_emit_text(entry, converter, span_of_bytes(&entry->data));
        break;
    case ARCHIVE_CHECKED:
        crawl_skip(entry, entry->reason);
        break;
    }
}
