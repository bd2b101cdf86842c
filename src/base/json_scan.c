/*
 * Owns JSON's grammar for the case that simdjson refuses a text: the byte and the reason of an error, and repairs of
 * equal length for valid texts that simdjson's DOM cannot hold (huge numbers, lone surrogates). It knows nothing of
 * records and builds nothing.
 */
#include "base/json_scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct scan {
    const unsigned char *data;
    size_t size;
    size_t at;
    struct json_repair *repair;
    struct error *error;
};

static int fail(struct scan *scan, size_t position, const char *reason) {
    return error_set(scan->error, ERROR_DATA, position, "invalid JSON: %s", reason);
}

/* The byte at an offset, or -1 past the end. */
static int peek(const struct scan *scan, size_t offset) {
    return offset < scan->size ? scan->data[offset] : -1;
}

static int next_token(struct scan *scan) {
    while (scan->at < scan->size && memchr(" \t\n\r", scan->data[scan->at], 4))
        scan->at++;
    return peek(scan, scan->at);
}

/* The size of the well-formed UTF-8 sequence (Unicode 15, table 3-7) at `at`, 0 where there is none. */
static size_t utf8_size(const struct scan *scan, size_t at) {
    int lead = peek(scan, at), second = peek(scan, at + 1);
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high)
        return 0;
    size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (size_t i = 2; i < size; i++)
        if ((peek(scan, at + i) & 0xC0) != 0x80 || at + i >= scan->size)
            return 0;
    return size;
}

static bool is_digit(int byte) {
    return byte >= '0' && byte <= '9';
}

/* The value of \uXXXX at an offset, -1 where there is no such escape. */
static int unicode_escape(const struct scan *scan, size_t at) {
    int value = 0;
    if (peek(scan, at) != '\\' || peek(scan, at + 1) != 'u')
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        int byte = peek(scan, i), letter = byte | 0x20;
        if (is_digit(byte))
            value = value * 16 + byte - '0';
        else if (letter >= 'a' && letter <= 'f')
            value = value * 16 + letter - 'a' + 10;
        else
            return -1;
    }
    return value;
}

static int scan_escape(struct scan *scan) {
    int letter = peek(scan, scan->at + 1);
    if (letter > 0 && strchr("\"\\/bfnrt", letter)) {
        scan->at += 2;
        return 0;
    }
    int unit = unicode_escape(scan, scan->at);
    if (unit < 0)
        return fail(scan, scan->at, "unknown escape in a string");
    if (unit >= 0xD800 && unit < 0xDC00) {
        int low = unicode_escape(scan, scan->at + 6);
        if (low >= 0xDC00 && low < 0xE000) {
            scan->at += 12;
            return 0;
        }
    }
    if (unit >= 0xD800 && unit < 0xE000) {
        memcpy(scan->repair->text + scan->at, "\\ufffd", 6);
        memcpy(scan->repair->parsable + scan->at, "\\ufffd", 6);
        scan->repair->surrogates++;
    }
    scan->at += 6;
    return 0;
}

static int scan_string(struct scan *scan) {
    size_t start = scan->at++;
    while (scan->at < scan->size) {
        unsigned char byte = scan->data[scan->at];
        if (byte == '"') {
            scan->at++;
            return 0;
        }
        if (byte == '\\') {
            if (scan_escape(scan) < 0)
                return -1;
            continue;
        }
        if (byte < 0x20)
            return fail(scan, scan->at, "unescaped control character in a string");
        size_t size = utf8_size(scan, scan->at);
        if (size == 0)
            return fail(scan, scan->at, "invalid UTF-8");
        scan->at += size;
    }
    return fail(scan, start, "a string without end");
}

static size_t skip_digits(const struct scan *scan, size_t at) {
    while (is_digit(peek(scan, at)))
        at++;
    return at;
}

static int scan_number(struct scan *scan) {
    size_t start = scan->at, at = start + (peek(scan, start) == '-');
    bool integer = true;
    if (!is_digit(peek(scan, at)) || (peek(scan, at) == '0' && is_digit(peek(scan, at + 1))))
        return fail(scan, start, "malformed number");
    at = skip_digits(scan, at);
    if (peek(scan, at) == '.') {
        integer = false;
        if (!is_digit(peek(scan, at + 1)))
            return fail(scan, start, "malformed number");
        at = skip_digits(scan, at + 1);
    }
    if (peek(scan, at) == 'e' || peek(scan, at) == 'E') {
        integer = false;
        at += peek(scan, at + 1) == '+' || peek(scan, at + 1) == '-' ? 2 : 1;
        if (!is_digit(peek(scan, at)))
            return fail(scan, start, "malformed number");
        at = skip_digits(scan, at);
    }
    char *copy = scan->repair->parsable + start;
    size_t size = at - start;
    /* 18 digits fit any 64-bit integer; longer ones need not be told apart, since their value is read from the source
     * digits. */
    if (integer ? size > 18 : isinf(strtod(copy, NULL))) {
        memset(copy, '0', size);
        copy[1] = '.';
        scan->repair->numbers++;
    }
    scan->at = at;
    return 0;
}

static int scan_literal(struct scan *scan, const char *literal) {
    size_t size = strlen(literal);
    if (scan->size - scan->at < size || memcmp(scan->data + scan->at, literal, size))
        return fail(scan, scan->at, "unknown literal");
    scan->at += size;
    return 0;
}

static int scan_scalar(struct scan *scan) {
    switch (next_token(scan)) {
    case '"':
        return scan_string(scan);
    case 't':
        return scan_literal(scan, "true");
    case 'f':
        return scan_literal(scan, "false");
    case 'n':
        return scan_literal(scan, "null");
    case -1:
        return fail(scan, scan->at, "the text ends where a value is needed");
    default:
        if (peek(scan, scan->at) == '-' || is_digit(peek(scan, scan->at)))
            return scan_number(scan);
        return fail(scan, scan->at, "a value is needed here");
    }
}

static int scan_key(struct scan *scan) {
    if (next_token(scan) != '"')
        return fail(scan, scan->at, "a key in quotes is needed here");
    if (scan_string(scan) < 0)
        return -1;
    if (next_token(scan) != ':')
        return fail(scan, scan->at, "':' is needed after a key");
    scan->at++;
    return 0;
}

/* Opens the containers that begin here, then reads a scalar or closes an empty container: *level is the number of open
 * ones. */
static int scan_value(struct scan *scan, size_t depth, char *closers, size_t *level) {
    for (;;) {
        int byte = next_token(scan);
        if (byte != '{' && byte != '[')
            return scan_scalar(scan);
        if (*level == depth)
            return error_set(scan->error, ERROR_DATA, scan->at, "arrays and objects nested more than %zu deep", depth);
        scan->at++;
        closers[(*level)++] = byte == '{' ? '}' : ']';
        if (next_token(scan) == closers[*level - 1]) {
            scan->at++;
            (*level)--;
            return 0;
        }
        if (byte == '{' && scan_key(scan) < 0)
            return -1;
    }
}

int json_scan(struct span text, size_t depth, struct json_repair *repair, struct error *error) {
    struct scan scan = {(const unsigned char *)text.data, text.size, 0, repair, error};
    char closers[JSON_DEPTH_MAX];
    size_t level = 0;
    do {
        if (scan_value(&scan, depth, closers, &level) < 0)
            return -1;
        while (level > 0 && next_token(&scan) == closers[level - 1]) {
            scan.at++;
            level--;
        }
        if (level == 0)
            break;
        if (next_token(&scan) != ',')
            return fail(&scan, scan.at,
                        closers[level - 1] == '}' ? "',' or '}' is needed here" : "',' or ']' is needed here");
        scan.at++;
    } while (closers[level - 1] == ']' || scan_key(&scan) == 0);
    if (level > 0)
        return -1;
    if (next_token(&scan) >= 0)
        return fail(&scan, scan.at, "more after the end of the value");
    return 0;
}
