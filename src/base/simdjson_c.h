/*
 * simdjson's DOM parser behind C: the one C++ file of the project, simdjson.cc, is the other half. What comes back is
 * simdjson's own tape (its doc/tape.md) and the source offset of every token, so that a value can be had both decoded
 * and as the bytes it was written with. For base/json_tape.c only.
 */
#ifndef BASE_SIMDJSON_C_H
#define BASE_SIMDJSON_C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct simdjson_parser;

/* Bytes past the text that simdjson may read. */
extern const size_t simdjson_padding;

/* Valid until the next call with the same parser. */
struct simdjson_result {
    const uint64_t *tape;    /* words: type in the high byte, payload below */
    const char *strings;     /* each a uint32_t size, the unescaped bytes and a NUL */
    const uint32_t *offsets; /* of each token: { } [ ] : , and the first byte of every string, number and literal */
    size_t offset_count;
};

/* NULL when out of memory. */
struct simdjson_parser *simdjson_parser_new(void);
void simdjson_parser_free(struct simdjson_parser *parser);
/*
 * Parses text, which has simdjson_padding readable bytes after it. NULL on success, else what simdjson says is wrong
 * (static). capacity >= size is what to make room for. With depth N, N - 1 levels of containers pass, and N where the
 * innermost is empty: that is how simdjson counts.
 */
const char *simdjson_parse(struct simdjson_parser *parser, const char *text, size_t size, size_t capacity, size_t depth,
                           struct simdjson_result *result);

/* Whether all of it is valid UTF-8. */
bool simdjson_is_utf8(const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
