/* EPUB through its format's table: order of pages, metadata, chapters, and files that are no sound books. */
#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/format.h"
#include "suite.h"

#define BOOK_MAX ((size_t)1 << 20)

struct member {
    const char *path, *content;
};

/* A macro, since a constant is no initialiser to clang 14. */
#define CONTAINER                                                                                                  \
    {                                                                                                              \
        "META-INF/container.xml", "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>" \
                                  "<rootfile full-path='OEBPS/content.opf' "                                       \
                                  "media-type='application/oebps-package+xml'/></rootfiles></container>"           \
    }

static const char PACKAGE[] =
    "<?xml version='1.0'?><package xmlns='http://www.idpf.org/2007/opf' version='3.0'>"
    "<metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Stenen &amp; sten</dc:title>"
    "<dc:creator>A. Berg</dc:creator><dc:creator>B. Dal</dc:creator><dc:language>sv</dc:language>"
    "<dc:date>2001-02-03</dc:date></metadata><manifest>"
    "<item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>"
    "<item id='b' href='text/b%20å.xhtml' media-type='application/xhtml+xml'/>"
    "<item id='a' href='text/../a.xhtml' media-type='application/xhtml+xml'/>"
    "<item id='s' href='style.css' media-type='text/css'/>"
    "<item id='m' href='missing.xhtml' media-type='application/xhtml+xml'/></manifest>"
    "<spine><itemref idref='n'/><itemref idref='b'/><itemref idref='m'/><itemref idref='a'/><itemref idref='s'/>"
    "<itemref idref='unknown'/></spine></package>";

static void append_member(struct archive *archive, const struct member *member) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, member->path);
    archive_entry_set_size(entry, (la_int64_t)strlen(member->content));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    archive_write_data(archive, member->content, strlen(member->content));
    archive_entry_free(entry);
}

/* A ZIP file of these members, ended by one without a path, appended to out. */
static void write_book(struct bytes *out, const struct member *members) {
    struct archive *archive = archive_write_new();
    size_t used;
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
    archive_write_set_format_zip(archive);
    ck_assert_int_eq(archive_write_open_memory(archive, bytes_reserve(out, BOOK_MAX), BOOK_MAX, &used), ARCHIVE_OK);
    const struct member mimetype = {"mimetype", "application/epub+zip"};
    archive_write_zip_set_compression_store(archive);
    append_member(archive, &mimetype);
    archive_write_zip_set_compression_deflate(archive);
    for (; members->path; members++)
        append_member(archive, members);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    uselocale(before);
    freelocale(utf8);
    out->size += used;
}

/* What the book becomes: lines of records, or "!" and the reason. */
static void convert(struct span book, int split, uint64_t max_record, struct bytes *out) {
    struct crawl_options options = {.max_record = max_record, .max_work = 10000, .split = split};
    struct crawl_converter converter = {.options = &options, .out = out};
    struct crawl_entry *entry = crawl_entry_new();
    entry->format = &crawl_epub;
    entry->outcome = CRAWL_CONVERTED;
    bytes_append_span(&entry->data, book);
    crawl_set(entry, FIELD_ID, SPAN_LITERAL("book"));
    bytes_clear(out);
    crawl_epub.convert(entry, &converter);
    if (entry->outcome == CRAWL_BROKEN)
        bytes_append_format(out, "!%s", entry->error.message);
    record_release(&converter.record);
    html_page_release(&converter.page);
    bytes_release(&converter.utf8);
    bytes_release(&converter.text);
    bytes_release(&converter.scratch);
    crawl_entry_free(entry);
}

static const struct member SOUND[] = {
    {"OEBPS/a.xhtml",
     "<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body><p>Sist.</p></body></html>"},
    {"OEBPS/content.opf", PACKAGE},
    CONTAINER,
    {"OEBPS/nav.xhtml", "<html><body><ol><li>Contents</li></ol></body></html>"},
    {"OEBPS/style.css", "p { }"},
    {"OEBPS/text/b å.xhtml", "<html><head><title>B</title></head><body><h1>Ett</h1><p>Först.</p></body></html>"},
    {NULL, NULL}};

#define FIELDS                                                                                           \
    "\"source\":\"epub\",\"title\":\"Stenen & sten\",\"date\":\"2001-02-03T00:00:00Z\",\"lang\":\"sv\"," \
    "\"author\":\"A. Berg, B. Dal\"}\n"

START_TEST(books) {
    struct bytes book = {0}, out = {0};
    write_book(&book, SOUND);
    ck_assert_uint_eq(crawl_epub.recognise(span_of_bytes(&book), "x"), 100);
    ck_assert_ptr_eq(crawl_recognise(span_of_bytes(&book), "x"), &crawl_epub);
    convert(span_of_bytes(&book), SPLIT_FILE, BOOK_MAX, &out);
    ck_assert_str_eq(bytes_text(&out), "{\"id\":\"book\",\"text\":\"Ett\\n\\nFörst.\\n\\nSist.\"," FIELDS);
    convert(span_of_bytes(&book), SPLIT_CHAPTER, BOOK_MAX, &out);
    ck_assert_str_eq(bytes_text(&out), "{\"id\":\"book#OEBPS/text/b å.xhtml\",\"text\":\"Ett\\n\\nFörst.\"," FIELDS
                                       "{\"id\":\"book#OEBPS/a.xhtml\",\"text\":\"Sist.\"," FIELDS);
    convert(span_of_bytes(&book), SPLIT_FILE, 50, &out);
    ck_assert_str_eq(bytes_text(&out), "!the book is over --max-record");
    bytes_release(&book);
    bytes_release(&out);
}
END_TEST

static void expect_broken(const struct member *members, const char *reason) {
    struct bytes book = {0}, out = {0};
    write_book(&book, members);
    convert(span_of_bytes(&book), SPLIT_FILE, BOOK_MAX, &out);
    ck_assert_str_eq(bytes_text(&out), reason);
    bytes_release(&book);
    bytes_release(&out);
}

START_TEST(unsound_books) {
    const struct member none[] = {{NULL, NULL}};
    const struct member no_package[] = {CONTAINER, {NULL, NULL}};
    const struct member encrypted[] = {
        CONTAINER,
        {"META-INF/encryption.xml", "<e><m Algorithm='http://www.w3.org/2001/04/xmlenc#aes256-cbc'/></e>"},
        {NULL, NULL}};
    const struct member entities[] = {
        CONTAINER,
        {"OEBPS/content.opf", "<!DOCTYPE p [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&b;'>]><package>&b;</package>"},
        {NULL, NULL}};
    expect_broken(none, "!an EPUB without a package document");
    expect_broken(no_package, "!an EPUB whose package lists no pages");
    expect_broken(encrypted, "!the book is encrypted");
    expect_broken(entities, "!an EPUB whose package lists no pages");
}
END_TEST

/* Whatever is cut or changed, the answer is a document or an error. */
START_TEST(damaged_books) {
    struct bytes book = {0}, out = {0};
    write_book(&book, SOUND);
    for (size_t size = 0; size < book.size; size += 7)
        convert((struct span){book.data, size}, SPLIT_FILE, BOOK_MAX, &out);
    for (size_t at = 0; at < book.size; at += 3) {
        book.data[at] ^= 0x55;
        convert(span_of_bytes(&book), SPLIT_CHAPTER, BOOK_MAX, &out);
        book.data[at] ^= 0x55;
    }
    bytes_release(&book);
    bytes_release(&out);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("epub");
    TCase *tests = tcase_create("epub");
    tcase_add_test(tests, books);
    tcase_add_test(tests, unsound_books);
    tcase_add_test(tests, damaged_books);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
