/*
 * Input streams: a file, "-" for stdin, or memory; gzip (multi-member), zstd (multi-frame, skippable frames), bzip2
 * (multi-stream) and xz (multi-stream) are recognised by content and decoded on the fly. A truncated or corrupt stream
 * is an ERROR_DATA whose message names the file and the byte, given only after every byte before the damage was
 * delivered. So is anything behind the last member but padding (zeros after gzip, zeros in fours after xz): other bytes
 * there are lost data, which gzip(1) only warns of.
 */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

struct input;

/* Opens path ("-" is stdin; a directory is an error). On success *input is owned by the caller; on failure it is NULL.
 */
int input_open(struct input **input, const char *path, struct error *error);
/* As input_open, never decompressing. */
int input_open_raw(struct input **input, const char *path, struct error *error);
/* Reads (and decompresses) from memory that must outlive the stream; name is copied. */
int input_open_memory(struct input **input, const char *name, struct span data, struct error *error);
/* Lets a bzip2 file of many streams be decoded on so many threads; before anything was read. What is read stays the
 * same. */
void input_use_threads(struct input *input, unsigned threads);
void input_close(struct input *input); /* NULL is allowed */

/* Fills as much of buffer as possible: returns size except at the end (short count, then 0), or -1. Never blocks for
 * more than it needs on a pipe: a short count before the end does not happen. */
ssize_t input_read(struct input *input, void *buffer, size_t size, struct error *error);
/* Shows at least `want` bytes that the next read will return (fewer only at the end or before an error); at most 64
 * KiB. */
int input_peek(struct input *input, size_t want, struct span *view, struct error *error);
/* Gives bytes back that were read last: they are read again. Costs a copy of all that waits. */
void input_unread(struct input *input, struct span data);
/*
 * After reading failed with ERROR_DATA in a gzip or zstd file: looks behind the damage for the next member or frame
 * whose first decoded bytes (8 KiB where there are so many) fit, and lets reading go on there. 1 found, with the byte
 * of the file, 0 where there is none, -1 where the file cannot be read.
 */
int input_resume(struct input *input, bool (*fits)(struct span start), uint64_t *position, struct error *error);
/* True where decoding came upon a damaged member or frame, which may be before all bytes before it were delivered;
 * *start is the decoded position at which it begins. */
bool input_is_damaged(const struct input *input, uint64_t *start);
/* Reads a whole stream of at most limit bytes, appended to *bytes. More than limit is an ERROR_DATA. */
int input_read_all(struct input *input, size_t limit, struct bytes *bytes, struct error *error);
/* Opens, reads whole, closes. */
int input_load(const char *path, size_t limit, struct bytes *bytes, struct error *error);

const char *input_name(const struct input *input);      /* the path, or "stdin" */
uint64_t input_position(const struct input *input);     /* decompressed bytes delivered so far */
uint64_t input_raw_position(const struct input *input); /* bytes taken from the file so far */
uint64_t input_raw_size(const struct input *input);     /* of the file, 0 where not known (pipes) */
bool input_is_compressed(const struct input *input);

#endif
