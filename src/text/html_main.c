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
/* The most characters of a paragraph; whole articles have more. */
#define PROSE_MAX 2000
#define FIRST_CHILDREN 16

/* Words in class and id that name what is not content, by their first letter. */
#define FROM(letter) [(letter) - 'a']
static const char *const NOT_CONTENT['z' - 'a' + 1] = {
    FROM('a') = "ad ads adsense advert advertisement",
    FROM('b') = "backdrop banner breadcrumb breadcrumbs byline",
    FROM('c') = "carousel-control catlinks comment-form consent cookie cookies copyright",
    FROM('d') = "disqus",
    FROM('f') = "foot footer",
    FROM('g') = "gdpr",
    FROM('h') = "hidden",
    FROM('l') = "lightbox login",
    FROM('m') = "masthead menu metabox modal mw-jump-link",
    FROM('n') = "nav navbar navbox navfooter navheader navigation navlinks newsletter noprint",
    FROM('o') = "offscreen outbrain overlay",
    FROM('p') = "pager pagination paging popup print-only printfooter printonly promo",
    FROM('r') = "recommendations recommended related reply-form respond",
    FROM('s') = "screen-reader-text share share-buttons sharing side-bar sidebar signature signin signup skip skiplink "
                "social sponsor sponsored sr-only submenu subscribe subscription",
    FROM('t') = "taboola taglist tags toc toolbar topbar trending",
    FROM('v') = "visually-hidden",
};

static bool is_word_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

/* Whether text begins with one of the words, divided by spaces, and that ends at a word's end. */
static bool begins_with_any(struct span text, const char *words) {
    for (const char *word = words; *word; word += *word == ' ') {
        size_t i = 0;
        while (i < text.size && word[i] > ' ' && word[i] == lower(text.data[i]))
            i++;
        if (word[i] <= ' ' && (i == text.size || !is_word_byte(text.data[i])))
            return true;
        while (*word > ' ')
            word++;
    }
    return false;
}

/* Whether one of the words stands in a class or id attribute, which spaces, - and _ divide. */
static bool names_boilerplate(struct span attribute) {
    for (size_t at = 0; at < attribute.size; at++) {
        unsigned letter = (unsigned)lower(attribute.data[at]) - 'a';
        if ((at > 0 && is_word_byte(attribute.data[at - 1])) || letter > 'z' - 'a' || !NOT_CONTENT[letter])
            continue;
        if (begins_with_any((struct span){attribute.data + at, attribute.size - at}, NOT_CONTENT[letter]))
            return true;
    }
    return false;
}

bool html_is_invisible(const struct html_node *node) {
    if (html_tree_attribute(node, ATTRIBUTE_HIDDEN).data)
        return true;
    if (html_is(html_tree_attribute(node, ATTRIBUTE_ARIA_HIDDEN), "true"))
        return true;
    struct span style = html_tree_attribute(node, ATTRIBUTE_STYLE);
    return style.data && (html_contains(style, "display:none") || html_contains(style, "display: none") ||
                          html_contains(style, "visibility:hidden"));
}

static bool has_other_role(const struct html_node *node) {
    static const char *const roles[] = {"navigation",  "banner", "contentinfo", "search",  "complementary", "dialog",
                                        "alertdialog", "menu",   "menubar",     "toolbar", "tablist",       "alert"};
    struct span role = html_tree_attribute(node, ATTRIBUTE_ROLE);
    for (size_t i = 0; role.data && i < sizeof roles / sizeof roles[0]; i++) {
        if (html_is(role, roles[i]))
            return true;
    }
    return false;
}

static bool is_main(const struct html_node *node) {
    return node->tag == TAG_MAIN || html_is(html_tree_attribute(node, ATTRIBUTE_ROLE), "main") ||
           html_is(html_tree_attribute(node, ATTRIBUTE_ITEMPROP), "articlebody");
}

static bool within(const struct html_node *node, enum html_tag tag) {
    for (const struct html_node *up = node->parent; up; up = up->parent) {
        if (up->tag == tag)
            return true;
    }
    return false;
}

/* What a node holds, of what is not dropped. */
struct counts {
    uint32_t characters, linked, sentences;
};

static struct counts counts_of(const struct html_node *node) {
    return (struct counts){node->characters, node->linked, node->sentences};
}

/* Nodes that one step dropped, so that it can be undone. */
struct dropped {
    struct {
        struct html_node *node;
        struct counts counts; /* before */
    } * items;
    size_t count, capacity;
};

static void change_counts(struct html_node *node, const struct counts *by, bool add) {
    for (struct html_node *up = node; up; up = up->parent) {
        up->characters += add ? by->characters : 0U - by->characters;
        up->linked += add ? by->linked : 0U - by->linked;
        up->sentences += add ? by->sentences : 0U - by->sentences;
    }
}

/* Drops a node and takes its counts from all above it. */
static void drop(struct html_node *node, struct dropped *dropped) {
    if (dropped->count == dropped->capacity) {
        dropped->capacity = dropped->capacity ? dropped->capacity * 2 : 64;
        dropped->items = memory_resize(dropped->items, dropped->capacity, sizeof *dropped->items);
    }
    struct counts counts = counts_of(node);
    dropped->items[dropped->count].node = node;
    dropped->items[dropped->count++].counts = counts;
    change_counts(node, &counts, false);
    node->dropped = true;
}

static void undo(struct dropped *dropped) {
    while (dropped->count > 0) {
        dropped->count--;
        change_counts(dropped->items[dropped->count].node, &dropped->items[dropped->count].counts, true);
        dropped->items[dropped->count].node->dropped = false;
    }
}

/* By its element or role, which authors seldom choose by accident. */
static bool is_other_element(const struct html_node *node, signed char *classes) {
    (void)classes;
    switch (node->tag) {
    case TAG_BODY:
    case TAG_MAIN:
    case TAG_ARTICLE:
        return false;
    case TAG_ASIDE:
    case TAG_FORM:
        return true;
    case TAG_HEADER:
        return !within(node, TAG_ARTICLE) && !within(node, TAG_MAIN);
    default:
        return has_other_role(node) || html_is_invisible(node);
    }
}

/* Whether text stands in the element itself, among its first children. */
static bool holds_text(const struct html_node *node) {
    const struct html_node *child = node->children;
    for (unsigned i = 0; child && i < FIRST_CHILDREN; i++, child = child->next) {
        if (child->is_text && child->characters > 0)
            return true;
    }
    return false;
}

/* Whether the next element on that side that holds text is a paragraph: prose, and its own. */
static bool is_beside_prose(const struct html_node *node, bool before) {
    while ((node = before ? node->previous : node->next) && (node->is_text || node->characters == 0))
        continue;
    return node && node->sentences * 2 > node->characters && node->linked * 3 < node->characters &&
           node->characters < PROSE_MAX && holds_text(node);
}

/* A box in running text, which books and manuals call a sidebar: what stands beside a whole page has its columns for
 * neighbours, not paragraphs. */
static bool is_box_in_prose(const struct html_node *node) {
    return html_is(html_tree_attribute(node, ATTRIBUTE_CLASS), "sidebar") && node->sentences * 2 > node->characters &&
           node->linked * 3 < node->characters && (is_beside_prose(node, true) || is_beside_prose(node, false));
}

/* By its class or id, where anything may stand. */
static bool is_other_name(const struct html_node *node, signed char *classes) {
    if (node->tag == TAG_BODY || node->tag == TAG_MAIN || node->tag == TAG_ARTICLE)
        return false;
    if (node->class && !classes[node->class])
        classes[node->class] = names_boilerplate(html_tree_attribute(node, ATTRIBUTE_CLASS)) ? 1 : -1;
    return (classes[node->class] > 0 || names_boilerplate(html_tree_attribute(node, ATTRIBUTE_ID))) &&
           !is_box_in_prose(node);
}

/* Drops what is judged to be something else, unless much of the page's text is in it; all of it comes back where little
 * would be left. */
static void drop_others(const struct html_tree *tree, bool (*is_other)(const struct html_node *, signed char *)) {
    signed char *classes = memory_zeroed(tree->classes.count + 1, 1); /* of each: boilerplate 1, not -1, not known 0 */
    struct counts before = counts_of(tree->root);
    struct dropped dropped = {0};
    struct html_node *node = tree->root;
    while (node) {
        bool skip = node->dropped;
        if (!skip && !node->is_text && node != tree->root && node->characters && node->tag != TAG_HIDDEN) {
            bool too_much =
                node->sentences > before.sentences / 3 || node->characters - node->linked > before.characters / 2;
            if (!too_much && is_other(node, classes)) {
                drop(node, &dropped);
                skip = true;
            }
        }
        node = html_tree_next(node, tree->root, skip);
    }
    if ((uint64_t)tree->root->sentences * 3 < before.sentences)
        undo(&dropped);
    free(classes);
    free(dropped.items);
}

/*
 * How much of the content a node holds. Sentences tell best; on a page where they are few (a shop's list of goods) they
 * are the small print, and all of the text counts.
 */
static uint64_t measure(const struct html_node *node, bool all_text) {
    return node->dropped ? 0 : all_text ? node->characters : node->sentences;
}

/* The node that says it is the main content, where it holds enough of it; of several, the one with most. */
static struct html_node *find_declared(const struct html_tree *tree, bool all_text) {
    struct html_node *best = NULL;
    uint64_t most = 0;
    for (struct html_node *node = tree->root; node; node = html_tree_next(node, tree->root, node->dropped)) {
        if (node->is_text || !is_main(node))
            continue;
        uint64_t held = measure(node, all_text);
        if (held >= most) {
            most = held;
            best = node;
        }
    }
    return best && most * DECLARED_SHARE >= measure(tree->root, all_text) ? best : NULL;
}

/* Goes down from `top` while one child holds nearly all of the content. */
static struct html_node *narrow(struct html_node *top, bool all_text) {
    for (;;) {
        uint64_t all = measure(top, all_text);
        struct html_node *next = NULL;
        for (struct html_node *child = top->children; child && all > 0; child = child->next) {
            if (!child->is_text && measure(child, all_text) * 100 >= all * 92)
                next = child;
        }
        if (!next || next->tag == TAG_PARAGRAPH)
            return top;
        top = next;
    }
}

static bool may_be_links(enum html_tag tag) {
    return tag != TAG_INLINE && tag != TAG_LINK && tag != TAG_HEADING && tag != TAG_PARAGRAPH && tag != TAG_CELL &&
           tag != TAG_ROW && tag != TAG_ITEM;
}

/* Drops blocks below top that are nearly all links and hold no sentences, unless that would leave little. */
static void drop_linked(struct html_node *top) {
    if (top->characters == 0 || (uint64_t)top->linked * 2 > top->characters)
        return;
    struct dropped dropped = {0};
    struct html_node *node = top;
    while (node) {
        bool skip = node->dropped;
        if (!skip && node != top && !node->is_text && may_be_links(node->tag) && node->characters > 0 &&
            (uint64_t)node->linked * 10 > (uint64_t)node->characters * 7 && node->sentences == 0) {
            drop(node, &dropped);
            skip = true;
        }
        node = html_tree_next(node, top, skip);
    }
    free(dropped.items);
}

struct html_node *html_main_select(struct html_tree *tree) {
    drop_others(tree, is_other_element);
    drop_others(tree, is_other_name);
    bool all_text = (uint64_t)tree->root->sentences * FEW_SENTENCES < tree->root->characters;
    struct html_node *top = find_declared(tree, all_text);
    top = narrow(top ? top : tree->root, all_text);
    if (!all_text)
        drop_linked(top);
    return top;
}
