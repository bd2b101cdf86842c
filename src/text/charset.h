/*
 * From bytes of any encoding to UTF-8: finding out the encoding, and converting. Labels and decoders are those of the
 * WHATWG Encoding Standard ("iso-8859-1" means windows-1252, "gb2312" means GBK), since that is what pages are written
 * for; ICU does the work, and what it does otherwise is put right. Encodings that the standard lacks are ICU's.
 */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define CHARSET_NAME_SIZE 48
/* The longest input of charset_decode. */
#define CHARSET_INPUT_MAX ((size_t)512 << 20)

/* An encoding under the standard's name, or ICU's for one that the standard lacks. */
struct charset {
    char name[CHARSET_NAME_SIZE];
};

/* What is known of a text besides its bytes; absent spans are unknown. */
struct charset_evidence {
    struct span declared; /* label that came with it, as in an HTTP header */
    struct span url;      /* whose country's languages are a hint */
    bool is_markup;       /* it may declare its encoding itself */
};

/* The encoding of a label such as an HTTP header gives; false where it is unknown. */
bool charset_of_label(struct span label, struct charset *charset);
/* The encoding of the byte order mark that data starts with; false where there is none. mark_size may be NULL. */
bool charset_of_mark(struct span data, struct charset *charset, size_t *mark_size);
/* Whether each byte is a character of its own. */
bool charset_is_single_byte(const struct charset *charset);
/*
 * Decides in the order: byte order mark, declared label, the markup's own declaration, well-formed UTF-8, then ICU's
 * statistical detection with the language that markup and URL hint at. Bytes are believed before declarations: UTF-8
 * that was declared as something else is UTF-8, and what was declared as UTF-8 must be so in most places.
 */
void charset_detect(struct span data, const struct charset_evidence *evidence, struct charset *charset);
/*
 * Appends data as UTF-8 without its byte order mark. Malformed sequences become U+FFFD and are counted in *replaced
 * (which may be NULL). ERROR_DATA for an input over CHARSET_INPUT_MAX.
 */
int charset_decode(struct span data, const struct charset *charset, struct bytes *out, uint64_t *replaced,
                   struct error *error);
/* The same text without a copy, where data is well-formed UTF-8 already: *text is what follows its mark. Elsewhere
 * *text is what out holds. */
int charset_decode_in_place(struct span data, const struct charset *charset, struct bytes *out, struct span *text,
                            struct error *error);

/* True for well-formed UTF-8 (no surrogates, nothing over U+10FFFF). */
bool charset_is_utf8(struct span data);

#endif
