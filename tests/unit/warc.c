/* crawl/http.h, and the WARC reader and converter through their format's table. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crawl/format.h"
#include "crawl/http.h"
#include "suite.h"

static void expect_unchunked(const char *text, const char *expected, bool expected_whole) {
    struct bytes out = {0};
    bool whole;
    ck_assert(http_unchunk(span_of(text), &out, &whole));
    ck_assert_str_eq(bytes_text(&out), expected);
    ck_assert_int_eq(whole, expected_whole);
    bytes_release(&out);
}

START_TEST(chunks) {
    expect_unchunked("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", "hello world", true);
    expect_unchunked("5  \nhello\n0\n\n", "hello", true);
    expect_unchunked("A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", "0123456789", true);
    expect_unchunked("5\r\nhel", "hel", false);
    expect_unchunked("5\r\nhello\r\nnot a size\r\n", "hello", false);
    expect_unchunked("0\r\n\r\n", "", true);
    struct bytes out = {0};
    bool whole;
    ck_assert(!http_unchunk(SPAN_LITERAL("<html>not chunked at all"), &out, &whole));
    ck_assert(!http_unchunk(SPAN_LITERAL("fffffffffffffffffff\r\nx"), &out, &whole));
    ck_assert(!http_unchunk(SPAN_LITERAL(""), &out, &whole));
    bytes_release(&out);
}
END_TEST

START_TEST(headers) {
    struct http_message message;
    struct error error;
    ck_assert_int_eq(
        http_parse_response(
            SPAN_LITERAL("HTTP/1.1 200 OK\r\nA: 1\r\ncontent-TYPE :  text/html\r\n ; charset=x \r\n\r\nbody"), &message,
            &error),
        0);
    ck_assert_int_eq(message.status, 200);
    ck_assert(span_is(message.body, "body"));
    ck_assert(span_is(http_header(&message.headers, "a"), "1"));
    ck_assert_ptr_null(http_header(&message.headers, "b").data);
    char type[32];
    struct span charset;
    http_media_type(http_header(&message.headers, "Content-Type"), type, sizeof type, &charset);
    ck_assert_str_eq(type, "text/html");
    ck_assert(span_is(charset, "x"));
    http_media_type(SPAN_LITERAL("Text/HTML; Charset=\"utf-8\"; a=b"), type, sizeof type, &charset);
    ck_assert_str_eq(type, "text/html");
    ck_assert(span_is(charset, "\"utf-8\""));
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("HTTP/1.0 404\n\nx"), &message, &error), 0);
    ck_assert_int_eq(message.status, 404);
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("HTTP/1.0 200 OK"), &message, &error), 0);
    ck_assert_uint_eq(message.body.size, 0);
    /* Lone line feeds, and values folded over lines. */
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("HTTP/1.0 200 OK\nA: 1\n\t2\nB: 3\n\nx"), &message, &error), 0);
    ck_assert(span_is(http_header(&message.headers, "a"), "1\n\t2"));
    ck_assert(span_is(http_header(&message.headers, "b"), "3"));
    ck_assert(span_is(message.body, "x"));
}
END_TEST

START_TEST(bare_responses) {
    struct http_message message;
    struct error error;
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("<html>"), &message, &error), 0);
    ck_assert_int_eq(message.status, 0);
    ck_assert(span_is(message.body, "<html>"));
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("Content-Type: text/html\r\n\r\nx"), &message, &error), 0);
    ck_assert_int_eq(message.status, 0);
    ck_assert(span_is(http_header(&message.headers, "content-type"), "text/html"));
    ck_assert(span_is(message.body, "x"));
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("neither"), &message, &error), -1);
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL("Name: no end of headers"), &message, &error), -1);
    ck_assert_int_eq(http_parse_response(SPAN_LITERAL(""), &message, &error), -1);
}
END_TEST

static size_t compress_gzip(struct span text, char *out, size_t room) {
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)text.data,
                       .avail_in = (uInt)text.size,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)room};
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static int decode(const char *head, struct span body, size_t limit, struct bytes *decoded) {
    struct bytes block = {0}, scratch[2] = {{0}, {0}};
    struct http_message message;
    struct error error;
    struct span result;
    bytes_append_text(&block, head);
    bytes_append_span(&block, body);
    ck_assert_int_eq(http_parse_response(span_of_bytes(&block), &message, &error), 0);
    int status = http_decode_body(&message, limit, scratch, &result, &error);
    bytes_clear(decoded);
    if (status == 0)
        bytes_append_span(decoded, result);
    bytes_release(&block);
    bytes_release(&scratch[0]);
    bytes_release(&scratch[1]);
    return status;
}

START_TEST(codings) {
    char packed[1000];
    struct bytes out = {0}, chunked = {0};
    size_t size = compress_gzip(SPAN_LITERAL("hello hello hello"), packed, sizeof packed);
    const char *gzip = "HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\n\r\n";
    ck_assert_int_eq(decode(gzip, (struct span){packed, size}, 100, &out), 0);
    ck_assert_str_eq(bytes_text(&out), "hello hello hello");
    /* Decoded by the crawler already, the header kept. */
    ck_assert_int_eq(decode(gzip, SPAN_LITERAL("hello"), 100, &out), 0);
    ck_assert_str_eq(bytes_text(&out), "hello");
    /* More than the limit, and a cut. */
    ck_assert_int_eq(decode(gzip, (struct span){packed, size}, 5, &out), -1);
    ck_assert_int_eq(decode(gzip, (struct span){packed, size - 9}, 100, &out), -1);
    bytes_append_format(&chunked, "%zx\r\n", size);
    bytes_append(&chunked, packed, size);
    bytes_append_text(&chunked, "\r\n0\r\n\r\n");
    ck_assert_int_eq(decode("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: x-gzip\r\n\r\n",
                            span_of_bytes(&chunked), 100, &out),
                     0);
    ck_assert_str_eq(bytes_text(&out), "hello hello hello");
    ck_assert_int_eq(decode("HTTP/1.1 200 OK\r\ncontent-encoding: zippy\r\n\r\n", SPAN_LITERAL("x"), 100, &out), -1);
    /* A stored block of brotli. */
    const char *brotli = "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\n";
    ck_assert_int_eq(decode(brotli, SPAN_LITERAL("\x0b\x02\x80hello\x03"), 100, &out), 0);
    ck_assert_str_eq(bytes_text(&out), "hello");
    ck_assert_int_eq(decode(brotli, SPAN_LITERAL("\x0b\x02\x80hello\x03"), 4, &out), -1);
    /* deflate means zlib's format, and bare deflate too. */
    uLongf zlib_size = sizeof packed;
    ck_assert_int_eq(compress((Bytef *)packed, &zlib_size, (const Bytef *)"hello zlib", 10), Z_OK);
    const char *deflate_head = "HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\n\r\n";
    ck_assert_int_eq(decode(deflate_head, (struct span){packed, zlib_size}, 100, &out), 0);
    ck_assert_str_eq(bytes_text(&out), "hello zlib");
    ck_assert_int_eq(decode(deflate_head, (struct span){packed + 2, zlib_size - 6}, 100, &out), 0);
    ck_assert_str_eq(bytes_text(&out), "hello zlib");
    bytes_release(&out);
    bytes_release(&chunked);
}
END_TEST

#define RESPONSE(body) "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<title>T</title><p>" body

static void append_record(struct bytes *warc, const char *type, const char *uri, const char *block, size_t claimed) {
    bytes_append_format(warc,
                        "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"
                        "Content-Type: application/http\r\nContent-Length: %zu\r\n\r\n%s\r\n\r\n",
                        type, uri, claimed, block);
}

/* What a reader makes of a WARC: "C" for a document, "S" for a skip, "B" for a break, "E" where the rest is unreadable.
 */
static void expect_outcomes(const struct bytes *warc, const char *expected) {
    struct crawl_options options = {.max_record = 100000, .max_work = 10000};
    struct input *input;
    struct error error;
    struct bytes out = {0}, outcomes = {0};
    struct crawl_converter converter = {.options = &options, .out = &out};
    ck_assert_int_eq(input_open_memory(&input, "memory", span_of_bytes(warc), &error), 0);
    void *reader = crawl_warc.open(input, &options);
    struct crawl_entry *entry = crawl_entry_new();
    int status;
    while ((status = crawl_warc.next(reader, entry, &error)) > 0) {
        entry->format = &crawl_warc;
        if (entry->outcome == CRAWL_CONVERTED)
            crawl_warc.convert(entry, &converter);
        bytes_append_byte(&outcomes, "CSB"[entry->outcome]);
        crawl_entry_clear(entry);
    }
    if (status < 0)
        bytes_append_byte(&outcomes, 'E');
    ck_assert_str_eq(bytes_text(&outcomes), expected);
    crawl_entry_free(entry);
    crawl_warc.close(reader);
    input_close(input);
    record_release(&converter.record);
    html_page_release(&converter.page);
    bytes_release(&converter.utf8);
    bytes_release(&out);
    bytes_release(&outcomes);
}

START_TEST(records) {
    struct bytes warc = {0};
    const char *good = RESPONSE("Hello there.");
    append_record(&warc, "warcinfo", "", "x", 1);
    append_record(&warc, "response", "http://a/", good, strlen(good));
    append_record(&warc, "request", "http://a/", "GET / HTTP/1.1\r\n\r\n", 18);
    append_record(&warc, "response", "http://b/", "HTTP/1.1 404 No\r\n\r\nx", 20);
    append_record(&warc, "response", "http://c/", good, strlen(good));
    expect_outcomes(&warc, "SCSSC");
    bytes_release(&warc);
}
END_TEST

/* A wrong length costs its own record and never one that can be found after it. */
START_TEST(wrong_lengths) {
    struct bytes warc = {0};
    const char *good = RESPONSE("Hello there.");
    append_record(&warc, "response", "http://a/", good, strlen(good) - 5);
    append_record(&warc, "response", "http://b/", good, strlen(good));
    append_record(&warc, "response", "http://c/", good, strlen(good) + 50);
    append_record(&warc, "response", "http://d/", good, strlen(good));
    append_record(&warc, "response", "http://e/", good, strlen(good));
    expect_outcomes(&warc, "BCBCC");
    bytes_clear(&warc);
    append_record(&warc, "response", "http://a/", good, strlen(good));
    append_record(&warc, "response", "http://b/", good, 5000);
    expect_outcomes(&warc, "CB");
    bytes_clear(&warc);
    append_record(&warc, "response", "http://a/", good, strlen(good));
    bytes_append_text(&warc, "WARC/1.0\r\nWARC-Type: resp");
    expect_outcomes(&warc, "CB");
    bytes_clear(&warc);
    append_record(&warc, "response", "http://a/", good, 200000);
    expect_outcomes(&warc, "B");
    bytes_clear(&warc);
    bytes_append_text(&warc, "garbage\r\nWARC garbage\r\n");
    append_record(&warc, "response", "http://a/", good, strlen(good));
    expect_outcomes(&warc, "BC");
    bytes_release(&warc);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("warc");
    TCase *tests = tcase_create("warc");
    tcase_add_test(tests, chunks);
    tcase_add_test(tests, headers);
    tcase_add_test(tests, bare_responses);
    tcase_add_test(tests, codings);
    tcase_add_test(tests, records);
    tcase_add_test(tests, wrong_lengths);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
