/*
 * A directory that appears whole or not at all: written as ".NAME.partial" beside its place, fsynced, renamed; an
 * existing one is exchanged with it in one step where the file system can. Private to checkpoint.c but for tests.
 */
#ifndef MODEL_DIRECTORY_H
#define MODEL_DIRECTORY_H

#include "base/bytes.h"
#include "base/error.h"

/* Creates the empty temporary directory, after removing what an interrupted process left there. Its path is appended to
 * *partial. */
int directory_begin(const char *path, struct bytes *partial, struct error *error);
/* Puts the temporary directory in the place of path; on failure it is removed and path is as it was. */
int directory_commit(const char *path, const char *partial, struct error *error);
/* Removes a directory with all in it (symlinks are not followed); absent is no error. */
int directory_remove(const char *path, struct error *error);
/* fsync of a directory itself. */
int directory_sync(const char *path, struct error *error);

#endif
