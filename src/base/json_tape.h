/*
 * A validated JSON text as a tape: every value once decoded and once as the source bytes it was written with, walked
 * without building a tree. What base/json.c and base/record.c stand on; no one else needs it.
 */
#ifndef BASE_JSON_TAPE_H
#define BASE_JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

struct json_reader; /* owns the memory of one tape at a time; one for each thread */

struct json_tape {
    const uint64_t *words;   /* simdjson's tape: type in the high byte (one of "{}[]\"ludtfn"), payload below; numbers
                                take a second word */
    const char *strings;     /* each a uint32_t size and the unescaped bytes */
    const uint32_t *offsets; /* of every token in text */
    size_t offset_count;
    struct span
        text; /* the source: the caller's bytes, or a copy of equal size where lone surrogate escapes became \ufffd */
    uint64_t lone_surrogates; /* so replaced */
    bool huge_numbers; /* some numbers on the tape stand for others beyond its range: the source has their digits */
};

/* A value: its first word and its first token. The root is {1, 0}. */
struct json_cursor {
    size_t word;
    size_t token;
};

/* An element of an array or a member of an object. */
struct json_item {
    struct span key;    /* unescaped; members only */
    struct span whole;  /* the member's source, from the key's quote to the end of the value; as source for elements */
    struct span source; /* the value's source */
    struct json_cursor value;
};

struct json_reader *json_reader_new(void);
void json_reader_free(struct json_reader *reader);
/*
 * Parses and validates a text of at most depth (<= JSON_DEPTH_MAX) levels. The tape borrows from the text and the
 * reader until the next call. ERROR_DATA with the byte offset of the first fault.
 */
int json_reader_parse(struct json_reader *reader, struct span text, size_t depth, struct json_tape *tape,
                      struct error *error);

/* The cursor of the first item of an array or object. */
static inline struct json_cursor json_tape_enter(struct json_cursor container) {
    return (struct json_cursor){container.word + 1, container.token + 1};
}

/* Reads the item at *at and moves there to the next one. False at the end of the container. */
bool json_tape_next(const struct json_tape *tape, struct json_cursor *at, bool object, struct json_item *item);
/* The source of a scalar, which begins at a token. */
struct span json_tape_scalar(const struct json_tape *tape, size_t token);
/* Past a value: its next word and the token that follows it. */
struct json_cursor json_tape_skip(const struct json_tape *tape, struct json_cursor at);
/* The number of items of an array or object. */
size_t json_tape_count(const struct json_tape *tape, struct json_cursor container);
/* A number as a double; out of range it is +-HUGE_VAL. */
double json_tape_number(const struct json_tape *tape, struct json_cursor at);
/* True with *integer where a number is one exactly and fits. */
bool json_tape_integer(const struct json_tape *tape, struct json_cursor at, int64_t *integer);

static inline char json_tape_type(const struct json_tape *tape, size_t word) {
    return (char)(tape->words[word] >> 56);
}

static inline uint64_t json_tape_payload(const struct json_tape *tape, size_t word) {
    return tape->words[word] & (((uint64_t)1 << 56) - 1);
}

static inline struct span json_tape_string(const struct json_tape *tape, size_t word) {
    const char *string = tape->strings + json_tape_payload(tape, word);
    uint32_t size;
    memcpy(&size, string, sizeof size);
    return (struct span){string + sizeof size, size};
}

#endif
