/* What record.c and record_write.c share about the members of a source line; private to them. */
#ifndef BASE_RECORD_MEMBER_H
#define BASE_RECORD_MEMBER_H

#include "base/json_tape.h"
#include "base/record.h"

struct record_member {
    struct json_item item;   /* its spans are of record.line, the key's of the tape */
    enum record_field field; /* FIELD_COUNT for other names */
};

static inline uint32_t record_field_bit(enum record_field field) {
    return (uint32_t)1 << field;
}

#endif
