/*
 * Names as data. Each table is in order of its names, with the place of the name in it as its enum.
 */
#include "text/html_names.h"

#include <endian.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define NAMED(text) (text), sizeof(text) - 1

const struct html_element_name html_elements[HTML_NAMES] = {
    [HTML_A] = {NAMED("a"), TAG_LINK, HTML_FORMATTING},
    [HTML_ADDRESS] = {NAMED("address"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_ANNOTATION] = {NAMED("annotation"), TAG_INLINE, 0},
    [HTML_ANNOTATION_XML] = {NAMED("annotation-xml"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_APPLET] = {NAMED("applet"), TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_AREA] = {NAMED("area"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_ARTICLE] = {NAMED("article"), TAG_ARTICLE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_ASIDE] = {NAMED("aside"), TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_AUDIO] = {NAMED("audio"), TAG_HIDDEN, 0},
    [HTML_B] = {NAMED("b"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_BASE] = {NAMED("base"), TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BASEFONT] = {NAMED("basefont"), TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BGSOUND] = {NAMED("bgsound"), TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BIG] = {NAMED("big"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_BLOCKQUOTE] = {NAMED("blockquote"), TAG_PARAGRAPH, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_BODY] = {NAMED("body"), TAG_BODY, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_BR] = {NAMED("br"), TAG_BREAK, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_BUTTON] = {NAMED("button"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_CANVAS] = {NAMED("canvas"), TAG_HIDDEN, 0},
    [HTML_CAPTION] = {NAMED("caption"), TAG_BLOCK, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_CENTER] = {NAMED("center"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_CODE] = {NAMED("code"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_COL] = {NAMED("col"), TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_TABLE_PART},
    [HTML_COLGROUP] = {NAMED("colgroup"), TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART},
    [HTML_DATALIST] = {NAMED("datalist"), TAG_HIDDEN, 0},
    [HTML_DD] = {NAMED("dd"), TAG_ITEM, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_DESC] = {NAMED("desc"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_DETAILS] = {NAMED("details"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIALOG] = {NAMED("dialog"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIR] = {NAMED("dir"), TAG_LIST, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIV] = {NAMED("div"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_DL] = {NAMED("dl"), TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_DT] = {NAMED("dt"), TAG_BLOCK, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_EM] = {NAMED("em"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_EMBED] = {NAMED("embed"), TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_FIELDSET] = {NAMED("fieldset"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FIGCAPTION] = {NAMED("figcaption"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FIGURE] = {NAMED("figure"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FONT] = {NAMED("font"), TAG_INLINE, HTML_FORMATTING},
    [HTML_FOOTER] = {NAMED("footer"), TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FOREIGNOBJECT] = {NAMED("foreignobject"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_FORM] = {NAMED("form"), TAG_FORM, HTML_SPECIAL},
    [HTML_FRAME] = {NAMED("frame"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_FRAMESET] = {NAMED("frameset"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_H1] = {NAMED("h1"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H2] = {NAMED("h2"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H3] = {NAMED("h3"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H4] = {NAMED("h4"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H5] = {NAMED("h5"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H6] = {NAMED("h6"), TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HEAD] = {NAMED("head"), TAG_HIDDEN, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HEADER] = {NAMED("header"), TAG_HEADER, HTML_SPECIAL | HTML_BLOCK},
    [HTML_HGROUP] = {NAMED("hgroup"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_HR] = {NAMED("hr"), TAG_PARAGRAPH, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HTML] = {NAMED("html"), TAG_INLINE, HTML_SPECIAL | HTML_SCOPE},
    [HTML_I] = {NAMED("i"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_IFRAME] = {NAMED("iframe"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_IMAGE] = {NAMED("image"), TAG_INLINE, HTML_VOID},
    [HTML_IMG] = {NAMED("img"), TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_INPUT] = {NAMED("input"), TAG_HIDDEN, HTML_VOID | HTML_SPECIAL},
    [HTML_KEYGEN] = {NAMED("keygen"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_LEGEND] = {NAMED("legend"), TAG_BLOCK, 0},
    [HTML_LI] = {NAMED("li"), TAG_ITEM, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_LINK] = {NAMED("link"), TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_LISTING] = {NAMED("listing"), TAG_CODE, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_MAIN] = {NAMED("main"), TAG_MAIN, HTML_SPECIAL | HTML_BLOCK},
    [HTML_MAP] = {NAMED("map"), TAG_HIDDEN, 0},
    [HTML_MARQUEE] = {NAMED("marquee"), TAG_INLINE, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_MATH] = {NAMED("math"), TAG_INLINE, 0},
    [HTML_MENU] = {NAMED("menu"), TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_META] = {NAMED("meta"), TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART | HTML_BREAKOUT},
    [HTML_MI] = {NAMED("mi"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MN] = {NAMED("mn"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MO] = {NAMED("mo"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MS] = {NAMED("ms"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MTEXT] = {NAMED("mtext"), TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_NAV] = {NAMED("nav"), TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_NOBR] = {NAMED("nobr"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_NOEMBED] = {NAMED("noembed"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_NOFRAMES] = {NAMED("noframes"), TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_NOSCRIPT] = {NAMED("noscript"), TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_OBJECT] = {NAMED("object"), TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_OL] = {NAMED("ol"), TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_OPTGROUP] = {NAMED("optgroup"), TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_OPTION] = {NAMED("option"), TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_P] = {NAMED("p"), TAG_PARAGRAPH, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_PARAM] = {NAMED("param"), TAG_HIDDEN, HTML_VOID | HTML_SPECIAL},
    [HTML_PICTURE] = {NAMED("picture"), TAG_HIDDEN, 0},
    [HTML_PLAINTEXT] = {NAMED("plaintext"), TAG_CODE, HTML_SPECIAL},
    [HTML_PRE] = {NAMED("pre"), TAG_CODE, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_PROGRESS] = {NAMED("progress"), TAG_HIDDEN, 0},
    [HTML_RB] = {NAMED("rb"), TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RP] = {NAMED("rp"), TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_RT] = {NAMED("rt"), TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RTC] = {NAMED("rtc"), TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RUBY] = {NAMED("ruby"), TAG_INLINE, HTML_BREAKOUT},
    [HTML_S] = {NAMED("s"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_SCRIPT] = {NAMED("script"), TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_SEARCH] = {NAMED("search"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SECTION] = {NAMED("section"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SELECT] = {NAMED("select"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_SMALL] = {NAMED("small"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_SOURCE] = {NAMED("source"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_SPAN] = {NAMED("span"), TAG_INLINE, HTML_BREAKOUT},
    [HTML_STRIKE] = {NAMED("strike"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_STRONG] = {NAMED("strong"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_STYLE] = {NAMED("style"), TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_SUB] = {NAMED("sub"), TAG_INLINE, HTML_BREAKOUT},
    [HTML_SUMMARY] = {NAMED("summary"), TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SUP] = {NAMED("sup"), TAG_INLINE, HTML_BREAKOUT},
    [HTML_SVG] = {NAMED("svg"), TAG_HIDDEN, 0},
    [HTML_TABLE] = {NAMED("table"), TAG_TABLE, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_FRAME | HTML_BREAKOUT},
    [HTML_TBODY] = {NAMED("tbody"), TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TD] = {NAMED("td"), TAG_CELL, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_TEMPLATE] = {NAMED("template"), TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_HEAD_PART | HTML_MARKER},
    [HTML_TEXTAREA] = {NAMED("textarea"), TAG_HIDDEN, HTML_SPECIAL},
    [HTML_TFOOT] = {NAMED("tfoot"), TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TH] = {NAMED("th"), TAG_CELL, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_THEAD] = {NAMED("thead"), TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TIME] = {NAMED("time"), TAG_INLINE, 0},
    [HTML_TITLE] = {NAMED("title"), TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART | HTML_HTML_INSIDE},
    [HTML_TR] = {NAMED("tr"), TAG_ROW, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TRACK] = {NAMED("track"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_TT] = {NAMED("tt"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_U] = {NAMED("u"), TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_UL] = {NAMED("ul"), TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_VAR] = {NAMED("var"), TAG_INLINE, HTML_BREAKOUT},
    [HTML_VIDEO] = {NAMED("video"), TAG_HIDDEN, 0},
    [HTML_WBR] = {NAMED("wbr"), TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_XMP] = {NAMED("xmp"), TAG_CODE, HTML_SPECIAL},
};

static const char ATTRIBUTES[ATTRIBUTE_NAMES][HTML_NAME_SIZE] = {
    [ATTRIBUTE_ARIA_HIDDEN] = "aria-hidden",
    [ATTRIBUTE_CLASS] = "class",
    [ATTRIBUTE_CONTENT] = "content",
    [ATTRIBUTE_DATETIME] = "datetime",
    [ATTRIBUTE_HIDDEN] = "hidden",
    [ATTRIBUTE_HREF] = "href",
    [ATTRIBUTE_HTTP_EQUIV] = "http-equiv",
    [ATTRIBUTE_ID] = "id",
    [ATTRIBUTE_ITEMPROP] = "itemprop",
    [ATTRIBUTE_ITEMTYPE] = "itemtype",
    [ATTRIBUTE_LANG] = "lang",
    [ATTRIBUTE_NAME] = "name",
    [ATTRIBUTE_PROPERTY] = "property",
    [ATTRIBUTE_REL] = "rel",
    [ATTRIBUTE_REVERSED] = "reversed",
    [ATTRIBUTE_ROLE] = "role",
    [ATTRIBUTE_SHADOWROOTMODE] = "shadowrootmode",
    [ATTRIBUTE_START] = "start",
    [ATTRIBUTE_STYLE] = "style",
    [ATTRIBUTE_TYPE] = "type",
    [ATTRIBUTE_VALUE] = "value",
    [ATTRIBUTE_XML_LANG] = "xml:lang",
};

/* Up to eight bytes, the first of them the least significant; 0 for those that are not there. */
static uint64_t load(const char *name, size_t size) {
    uint32_t first, last;
    uint64_t bytes = 0;
    if (size >= 8) {
        memcpy(&bytes, name, 8);
    } else if (size >= 4) {
        memcpy(&first, name, 4);
        memcpy(&last, name + size - 4, 4);
        bytes = first | (uint64_t)last << (size - 4) * 8;
    } else {
        for (size_t i = 0; i < size; i++)
            bytes |= (uint64_t)(unsigned char)name[i] << i * 8;
    }
    return bytes;
}

/* In lower case: a byte from A to Z gets 0x20 more; its distances to the ends of that range show in the high bits. */
static uint64_t lower(uint64_t bytes) {
    const uint64_t ones = 0x0101010101010101U, low = bytes & (0x7F * ones);
    uint64_t upper = (low + (0x80 - 'A') * ones) & ~(low + (0x80 - 'Z' - 1) * ones) & ~bytes & (0x80 * ones);
    return bytes | upper >> 2;
}

/* A table of names: entries of `stride` bytes, each beginning with its name, in order; the first has none. */
struct names {
    const char *entries;
    size_t stride;
    uint8_t starts['z' - 'a' + 2]; /* by its first letter, where the names begin, or those of the next letters */
};

/* The index of name, or 0. */
static size_t find(const struct names *names, struct span name) {
    unsigned letter = name.size ? ((unsigned char)name.data[0] | 0x20U) - 'a' : UINT_MAX;
    if (letter > 'z' - 'a' || name.size >= HTML_NAME_SIZE || names->starts[letter] == names->starts[letter + 1])
        return 0;
    const char *table = names->entries;
    size_t stride = names->stride;
    /* With the first byte as the most significant, the order of numbers is that of names. */
    uint64_t key = htobe64(lower(load(name.data, name.size)));
    size_t at = names->starts[letter];
    for (size_t left = names->starts[letter + 1] - at; left > 1; left -= left / 2)
        at = htobe64(load(table + (at + left / 2) * stride, 8)) <= key ? at + left / 2 : at;
    /* Names longer than eight bytes may share these. */
    for (; htobe64(load(table + at * stride, 8)) == key; at--) {
        const char *found = table + at * stride;
        if (found[name.size] == '\0' && (name.size <= 8 || strncasecmp(found, name.data, name.size) == 0))
            return at;
    }
    return 0;
}

/* Letters without names begin where the next ones do. */
#define FROM(letter) [(letter) - 'a']

static const struct names ELEMENT_ORDER = {
    html_elements[0].name,
    sizeof html_elements[0],
    {FROM('a') = HTML_A,     FROM('b') = HTML_B,        FROM('c') = HTML_CANVAS,   FROM('d') = HTML_DATALIST,
     FROM('e') = HTML_EM,    FROM('f') = HTML_FIELDSET, FROM('g') = HTML_H1,       FROM('h') = HTML_H1,
     FROM('i') = HTML_I,     FROM('j') = HTML_KEYGEN,   FROM('k') = HTML_KEYGEN,   FROM('l') = HTML_LEGEND,
     FROM('m') = HTML_MAIN,  FROM('n') = HTML_NAV,      FROM('o') = HTML_OBJECT,   FROM('p') = HTML_P,
     FROM('q') = HTML_RB,    FROM('r') = HTML_RB,       FROM('s') = HTML_S,        FROM('t') = HTML_TABLE,
     FROM('u') = HTML_U,     FROM('v') = HTML_VAR,      FROM('w') = HTML_WBR,      FROM('x') = HTML_XMP,
     FROM('y') = HTML_NAMES, FROM('z') = HTML_NAMES,    FROM('z' + 1) = HTML_NAMES}};

static const struct names ATTRIBUTE_ORDER = {
    ATTRIBUTES[0],
    HTML_NAME_SIZE,
    {FROM('a') = ATTRIBUTE_ARIA_HIDDEN,    FROM('b') = ATTRIBUTE_CLASS,    FROM('c') = ATTRIBUTE_CLASS,
     FROM('d') = ATTRIBUTE_DATETIME,       FROM('e') = ATTRIBUTE_HIDDEN,   FROM('f') = ATTRIBUTE_HIDDEN,
     FROM('g') = ATTRIBUTE_HIDDEN,         FROM('h') = ATTRIBUTE_HIDDEN,   FROM('i') = ATTRIBUTE_ID,
     FROM('j') = ATTRIBUTE_LANG,           FROM('k') = ATTRIBUTE_LANG,     FROM('l') = ATTRIBUTE_LANG,
     FROM('m') = ATTRIBUTE_NAME,           FROM('n') = ATTRIBUTE_NAME,     FROM('o') = ATTRIBUTE_PROPERTY,
     FROM('p') = ATTRIBUTE_PROPERTY,       FROM('q') = ATTRIBUTE_REL,      FROM('r') = ATTRIBUTE_REL,
     FROM('s') = ATTRIBUTE_SHADOWROOTMODE, FROM('t') = ATTRIBUTE_TYPE,     FROM('u') = ATTRIBUTE_VALUE,
     FROM('v') = ATTRIBUTE_VALUE,          FROM('w') = ATTRIBUTE_XML_LANG, FROM('x') = ATTRIBUTE_XML_LANG,
     FROM('y') = ATTRIBUTE_NAMES,          FROM('z') = ATTRIBUTE_NAMES,    FROM('z' + 1) = ATTRIBUTE_NAMES}};

enum html_name html_name_find(struct span name) {
    return (enum html_name)find(&ELEMENT_ORDER, name);
}

enum html_attribute_name html_attribute_find(struct span attribute, enum html_name element) {
    enum html_attribute_name name = (enum html_attribute_name)find(&ATTRIBUTE_ORDER, attribute);
    switch (name) {
    case ATTRIBUTE_HREF:
        return element == HTML_A || element == HTML_LINK ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_CONTENT:
    case ATTRIBUTE_NAME:
    case ATTRIBUTE_HTTP_EQUIV:
        return element == HTML_META ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_TYPE:
        return element == HTML_SCRIPT || element == HTML_OL ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_REVERSED:
    case ATTRIBUTE_START:
        return element == HTML_OL ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_SHADOWROOTMODE:
        return element == HTML_TEMPLATE ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_VALUE:
        return element == HTML_LI ? name : ATTRIBUTE_OTHER;
    default:
        return name;
    }
}
