/*
 * Sentence ends. Works on one line at a time and owns nothing.
 */
#include "text/sentences.h"

#include <unicode/uchar.h>

#include "text/utf8.h"

/* Quotes and brackets that may stand between terminal punctuation and the white space after it. */
static bool is_closing(uint32_t code) {
    return code == '"' || code == '\'' || code == ')' || code == ']' || code == 0xBB || code == 0x2019 ||
           code == 0x201D || code == 0x300D || code == 0x300F || code == 0xFF09;
}

/* Full-width terminals stand without white space after them. */
static bool is_full_width(uint32_t code) {
    return code >= 0x3000;
}

size_t sentences_count(const struct text_classes *classes, struct span line) {
    size_t count = 0, i = 0;
    bool open = false;   /* a visible character since the last end */
    bool ending = false; /* terminal punctuation and closers only since the last other character */
    bool wide = false;
    while (i < line.size) {
        uint32_t code;
        i += utf8_decode_valid(line.data + i, &code);
        uint8_t class = classes->of[code];
        if (class & TEXT_SENTENCE_END && open) {
            wide = (ending && wide) || is_full_width(code);
            ending = true;
        } else if (class & TEXT_SPACE) {
            size_t next = i;
            while (next < line.size && classes->of[(unsigned char)line.data[next]] & TEXT_SPACE)
                next++;
            if (ending && next < line.size) {
                utf8_decode_valid(line.data + next, &code);
                if (u_isULowercase((UChar32)code))
                    ending = false;
            }
            count += ending;
            open = open && !ending;
            ending = false;
        } else if (!(ending && is_closing(code))) {
            if (ending && wide)
                count++;
            ending = false;
            open = true;
        }
    }
    return count + open;
}

bool sentence_is_ended(const struct text_classes *classes, struct span line) {
    size_t end = line.size;
    while (end > 0) {
        uint32_t code;
        size_t start = utf8_previous(line.data, end);
        utf8_decode_valid(line.data + start, &code);
        uint8_t class = classes->of[code];
        if (!(class & TEXT_SPACE))
            return class & TEXT_SENTENCE_END || code == '"' || code == '\'' || code == 0xBB || code == 0x2019 ||
                   code == 0x201D || code == 0x300D || code == 0x300F;
        end = start;
    }
    return false;
}
