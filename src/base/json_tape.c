/*
 * Owns parsing: the fast way through simdjson, and when that refuses, the exact scan that names the fault or repairs a
 * copy which simdjson takes. It knows simdjson's tape and token offsets and how to walk both in step; nothing of what
 * the values mean.
 */
#include "base/json_tape.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/simdjson_c.h"

/* Buffers past this size are given back when the next text is smaller, so that one huge line does not stay paid for. */
#define READER_KEEP ((size_t)4 << 20)
/* Room made at first, so that it need not grow with every somewhat longer line. */
#define READER_START ((size_t)16 << 10)

struct json_reader {
    struct simdjson_parser *parser;
    size_t capacity;       /* of the parser */
    struct bytes padded;   /* the text with room after it, as simdjson wants it */
    struct bytes repaired; /* the text with lone surrogates replaced */
};

static struct simdjson_parser *new_parser(void) {
    struct simdjson_parser *parser = simdjson_parser_new();
    if (!parser)
        memory_allocate(SIZE_MAX); /* ends the process with the usual message */
    return parser;
}

struct json_reader *json_reader_new(void) {
    struct json_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->parser = new_parser();
    return reader;
}

void json_reader_free(struct json_reader *reader) {
    if (!reader)
        return;
    simdjson_parser_free(reader->parser);
    bytes_release(&reader->padded);
    bytes_release(&reader->repaired);
    free(reader);
}

static void reader_make_room(struct json_reader *reader, size_t size) {
    if (reader->capacity > READER_KEEP && size < READER_KEEP) {
        simdjson_parser_free(reader->parser);
        reader->parser = new_parser();
        bytes_release(&reader->padded);
        bytes_release(&reader->repaired);
        reader->capacity = 0;
    }
    if (reader->capacity < size) {
        size_t more = reader->capacity > 0 ? 2 * reader->capacity : READER_START;
        reader->capacity = size > READER_KEEP || size > more ? size : more;
    }
}

/* Puts the text into the padded buffer, with zeros after it. */
static void reader_fill(struct json_reader *reader, struct span text) {
    bytes_clear(&reader->padded);
    char *copy = bytes_reserve(&reader->padded, text.size + simdjson_padding);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, simdjson_padding);
}

/* The exact way, for what simdjson refused: an error, or a tape of a repaired copy. */
static int reader_repair(struct json_reader *reader, struct span text, size_t depth, struct json_tape *tape,
                         struct simdjson_result *result, struct error *error) {
    bytes_clear(&reader->repaired);
    bytes_append_span(&reader->repaired, text);
    struct json_repair repair = {reader->repaired.data, reader->padded.data, 0, 0};
    if (json_scan(text, depth, &repair, error) < 0)
        return -1;
    /* One level more than asked for, since the scan has counted and simdjson counts another way. */
    const char *reason =
        simdjson_parse(reader->parser, reader->padded.data, text.size, reader->capacity, depth + 1, result);
    if (reason) /* the text is valid and within every bound of simdjson's, so it is memory */
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "JSON of %zu bytes: %s", text.size, reason);
    if (repair.surrogates > 0)
        tape->text.data = reader->repaired.data;
    tape->lone_surrogates = repair.surrogates;
    tape->huge_numbers = repair.numbers > 0;
    return 0;
}

int json_reader_parse(struct json_reader *reader, struct span text, size_t depth, struct json_tape *tape,
                      struct error *error) {
    struct simdjson_result result;
    if (text.size > UINT32_MAX - simdjson_padding)
        return error_set(error, ERROR_DATA, 0, "JSON text of %zu bytes is beyond 4 GiB", text.size);
    reader_make_room(reader, text.size);
    reader_fill(reader, text);
    *tape = (struct json_tape){.text = text};
    if (simdjson_parse(reader->parser, reader->padded.data, text.size, reader->capacity, depth, &result) &&
        reader_repair(reader, text, depth, tape, &result, error) < 0)
        return -1;
    tape->words = result.tape;
    tape->strings = result.strings;
    tape->offsets = result.offsets;
    tape->offset_count = result.offset_count;
    return 0;
}

/* Source from an offset up to the token that follows, white space before that left out. */
static struct span source_until(const struct json_tape *tape, size_t start, size_t next_token) {
    size_t end = next_token < tape->offset_count ? tape->offsets[next_token] : tape->text.size;
    const char *data = tape->text.data;
    while (end > start &&
           (data[end - 1] == ' ' || data[end - 1] == '\t' || data[end - 1] == '\n' || data[end - 1] == '\r'))
        end--;
    return (struct span){data + start, end - start};
}

struct span json_tape_scalar(const struct json_tape *tape, size_t token) {
    return source_until(tape, tape->offsets[token], token + 1);
}

struct json_cursor json_tape_skip(const struct json_tape *tape, struct json_cursor at) {
    size_t level = 0;
    switch (json_tape_type(tape, at.word)) {
    case '{':
    case '[':
        do {
            char byte = tape->text.data[tape->offsets[at.token++]];
            if (byte == '{' || byte == '[')
                level++;
            else if (byte == '}' || byte == ']')
                level--;
        } while (level > 0);
        return (struct json_cursor){(uint32_t)json_tape_payload(tape, at.word), at.token};
    case 'l':
    case 'u':
    case 'd':
        return (struct json_cursor){at.word + 2, at.token + 1};
    default:
        return (struct json_cursor){at.word + 1, at.token + 1};
    }
}

bool json_tape_next(const struct json_tape *tape, struct json_cursor *at, bool object, struct json_item *item) {
    char type = json_tape_type(tape, at->word);
    if (type == '}' || type == ']')
        return false;
    size_t start = tape->offsets[at->token];
    item->value = *at;
    item->key = (struct span){0};
    if (object) {
        item->key = json_tape_string(tape, at->word);
        item->value = (struct json_cursor){at->word + 1, at->token + 2}; /* past the key and ':' */
    }
    struct json_cursor next = json_tape_skip(tape, item->value);
    size_t value_start = tape->offsets[item->value.token];
    item->whole = source_until(tape, start, next.token);
    item->source = (struct span){tape->text.data + value_start, item->whole.size - (value_start - start)};
    *at = (struct json_cursor){next.word, next.token + 1}; /* past ',' or the closing bracket */
    return true;
}

size_t json_tape_count(const struct json_tape *tape, struct json_cursor container) {
    const uint64_t saturated = 0xFFFFFF;
    uint64_t count = json_tape_payload(tape, container.word) >> 32;
    if (count < saturated)
        return count;
    bool object = json_tape_type(tape, container.word) == '{';
    struct json_cursor at = json_tape_enter(container);
    struct json_item item;
    for (count = 0; json_tape_next(tape, &at, object, &item);)
        count++;
    return count;
}

/* The digits of a number that the tape may not hold, as a string for strtod and the like; the caller frees it. */
static char *copy_digits(const struct json_tape *tape, size_t token) {
    struct span digits = json_tape_scalar(tape, token);
    return memory_copy(digits.data, digits.size);
}

double json_tape_number(const struct json_tape *tape, struct json_cursor at) {
    uint64_t bits = tape->words[at.word + 1];
    double number;
    if (tape->huge_numbers) {
        char *digits = copy_digits(tape, at.token);
        number = strtod(digits, NULL);
        free(digits);
        return number;
    }
    switch (json_tape_type(tape, at.word)) {
    case 'l':
        return (double)(int64_t)bits;
    case 'u':
        return (double)bits;
    default:
        memcpy(&number, &bits, sizeof number);
        return number;
    }
}

bool json_tape_integer(const struct json_tape *tape, struct json_cursor at, int64_t *integer) {
    const double exact = 9007199254740992; /* 2^53: up to it a double tells its integer from the neighbours */
    if (tape->huge_numbers) {
        char *digits = copy_digits(tape, at.token), *end;
        errno = 0;
        *integer = strtoll(digits, &end, 10);
        bool whole = *end == 0 && errno == 0;
        free(digits);
        if (whole)
            return true;
    } else if (json_tape_type(tape, at.word) == 'l') {
        *integer = (int64_t)tape->words[at.word + 1];
        return true;
    }
    double number = json_tape_number(tape, at);
    if (number != trunc(number) || fabs(number) > exact)
        return false;
    *integer = (int64_t)number;
    return true;
}
