/*
 * What the first bytes of a page declare, read as the HTML Standard's "prescan a byte stream to determine its encoding"
 * reads them.
 */
#ifndef TEXT_CHARSET_MARKUP_H
#define TEXT_CHARSET_MARKUP_H

#include "text/charset.h"

/*
 * The encoding that a <meta> or an XML declaration within the first 16 KiB names; false where none does. The standard
 * looks at 1 KiB, and browsers change their mind when the parser meets a later <meta>: so this looks further.
 * *language, which may be NULL, is the lang attribute of <html>, pointing into page, or absent.
 */
bool charset_of_markup(struct span page, struct charset *charset, struct span *language);

#endif
