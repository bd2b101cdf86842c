/*
 * What is in an EPUB: members of the ZIP file, through libarchive, and the package document, through libxml2. Knows
 * nothing of records, nor of what the pages say.
 */
#include <archive.h>
#include <archive_entry.h>
#include <libxml/parser.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crawl/epub.h"

/* Of container.xml, the package document and encryption.xml. */
#define DOCUMENT_MAX ((uint64_t)16 << 20)

/* Where a member's bytes go; NULL: it is passed over. */
typedef struct bytes *choose_member(void *context, const char *path);

static int read_member(struct archive *archive, struct bytes *out, uint64_t *left, struct error *error) {
    for (;;) {
        char *room = bytes_reserve(out, (size_t)64 << 10);
        la_ssize_t got = archive_read_data(archive, room, (size_t)64 << 10);
        if (got < 0)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the ZIP file is damaged: %s",
                             archive_error_string(archive) ? archive_error_string(archive) : "no reason known");
        if (got == 0)
            return 0;
        if ((uint64_t)got > *left)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the book is over --max-record");
        *left -= (uint64_t)got;
        out->size += (size_t)got;
    }
}

static int walk_members(struct archive *archive, choose_member *choose, void *context, uint64_t limit,
                        struct error *error) {
    struct archive_entry *entry;
    int status;
    while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
        const char *path = archive_entry_pathname_utf8(entry);
        if (!path)
            path = archive_entry_pathname(entry);
        struct bytes *out = path ? choose(context, path) : NULL;
        if (out && read_member(archive, out, &limit, error) < 0)
            return -1;
    }
    if (status != ARCHIVE_EOF)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the ZIP file is damaged: %s",
                         archive_error_string(archive) ? archive_error_string(archive) : "no reason known");
    return 0;
}

/* Reads what is chosen of all members, together at most limit bytes. */
static int read_members(struct span zip, choose_member *choose, void *context, uint64_t limit, struct error *error) {
    struct archive *archive = archive_read_new();
    if (!archive)
        memory_exhausted();
    /* libarchive gives names in the thread's locale, and none where that cannot hold them. */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = utf8 ? uselocale(utf8) : (locale_t)0;
    archive_read_support_format_zip(archive);
    int status = archive_read_open_memory(archive, zip.data, zip.size) == ARCHIVE_OK
                     ? walk_members(archive, choose, context, limit, error)
                     : error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no ZIP file");
    archive_read_free(archive);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return status;
}

struct wanted_member {
    const char *path;
    struct bytes *out;
};

static struct bytes *choose_one(void *context, const char *path) {
    const struct wanted_member *wanted = context;
    return strcmp(path, wanted->path) == 0 && !wanted->out->size ? wanted->out : NULL;
}

static int read_one(struct span zip, const char *path, struct bytes *out, struct error *error) {
    struct wanted_member wanted = {path, out};
    return read_members(zip, choose_one, &wanted, DOCUMENT_MAX, error);
}

/* The pages by path. */
struct page_index {
    struct epub_page **pages;
    size_t count;
};

static int compare_pages(const void *a, const void *b) {
    struct epub_page *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

static struct bytes *choose_page(void *context, const char *path) {
    const struct page_index *index = context;
    struct epub_page wanted = {.path = (char *)(uintptr_t)path}, *key = &wanted;
    struct epub_page **found = bsearch(&key, index->pages, index->count, sizeof *index->pages, compare_pages);
    return found && !(*found)->bytes.size ? &(*found)->bytes : NULL;
}

static int read_pages(struct epub_package *package, struct span zip, uint64_t limit, struct error *error) {
    struct page_index index = {memory_zeroed(package->page_count, sizeof *index.pages), package->page_count};
    for (size_t i = 0; i < index.count; i++)
        index.pages[i] = &package->pages[i];
    qsort(index.pages, index.count, sizeof *index.pages, compare_pages);
    int status = read_members(zip, choose_page, &index, limit, error);
    free(index.pages);
    return status;
}

static xmlDocPtr parse_xml(const struct bytes *bytes) {
    if (bytes->size == 0 || bytes->size > INT32_MAX)
        return NULL;
    return xmlReadMemory(bytes->data, (int)bytes->size, NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_RECOVER);
}

/* The element after node in document order; NULL after the last. */
static xmlNodePtr next_element(xmlNodePtr node) {
    if (node->type == XML_ELEMENT_NODE && node->children)
        node = node->children;
    else {
        while (node && !node->next)
            node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
        node = node ? node->next : NULL;
    }
    return !node || node->type == XML_ELEMENT_NODE ? node : next_element(node);
}

static bool is_named(xmlNodePtr node, const char *name) {
    return strcmp((const char *)node->name, name) == 0;
}

static struct span attribute(xmlNodePtr node, const char *name) {
    for (const xmlAttr *at = node->properties; at; at = at->next) {
        if (strcmp((const char *)at->name, name) == 0 && at->children && at->children->content)
            return span_of((const char *)at->children->content);
    }
    return (struct span){NULL, 0};
}

static int hex_value(char digit) {
    return digit >= '0' && digit <= '9'                 ? digit - '0'
           : (digit | 32) >= 'a' && (digit | 32) <= 'f' ? (digit | 32) - 'a' + 10
                                                        : -1;
}

/* A reference within the package document at base → a path in the ZIP file, owned by the caller. */
static char *resolve(const char *base, struct span reference) {
    const char *slash = strrchr(base, '/');
    struct bytes path = {0};
    bytes_append(&path, base, slash ? (size_t)(slash - base) + 1 : 0);
    for (size_t i = 0; i < reference.size && reference.data[i] != '#'; i++) {
        char byte = reference.data[i];
        if (byte == '%' && i + 2 < reference.size && hex_value(reference.data[i + 1]) >= 0 &&
            hex_value(reference.data[i + 2]) >= 0) {
            byte = (char)(hex_value(reference.data[i + 1]) * 16 + hex_value(reference.data[i + 2]));
            i += 2;
        }
        bytes_append_byte(&path, byte);
        if (path.size >= 4 && memcmp(path.data + path.size - 4, "/../", 4) == 0) {
            path.size -= 4;
            while (path.size && path.data[path.size - 1] != '/')
                path.size--;
        }
    }
    char *copy = memory_copy(bytes_text(&path), path.size);
    bytes_release(&path);
    return copy;
}

static void append_page(struct epub_package *package, const char *base, struct span reference) {
    if (package->page_count == EPUB_PAGES_MAX)
        return;
    if (package->page_count == package->page_capacity) {
        package->page_capacity = package->page_capacity ? package->page_capacity * 2 : 64;
        package->pages = memory_resize(package->pages, package->page_capacity, sizeof *package->pages);
    }
    package->pages[package->page_count++] = (struct epub_page){resolve(base, reference), {NULL, 0, 0}};
}

/* The manifest: ids and what stands under them. */
struct manifest {
    struct manifest_item {
        const char *id;
        xmlNodePtr node;
    } * items;
    size_t count, capacity;
};

static int compare_items(const void *a, const void *b) {
    const struct manifest_item *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static void collect_manifest(struct manifest *manifest, xmlNodePtr root) {
    for (xmlNodePtr node = root; node; node = next_element(node)) {
        const char *id = is_named(node, "item") ? attribute(node, "id").data : NULL;
        if (!id)
            continue;
        if (manifest->count == manifest->capacity) {
            manifest->capacity = manifest->capacity ? manifest->capacity * 2 : 64;
            manifest->items = memory_resize(manifest->items, manifest->capacity, sizeof *manifest->items);
        }
        manifest->items[manifest->count++] = (struct manifest_item){id, node};
    }
    if (manifest->count)
        qsort(manifest->items, manifest->count, sizeof *manifest->items, compare_items);
}

/* Appends the manifest's page of that id, unless it is the table of contents or no page. */
static void append_item(struct epub_package *package, const struct manifest *manifest, const char *base,
                        struct span id) {
    struct manifest_item key = {id.data, NULL};
    const struct manifest_item *found =
        manifest->count ? bsearch(&key, manifest->items, manifest->count, sizeof key, compare_items) : NULL;
    if (!found)
        return;
    struct span type = attribute(found->node, "media-type"), href = attribute(found->node, "href");
    bool page =
        span_is(type, "application/xhtml+xml") || span_is(type, "text/html") || span_is(type, "text/x-oeb1-document");
    if (page && !span_is(attribute(found->node, "properties"), "nav") && href.data)
        append_page(package, base, href);
}

/* A Dublin Core element's text; further ones are appended where they are of the same kind. */
static void take_metadata(struct epub_package *package, xmlNodePtr node) {
    const struct {
        const char *name;
        struct bytes *value;
        bool many;
    } known[] = {{"title", &package->title, false},
                 {"creator", &package->author, true},
                 {"language", &package->lang, false},
                 {"date", &package->date, false},
                 {"rights", &package->license, false}};
    if (!node->ns || !node->ns->href || strcmp((const char *)node->ns->href, "http://purl.org/dc/elements/1.1/") != 0 ||
        !node->children || !node->children->content)
        return;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!is_named(node, known[i].name) || (known[i].value->size && !known[i].many))
            continue;
        if (known[i].value->size)
            bytes_append_text(known[i].value, ", ");
        bytes_append_text(known[i].value, (const char *)node->children->content);
    }
}

static int read_package_document(struct epub_package *package, const char *path, const struct bytes *bytes,
                                 struct error *error) {
    xmlDocPtr document = parse_xml(bytes);
    xmlNodePtr root = document ? xmlDocGetRootElement(document) : NULL;
    struct manifest manifest = {0};
    collect_manifest(&manifest, root);
    for (xmlNodePtr node = root; node; node = next_element(node)) {
        take_metadata(package, node);
        if (is_named(node, "itemref") && attribute(node, "idref").data)
            append_item(package, &manifest, path, attribute(node, "idref"));
    }
    free(manifest.items);
    xmlFreeDoc(document);
    if (package->page_count == 0)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "an EPUB whose package lists no pages");
    return 0;
}

/* The path of the package document, owned by the caller; NULL where there is none. */
static char *find_package_document(const struct bytes *container) {
    xmlDocPtr document = parse_xml(container);
    char *path = NULL;
    for (xmlNodePtr node = document ? xmlDocGetRootElement(document) : NULL; node && !path; node = next_element(node)) {
        struct span full_path = attribute(node, "full-path");
        if (is_named(node, "rootfile") && full_path.data)
            path = resolve("", full_path);
    }
    xmlFreeDoc(document);
    return path;
}

/* Fonts may be obfuscated; content that is encrypted cannot be read. */
static bool is_encrypted(const struct bytes *encryption) {
    return encryption->size && memmem(encryption->data, encryption->size, "xmlenc#aes", 10);
}

int epub_read(struct epub_package *package, struct span zip, uint64_t limit, struct error *error) {
    struct bytes container = {0}, encryption = {0}, document = {0};
    char *path = NULL;
    int status = -1;
    if (read_one(zip, "META-INF/container.xml", &container, error) < 0 ||
        read_one(zip, "META-INF/encryption.xml", &encryption, error) < 0)
        goto done;
    path = find_package_document(&container);
    if (!path)
        error_set(error, ERROR_DATA, ERROR_NO_POSITION, "an EPUB without a package document");
    else if (is_encrypted(&encryption))
        error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the book is encrypted");
    else if (read_one(zip, path, &document, error) == 0 && read_package_document(package, path, &document, error) == 0)
        status = read_pages(package, zip, limit, error);
done:
    bytes_release(&container);
    bytes_release(&encryption);
    bytes_release(&document);
    free(path);
    return status;
}

void epub_package_release(struct epub_package *package) {
    struct bytes *values[] = {&package->title, &package->author, &package->lang, &package->date, &package->license};
    for (size_t i = 0; i < package->page_count; i++) {
        free(package->pages[i].path);
        bytes_release(&package->pages[i].bytes);
    }
    free(package->pages);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        bytes_release(values[i]);
    memset(package, 0, sizeof *package);
}
