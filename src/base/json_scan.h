/*
 * The slow, exact reader of JSON (RFC 8259): says where and why a text is wrong, and repairs what is valid JSON but too
 * much for simdjson. For base/json_tape.c only, which calls it when simdjson refuses.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* What json_scan changes, byte for byte in place, so that no offset moves. */
struct json_repair {
    char *text;     /* a copy of the text: lone surrogate escapes become \ufffd */
    char *parsable; /* another, NUL-terminated: moreover numbers beyond int64_t, uint64_t and double become 0.000 */
    uint64_t surrogates; /* out: escapes replaced */
    uint64_t numbers;    /* out: numbers replaced */
};

/* Validates the whole text with at most depth (<= JSON_DEPTH_MAX) levels of containers. ERROR_DATA with the offset of
 * the first fault. */
int json_scan(struct span text, size_t depth, struct json_repair *repair, struct error *error);

#endif
