/*
 * A page as start tags, end tags and text, cut as the HTML Standard says (section 13.2.5). Comments, doctypes and
 * processing instructions are passed over. Everything borrows from the page, and text is as it stands there, references
 * not decoded.
 */
#ifndef TEXT_HTML_TOKENIZER_H
#define TEXT_HTML_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "text/html_names.h"

enum html_token_type { HTML_END_OF_PAGE, HTML_TEXT, HTML_START_TAG, HTML_END_TAG };

struct html_token {
    enum html_token_type type;
    struct span text; /* of HTML_TEXT; never empty */
    bool literal;     /* of HTML_TEXT: an "&" in it begins no reference */
    struct span tag;  /* of tags: the name as it stands */
    enum html_name name;
    bool self_closing;
    struct {
        struct span name, value; /* of a start tag; a name may come twice, and the first counts */
    } * attributes;
    size_t attribute_count;
};

struct html_tokenizer {
    const char *at, *end;
    bool foreign; /* set by the caller: the next markup stands in SVG or MathML, where CDATA sections are text */
    struct html_token token;
    size_t attribute_capacity;
};

/* The page is valid UTF-8, and outlives the tokenizer. */
void html_tokenizer_init(struct html_tokenizer *tokenizer, struct span page);
void html_tokenizer_release(struct html_tokenizer *tokenizer);
/* The next token, in tokenizer->token, valid until the next call. */
enum html_token_type html_tokenizer_next(struct html_tokenizer *tokenizer);
/*
 * After a start tag whose element holds no markup: takes the text up to the element's end tag, which comes next, or to
 * the end of the page. A script may hold its own end tag within what looks like a comment.
 */
struct span html_tokenizer_take_raw(struct html_tokenizer *tokenizer, struct span tag);

#endif
