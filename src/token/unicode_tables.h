/* The character classes that pretokenisers cut by, as tables of one Unicode version (unicode_tables.c is generated). */
#ifndef TOKEN_UNICODE_TABLES_H
#define TOKEN_UNICODE_TABLES_H

#include <stdint.h>

#define UNICODE_BLOCK_SIZE 128

/* White space is the property White_Space (Z* and the controls U+0009–000D, U+0085), which differs from PCRE2's \s by
 * U+180E. */
enum unicode_class {
    UNICODE_OTHER,
    UNICODE_UPPER,  /* Lu, Lt */
    UNICODE_LOWER,  /* Ll */
    UNICODE_LETTER, /* Lm, Lo */
    UNICODE_MARK,   /* M */
    UNICODE_NUMBER, /* N */
    UNICODE_SPACE,
};

extern const char unicode_version[]; /* "15.0.0" */
extern const uint8_t unicode_stage[0x110000 / UNICODE_BLOCK_SIZE];
extern const uint8_t unicode_blocks[][UNICODE_BLOCK_SIZE];

/* code < 0x110000 */
static inline enum unicode_class unicode_class_of(uint32_t code) {
    return (enum unicode_class)unicode_blocks[unicode_stage[code / UNICODE_BLOCK_SIZE]][code % UNICODE_BLOCK_SIZE];
}

#endif
