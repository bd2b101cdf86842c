/*
 * The window over a dump, the tags that matter, and which bytes of a page are kept. Knows nothing of what is in a page.
 */
#include "crawl/wiki_dump.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/charset.h"

#define WINDOW_SIZE ((size_t)256 << 10)
/* As many bytes tell what a tag is. */
#define TAG_SIZE ((size_t)16)
#define HEAD_MAX ((size_t)1 << 20)

/* Where bytes go that are passed over. */
struct sink {
    struct bytes *bytes; /* NULL: nowhere */
    uint64_t limit;
    bool full; /* it was reached */
};

struct wiki_dump {
    struct input *input;
    uint64_t max_page;
    char *window;
    struct span rest;  /* of the window, not passed yet */
    uint64_t position; /* of rest in the dump; of UTF-16, as it would be in UTF-8 */
    bool begun, utf16;
    struct charset charset; /* of UTF-16 */
    struct bytes coded;     /* of UTF-16: read, and not decoded yet */
    bool ended;             /* nothing follows rest */
    const char *until;      /* what ends the comment, CDATA section or instruction being passed over; or NULL */
    bool in_root, any;      /* <mediawiki> is open; it or a page was met */
    bool gathers_head, fresh_head;
    struct bytes head;
    uint64_t head_position;
};

struct wiki_dump *wiki_dump_new(struct input *input, uint64_t max_page) {
    struct wiki_dump *dump = memory_zeroed(1, sizeof *dump);
    dump->input = input;
    dump->max_page = max_page;
    dump->window = memory_allocate(WINDOW_SIZE);
    dump->rest.data = dump->window;
    dump->gathers_head = true;
    return dump;
}

void wiki_dump_free(struct wiki_dump *dump) {
    if (!dump)
        return;
    bytes_release(&dump->head);
    bytes_release(&dump->coded);
    free(dump->window);
    free(dump);
}

/* Reads UTF-16, in whole characters, as UTF-8. */
static int refill_utf16(struct wiki_dump *dump, struct error *error) {
    struct bytes *coded = &dump->coded, text = {0};
    size_t size = (WINDOW_SIZE - dump->rest.size) / 2;
    bytes_reserve(coded, size);
    ssize_t got = input_read(dump->input, coded->data + coded->size, size, error);
    if (got < 0)
        return -1;
    coded->size += (size_t)got;
    dump->ended = got == 0;
    /* The first half of a pair waits for the other. */
    size_t whole = coded->size - (dump->ended ? 0 : coded->size % 2);
    size_t high = whole - (dump->charset.name[strlen("UTF-16")] == 'L' ? 1 : 2);
    if (!dump->ended && whole >= 2 && ((unsigned char)coded->data[high] & 0xfc) == 0xd8)
        whole -= 2;
    int status = charset_decode((struct span){coded->data, whole}, &dump->charset, &text, NULL, error);
    if (status == 0)
        memcpy(dump->window + dump->rest.size, text.data ? text.data : "", text.size);
    dump->rest.size += text.size;
    coded->size -= whole;
    memmove(coded->data, coded->data + whole, coded->size);
    bytes_release(&text);
    return status;
}

static int refill(struct wiki_dump *dump, struct error *error) {
    memmove(dump->window, dump->rest.data, dump->rest.size);
    dump->rest.data = dump->window;
    if (dump->utf16)
        return refill_utf16(dump, error);
    ssize_t got = input_read(dump->input, dump->window + dump->rest.size, WINDOW_SIZE - dump->rest.size, error);
    if (got < 0)
        return -1;
    dump->ended = got == 0;
    dump->rest.size += (size_t)got;
    return 0;
}

static void pass(struct wiki_dump *dump, size_t size, struct sink *sink) {
    if (sink->bytes && !sink->full) {
        sink->full = sink->bytes->size + size > sink->limit;
        if (!sink->full)
            bytes_append(sink->bytes, dump->rest.data, size);
    }
    dump->rest.data += size;
    dump->rest.size -= size;
    dump->position += size;
}

/* Past the closing tag at rest. */
static void pass_tag(struct wiki_dump *dump, struct sink *sink) {
    const char *stop = memchr(dump->rest.data, '>', dump->rest.size);
    pass(dump, stop ? (size_t)(stop - dump->rest.data) + 1 : dump->rest.size, sink);
}

static bool begins(struct span text, const char *start) {
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

/* A tag of this name: "<page>", "<page x='y'>", "</page>". */
static bool is_tag(struct span text, const char *start) {
    size_t size = strlen(start);
    return text.size > size && begins(text, start) && strchr("> \t\r\n/", text.data[size]);
}

/* Up to the end of what `until` says; false where the window holds no more of it. */
static bool pass_until(struct wiki_dump *dump, struct sink *sink) {
    size_t size = strlen(dump->until);
    const char *found = memmem(dump->rest.data, dump->rest.size, dump->until, size);
    if (found) {
        pass(dump, (size_t)(found - dump->rest.data) + size, sink);
        dump->until = NULL;
        return true;
    }
    size_t kept = dump->ended ? 0 : size - 1;
    if (dump->rest.size > kept)
        pass(dump, dump->rest.size - kept, sink);
    return false;
}

/* The size of what begins a comment, CDATA section or instruction here, or 0. */
static size_t begin_opaque(struct wiki_dump *dump) {
    static const struct { const char *start, *end; } kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (begins(dump->rest, kinds[i].start)) {
            dump->until = kinds[i].end;
            return strlen(kinds[i].start);
        }
    }
    return 0;
}

/* To the next tag, which then stands whole enough at rest: 1 there, 0 at the end, -1 error. */
static int find_tag(struct wiki_dump *dump, struct sink *sink, struct error *error) {
    for (;;) {
        bool more = dump->until && !pass_until(dump, sink);
        if (!more) {
            const char *tag = dump->rest.size ? memchr(dump->rest.data, '<', dump->rest.size) : NULL;
            pass(dump, tag ? (size_t)(tag - dump->rest.data) : dump->rest.size, sink);
            more = dump->rest.size < TAG_SIZE;
        }
        if (more && !dump->ended) {
            if (refill(dump, error) < 0)
                return -1;
            continue;
        }
        if (dump->rest.size == 0)
            return 0;
        size_t size = begin_opaque(dump);
        if (size == 0)
            return 1;
        pass(dump, size, sink);
    }
}

static int report_end(const struct wiki_dump *dump, struct error *error) {
    if (dump->in_root)
        return error_set(error, ERROR_DATA, dump->position, "XML: the input ends within an element");
    if (!dump->any)
        return error_set(error, ERROR_DATA, 0, "no <mediawiki> and no <page> in it");
    return 0;
}

/* To the next page's tag: 1 there, 0 at the end, -1 error. */
static int find_page(struct wiki_dump *dump, struct error *error) {
    struct sink head = {dump->gathers_head ? &dump->head : NULL, HEAD_MAX, false};
    for (;;) {
        int status = find_tag(dump, &head, error);
        if (status <= 0)
            return status < 0 ? -1 : report_end(dump, error);
        if (is_tag(dump->rest, "<page"))
            break;
        if (is_tag(dump->rest, "<mediawiki"))
            dump->in_root = dump->any = true;
        if (!is_tag(dump->rest, "</mediawiki")) {
            pass(dump, 1, &head);
            continue;
        }
        pass_tag(dump, &head);
        /* Another export may follow, with a head of its own. */
        dump->in_root = false;
        bytes_clear(&dump->head);
        dump->head_position = dump->position;
        head.bytes = &dump->head;
        head.full = false;
    }
    dump->fresh_head = head.bytes && dump->in_root && !head.full;
    dump->gathers_head = false;
    dump->any = true;
    return 1;
}

/* Takes a page, whose tag stands at rest, up to its end. -1 error. */
static int take_page(struct wiki_dump *dump, struct wiki_raw_page *page, struct error *error) {
    struct sink sink = {&page->xml, dump->max_page, false};
    size_t revision = 0; /* where the revision that is kept begins */
    page->position = dump->position;
    page->cut = WIKI_CUT_OPEN;
    pass(dump, 1, &sink);
    for (;;) {
        int status = find_tag(dump, &sink, error);
        if (status < 0)
            return -1;
        if (status == 0)
            return error_set(error, ERROR_DATA, dump->position, "XML: the input ends within an element");
        if (is_tag(dump->rest, "<page") || is_tag(dump->rest, "</mediawiki"))
            return 0;
        if (is_tag(dump->rest, "<revision")) {
            revision = revision ? revision : page->xml.size;
            page->xml.size = page->gap_at = revision;
            page->gap = dump->position - page->position - revision;
            sink.full = false;
        } else if (is_tag(dump->rest, "</page")) {
            break;
        }
        pass(dump, 1, &sink);
    }
    pass_tag(dump, &sink);
    page->cut = sink.full ? WIKI_CUT_TOO_LONG : WIKI_CUT_WHOLE;
    if (sink.full && revision)
        page->xml.size = revision;
    return 0;
}

/* Takes a mark of UTF-16, in which "<" is not a byte. */
static int begin(struct wiki_dump *dump, struct error *error) {
    char mark[2];
    struct span view;
    dump->begun = true;
    if (input_peek(dump->input, sizeof mark, &view, error) < 0)
        return -1;
    dump->utf16 = charset_of_mark(view, &dump->charset, NULL) && strncmp(dump->charset.name, "UTF-16", 6) == 0;
    return dump->utf16 && input_read(dump->input, mark, sizeof mark, error) < 0 ? -1 : 0;
}

int wiki_dump_next(struct wiki_dump *dump, struct wiki_raw_page *page, struct error *error) {
    bytes_clear(&page->xml);
    page->gap = page->gap_at = 0;
    if (!dump->begun && begin(dump, error) < 0)
        return -1;
    int status = find_page(dump, error);
    if (status > 0 && take_page(dump, page, error) < 0)
        status = -1;
    return status;
}

bool wiki_dump_take_head(struct wiki_dump *dump, struct span *head, uint64_t *position) {
    bool fresh = dump->fresh_head;
    dump->fresh_head = false;
    *head = span_of_bytes(&dump->head);
    *position = dump->head_position;
    return fresh;
}
