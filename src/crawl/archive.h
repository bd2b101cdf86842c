/*
 * What WARC and ARC have in common: records one after the other, each a header that tells the length of the block after
 * it, and payloads that are pages, often within an HTTP response. Readers recover from damage here, and converters turn
 * payloads into documents.
 */
#ifndef CRAWL_ARCHIVE_H
#define CRAWL_ARCHIVE_H

#include "crawl/format.h"

/* Blocks up to this size are held even where they are not wanted, since a wrong length may have taken in records. */
#define ARCHIVE_HELD_SIZE ((uint64_t)1 << 20)

struct archive_reader;

/* How the records of one format look. */
struct archive_layout {
    /* Whether a record begins with text, which stands at the start of a line; start_size bytes of it are there, or all
     * that is left. */
    bool (*is_start)(struct span text);
    size_t start_size;     /* at most 8 KiB */
    const char *separator; /* what ends a block and tells that its length is right whatever follows; NULL for none */
    /* The same for the first bytes of a gzip member or zstd frame. */
    bool (*begins_member)(struct span text);
    /* Reads the record at the input's place, with archive_read_block. 1 read, -1 error. */
    int (*read_record)(struct archive_reader *reader, struct crawl_entry *entry, struct error *error);
};

struct archive_reader {
    const struct archive_layout *layout;
    struct input *input; /* borrowed */
    uint64_t max_record;
    bool verify;
    bool lost;           /* the last record was broken, so that what lies before the next one belongs to it */
    uint64_t given_back; /* bytes that were read twice so far */
};

enum archive_kind {
    ARCHIVE_RESPONSE, /* data is an HTTP response */
    ARCHIVE_RESOURCE, /* data is a payload; Content-Type in context, where it is known */
    ARCHIVE_TEXT,     /* data is plain text */
    ARCHIVE_CHECKED,  /* only its digests are of interest; then it is skipped for entry->reason */
};

struct archive_reader *archive_open(struct input *input, const struct crawl_options *options,
                                    const struct archive_layout *layout);
/* As next of a format. */
int archive_next(struct archive_reader *reader, struct crawl_entry *entry, struct error *error);
/* Takes size bytes off the input into sink, or past them where it is NULL. 1 done, 0 the input ended before, -1 error.
 */
int archive_take(struct input *input, uint64_t size, struct bytes *sink, struct error *error);
/*
 * Takes the block of a record whose header has been read, into entry->data where the entry is to be converted. A length
 * that is over the limit, or after which neither a record nor the end follows, breaks the entry; what the block took in
 * of later records is given back. 1 taken, -1 error.
 */
int archive_read_block(struct archive_reader *reader, struct crawl_entry *entry, uint64_t length, struct error *error);
/*
 * The view is all that is left, and is not enough. Where that is so because a member from before `position` is damaged:
 * takes the view and gives the damage as an error, -1; else 0.
 */
int archive_check_damage(struct archive_reader *reader, struct span view, uint64_t position, struct error *error);
/* Decimal digits only. */
bool archive_read_length(struct span text, uint64_t *length);

/*
 * The converter of both formats. entry->context holds header lines of the record: Content-Type of a resource, and under
 * --verify the digests, a difference from which breaks the entry.
 */
void archive_convert(struct crawl_entry *entry, struct crawl_converter *converter);

/*
 * Whether data has the digest stated as "algorithm:value" (sha1, sha256, sha512 or md5, in base32 or hexadecimal): 1 it
 * has, 0 it has not, -1 the algorithm is another or the value none of its size.
 */
int digest_check(struct span stated, struct span data);

#endif
