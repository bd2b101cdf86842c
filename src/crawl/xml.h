/*
 * XML as events, without a tree, DTDs, entities of the document's own, or network: libxml2's push parser over an input
 * of any size, and its parser of documents in memory.
 */
#ifndef CRAWL_XML_H
#define CRAWL_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"
#include "crawl/queue.h"

/* Attributes as libxml2's SAX2 gives them. */
struct xml_attributes {
    const unsigned char **values;
    size_t count;
};

struct xml_handlers {
    /* depth: 0 for the root. Names without prefixes. */
    void (*start)(void *context, const char *name, const struct xml_attributes *attributes, size_t depth);
    void (*text)(void *context, struct span text);
    void (*end)(void *context, const char *name, size_t depth);
};

/* To be called before threads use what follows: libxml2 sets itself up at its first use, and two first uses at once
 * can leave both waiting for a lock that neither holds. */
void xml_initialize(void);

struct xml_stream;

/* All arguments are borrowed. */
struct xml_stream *xml_stream_new(struct input *input, const struct xml_handlers *handlers, void *context,
                                  uint64_t max_record);
void xml_stream_free(struct xml_stream *stream);
/*
 * Parses one more piece, calling the handlers. 1 parsed, 0 at the end, -1 where the rest cannot be read. Smaller damage
 * (a bad character, an unknown entity) is stepped over and kept for xml_stream_take_damage.
 */
int xml_stream_step(struct xml_stream *stream, struct error *error);
/* True, with what it was, where the document was damaged since the last call. */
bool xml_stream_take_damage(struct xml_stream *stream, struct error *error);
/*
 * The next entry of a reader whose handlers push entries to queue: the `next` of struct crawl_format. Damage is told
 * when what was read before it has been handed out.
 */
int xml_stream_next_entry(struct xml_stream *stream, struct entry_queue *queue, struct crawl_entry *entry,
                          struct error *error);
uint64_t xml_stream_position(const struct xml_stream *stream); /* bytes parsed */

struct xml_parser;

struct xml_parser *xml_parser_new(void);
void xml_parser_free(struct xml_parser *parser); /* NULL is allowed */
/*
 * Parses one document in memory. encoding: what the bytes are in, NULL for UTF-8. False, with the first damage and its
 * byte of the document, where there is any; smaller damage is stepped over, so that handlers see what follows it.
 */
bool xml_parse(struct xml_parser *parser, struct span document, const char *encoding,
               const struct xml_handlers *handlers, void *context, struct error *damage);
/* For handlers: nothing more of the document is wanted. */
void xml_parser_stop(struct xml_parser *parser);

/* An attribute's value, unescaped; absent where there is none. Borrowed during the start handler. */
struct span xml_attribute(const struct xml_attributes *attributes, const char *name);

#endif
