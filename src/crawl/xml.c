/*
 * The push parser and its limits. Knows nothing of any dump's elements.
 */
#include "crawl/xml.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/memory.h"

#define PIECE_SIZE ((size_t)32 << 10)
#define DEPTH_MAX 256

struct xml_stream {
    struct input *input;
    const struct xml_handlers *handlers;
    void *context;
    uint64_t max_record;
    xmlParserCtxtPtr parser;
    size_t depth;
    uint64_t fed, quiet; /* bytes fed in all, and since the last event */
    bool ended, failed, damaged;
    const char *halted;
    struct error damage, failure;
    char piece[PIECE_SIZE];
};

static struct xml_stream *stream_of(void *context) {
    return ((xmlParserCtxtPtr)context)->_private;
}

uint64_t xml_stream_position(const struct xml_stream *stream) {
    long consumed = stream->parser ? xmlByteConsumed(stream->parser) : -1;
    return consumed >= 0 ? (uint64_t)consumed : stream->fed;
}

/* The document goes on: it is not silence that --max-record bounds, and after an error libxml2 must not drop "&lt;" and
 * its like. */
static struct xml_stream *on_event(void *context) {
    struct xml_stream *stream = stream_of(context);
    stream->quiet = 0;
    stream->parser->wellFormed = 1;
    return stream;
}

static void halt(struct xml_stream *stream, const char *reason) {
    stream->halted = reason;
    xmlStopParser(stream->parser);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int count, int defaulted, const xmlChar **attributes) {
    (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
    struct xml_stream *stream = on_event(context);
    if (stream->depth == DEPTH_MAX) {
        halt(stream, "elements are nested deeper than 256");
        return;
    }
    struct xml_attributes list = {attributes, (size_t)count};
    stream->handlers->start(stream->context, (const char *)name, &list, stream->depth++);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    (void)prefix, (void)uri;
    struct xml_stream *stream = on_event(context);
    if (stream->depth > 0)
        stream->handlers->end(stream->context, (const char *)name, --stream->depth);
}

static void on_text(void *context, const xmlChar *text, int size) {
    struct xml_stream *stream = on_event(context);
    if (!stream->halted)
        stream->handlers->text(stream->context, (struct span){(const char *)text, (size_t)size});
}

/* No entity but XML's own five is ever expanded. */
static xmlEntityPtr on_entity(void *context, const xmlChar *name) {
    (void)context;
    return xmlGetPredefinedEntity(name);
}

/* Only the first damage is kept: later ones usually follow from it. */
static void on_error(void *context, xmlErrorPtr error) {
    struct xml_stream *stream = stream_of(context);
    if (stream->damaged || error->level < XML_ERR_ERROR)
        return;
    stream->damaged = true;
    if (stream->ended && stream->depth > 0) {
        error_set(&stream->damage, ERROR_DATA, stream->fed, "XML: the input ends within an element");
        return;
    }
    size_t length = error->message ? strcspn(error->message, "\n") : 0;
    error_set(&stream->damage, ERROR_DATA, xml_stream_position(stream), "XML: %.*s", (int)(length < 200 ? length : 200),
              error->message ? error->message : "");
}

struct xml_stream *xml_stream_new(struct input *input, const struct xml_handlers *handlers, void *context,
                                  uint64_t max_record) {
    struct xml_stream *stream = memory_zeroed(1, sizeof *stream);
    stream->input = input;
    stream->handlers = handlers;
    stream->context = context;
    stream->max_record = max_record;
    return stream;
}

void xml_stream_free(struct xml_stream *stream) {
    if (!stream)
        return;
    if (stream->parser) {
        if (stream->parser->myDoc)
            xmlFreeDoc(stream->parser->myDoc);
        xmlFreeParserCtxt(stream->parser);
    }
    free(stream);
}

static int start_parser(struct xml_stream *stream, struct error *error) {
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof handler);
    xmlSAXVersion(&handler, 2);
    handler.startElementNs = on_start;
    handler.endElementNs = on_end;
    handler.characters = on_text;
    handler.cdataBlock = on_text;
    handler.ignorableWhitespace = on_text;
    handler.serror = on_error;
    handler.getEntity = on_entity;
    handler.comment = NULL;
    handler.processingInstruction = NULL;
    handler.reference = NULL;
    handler.internalSubset = NULL;
    handler.externalSubset = NULL;
    handler.entityDecl = NULL;
    handler.getParameterEntity = NULL;
    handler.resolveEntity = NULL;
    stream->parser = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
    if (!stream->parser)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "libxml2 gives no XML parser");
    stream->parser->_private = stream;
    /* NOENT: otherwise "&amp;" in an attribute is handed over as "&#38;". on_entity sees to it that nothing else is
     * expanded. */
    xmlCtxtUseOptions(stream->parser, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT);
    return 0;
}

/* Keeps the error, so that every later step gives it again. */
static int fail(struct xml_stream *stream, struct error *error) {
    stream->failed = true;
    stream->failure = *error;
    return -1;
}

int xml_stream_step(struct xml_stream *stream, struct error *error) {
    if (stream->failed) {
        *error = stream->failure;
        return -1;
    }
    if (stream->ended)
        return 0;
    ssize_t got = input_read(stream->input, stream->piece, sizeof stream->piece, error);
    if (got < 0 || (!stream->parser && start_parser(stream, error) < 0))
        return fail(stream, error);
    /* A short count may come before an error as well as before the end. */
    stream->ended = got == 0;
    stream->fed += (uint64_t)got;
    stream->quiet += (uint64_t)got;
    xmlParseChunk(stream->parser, stream->piece, (int)got, stream->ended);
    if (!stream->halted && stream->quiet > stream->max_record)
        halt(stream, "a tag is longer than --max-record");
    if (stream->halted) {
        error_set(error, ERROR_DATA, xml_stream_position(stream), "XML: %s", stream->halted);
        return fail(stream, error);
    }
    if (stream->parser->disableSAX && !stream->ended) {
        *error = stream->damage;
        return fail(stream, error);
    }
    return 1;
}

bool xml_stream_take_damage(struct xml_stream *stream, struct error *error) {
    bool damaged = stream->damaged;
    stream->damaged = false;
    if (damaged)
        *error = stream->damage;
    return damaged;
}

struct span xml_attribute(const struct xml_attributes *attributes, const char *name) {
    for (size_t i = 0; i < attributes->count; i++) {
        /* name, prefix, URI, value, end of value */
        const unsigned char **attribute = attributes->values + 5 * i;
        if (strcmp((const char *)attribute[0], name) == 0)
            return (struct span){(const char *)attribute[3], (size_t)(attribute[4] - attribute[3])};
    }
    return (struct span){NULL, 0};
}

int xml_stream_next_entry(struct xml_stream *stream, struct entry_queue *queue, struct crawl_entry *entry,
                          struct error *error) {
    while (!entry_queue_pop(queue, entry)) {
        int status = xml_stream_step(stream, error);
        if (status < 0)
            /* The failure stays, for when what was read before it has been handed out. */
            return entry_queue_pop(queue, entry) ? 1 : -1;
        if (status == 0)
            return xml_stream_take_damage(stream, error) ? -1 : 0;
    }
    return 1;
}
