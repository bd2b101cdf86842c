/*
 * The reading side of gpt-crawl: file after file, recognised, opened, and cut into batches of entries that have their
 * ids.
 */
#ifndef CRAWL_INTAKE_H
#define CRAWL_INTAKE_H

#include "crawl/format.h"
#include "crawl/walk.h"

/* A batch ends at this many bytes of entries, or at this many entries. */
#define INTAKE_BATCH_SIZE ((size_t)1 << 18)
#define INTAKE_BATCH_ENTRIES 512
/* So many ids made from bytes are remembered (8 bytes each) to tell equal entries apart; from then on every such id
 * carries its ordinal. */
#define INTAKE_IDS_MAX ((size_t)4 << 20)

struct intake_batch {
    struct crawl_entry *entries[INTAKE_BATCH_ENTRIES]; /* NULL beyond what was ever needed */
    size_t count;
    size_t size;      /* bytes of all entries' data */
    struct bytes out; /* the records they gave */
};

struct intake;

/* files and options are borrowed; format NULL: each file is recognised by content. */
struct intake *intake_new(const struct file_list *files, const struct crawl_format *format,
                          const struct crawl_options *options);
void intake_free(struct intake *intake);
/* 1 filled, 0 at the end, -1 error. A file that cannot be read on is a broken entry, not an error. */
int intake_fill(struct intake *intake, struct intake_batch *batch, struct error *error);
uint64_t intake_bytes(const struct intake *intake);     /* decompressed, of all files closed so far */
uint64_t intake_raw_bytes(const struct intake *intake); /* taken from files so far; may be asked on any thread */

struct intake_batch *intake_batch_new(void);
void intake_batch_clear(struct intake_batch *batch); /* gives large memory back */
void intake_batch_free(struct intake_batch *batch);

#endif
