/*
 * Cuts input streams into batches of whole lines. Cuts depend on the bytes alone, never on read sizes or timing. Lines
 * end at \n only; a CR before it is stripped, a BOM at the start of a file is stripped, empty lines are skipped but
 * counted.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"

#define LINES_BATCH_SIZE ((size_t)1 << 19)

struct line {
    size_t start, size; /* within data */
    uint64_t number;    /* from 1 within its file */
    uint64_t position;  /* byte offset of the line's start within its (decompressed) file */
};

/* One file's lines, up to about LINES_BATCH_SIZE bytes or one longer line. Zero-initialised is valid. */
struct line_batch {
    struct bytes data;
    struct line *lines;
    size_t count, capacity;
    const char *file; /* name for messages; lives as long as the reader */
};

struct line_reader; /* over a list of files, one after the other */

/* paths are borrowed; no path at all means stdin. limit is the longest line (RECORD_LINE_MAX). */
struct line_reader *line_reader_new(const char *const *paths, size_t count, size_t limit);
void line_reader_free(struct line_reader *reader);
/*
 * Fills the batch (its memory is reused): 1 for a batch, 0 at the end of the last file, -1 on error. Before an error
 * every whole line before the damage has been returned; an unterminated last line of a damaged stream is not a line,
 * that of a sound one is. A line over the limit is an ERROR_DATA, after the lines before it.
 */
int line_reader_next(struct line_reader *reader, struct line_batch *batch, struct error *error);
/*
 * Gives the batch's lines from one on back: the next batch begins with them. Does nothing where none would stay, or
 * they are more than half of a batch. Before the next call of line_reader_next only.
 */
void line_reader_return(struct line_reader *reader, struct line_batch *batch, size_t from);
/* These two may be called from another thread than line_reader_next. */
uint64_t line_reader_bytes(const struct line_reader *reader); /* decompressed bytes read so far */
/* Progress: raw bytes read so far and in all (0 where not known). */
void line_reader_progress(const struct line_reader *reader, uint64_t *done, uint64_t *total);
/* Frees what a batch owns. */
void line_batch_release(struct line_batch *batch);

#endif
