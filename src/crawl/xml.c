/*
 * libxml2's parsers and their limits. Knows nothing of any dump's elements.
 */
#include "crawl/xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/memory.h"

#define PIECE_SIZE ((size_t)32 << 10)
#define DEPTH_MAX 256

/* What goes on between libxml2 and the handlers. */
struct events {
    const struct xml_handlers *handlers;
    void *context;
    xmlParserCtxtPtr parser;
    size_t depth;
    uint64_t fed, quiet; /* bytes given to the parser in all, and since the last event */
    bool ended;          /* all of them */
    bool damaged, stopped;
    const char *halted;
    struct error damage;
};

struct xml_stream {
    struct input *input;
    uint64_t max_record;
    struct events events;
    bool failed;
    struct error failure;
    char piece[PIECE_SIZE];
};

struct xml_parser {
    struct events events;
};

static uint64_t position_of(const struct events *events) {
    long consumed = events->parser ? xmlByteConsumed(events->parser) : -1;
    return consumed >= 0 ? (uint64_t)consumed : events->fed;
}

uint64_t xml_stream_position(const struct xml_stream *stream) {
    return position_of(&stream->events);
}

/* The document goes on: it is not silence that --max-record bounds, and after an error libxml2 must not drop "&lt;" and
 * its like. */
static struct events *on_event(void *context) {
    struct events *events = ((xmlParserCtxtPtr)context)->_private;
    events->quiet = 0;
    events->parser->wellFormed = 1;
    return events;
}

static void halt(struct events *events, const char *reason) {
    events->halted = reason;
    xmlStopParser(events->parser);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int count, int defaulted, const xmlChar **attributes) {
    (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
    struct events *events = on_event(context);
    if (events->depth == DEPTH_MAX) {
        halt(events, "elements are nested deeper than 256");
        return;
    }
    struct xml_attributes list = {attributes, (size_t)count};
    events->handlers->start(events->context, (const char *)name, &list, events->depth++);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    (void)prefix, (void)uri;
    struct events *events = on_event(context);
    if (events->depth > 0)
        events->handlers->end(events->context, (const char *)name, --events->depth);
}

static void on_text(void *context, const xmlChar *text, int size) {
    struct events *events = on_event(context);
    if (!events->halted && !events->stopped)
        events->handlers->text(events->context, (struct span){(const char *)text, (size_t)size});
}

/* No entity but XML's own five is ever expanded. */
static xmlEntityPtr on_entity(void *context, const xmlChar *name) {
    (void)context;
    return xmlGetPredefinedEntity(name);
}

/* Only the first damage is kept: later ones usually follow from it. */
static void on_error(void *context, xmlErrorPtr error) {
    struct events *events = ((xmlParserCtxtPtr)context)->_private;
    if (events->damaged || events->stopped || error->level < XML_ERR_ERROR)
        return;
    events->damaged = true;
    if (events->ended && events->depth > 0 && position_of(events) >= events->fed) {
        error_set(&events->damage, ERROR_DATA, events->fed, "XML: the input ends within an element");
        return;
    }
    size_t length = error->message ? strcspn(error->message, "\n") : 0;
    error_set(&events->damage, ERROR_DATA, position_of(events), "XML: %.*s", (int)(length < 200 ? length : 200),
              error->message ? error->message : "");
}

static void set_handlers(xmlSAXHandler *handler) {
    memset(handler, 0, sizeof *handler);
    xmlSAXVersion(handler, 2);
    handler->startElementNs = on_start;
    handler->endElementNs = on_end;
    handler->characters = on_text;
    handler->cdataBlock = on_text;
    handler->ignorableWhitespace = on_text;
    handler->serror = on_error;
    handler->getEntity = on_entity;
    handler->comment = NULL;
    handler->processingInstruction = NULL;
    handler->reference = NULL;
    handler->internalSubset = NULL;
    handler->externalSubset = NULL;
    handler->entityDecl = NULL;
    handler->getParameterEntity = NULL;
    handler->resolveEntity = NULL;
}

/* NOENT: otherwise "&amp;" in an attribute is handed over as "&#38;". on_entity sees to it that nothing else is
 * expanded. */
#define PARSER_OPTIONS (XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT)

static void free_parser(xmlParserCtxtPtr parser) {
    if (!parser)
        return;
    if (parser->myDoc)
        xmlFreeDoc(parser->myDoc);
    parser->myDoc = NULL;
    xmlFreeParserCtxt(parser);
}

/* ---- streams ---- */

void xml_initialize(void) {
    xmlInitParser();
}

struct xml_stream *xml_stream_new(struct input *input, const struct xml_handlers *handlers, void *context,
                                  uint64_t max_record) {
    struct xml_stream *stream = memory_zeroed(1, sizeof *stream);
    stream->input = input;
    stream->events.handlers = handlers;
    stream->events.context = context;
    stream->max_record = max_record;
    return stream;
}

void xml_stream_free(struct xml_stream *stream) {
    if (!stream)
        return;
    free_parser(stream->events.parser);
    free(stream);
}

static int start_parser(struct xml_stream *stream, struct error *error) {
    xmlSAXHandler handler;
    set_handlers(&handler);
    struct events *events = &stream->events;
    events->parser = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
    if (!events->parser)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "libxml2 gives no XML parser");
    events->parser->_private = events;
    xmlCtxtUseOptions(events->parser, PARSER_OPTIONS);
    return 0;
}

/* Keeps the error, so that every later step gives it again. */
static int fail(struct xml_stream *stream, struct error *error) {
    stream->failed = true;
    stream->failure = *error;
    return -1;
}

int xml_stream_step(struct xml_stream *stream, struct error *error) {
    struct events *events = &stream->events;
    if (stream->failed) {
        *error = stream->failure;
        return -1;
    }
    if (events->ended)
        return 0;
    ssize_t got = input_read(stream->input, stream->piece, sizeof stream->piece, error);
    if (got < 0 || (!events->parser && start_parser(stream, error) < 0))
        return fail(stream, error);
    /* A short count may come before an error as well as before the end. */
    events->ended = got == 0;
    events->fed += (uint64_t)got;
    events->quiet += (uint64_t)got;
    xmlParseChunk(events->parser, stream->piece, (int)got, events->ended);
    if (!events->halted && events->quiet > stream->max_record)
        halt(events, "a tag is longer than --max-record");
    if (events->halted) {
        error_set(error, ERROR_DATA, xml_stream_position(stream), "XML: %s", events->halted);
        return fail(stream, error);
    }
    if (events->parser->disableSAX && !events->ended) {
        *error = events->damage;
        return fail(stream, error);
    }
    return 1;
}

bool xml_stream_take_damage(struct xml_stream *stream, struct error *error) {
    bool damaged = stream->events.damaged;
    stream->events.damaged = false;
    if (damaged)
        *error = stream->events.damage;
    return damaged;
}

/* ---- documents in memory ---- */

struct xml_parser *xml_parser_new(void) {
    struct xml_parser *parser = memory_zeroed(1, sizeof *parser);
    xmlParserCtxtPtr libxml = xmlNewParserCtxt();
    if (!libxml)
        memory_exhausted();
    set_handlers(libxml->sax);
    libxml->_private = &parser->events;
    parser->events.parser = libxml;
    return parser;
}

void xml_parser_free(struct xml_parser *parser) {
    if (!parser)
        return;
    free_parser(parser->events.parser);
    free(parser);
}

bool xml_parse(struct xml_parser *parser, struct span document, const char *encoding,
               const struct xml_handlers *handlers, void *context, struct error *damage) {
    struct events *events = &parser->events;
    xmlParserCtxtPtr libxml = events->parser;
    *events = (struct events){
        .handlers = handlers, .context = context, .parser = libxml, .fed = document.size, .ended = true};
    if (document.size > INT_MAX)
        error_set(&events->damage, ERROR_DATA, 0, "XML: a document of over 2 GiB");
    else
        /* Without handlers that build it the tree is empty, but it is there. */
        xmlFreeDoc(xmlCtxtReadMemory(libxml, document.data, (int)document.size, NULL, encoding, PARSER_OPTIONS));
    if (events->halted)
        error_set(&events->damage, ERROR_DATA, position_of(events), "XML: %s", events->halted);
    if (events->damage.code != ERROR_NONE)
        *damage = events->damage;
    return events->damage.code == ERROR_NONE;
}

void xml_parser_stop(struct xml_parser *parser) {
    parser->events.stopped = true;
    xmlStopParser(parser->events.parser);
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
