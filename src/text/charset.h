/*
 * From bytes of any encoding to UTF-8: finding out the encoding, and converting with ICU. Labels are read as the WHATWG
 * Encoding Standard reads them ("iso-8859-1" means windows-1252, "gb2312" means gb18030), since that is what pages are
 * written for.
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

/* An encoding under the name that ICU's converters know it by. */
struct charset {
    char name[CHARSET_NAME_SIZE];
};

/* The encoding of a label such as an HTTP header gives; false where it is unknown. */
bool charset_of_label(struct span label, struct charset *charset);
/* The encoding of the byte order mark that data starts with; false where there is none. mark_size may be NULL. */
bool charset_of_mark(struct span data, struct charset *charset, size_t *mark_size);
/* The encoding that <meta charset>, <meta http-equiv content> or an XML declaration within the first 4 KiB of a page
 * names. */
bool charset_of_markup(struct span page, struct charset *charset);
/*
 * Decides in the order: byte order mark, declared label (absent span: none), the markup (where is_markup), well-formed
 * UTF-8, then ICU's statistical detection over the first 64 KiB. A declared UTF-8 that the bytes contradict in most of
 * their non-ASCII places is not believed.
 */
void charset_detect(struct span data, struct span declared, bool is_markup, struct charset *charset);
/*
 * Appends data as UTF-8 without its byte order mark. Malformed sequences become U+FFFD and are counted in *replaced
 * (which may be NULL). ERROR_DATA for an input over CHARSET_INPUT_MAX.
 */
int charset_decode(struct span data, const struct charset *charset, struct bytes *out, uint64_t *replaced,
                   struct error *error);

/* True for well-formed UTF-8 (no surrogates, nothing over U+10FFFF). */
bool charset_is_utf8(struct span data);

#endif
