/*
 * Fuzzes every dump format of gpt-crawl, by content and by force: any bytes as a dump. Readers end, entries are sound,
 * and every record that comes out is one that the other programs read.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/format.h"
#include "crawl/xml.h"

static void require(int holds) {
    if (!holds)
        abort();
}

/* Each line must parse as a record. */
static void check_lines(struct record_parser *parser, const struct bytes *out) {
    for (size_t at = 0; at < out->size;) {
        const char *stop = memchr(out->data + at, '\n', out->size - at);
        struct record record = {0};
        struct error error;
        require(stop != NULL);
        require(record_parse(parser, (struct span){out->data + at, (size_t)(stop - out->data) - at}, &record, &error) ==
                0);
        at = (size_t)(stop - out->data) + 1;
    }
}

static void read_all(const struct crawl_format *format, struct span dump, unsigned choice) {
    struct option_list namespaces = {0};
    struct crawl_options options = {.max_record = 4096,
                                    .max_work = 1000,
                                    .split = (int)(choice % 4),
                                    .talk = choice / 4 % 2,
                                    .verify = choice / 8 % 2,
                                    .namespaces = &namespaces};
    struct bytes out = {0};
    struct crawl_converter converter = {.options = &options, .parser = record_parser_new(), .out = &out};
    struct record_parser *parser = record_parser_new();
    struct crawl_entry *entry = crawl_entry_new();
    struct input *input;
    struct error error;
    size_t entries = 0;
    require(input_open_memory(&input, "fuzz", dump, &error) == 0);
    void *reader = format->open(input, &options);
    int status;
    while ((status = format->next(reader, entry, &error)) > 0) {
        require(++entries <= dump.size * 2 + 2);
        require(entry->data.size <= options.max_record || entry->outcome == CRAWL_BROKEN ||
                format == &crawl_stackexchange);
        entry->format = format;
        if (entry->field[FIELD_ID].size == 0)
            bytes_append_text(&entry->field[FIELD_ID], "id");
        if (entry->outcome == CRAWL_CONVERTED)
            format->convert(entry, &converter);
        require(entry->outcome != CRAWL_SKIPPED || entry->reason);
        crawl_entry_clear(entry);
    }
    require(status == 0 || error.code == ERROR_DATA);
    check_lines(parser, &out);
    format->close(reader);
    input_close(input);
    crawl_entry_free(entry);
    record_parser_free(converter.parser);
    record_parser_free(parser);
    record_release(&converter.record);
    html_page_release(&converter.page);
    xml_parser_free(converter.xml);
    bytes_release(&converter.utf8);
    bytes_release(&converter.text);
    bytes_release(&converter.scratch);
    bytes_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the format (0: by content), the second how text is split and which options are on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t formats = 0;
    if (size < 2)
        return 0;
    while (CRAWL_FORMATS[formats])
        formats++;
    struct span dump = {(const char *)data + 2, size - 2};
    size_t choice = data[0] % (formats + 1);
    const struct crawl_format *format = choice ? CRAWL_FORMATS[choice - 1] : crawl_recognise(dump, "");
    if (format)
        read_all(format, dump, data[1]);
    return 0;
}
