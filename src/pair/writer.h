/* Dialogue records out of threads and texts: which fields they inherit and how they are named. One writer a thread of
 * execution. */
#ifndef PAIR_WRITER_H
#define PAIR_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "pair/thread.h"

struct pair_options {
    struct thread_options thread; /* max_turns holds for texts too */
    bool keep_documents;
};

struct pair_writer;

/* options are borrowed. */
struct pair_writer *pair_writer_new(const struct pair_options *options);
void pair_writer_free(struct pair_writer *writer);
/* Where pair_writer_document appends whole lines; the caller clears it. */
struct bytes *pair_writer_output(struct pair_writer *writer);
/* Writes the dialogues of one text; their ids are the document's id, a colon and a number from 1. */
int pair_writer_document(struct pair_writer *writer, const struct record *record, size_t *found, struct error *error);
/* Takes the line of a dialogue. */
typedef void pair_take(void *context, struct span line);
/*
 * Hands on the dialogues of a thread's posts one by one, for a thread's paths can be far longer than its posts; origin
 * is the first post's record. Their ids are that of the last post in them. Sets the posts' used; one of a dialogue
 * beyond the length of a record is none of it.
 */
int pair_writer_thread(struct pair_writer *writer, const struct record *origin, struct post *posts, size_t count,
                       pair_take *take, void *context, size_t *found, struct error *error);

#endif
