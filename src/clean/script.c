/*
 * Letters by script. Knows the blocks of three scripts; every other letter is another's.
 */
#include "clean/script.h"

#include <unicode/uchar.h>

#include "text/utf8.h"

/* As much of a text as is looked at. */
#define SAMPLE_SIZE 4096

void script_count(struct script_counts *counts, struct span text) {
    size_t size = text.size < SAMPLE_SIZE ? text.size : SAMPLE_SIZE;
    for (size_t i = 0; i < size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        if (code < 0x80)
            counts->other += (code | 0x20) >= 'a' && (code | 0x20) <= 'z';
        else if ((code >= 0x4E00 && code < 0xA000) || (code >= 0x3400 && code < 0x4DC0) ||
                 (code >= 0x20000 && code < 0x32000))
            counts->han++;
        else if (code >= 0x3041 && code < 0x3100)
            counts->kana++;
        else if ((code >= 0xAC00 && code < 0xD7A4) || (code >= 0x1100 && code < 0x1200) ||
                 (code >= 0x3131 && code < 0x318F))
            counts->hangul++;
        else
            counts->other += u_isalpha((UChar32)code) != 0;
    }
}

struct span script_language(const struct script_counts *counts) {
    size_t east = counts->han + counts->kana + counts->hangul;
    if (east <= counts->other)
        return (struct span){NULL, 0};
    if (counts->hangul * 2 > east)
        return SPAN_LITERAL("ko");
    /* Japanese is never without kana for long; Chinese has none but in names and quotes. */
    return counts->kana * 5 > east ? SPAN_LITERAL("ja") : SPAN_LITERAL("zh");
}
