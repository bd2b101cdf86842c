/*
 * Names as data. Each table is in order of its names, with the place of the name in it as its enum.
 */
#include "text/html_names.h"

#include <endian.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE 16 /* the longest name and a NUL, in a multiple of 8 */

struct element {
    char name[NAME_SIZE];
    enum html_tag tag;
    unsigned traits;
};

static const struct element ELEMENTS[HTML_NAMES] = {
    [HTML_A] = {"a", TAG_LINK, HTML_FORMATTING},
    [HTML_ADDRESS] = {"address", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_ANNOTATION] = {"annotation", TAG_INLINE, 0},
    [HTML_ANNOTATION_XML] = {"annotation-xml", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_APPLET] = {"applet", TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_AREA] = {"area", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_ARTICLE] = {"article", TAG_ARTICLE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_ASIDE] = {"aside", TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_AUDIO] = {"audio", TAG_HIDDEN, 0},
    [HTML_B] = {"b", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_BASE] = {"base", TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BASEFONT] = {"basefont", TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BGSOUND] = {"bgsound", TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_BIG] = {"big", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_BLOCKQUOTE] = {"blockquote", TAG_PARAGRAPH, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_BODY] = {"body", TAG_BODY, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_BR] = {"br", TAG_BREAK, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_BUTTON] = {"button", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_CANVAS] = {"canvas", TAG_HIDDEN, 0},
    [HTML_CAPTION] = {"caption", TAG_BLOCK, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_CENTER] = {"center", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_CODE] = {"code", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_COL] = {"col", TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_TABLE_PART},
    [HTML_COLGROUP] = {"colgroup", TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART},
    [HTML_DATALIST] = {"datalist", TAG_HIDDEN, 0},
    [HTML_DD] = {"dd", TAG_ITEM, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_DESC] = {"desc", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_DETAILS] = {"details", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIALOG] = {"dialog", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIR] = {"dir", TAG_LIST, HTML_SPECIAL | HTML_BLOCK},
    [HTML_DIV] = {"div", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_DL] = {"dl", TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_DT] = {"dt", TAG_BLOCK, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_EM] = {"em", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_EMBED] = {"embed", TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_FIELDSET] = {"fieldset", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FIGCAPTION] = {"figcaption", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FIGURE] = {"figure", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FONT] = {"font", TAG_INLINE, HTML_FORMATTING},
    [HTML_FOOTER] = {"footer", TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_FOREIGNOBJECT] = {"foreignobject", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_FORM] = {"form", TAG_FORM, HTML_SPECIAL},
    [HTML_FRAME] = {"frame", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_FRAMESET] = {"frameset", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_H1] = {"h1", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H2] = {"h2", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H3] = {"h3", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H4] = {"h4", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H5] = {"h5", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_H6] = {"h6", TAG_HEADING, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HEAD] = {"head", TAG_HIDDEN, HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HEADER] = {"header", TAG_HEADER, HTML_SPECIAL | HTML_BLOCK},
    [HTML_HGROUP] = {"hgroup", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_HR] = {"hr", TAG_PARAGRAPH, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_HTML] = {"html", TAG_INLINE, HTML_SPECIAL | HTML_SCOPE},
    [HTML_I] = {"i", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_IFRAME] = {"iframe", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_IMAGE] = {"image", TAG_INLINE, HTML_VOID},
    [HTML_IMG] = {"img", TAG_INLINE, HTML_VOID | HTML_SPECIAL | HTML_BREAKOUT},
    [HTML_INPUT] = {"input", TAG_HIDDEN, HTML_VOID | HTML_SPECIAL},
    [HTML_KEYGEN] = {"keygen", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_LEGEND] = {"legend", TAG_BLOCK, 0},
    [HTML_LI] = {"li", TAG_ITEM, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_LINK] = {"link", TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_LISTING] = {"listing", TAG_CODE, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_MAIN] = {"main", TAG_MAIN, HTML_SPECIAL | HTML_BLOCK},
    [HTML_MAP] = {"map", TAG_HIDDEN, 0},
    [HTML_MARQUEE] = {"marquee", TAG_INLINE, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_MATH] = {"math", TAG_INLINE, 0},
    [HTML_MENU] = {"menu", TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_META] = {"meta", TAG_HIDDEN, HTML_VOID | HTML_SPECIAL | HTML_HEAD_PART | HTML_BREAKOUT},
    [HTML_MI] = {"mi", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MN] = {"mn", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MO] = {"mo", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MS] = {"ms", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_MTEXT] = {"mtext", TAG_INLINE, HTML_HTML_INSIDE},
    [HTML_NAV] = {"nav", TAG_ASIDE, HTML_SPECIAL | HTML_BLOCK},
    [HTML_NOBR] = {"nobr", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_NOEMBED] = {"noembed", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_NOFRAMES] = {"noframes", TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_NOSCRIPT] = {"noscript", TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_OBJECT] = {"object", TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_MARKER},
    [HTML_OL] = {"ol", TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_OPTGROUP] = {"optgroup", TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_OPTION] = {"option", TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_P] = {"p", TAG_PARAGRAPH, HTML_SPECIAL | HTML_IMPLIED_END | HTML_BREAKOUT},
    [HTML_PARAM] = {"param", TAG_HIDDEN, HTML_VOID | HTML_SPECIAL},
    [HTML_PICTURE] = {"picture", TAG_HIDDEN, 0},
    [HTML_PLAINTEXT] = {"plaintext", TAG_CODE, HTML_SPECIAL},
    [HTML_PRE] = {"pre", TAG_CODE, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_PROGRESS] = {"progress", TAG_HIDDEN, 0},
    [HTML_RB] = {"rb", TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RP] = {"rp", TAG_HIDDEN, HTML_IMPLIED_END},
    [HTML_RT] = {"rt", TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RTC] = {"rtc", TAG_INLINE, HTML_IMPLIED_END},
    [HTML_RUBY] = {"ruby", TAG_INLINE, HTML_BREAKOUT},
    [HTML_S] = {"s", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_SCRIPT] = {"script", TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_SEARCH] = {"search", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SECTION] = {"section", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SELECT] = {"select", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_SMALL] = {"small", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_SOURCE] = {"source", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_SPAN] = {"span", TAG_INLINE, HTML_BREAKOUT},
    [HTML_STRIKE] = {"strike", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_STRONG] = {"strong", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_STYLE] = {"style", TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART},
    [HTML_SUB] = {"sub", TAG_INLINE, HTML_BREAKOUT},
    [HTML_SUMMARY] = {"summary", TAG_BLOCK, HTML_SPECIAL | HTML_BLOCK},
    [HTML_SUP] = {"sup", TAG_INLINE, HTML_BREAKOUT},
    [HTML_SVG] = {"svg", TAG_HIDDEN, 0},
    [HTML_TABLE] = {"table", TAG_TABLE, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_FRAME | HTML_BREAKOUT},
    [HTML_TBODY] = {"tbody", TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TD] = {"td", TAG_CELL, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_TEMPLATE] = {"template", TAG_HIDDEN, HTML_SPECIAL | HTML_SCOPE | HTML_HEAD_PART | HTML_MARKER},
    [HTML_TEXTAREA] = {"textarea", TAG_HIDDEN, HTML_SPECIAL},
    [HTML_TFOOT] = {"tfoot", TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TH] = {"th", TAG_CELL, HTML_SPECIAL | HTML_SCOPE | HTML_TABLE_PART | HTML_MARKER},
    [HTML_THEAD] = {"thead", TAG_INLINE, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TIME] = {"time", TAG_INLINE, 0},
    [HTML_TITLE] = {"title", TAG_HIDDEN, HTML_SPECIAL | HTML_HEAD_PART | HTML_HTML_INSIDE},
    [HTML_TR] = {"tr", TAG_ROW, HTML_SPECIAL | HTML_TABLE_PART | HTML_TABLE_FRAME},
    [HTML_TRACK] = {"track", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_TT] = {"tt", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_U] = {"u", TAG_INLINE, HTML_FORMATTING | HTML_BREAKOUT},
    [HTML_UL] = {"ul", TAG_LIST, HTML_SPECIAL | HTML_BLOCK | HTML_BREAKOUT},
    [HTML_VAR] = {"var", TAG_INLINE, HTML_BREAKOUT},
    [HTML_VIDEO] = {"video", TAG_HIDDEN, 0},
    [HTML_WBR] = {"wbr", TAG_INLINE, HTML_VOID | HTML_SPECIAL},
    [HTML_XMP] = {"xmp", TAG_CODE, HTML_SPECIAL},
};

static const char ATTRIBUTES[ATTRIBUTE_NAMES][NAME_SIZE] = {
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
    [ATTRIBUTE_ROLE] = "role",
    [ATTRIBUTE_STYLE] = "style",
    [ATTRIBUTE_TYPE] = "type",
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

/* Of count entries of `stride` bytes, each beginning with its name, the first with none: the index of name, or 0. */
static size_t find(const char *table, size_t count, size_t stride, struct span name) {
    if (name.size == 0 || name.size >= NAME_SIZE)
        return 0;
    /* With the first byte as the most significant, the order of numbers is that of names. */
    uint64_t key = htobe64(lower(load(name.data, name.size)));
    size_t at = 0;
    for (size_t left = count; left > 1; left -= left / 2)
        at = htobe64(load(table + (at + left / 2) * stride, 8)) <= key ? at + left / 2 : at;
    /* Names longer than eight bytes may share these. */
    for (; at > 0 && htobe64(load(table + at * stride, 8)) == key; at--) {
        const char *found = table + at * stride;
        if (found[name.size] == '\0' && strncasecmp(found, name.data, name.size) == 0)
            return at;
    }
    return 0;
}

enum html_name html_name_find(struct span name) {
    return (enum html_name)find(ELEMENTS[0].name, HTML_NAMES, sizeof ELEMENTS[0], name);
}

struct span html_name_text(enum html_name name) {
    return span_of(ELEMENTS[name].name);
}

enum html_tag html_name_tag(enum html_name name) {
    return ELEMENTS[name].tag;
}

unsigned html_name_traits(enum html_name name) {
    return ELEMENTS[name].traits;
}

enum html_attribute_name html_attribute_find(struct span attribute, enum html_name element) {
    enum html_attribute_name name =
        (enum html_attribute_name)find(ATTRIBUTES[0], ATTRIBUTE_NAMES, NAME_SIZE, attribute);
    switch (name) {
    case ATTRIBUTE_HREF:
        return element == HTML_A || element == HTML_LINK ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_CONTENT:
    case ATTRIBUTE_NAME:
    case ATTRIBUTE_HTTP_EQUIV:
        return element == HTML_META ? name : ATTRIBUTE_OTHER;
    case ATTRIBUTE_TYPE:
        return element == HTML_SCRIPT ? name : ATTRIBUTE_OTHER;
    default:
        return name;
    }
}
