/*
 * HTTP as far as stored responses need it. Knows nothing of WARC, of sockets, or of what a payload means.
 */
#include "crawl/http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "base/inflate.h"

/* A longer list of codings is an attack. */
#define CODINGS_MAX 5
#define INFLATE_STEP ((size_t)64 << 10)
/* The largest window that the content coding zstd may need (RFC 9659): 8 MiB. */
#define ZSTD_WINDOW_LOG_MAX 23

static struct span trim(struct span text) {
    return span_trim(text, " \t\n\v\f\r");
}

/* The next value under that name in *lines, trimmed, and *lines becomes what follows it; absent where there is none. */
static struct span next_header(struct span *lines, const char *name) {
    const char *at = lines->data, *end = at + lines->size;
    size_t length = strlen(name);
    while (at < end) {
        const char *start = at, *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        /* Folded lines belong to the value. */
        while (stop + 1 < end && (stop[1] == ' ' || stop[1] == '\t')) {
            const char *next = memchr(stop + 1, '\n', (size_t)(end - stop - 1));
            stop = next ? next : end;
        }
        at = stop < end ? stop + 1 : end;
        const char *colon = memchr(start, ':', (size_t)(stop - start));
        if (!colon)
            continue;
        struct span found = trim((struct span){start, (size_t)(colon - start)});
        if (found.size == length && strncasecmp(found.data, name, length) == 0) {
            *lines = (struct span){at, (size_t)(end - at)};
            return trim((struct span){colon + 1, (size_t)(stop - colon - 1)});
        }
    }
    return (struct span){NULL, 0};
}

struct span http_header(const struct http_headers *headers, const char *name) {
    struct span lines = headers->lines;
    return next_header(&lines, name);
}

size_t http_headers_size(struct span text) {
    const char *at = text.data, *end = text.data + text.size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        if (at < end && *at == '\n')
            return (size_t)(at + 1 - text.data);
        if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at + 2 - text.data);
    }
    return 0;
}

/* A token and a colon, as headers have them. */
static bool begins_with_header(struct span block) {
    size_t at = 0;
    while (at < block.size && (isalnum((unsigned char)block.data[at]) || block.data[at] == '-'))
        at++;
    return at > 0 && at < block.size && block.data[at] == ':';
}

/* A message without a status line: headers and a body, or a page and nothing else. */
static int parse_bare(struct span block, struct http_message *message, struct error *error) {
    size_t head = begins_with_header(block) ? http_headers_size(block) : 0;
    if (head == 0 && (trim(block).size == 0 || *trim(block).data != '<'))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no HTTP status line");
    message->headers.lines = (struct span){block.data, head};
    message->body = (struct span){block.data + head, block.size - head};
    return 0;
}

static bool is_status_line(struct span block) {
    return block.size >= 5 && strncasecmp(block.data, "HTTP/", 5) == 0;
}

/* Splits the response that block begins with; the body may be another's. */
static int split_response(struct span block, struct http_message *message, struct error *error) {
    size_t head = http_headers_size(block);
    if (head == 0)
        head = block.size;
    const char *line = memchr(block.data, '\n', head);
    size_t first = line ? (size_t)(line - block.data) + 1 : head;
    const char *space = memchr(block.data, ' ', first);
    message->status = 0;
    for (const char *at = space ? space + 1 : NULL; at && at < block.data + first && isdigit((unsigned char)*at);
         at++) {
        message->status = message->status * 10 + (*at - '0');
        if (message->status > 999)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "an HTTP status of more than three digits");
    }
    message->headers.lines = (struct span){block.data + first, head - first};
    message->body = (struct span){block.data + head, block.size - head};
    return 0;
}

int http_parse_response(struct span block, struct http_message *message, struct error *error) {
    memset(message, 0, sizeof *message);
    if (!is_status_line(block))
        return parse_bare(block, message, error);
    message->body = block;
    /* Interim responses (100 Continue, 103 Early Hints) stand before the one that is meant. */
    do {
        if (split_response(message->body, message, error) < 0)
            return -1;
    } while (message->status / 100 == 1 && is_status_line(message->body));
    return 0;
}

void http_media_type(struct span content_type, char *essence, size_t size, struct span *charset) {
    *essence = '\0';
    *charset = (struct span){NULL, 0};
    if (!content_type.data)
        return;
    const char *semicolon = memchr(content_type.data, ';', content_type.size);
    struct span type =
        trim((struct span){content_type.data, semicolon ? (size_t)(semicolon - content_type.data) : content_type.size});
    /* "text/html, text/html" is met in the wild. */
    const char *comma = memchr(type.data, ',', type.size);
    if (comma)
        type.size = (size_t)(comma - type.data);
    if (type.size < size) {
        for (size_t i = 0; i < type.size; i++)
            essence[i] = (char)tolower((unsigned char)type.data[i]);
        essence[type.size] = '\0';
    }
    const char *end = content_type.data + content_type.size;
    for (const char *at = semicolon; at && end - at > 8; at++) {
        if (strncasecmp(at, "charset=", 8) == 0) {
            const char *stop = memchr(at, ';', (size_t)(end - at));
            *charset = trim((struct span){at + 8, (size_t)((stop ? stop : end) - at) - 8});
            return;
        }
    }
}

/* A chunk's size line at *at. False where it is none. */
static bool read_chunk_size(const char **at, const char *end, uint64_t *size) {
    const char *digit = *at;
    *size = 0;
    for (; digit < end && isxdigit((unsigned char)*digit); digit++) {
        if (*size >> 56)
            return false;
        int value = isdigit((unsigned char)*digit) ? *digit - '0' : tolower((unsigned char)*digit) - 'a' + 10;
        *size = *size * 16 + (uint64_t)value;
    }
    if (digit == *at)
        return false;
    const char *line = digit;
    while (line < end && *line != '\n' && *line != ';' && isspace((unsigned char)*line))
        line++;
    if (line < end && *line == ';')
        line = memchr(line, '\n', (size_t)(end - line));
    if (!line || line == end || *line != '\n')
        return false;
    *at = line + 1;
    return true;
}

bool http_unchunk(struct span text, struct bytes *out, bool *whole) {
    const char *at = text.data, *end = at + text.size;
    uint64_t size;
    *whole = false;
    if (!at || !read_chunk_size(&at, end, &size))
        return false;
    while (size > 0) {
        if (size > (uint64_t)(end - at)) {
            bytes_append(out, at, (size_t)(end - at));
            return true;
        }
        bytes_append(out, at, (size_t)size);
        at += size;
        if (at < end && *at == '\r')
            at++;
        if (at < end && *at == '\n')
            at++;
        if (!read_chunk_size(&at, end, &size))
            return true;
    }
    *whole = true;
    return true;
}

static int too_long(size_t limit, struct error *error) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the decoded payload is over %zu bytes", limit);
}

/* What is surely in a coding, damaged though it is. */
static bool begins_with(struct span text, const char *magic) {
    return text.size >= strlen(magic) && memcmp(text.data, magic, strlen(magic)) == 0;
}

/* Damage after the first output is an error, before it means "not in this coding" (1). */
static int inflate_body(struct span text, enum inflate_format format, size_t limit, struct bytes *out,
                        struct error *error) {
    static const int windows[] = {[INFLATE_GZIP] = 15 + 16, [INFLATE_ZLIB] = 15, [INFLATE_BARE] = -15};
    struct inflater inflater = {0};
    bool whole = inflate_whole(&inflater, format, text, limit, out, NULL);
    inflater_release(&inflater);
    if (whole)
        return 0;
    /* Why not, and after how much, is zlib's to tell. */
    z_stream stream = {0};
    if (inflateInit2(&stream, windows[format]) != Z_OK)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "zlib does not start");
    stream.next_in = (Bytef *)(uintptr_t)text.data;
    stream.avail_in = (uInt)text.size;
    int status = Z_OK;
    while (status == Z_OK && out->size <= limit) {
        stream.next_out = (Bytef *)bytes_reserve(out, INFLATE_STEP);
        stream.avail_out = (uInt)INFLATE_STEP;
        status = inflate(&stream, Z_NO_FLUSH);
        out->size += INFLATE_STEP - stream.avail_out;
        if (status == Z_BUF_ERROR && stream.avail_in == 0)
            break;
    }
    inflateEnd(&stream);
    if (out->size > limit)
        return too_long(limit, error);
    if (status == Z_STREAM_END)
        return 0;
    if (out->size == 0 && !begins_with(text, "\x1f\x8b\x08"))
        return 1;
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                     "the compressed payload is damaged or cut after %zu decoded bytes", out->size);
}

static int brotli_body(struct span text, size_t limit, struct bytes *out, struct error *error) {
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!state)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "brotli does not start");
    const uint8_t *input = (const uint8_t *)text.data;
    size_t left = text.size;
    BrotliDecoderResult result;
    do {
        size_t room = INFLATE_STEP;
        uint8_t *to = (uint8_t *)bytes_reserve(out, room);
        result = BrotliDecoderDecompressStream(state, &left, &input, &room, &to, NULL);
        out->size += INFLATE_STEP - room;
    } while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && out->size <= limit);
    BrotliDecoderDestroyInstance(state);
    if (out->size > limit)
        return too_long(limit, error);
    if (result == BROTLI_DECODER_RESULT_SUCCESS)
        return 0;
    if (out->size == 0)
        return 1;
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                     "the brotli payload is damaged or cut after %zu decoded bytes", out->size);
}

static int zstd_body(struct span text, size_t limit, struct bytes *out, struct error *error) {
    ZSTD_DCtx *state = ZSTD_createDCtx();
    if (!state)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "zstd does not start");
    ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX);
    ZSTD_inBuffer in = {text.data, text.size, 0};
    size_t result, written;
    do {
        ZSTD_outBuffer room = {bytes_reserve(out, INFLATE_STEP), INFLATE_STEP, 0};
        result = ZSTD_decompressStream(state, &room, &in);
        written = room.pos;
        out->size += written;
    } while (!ZSTD_isError(result) && (in.pos < in.size || written == INFLATE_STEP) && out->size <= limit);
    ZSTD_freeDCtx(state);
    if (out->size > limit)
        return too_long(limit, error);
    if (result == 0)
        return 0;
    if (out->size == 0 && !begins_with(text, "\x28\xb5\x2f\xfd"))
        return 1;
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the zstd payload is damaged or cut after %zu decoded bytes",
                     out->size);
}

static int unchunk_body(struct span text, size_t limit, struct bytes *out, struct error *error) {
    bool whole;
    if (!http_unchunk(text, out, &whole))
        return 1;
    return out->size > limit ? too_long(limit, error) : 0;
}

/* 0 decoded, 1 not in this coding after all, -1 error. */
static int decode_content(struct span coding, struct span text, size_t limit, struct bytes *out, struct error *error) {
    static const char *const plain[] = {"identity", "none", "utf-8", ""};
    if (span_is(coding, "chunked"))
        return unchunk_body(text, limit, out, error);
    if (span_is(coding, "gzip") || span_is(coding, "x-gzip"))
        return inflate_body(text, INFLATE_GZIP, limit, out, error);
    if (span_is(coding, "br"))
        return brotli_body(text, limit, out, error);
    if (span_is(coding, "zstd"))
        return zstd_body(text, limit, out, error);
    if (span_is(coding, "deflate")) {
        /* zlib's format by the standard, bare deflate by many servers. */
        int status = inflate_body(text, INFLATE_ZLIB, limit, out, error);
        return status == 1 ? inflate_body(text, INFLATE_BARE, limit, out, error) : status;
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (span_is(coding, plain[i]))
            return 1;
    }
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "content coding %.*s",
                     (int)(coding.size < 40 ? coding.size : 40), coding.data);
}

/* A body on its way out of its codings, alternating between the buffers. */
struct decoding {
    struct bytes *scratch;
    unsigned next, count;
    size_t limit;
    struct span body;
};

/* Undoes a list of codings, of which the last was applied last. */
static int undo_list(struct decoding *decoding, struct span codings, struct error *error) {
    for (size_t end = codings.size; end != SIZE_MAX && decoding->body.size;) {
        const char *comma = memrchr(codings.data, ',', end);
        size_t start = comma ? (size_t)(comma - codings.data) + 1 : 0;
        struct span coding = trim((struct span){codings.data + start, end - start});
        end = comma ? start - 1 : SIZE_MAX;
        if (decoding->count++ == CODINGS_MAX)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "more than %d codings", CODINGS_MAX);
        char name[24] = "";
        for (size_t i = 0; i < coding.size && i < sizeof name - 1; i++)
            name[i] = (char)tolower((unsigned char)coding.data[i]);
        struct bytes *out = &decoding->scratch[decoding->next];
        bytes_clear(out);
        int status = decode_content(span_of(name), decoding->body, decoding->limit, out, error);
        if (status < 0)
            return -1;
        if (status == 0) {
            decoding->body = out->size ? span_of_bytes(out) : (struct span){"", 0};
            decoding->next = 1 - decoding->next;
        }
    }
    return 0;
}

/* Of several headers of one name the last holds what was applied last, as in one list. */
static int undo_headers(struct decoding *decoding, const struct http_headers *headers, const char *name,
                        struct error *error) {
    struct span lists[CODINGS_MAX + 1], lines = headers->lines;
    size_t count = 0;
    while (count < CODINGS_MAX + 1 && (lists[count] = next_header(&lines, name)).data)
        count++;
    while (count--) {
        if (undo_list(decoding, lists[count], error) < 0)
            return -1;
    }
    return 0;
}

int http_decode_body(const struct http_message *message, size_t limit, struct bytes scratch[2], struct span *body,
                     struct error *error) {
    struct decoding decoding = {.scratch = scratch, .limit = limit, .body = message->body};
    if (undo_headers(&decoding, &message->headers, "transfer-encoding", error) < 0 ||
        undo_headers(&decoding, &message->headers, "content-encoding", error) < 0)
        return -1;
    /* Compressed and not saying so: no page begins with these bytes. */
    if (begins_with(decoding.body, "\x1f\x8b\x08") && undo_list(&decoding, SPAN_LITERAL("gzip"), error) < 0)
        return -1;
    *body = decoding.body;
    return 0;
}
