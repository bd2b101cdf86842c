/*
 * The C++ half of simdjson_c.h, and all the C++ there is. It knows nothing of records, limits or errors of ours; it
 * hands out simdjson's tape and token offsets. The offsets are those of simdjson's first stage, which it keeps in a
 * member that is public but not part of its documented interface: finding them again would cost a second pass over
 * every line. tests/unit/json.c fails should they ever mean something else.
 */
#include <new>

#include <simdjson.h>

#include "base/simdjson_c.h"

struct simdjson_parser {
    simdjson::dom::parser parser;
};

extern "C" {

const size_t simdjson_padding = simdjson::SIMDJSON_PADDING;

struct simdjson_parser *simdjson_parser_new(void) {
    return new (std::nothrow) simdjson_parser;
}

void simdjson_parser_free(struct simdjson_parser *parser) {
    delete parser;
}

const char *simdjson_parse(struct simdjson_parser *self, const char *text, size_t size, size_t capacity, size_t depth,
                           struct simdjson_result *result) {
    simdjson::dom::parser &parser = self->parser;
    simdjson::error_code error = simdjson::SUCCESS;
    if (parser.capacity() < size || parser.max_depth() != depth)
        error = parser.allocate(capacity, depth);
    if (!error)
        error = parser.parse(text, size, false).error();
    if (error)
        return simdjson::error_message(error);
    result->tape = parser.doc.tape.get();
    result->strings = reinterpret_cast<const char *>(parser.doc.string_buf.get());
    result->offsets = parser.implementation->structural_indexes.get();
    result->offset_count = parser.implementation->n_structural_indexes;
    return nullptr;
}

bool simdjson_is_utf8(const char *text, size_t size) {
    return simdjson::validate_utf8(text, size);
}
}
