/*
 * What a page says about itself in its head (and, failing that, in its body): title, date, author, language, canonical
 * address, licence. First come, first served within each kind of statement; the better kind wins over the other.
 */
#include "text/html_tree.h"

#include <string.h>

#include "text/html_json_ld.h"

/* Statements by meta name, property or itemprop; lower ranks are believed first. */
enum field { META_TITLE, META_DATE, META_AUTHOR, META_LANG, META_URL, META_LICENSE, META_FIELDS };
#define RANKS 4

struct meta {
    struct span found[META_FIELDS][RANKS];
    struct span json_author; /* escaped */
};

static const struct statement {
    const char *name;
    enum field field;
    unsigned rank;
} STATEMENTS[] = {
    {"og:title", META_TITLE, 0},
    {"twitter:title", META_TITLE, 2},
    {"article:published_time", META_DATE, 0},
    {"og:published_time", META_DATE, 0},
    {"datepublished", META_DATE, 0},
    {"date", META_DATE, 1},
    {"pubdate", META_DATE, 1},
    {"publishdate", META_DATE, 1},
    {"publish-date", META_DATE, 1},
    {"publish_date", META_DATE, 1},
    {"dc.date", META_DATE, 1},
    {"dc.date.issued", META_DATE, 1},
    {"dcterms.created", META_DATE, 1},
    {"dcterms.date", META_DATE, 1},
    {"parsely-pub-date", META_DATE, 1},
    {"sailthru.date", META_DATE, 1},
    {"citation_publication_date", META_DATE, 1},
    {"author", META_AUTHOR, 0},
    {"article:author", META_AUTHOR, 1},
    {"dc.creator", META_AUTHOR, 1},
    {"parsely-author", META_AUTHOR, 1},
    {"sailthru.author", META_AUTHOR, 1},
    {"content-language", META_LANG, 1},
    {"og:url", META_URL, 1},
    {"dcterms.license", META_LICENSE, 1},
    {"dc.rights.license", META_LICENSE, 1},
};

static void keep(struct meta *meta, enum field field, unsigned rank, struct span value) {
    if (value.data && value.size > 0 && !meta->found[field][rank].data)
        meta->found[field][rank] = value;
}

static bool is_address(struct span text) {
    return text.size > 8 && (strncmp(text.data, "https://", 8) == 0 || strncmp(text.data, "http://", 7) == 0);
}

static void read_statement(struct meta *meta, struct span name, struct span value) {
    for (size_t i = 0; name.data && i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        const struct statement *statement = &STATEMENTS[i];
        if (!html_is(name, statement->name))
            continue;
        if (statement->field == META_URL && !is_address(value))
            return;
        if (statement->field == META_AUTHOR && is_address(value))
            return;
        keep(meta, statement->field, statement->rank, value);
    }
}

/* "author": "A", or "author": {…, "name": "A"}, or a list of these: the first name. */
static struct span json_ld_author(struct span script) {
    static const char key[] = "\"author\"";
    const char *at = memmem(script.data, script.size, key, sizeof key - 1);
    if (!at)
        return (struct span){NULL, 0};
    size_t left = script.size - (size_t)(at - script.data);
    struct span author = html_json_ld_member((struct span){at, left}, key);
    if (author.data)
        return author;
    const char *close = memchr(at, '}', left);
    return close ? html_json_ld_member((struct span){at, (size_t)(close - at)}, "\"name\"") : author;
}

static void read_json_ld(struct meta *meta, struct span script) {
    keep(meta, META_DATE, 2, html_json_ld_member(script, "\"datePublished\""));
    struct span author = json_ld_author(script);
    if (author.size > 0 && !meta->json_author.data && !is_address(author))
        meta->json_author = author;
}

static struct span only_text(const struct html_node *node) {
    return node->children && node->children->is_text ? node->children->text : (struct span){NULL, 0};
}

static void read_link(struct meta *meta, const struct html_node *node) {
    struct span relation = html_tree_attribute(node, ATTRIBUTE_REL),
                address = html_tree_attribute(node, ATTRIBUTE_HREF);
    if (!relation.data || !address.data || !is_address(address))
        return;
    if (html_is(relation, "canonical"))
        keep(meta, META_URL, 0, address);
    if (html_is(relation, "license") || html_is(relation, "license noopener") || html_is(relation, "copyright"))
        keep(meta, META_LICENSE, 0, address);
}

static void read_element(struct meta *meta, const struct html_node *node) {
    struct span content, lang, property;
    switch (node->name) {
    case HTML_META:
        content = html_tree_attribute(node, ATTRIBUTE_CONTENT);
        read_statement(meta, html_tree_attribute(node, ATTRIBUTE_PROPERTY), content);
        read_statement(meta, html_tree_attribute(node, ATTRIBUTE_NAME), content);
        read_statement(meta, html_tree_attribute(node, ATTRIBUTE_ITEMPROP), content);
        read_statement(meta, html_tree_attribute(node, ATTRIBUTE_HTTP_EQUIV), content);
        break;
    case HTML_LINK:
    case HTML_A:
        read_link(meta, node);
        break;
    case HTML_TITLE:
        if (!node->foreign)
            keep(meta, META_TITLE, 1, only_text(node));
        break;
    case HTML_H1:
        keep(meta, META_TITLE, 3, only_text(node));
        break;
    case HTML_HTML:
        lang = html_tree_attribute(node, ATTRIBUTE_LANG);
        keep(meta, META_LANG, 0, lang.data ? lang : html_tree_attribute(node, ATTRIBUTE_XML_LANG));
        break;
    case HTML_TIME:
        keep(meta, META_DATE, 3, html_tree_attribute(node, ATTRIBUTE_DATETIME));
        break;
    case HTML_SCRIPT:
        if (node->children && node->children->is_text)
            read_json_ld(meta, node->children->text);
        break;
    default:
        property = html_tree_attribute(node, ATTRIBUTE_ITEMPROP);
        if (property.data && html_is(property, "datepublished"))
            keep(meta, META_DATE, 0, html_tree_attribute(node, ATTRIBUTE_DATETIME));
        break;
    }
}

void html_meta_collect(const struct html_tree *tree, struct html_page *page) {
    struct meta meta = {0};
    for (size_t i = 0; i < tree->count; i++) {
        if (!tree->nodes[i]->is_text)
            read_element(&meta, tree->nodes[i]);
    }
    struct bytes *fields[META_FIELDS] = {
        [META_TITLE] = &page->title, [META_DATE] = &page->date, [META_AUTHOR] = &page->author,
        [META_LANG] = &page->lang,   [META_URL] = &page->url,   [META_LICENSE] = &page->license};
    for (size_t field = 0; field < META_FIELDS; field++) {
        for (size_t rank = 0; rank < RANKS && fields[field]->size == 0; rank++) {
            if (meta.found[field][rank].data)
                html_append_collapsed(fields[field], meta.found[field][rank]);
        }
    }
    if (page->author.size == 0 && meta.json_author.data)
        html_json_ld_append(&page->author, meta.json_author);
}
