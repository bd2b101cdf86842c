/* The lines of one thread at a time, and their parsed posts. */
#ifndef PAIR_THREAD_BUFFER_H
#define PAIR_THREAD_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/record.h"
#include "pair/thread.h"

struct thread_buffer;

struct thread_buffer *thread_buffer_new(void);
void thread_buffer_free(struct thread_buffer *buffer);
/*
 * Under --grouped: says whether the post of this thread continues the one at hand. A thread that was there before and
 * comes back is an ERROR_DATA; remembers 8 bytes a thread for that.
 */
int thread_buffer_begin(struct thread_buffer *buffer, struct hash128 thread, bool *continues, struct error *error);
/* Copies a post's record line (with its newline). */
void thread_buffer_add(struct thread_buffer *buffer, struct span line);
/* Parses what was added since the last clear; the posts borrow from the buffer and stay valid until the next add or
 * clear. */
int thread_buffer_posts(struct thread_buffer *buffer, struct post **posts, size_t *count, struct error *error);
/* The whole record of a post, valid until the next call. */
int thread_buffer_record(struct thread_buffer *buffer, size_t index, struct record *record, struct error *error);
void thread_buffer_clear(struct thread_buffer *buffer);

#endif
