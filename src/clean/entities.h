/* HTML character references left in plain text: "&eacute;", "&#8217;", "&amp;amp;". */
#ifndef CLEAN_ENTITIES_H
#define CLEAN_ENTITIES_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Decodes references that end in a semicolon (HTML 4's names, apos, and numbers): returns true and appends the text to
 * *out where there were any, else appends nothing. References written with references (&amp;lt;) are decoded to the
 * end. Text that holds tags is markup, not text, and stays as it is; numbers of surrogates and of no code point stay
 * too. Decoding the result again changes nothing.
 */
bool entities_decode(struct span text, struct bytes *out);

#endif
