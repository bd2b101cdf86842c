/*
 * The elements and attributes that mean something here, each with what the HTML standard and the layout of text say of
 * it. Names compare without case.
 */
#ifndef TEXT_HTML_NAMES_H
#define TEXT_HTML_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* How an element takes part in the layout of lines. */
enum html_tag {
    TAG_INLINE = 0,
    TAG_BLOCK,     /* begins and ends a line */
    TAG_PARAGRAPH, /* stands between empty lines */
    TAG_HEADING,
    TAG_LIST,
    TAG_ITEM,
    TAG_TABLE,
    TAG_ROW,
    TAG_CELL,
    TAG_BREAK,
    TAG_CODE,   /* white space kept */
    TAG_LINK,   /* <a> */
    TAG_HIDDEN, /* never text: script, style, form controls … */
    TAG_ASIDE,  /* nav, footer, aside: text, but not the page's own */
    TAG_HEADER,
    TAG_FORM,
    TAG_MAIN,
    TAG_ARTICLE,
    TAG_BODY,
};

/* What tree construction asks of an element (HTML Standard, section 13.2). */
enum html_trait {
    HTML_VOID = 1,             /* has no content and no end tag */
    HTML_SPECIAL = 1 << 1,     /* an end tag of an inline element does not reach beyond it */
    HTML_FORMATTING = 1 << 2,  /* goes on behind a block that cuts it */
    HTML_SCOPE = 1 << 3,       /* bounds the search for what an end tag closes */
    HTML_IMPLIED_END = 1 << 4, /* its end tag may be missing */
    HTML_BLOCK = 1 << 5,       /* begins behind an open paragraph, and its end tag closes what is open within */
    HTML_HEAD_PART = 1 << 6,   /* belongs to <head> while there is no body */
    HTML_TABLE_PART = 1 << 7,  /* has a place in a table only */
    HTML_TABLE_FRAME = 1 << 8, /* holds table parts only; what else stands in it comes before the table */
    HTML_BREAKOUT = 1 << 9,    /* ends SVG and MathML around it */
    HTML_MARKER = 1 << 10,     /* formatting from outside does not go on within */
    HTML_HTML_INSIDE = 1 << 11 /* of SVG and MathML, but holds HTML */
};

/* Elements by name; HTML_OTHER is any that is not listed in html_names.c. */
enum html_name {
    HTML_OTHER,
    HTML_A,
    HTML_ADDRESS,
    HTML_ANNOTATION,
    HTML_ANNOTATION_XML,
    HTML_APPLET,
    HTML_AREA,
    HTML_ARTICLE,
    HTML_ASIDE,
    HTML_AUDIO,
    HTML_B,
    HTML_BASE,
    HTML_BASEFONT,
    HTML_BGSOUND,
    HTML_BIG,
    HTML_BLOCKQUOTE,
    HTML_BODY,
    HTML_BR,
    HTML_BUTTON,
    HTML_CANVAS,
    HTML_CAPTION,
    HTML_CENTER,
    HTML_CODE,
    HTML_COL,
    HTML_COLGROUP,
    HTML_DATALIST,
    HTML_DD,
    HTML_DESC,
    HTML_DETAILS,
    HTML_DIALOG,
    HTML_DIR,
    HTML_DIV,
    HTML_DL,
    HTML_DT,
    HTML_EM,
    HTML_EMBED,
    HTML_FIELDSET,
    HTML_FIGCAPTION,
    HTML_FIGURE,
    HTML_FONT,
    HTML_FOOTER,
    HTML_FOREIGNOBJECT,
    HTML_FORM,
    HTML_FRAME,
    HTML_FRAMESET,
    HTML_H1,
    HTML_H2,
    HTML_H3,
    HTML_H4,
    HTML_H5,
    HTML_H6,
    HTML_HEAD,
    HTML_HEADER,
    HTML_HGROUP,
    HTML_HR,
    HTML_HTML,
    HTML_I,
    HTML_IFRAME,
    HTML_IMAGE,
    HTML_IMG,
    HTML_INPUT,
    HTML_KEYGEN,
    HTML_LEGEND,
    HTML_LI,
    HTML_LINK,
    HTML_LISTING,
    HTML_MAIN,
    HTML_MAP,
    HTML_MARQUEE,
    HTML_MATH,
    HTML_MENU,
    HTML_META,
    HTML_MI,
    HTML_MN,
    HTML_MO,
    HTML_MS,
    HTML_MTEXT,
    HTML_NAV,
    HTML_NOBR,
    HTML_NOEMBED,
    HTML_NOFRAMES,
    HTML_NOSCRIPT,
    HTML_OBJECT,
    HTML_OL,
    HTML_OPTGROUP,
    HTML_OPTION,
    HTML_P,
    HTML_PARAM,
    HTML_PICTURE,
    HTML_PLAINTEXT,
    HTML_PRE,
    HTML_PROGRESS,
    HTML_RB,
    HTML_RP,
    HTML_RT,
    HTML_RTC,
    HTML_RUBY,
    HTML_S,
    HTML_SCRIPT,
    HTML_SEARCH,
    HTML_SECTION,
    HTML_SELECT,
    HTML_SMALL,
    HTML_SOURCE,
    HTML_SPAN,
    HTML_STRIKE,
    HTML_STRONG,
    HTML_STYLE,
    HTML_SUB,
    HTML_SUMMARY,
    HTML_SUP,
    HTML_SVG,
    HTML_TABLE,
    HTML_TBODY,
    HTML_TD,
    HTML_TEMPLATE,
    HTML_TEXTAREA,
    HTML_TFOOT,
    HTML_TH,
    HTML_THEAD,
    HTML_TIME,
    HTML_TITLE,
    HTML_TR,
    HTML_TRACK,
    HTML_TT,
    HTML_U,
    HTML_UL,
    HTML_VAR,
    HTML_VIDEO,
    HTML_WBR,
    HTML_XMP,
    HTML_NAMES
};

#define HTML_NAME_SIZE 16 /* the longest name and a NUL, in a multiple of 8 */

/* The attributes that somebody asks for; the others never reach the tree. */
enum html_attribute_name {
    ATTRIBUTE_OTHER,
    ATTRIBUTE_ARIA_HIDDEN,
    ATTRIBUTE_CLASS,
    ATTRIBUTE_CONTENT,
    ATTRIBUTE_DATETIME,
    ATTRIBUTE_HIDDEN,
    ATTRIBUTE_HREF,
    ATTRIBUTE_HTTP_EQUIV,
    ATTRIBUTE_ID,
    ATTRIBUTE_ITEMPROP,
    ATTRIBUTE_ITEMTYPE,
    ATTRIBUTE_LANG,
    ATTRIBUTE_NAME,
    ATTRIBUTE_PROPERTY,
    ATTRIBUTE_REL,
    ATTRIBUTE_REVERSED,
    ATTRIBUTE_ROLE,
    ATTRIBUTE_SHADOWROOTMODE,
    ATTRIBUTE_START,
    ATTRIBUTE_STYLE,
    ATTRIBUTE_TYPE,
    ATTRIBUTE_VALUE,
    ATTRIBUTE_XML_LANG,
    ATTRIBUTE_NAMES
};

struct html_element_name {
    char name[HTML_NAME_SIZE];
    size_t size; /* of the name */
    enum html_tag tag;
    unsigned traits;
};

/* By enum html_name. */
extern const struct html_element_name html_elements[HTML_NAMES];

enum html_name html_name_find(struct span name);
/* The name in lower case; empty for HTML_OTHER. */
static inline struct span html_name_text(enum html_name name) {
    return (struct span){html_elements[name].name, html_elements[name].size};
}
static inline enum html_tag html_name_tag(enum html_name name) {
    return html_elements[name].tag;
}
/* A set of enum html_trait. */
static inline unsigned html_name_traits(enum html_name name) {
    return html_elements[name].traits;
}
/* ATTRIBUTE_OTHER too where nobody asks for it on that element. */
enum html_attribute_name html_attribute_find(struct span attribute, enum html_name element);

#endif
