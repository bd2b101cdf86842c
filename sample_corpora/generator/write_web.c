/* Web crawls: WARC with its requests, metadata and HTTP codings, WET, and single pages. Plants copies of pages, spam
 * and missing pages. */
#include <stdio.h>
#include <string.h>

#include "compress.h"
#include "formats.h"
#include "page.h"

#define WARC_TEXT ((uint64_t)260 << 10)
#define WET_TEXT ((uint64_t)180 << 10)

/* Charsets that pages of a language came in before UTF-8; what is declared ISO-8859-1 is Windows-1252, as browsers
 * know. */
struct legacy {
    const char *declared, *real;
};
static const struct legacy legacy[LANGUAGE_COUNT] = {{"iso-8859-1", "windows-1252"},
                                                     {"iso-8859-1", "windows-1252"},
                                                     {"windows-1252", "windows-1252"},
                                                     {"iso-8859-1", "windows-1252"},
                                                     {"gbk", "GBK"}};

/* One record, compressed as a member of its own. */
static int append_record(struct sample *sample, const char *version, const char *type, const char *content_type,
                         const struct bytes *url, struct span block, struct bytes *out, struct error *error) {
    struct bytes record = {0}, time = {0};
    uint64_t high = random_next(&sample->random), low = random_next(&sample->random);
    sample_time(sample, &time);
    bytes_append_format(&record, "WARC/%s\r\nWARC-Type: %s\r\n", version, type);
    bytes_append_format(&record, "WARC-Record-ID: <urn:uuid:%08x-%04x-4%03x-a%03x-%012llx>\r\n", (unsigned)(high >> 32),
                        (unsigned)(high >> 16 & 0xFFFF), (unsigned)(high & 0xFFF), (unsigned)(low >> 52),
                        (unsigned long long)(low & 0xFFFFFFFFFFFF));
    bytes_append_format(&record, "WARC-Date: %s\r\n", bytes_text(&time));
    if (url)
        bytes_append_format(&record, "WARC-Target-URI: %.*s\r\n", (int)url->size, url->data);
    bytes_append_format(&record, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", content_type, block.size);
    bytes_append_span(&record, block);
    bytes_append_text(&record, "\r\n\r\n");
    int result = compress_gzip(span_of_bytes(&record), out, error);
    bytes_release(&record);
    bytes_release(&time);
    return result;
}

static int append_information(struct sample *sample, const char *version, struct bytes *out, struct error *error) {
    static const char fields[] =
        "software: make_samples\r\nformat: WARC\r\ndescription: a small crawl of a shop that does not exist\r\n";
    return append_record(sample, version, "warcinfo", "application/warc-fields", NULL, SPAN_LITERAL(fields), out,
                         error);
}

static void append_chunked(struct span body, struct bytes *out) {
    for (size_t at = 0; at < body.size;) {
        size_t size = body.size - at < 1000 ? body.size - at : 1000;
        bytes_append_format(out, "%zx\r\n", size);
        bytes_append(out, body.data + at, size);
        bytes_append_text(out, "\r\n");
        at += size;
    }
    bytes_append_text(out, "0\r\n\r\n");
}

/* The HTTP response to a page in one of the ways that servers send them; variant 0 is the plainest. */
static int append_response(struct sample *sample, const struct page *page, unsigned variant, struct bytes *out,
                           struct error *error) {
    struct bytes html = {0}, body = {0}, packed = {0}, http = {0};
    const struct legacy *old = &legacy[page->language];
    bool is_old = variant == 1 || variant == 2, in_header = variant == 1 || variant == 0;
    int result;
    page_html(sample, page, in_header ? NULL : is_old ? old->declared : "utf-8", &html);
    result = page_encode(span_of_bytes(&html), is_old ? old->real : "UTF-8", &body, error);
    bytes_append_text(&http, "HTTP/1.1 200 OK\r\nContent-Type: text/html");
    if (in_header)
        bytes_append_format(&http, "; charset=%s", is_old ? old->declared : "utf-8");
    bytes_append_text(&http, "\r\nServer: example\r\n");
    if (variant == 3) {
        bytes_append_text(&http, "Transfer-Encoding: chunked\r\n\r\n");
        append_chunked(span_of_bytes(&body), &http);
    } else if (variant == 4 && result == 0) {
        result = compress_gzip(span_of_bytes(&body), &packed, error);
        bytes_append_format(&http, "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", packed.size);
        bytes_append_span(&http, span_of_bytes(&packed));
    } else {
        bytes_append_format(&http, "Content-Length: %zu\r\n\r\n", body.size);
        bytes_append_span(&http, span_of_bytes(&body));
    }
    if (result == 0)
        result = append_record(sample, "1.1", "response", "application/http;msgtype=response", &page->url,
                               span_of_bytes(&http), out, error);
    bytes_release(&html);
    bytes_release(&body);
    bytes_release(&packed);
    bytes_release(&http);
    return result;
}

static int append_missing(struct sample *sample, const struct page *page, struct bytes *out, struct error *error) {
    struct bytes http = {0}, url = {0};
    struct span text = material_words(&sample->materials[page->language], "not_found")->entries[0].text;
    bytes_append_format(&url, "%.*s/gone", (int)page->url.size, page->url.data);
    bytes_append_text(&http,
                      "HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><h1>");
    bytes_append_span(&http, text);
    bytes_append_text(&http, "</h1></body></html>\n");
    int result = append_record(sample, "1.1", "response", "application/http;msgtype=response", &url,
                               span_of_bytes(&http), out, error);
    bytes_release(&http);
    bytes_release(&url);
    return result;
}

/* The request before and the metadata after a response, as crawlers write them. */
static int append_companion(struct sample *sample, const struct page *page, bool request, struct bytes *out,
                            struct error *error) {
    static const char fields[] = "fetchTimeMs: 120\r\ncharset-detected: UTF-8\r\n";
    struct bytes http = {0};
    int result;
    if (request) {
        bytes_append_text(
            &http, "GET / HTTP/1.1\r\nHost: northbay.example\r\nUser-Agent: make_samples\r\nAccept: text/html\r\n\r\n");
        result = append_record(sample, "1.1", "request", "application/http;msgtype=request", &page->url,
                               span_of_bytes(&http), out, error);
    } else {
        result = append_record(sample, "1.1", "metadata", "application/warc-fields", &page->url, SPAN_LITERAL(fields),
                               out, error);
    }
    bytes_release(&http);
    return result;
}

static enum page_kind draw_kind(struct sample *sample) {
    uint64_t draw = random_below(&sample->random, 100);
    return draw < 45 ? PAGE_ARTICLE : draw < 60 ? PAGE_FAQ : draw < 96 ? PAGE_THREAD : PAGE_SPAM;
}

/* The same page under another address, at times with a sentence more. */
static void copy_page(struct sample *sample, struct page *page) {
    bytes_append_format(&page->url, "?ref=%u", (unsigned)random_below(&sample->random, 1000));
    if (sample_chance(sample, 50)) {
        struct values values;
        values_draw(&values, &sample->materials[page->language], &sample->random);
        bytes_append_text(&page->main, "<p>");
        sample_word(sample, page->language, "newsletter_box", &values, &page->main);
        bytes_append_text(&page->main, "</p>\n");
    }
}

int write_warc(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct page page = {0};
    (void)language;
    int result = append_information(sample, "1.1", out, error);
    for (size_t number = 1; result == 0 && sample_total(sample) < WARC_TEXT; number++) {
        page_compose(sample, sample_language(sample), draw_kind(sample), number, &page);
        if (append_companion(sample, &page, true, out, error) ||
            append_response(sample, &page, (unsigned)(number % 6), out, error) ||
            append_companion(sample, &page, false, out, error))
            result = -1;
        if (result == 0 && sample_chance(sample, 4))
            result = append_missing(sample, &page, out, error);
        if (result == 0 && sample_chance(sample, 5)) {
            copy_page(sample, &page);
            result = append_response(sample, &page, 0, out, error);
        }
    }
    page_release(&page);
    return result;
}

int write_wet(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct page page = {0};
    struct bytes text = {0};
    (void)language;
    int result = append_information(sample, "1.0", out, error);
    for (size_t number = 5001; result == 0 && sample_total(sample) < WET_TEXT; number++) {
        page_compose(sample, sample_language(sample), draw_kind(sample) == PAGE_FAQ ? PAGE_FAQ : PAGE_ARTICLE, number,
                     &page);
        bytes_clear(&text);
        page_plain(sample, &page, &text);
        /* As Common Crawl writes it: ISO 639-3 codes in a header of the record. */
        static const char *const type_and_language[LANGUAGE_COUNT] = {
            "text/plain\r\nWARC-Identified-Content-Language: eng",
            "text/plain\r\nWARC-Identified-Content-Language: swe",
            "text/plain\r\nWARC-Identified-Content-Language: nld",
            "text/plain\r\nWARC-Identified-Content-Language: fra",
            "text/plain\r\nWARC-Identified-Content-Language: zho"};
        result = append_record(sample, "1.0", "conversion", type_and_language[page.language], &page.url,
                               span_of_bytes(&text), out, error);
    }
    bytes_release(&text);
    page_release(&page);
    return result;
}

static int write_page(struct sample *sample, size_t language, enum page_kind kind, struct bytes *out,
                      struct error *error) {
    struct page page = {0};
    struct bytes html = {0};
    page_compose(sample, language, kind, 9001, &page);
    page_html(sample, &page, legacy[language].declared, &html);
    int result = page_encode(span_of_bytes(&html), legacy[language].real, out, error);
    bytes_release(&html);
    page_release(&page);
    return result;
}

int write_html_article(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    return write_page(sample, language, PAGE_ARTICLE, out, error);
}

int write_html_thread(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    return write_page(sample, language, PAGE_THREAD, out, error);
}

int write_html_faq(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    return write_page(sample, language, PAGE_FAQ, out, error);
}
