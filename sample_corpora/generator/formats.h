/* One writer a file format: each appends the whole content of a file. language counts only where a file has one
 * language. */
#ifndef GENERATOR_FORMATS_H
#define GENERATOR_FORMATS_H

#include "sample.h"

typedef int format_writer(struct sample *sample, size_t language, struct bytes *out, struct error *error);

format_writer write_chats;        /* messages as JSON Lines */
format_writer write_sharegpt;     /* one JSON array of conversations */
format_writer write_transcript;   /* "Customer: …" */
format_writer write_faq;          /* "Q: …" "A: …" */
format_writer write_wiki;         /* MediaWiki export */
format_writer write_posts;        /* Stack Exchange Posts.xml */
format_writer write_warc;         /* WARC 1.1, one gzip member a record */
format_writer write_wet;          /* WARC 1.0 conversion records, one gzip member a record */
format_writer write_html_article; /* one page, in the legacy encoding of its language where it has one */
format_writer write_html_thread;
format_writer write_html_faq;

#endif
