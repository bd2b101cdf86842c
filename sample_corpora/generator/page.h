/* Web pages: what they say, and the frame of menus, banners and footers that a crawl finds around it. */
#ifndef GENERATOR_PAGE_H
#define GENERATOR_PAGE_H

#include "talk.h"

enum page_kind { PAGE_ARTICLE, PAGE_FAQ, PAGE_THREAD, PAGE_SPAM, PAGE_KIND_COUNT };

struct page {
    struct bytes url, title;
    struct bytes main; /* HTML */
    struct bytes text; /* the same as plain text */
    struct article article;
    struct talk talk;
    size_t language;
};

/* Composes the page. Buffers are used again; zero-initialised is valid. */
void page_compose(struct sample *sample, size_t language, enum page_kind kind, size_t number, struct page *page);
void page_release(struct page *page);
/* The whole HTML page in UTF-8, declaring that charset in a meta element (NULL: none). */
void page_html(struct sample *sample, const struct page *page, const char *charset, struct bytes *out);
/* The whole page as plain text, frame included, as WET files have it. */
void page_plain(struct sample *sample, const struct page *page, struct bytes *out);
/* Converts UTF-8 to the charset. */
int page_encode(struct span text, const char *charset, struct bytes *out, struct error *error);
/* Text with & < > " escaped. */
void page_escape(struct span text, struct bytes *out);

#endif
