/*
 * The tables of charset_tables.c: the encodings of the WHATWG Encoding Standard, and what ICU's converters have
 * otherwise. For charset.c alone.
 */
#ifndef TEXT_CHARSET_TABLES_H
#define TEXT_CHARSET_TABLES_H

#include <stddef.h>
#include <stdint.h>

enum charset_kind {
    CHARSET_WHOLE,       /* ICU's converter is exact */
    CHARSET_SINGLE_BYTE, /* 128 characters above ASCII */
    CHARSET_LEAD_BYTES   /* sequences after which an ASCII byte stands for itself, should they be malformed */
};

struct charset_encoding {
    const char *name;      /* the standard's */
    const char *converter; /* ICU's */
    enum charset_kind kind;
    const char *labels; /* lower case, a space before and after each */
};

struct charset_byte_patch {
    const char *encoding;
    uint8_t byte;
    uint16_t character;
};

struct charset_pair_patch {
    uint16_t pair;
    uint16_t character;
};

struct charset_private_patch {
    uint16_t from;
    uint16_t to[2]; /* the second is 0 where there is one */
};

/* Ends with a name of NULL. */
extern const struct charset_encoding CHARSET_ENCODINGS[];
/* Ends with an encoding of NULL. */
extern const struct charset_byte_patch CHARSET_BYTE_PATCHES[];
extern const struct charset_pair_patch CHARSET_BIG5_PAIRS[];
extern const size_t CHARSET_BIG5_PAIR_COUNT;
extern const struct charset_private_patch CHARSET_BIG5_PRIVATE[];
extern const size_t CHARSET_BIG5_PRIVATE_COUNT;
extern const struct charset_private_patch CHARSET_GB18030_PRIVATE[];
extern const size_t CHARSET_GB18030_PRIVATE_COUNT;

#endif
