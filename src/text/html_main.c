/*
 * Which part of a page is its own content. First what names itself as something else goes (navigation, footers, consent
 * banners), then the smallest part that holds nearly all of the sentences is chosen, then lists of links within it go.
 * Each step is undone where it would take away most of the text: a page that is nothing but a list stays a list.
 */
#include "text/html_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A node that calls itself the main content is believed where it holds one part in so many of it. */
#define DECLARED_SHARE 3
/* Sentences are few where they are less than one part in so many of the text. */
#define FEW_SENTENCES 5

/* Words in class and id that name what is not content; matched at the start of a word of the attribute. */
static const char *const NOT_CONTENT[] = {
    "signature",
    "nav",
    "navbar",
    "navigation",
    "menu",
    "submenu",
    "sidebar",
    "side-bar",
    "footer",
    "foot",
    "breadcrumb",
    "breadcrumbs",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "share",
    "sharing",
    "social",
    "related",
    "recommended",
    "recommendations",
    "newsletter",
    "subscribe",
    "subscription",
    "promo",
    "advert",
    "advertisement",
    "ads",
    "ad",
    "adsense",
    "sponsor",
    "sponsored",
    "popup",
    "modal",
    "overlay",
    "pagination",
    "pager",
    "paging",
    "toolbar",
    "login",
    "signup",
    "signin",
    "skip",
    "skiplink",
    "masthead",
    "topbar",
    "banner",
    "toc",
    "outbrain",
    "taboola",
    "disqus",
    "trending",
    "copyright",
    "hidden",
    "noprint",
    "printonly",
    "print-only",
    "screen-reader-text",
    "sr-only",
    "visually-hidden",
    "offscreen",
    "tags",
    "taglist",
    "byline",
    "comment-form",
    "respond",
    "reply-form",
    "metabox",
    "navbox",
    "catlinks",
    "mw-editsection",
    "mw-jump-link",
    "printfooter",
    "backdrop",
    "lightbox",
    "carousel-control",
    "share-buttons",
};

static bool is_word_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

/* Whether one of the words of a class or id attribute (divided by spaces, - and _) begins at a word's start and ends at
 * a word's end. */
static bool names_boilerplate(struct span attribute) {
    for (size_t at = 0; at < attribute.size; at++) {
        if (at > 0 && is_word_byte(attribute.data[at - 1]))
            continue;
        for (size_t i = 0; i < sizeof NOT_CONTENT / sizeof NOT_CONTENT[0]; i++) {
            if (*NOT_CONTENT[i] != (attribute.data[at] | 0x20))
                continue;
            size_t length = strlen(NOT_CONTENT[i]);
            if (length > attribute.size - at ||
                (length < attribute.size - at && is_word_byte(attribute.data[at + length])))
                continue;
            if (html_is((struct span){attribute.data + at, length}, NOT_CONTENT[i]))
                return true;
        }
    }
    return false;
}

static bool is_invisible(const xmlNode *node) {
    if (html_tree_attribute(node, "hidden").data)
        return true;
    if (html_is(html_tree_attribute(node, "aria-hidden"), "true"))
        return true;
    struct span style = html_tree_attribute(node, "style");
    return style.data && (html_contains(style, "display:none") || html_contains(style, "display: none") ||
                          html_contains(style, "visibility:hidden"));
}

static bool has_other_role(const xmlNode *node) {
    static const char *const roles[] = {"navigation",  "banner", "contentinfo", "search",  "complementary", "dialog",
                                        "alertdialog", "menu",   "menubar",     "toolbar", "tablist",       "alert"};
    struct span role = html_tree_attribute(node, "role");
    for (size_t i = 0; role.data && i < sizeof roles / sizeof roles[0]; i++) {
        if (html_is(role, roles[i]))
            return true;
    }
    return false;
}

static bool is_main(const struct html_facts *facts, const xmlNode *node) {
    return facts->tag == TAG_MAIN || html_is(html_tree_attribute(node, "role"), "main") ||
           html_is(html_tree_attribute(node, "itemprop"), "articlebody");
}

static bool within(const struct html_tree *tree, const xmlNode *node, enum html_tag tag) {
    for (const xmlNode *up = node->parent; up && up->type == XML_ELEMENT_NODE; up = up->parent) {
        if (html_tree_facts(tree, up)->tag == tag)
            return true;
    }
    return false;
}

/* Nodes that one step dropped, so that it can be undone. */
struct dropped {
    struct {
        xmlNodePtr node;
        struct html_facts facts; /* before */
    } * items;
    size_t count, capacity;
};

static void change_counts(struct html_tree *tree, const xmlNode *node, const struct html_facts *by, bool add) {
    for (const xmlNode *up = node; up && up->type == XML_ELEMENT_NODE; up = up->parent) {
        struct html_facts *facts = html_tree_facts(tree, up);
        facts->characters += add ? by->characters : 0U - by->characters;
        facts->linked += add ? by->linked : 0U - by->linked;
        facts->sentences += add ? by->sentences : 0U - by->sentences;
    }
}

/* Drops a node and takes its counts from all above it. */
static void drop(struct html_tree *tree, xmlNodePtr node, struct dropped *dropped) {
    if (dropped->count == dropped->capacity) {
        dropped->capacity = dropped->capacity ? dropped->capacity * 2 : 64;
        dropped->items = memory_resize(dropped->items, dropped->capacity, sizeof *dropped->items);
    }
    struct html_facts facts = *html_tree_facts(tree, node);
    dropped->items[dropped->count].node = node;
    dropped->items[dropped->count++].facts = facts;
    change_counts(tree, node, &facts, false);
    html_tree_facts(tree, node)->dropped = true;
}

static void undo(struct html_tree *tree, struct dropped *dropped) {
    while (dropped->count > 0) {
        dropped->count--;
        change_counts(tree, dropped->items[dropped->count].node, &dropped->items[dropped->count].facts, true);
        html_tree_facts(tree, dropped->items[dropped->count].node)->dropped = false;
    }
}

/* By its element or role, which authors seldom choose by accident. */
static bool is_other_element(const struct html_tree *tree, const xmlNode *node, const struct html_facts *facts) {
    switch (facts->tag) {
    case TAG_BODY:
    case TAG_MAIN:
    case TAG_ARTICLE:
        return false;
    case TAG_ASIDE:
    case TAG_FORM:
        return true;
    case TAG_HEADER:
        return !within(tree, node, TAG_ARTICLE) && !within(tree, node, TAG_MAIN);
    default:
        return has_other_role(node) || is_invisible(node);
    }
}

/* By its class or id, where anything may stand. */
static bool is_other_name(const struct html_tree *tree, const xmlNode *node, const struct html_facts *facts) {
    (void)tree;
    return facts->tag != TAG_BODY && facts->tag != TAG_MAIN && facts->tag != TAG_ARTICLE &&
           (names_boilerplate(html_tree_attribute(node, "class")) ||
            names_boilerplate(html_tree_attribute(node, "id")));
}

/* Drops what is judged to be something else, unless much of the page's text is in it; all of it comes back where little
 * would be left. */
static void drop_others(struct html_tree *tree,
                        bool (*is_other)(const struct html_tree *, const xmlNode *, const struct html_facts *)) {
    struct html_facts before = *html_tree_facts(tree, tree->root);
    struct dropped dropped = {0};
    xmlNodePtr node = tree->root;
    while (node) {
        const struct html_facts *facts = html_tree_facts(tree, node);
        bool skip = facts->dropped;
        if (!skip && node->type == XML_ELEMENT_NODE && node != tree->root && facts->tag != TAG_HIDDEN) {
            bool too_much =
                facts->sentences > before.sentences / 3 || facts->characters - facts->linked > before.characters / 2;
            if (!too_much && is_other(tree, node, facts)) {
                drop(tree, node, &dropped);
                skip = true;
            }
        }
        node = html_tree_next(node, tree->root, skip);
    }
    if ((uint64_t)html_tree_facts(tree, tree->root)->sentences * 3 < before.sentences)
        undo(tree, &dropped);
    free(dropped.items);
}

/*
 * How much of the content a node holds. Sentences tell best; on a page where they are few (a shop's list of goods) they
 * are the small print, and all of the text counts.
 */
struct measure {
    const struct html_tree *tree;
    bool all_text;
};

static uint64_t measure_node(const struct measure *measure, const xmlNode *node) {
    const struct html_facts *facts = html_tree_facts(measure->tree, node);
    return facts->dropped ? 0 : measure->all_text ? facts->characters : facts->sentences;
}

/* The node that says it is the main content, where it holds enough of it; of several, the one with most. */
static xmlNodePtr find_declared(const struct measure *measure) {
    const struct html_tree *tree = measure->tree;
    xmlNodePtr best = NULL;
    uint64_t most = 0;
    for (xmlNodePtr node = tree->root; node;
         node = html_tree_next(node, tree->root, html_tree_facts(tree, node)->dropped)) {
        if (node->type != XML_ELEMENT_NODE || !is_main(html_tree_facts(tree, node), node))
            continue;
        uint64_t held = measure_node(measure, node);
        if (held >= most) {
            most = held;
            best = node;
        }
    }
    return best && most * DECLARED_SHARE >= measure_node(measure, tree->root) ? best : NULL;
}

/* Goes down from `top` while one child holds nearly all of the content. */
static xmlNodePtr narrow(const struct measure *measure, xmlNodePtr top) {
    for (;;) {
        uint64_t all = measure_node(measure, top);
        xmlNodePtr next = NULL;
        for (xmlNodePtr child = top->children; child && all > 0; child = child->next) {
            if (child->type == XML_ELEMENT_NODE && measure_node(measure, child) * 100 >= all * 92)
                next = child;
        }
        if (!next || html_tree_facts(measure->tree, next)->tag == TAG_PARAGRAPH)
            return top;
        top = next;
    }
}

/* Drops blocks below top that are nearly all links and hold no sentences, unless that would leave little. */
static void drop_linked(struct html_tree *tree, xmlNodePtr top) {
    const struct html_facts *whole = html_tree_facts(tree, top);
    if (whole->characters == 0 || (uint64_t)whole->linked * 2 > whole->characters)
        return;
    struct dropped dropped = {0};
    xmlNodePtr node = top;
    while (node) {
        struct html_facts *facts = html_tree_facts(tree, node);
        bool skip = facts->dropped;
        if (!skip && node != top && node->type == XML_ELEMENT_NODE && facts->tag != TAG_INLINE &&
            facts->tag != TAG_LINK && facts->tag != TAG_HEADING && facts->tag != TAG_PARAGRAPH &&
            facts->tag != TAG_CELL && facts->tag != TAG_ROW && facts->tag != TAG_ITEM && facts->characters > 0) {
            if ((uint64_t)facts->linked * 10 > (uint64_t)facts->characters * 7 && facts->sentences == 0) {
                drop(tree, node, &dropped);
                skip = true;
            }
        }
        node = html_tree_next(node, top, skip);
    }
    free(dropped.items);
}

xmlNodePtr html_main_select(struct html_tree *tree) {
    drop_others(tree, is_other_element);
    drop_others(tree, is_other_name);
    const struct html_facts *whole = html_tree_facts(tree, tree->root);
    struct measure measure = {tree, (uint64_t)whole->sentences * FEW_SENTENCES < whole->characters};
    xmlNodePtr top = find_declared(&measure);
    top = narrow(&measure, top ? top : tree->root);
    if (!measure.all_text)
        drop_linked(tree, top);
    return top;
}
