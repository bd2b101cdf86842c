/* Dialogues of a thread of posts: the paths of its reply tree. */
#ifndef PAIR_THREAD_H
#define PAIR_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "pair/dialogue.h"

/* One post; spans are borrowed. */
struct post {
    struct span id, parent, author, title, text;
    bool has_score;
    double score;
    bool used; /* set by thread_pair where the post stands in a dialogue */
};

struct thread_options {
    size_t max_turns; /* longer paths are cut into pieces; even, >= 2 */
    bool best_only;   /* follow the best-scored answer at each post instead of all of them */
    double min_score; /* a post below it, and what answers it, stands in no dialogue; -INFINITY: all */
};

/* Takes turns [from, to); end is the index of the last post in them. Returns 0, 1 where it does not want them, or -1.
 */
typedef int thread_emit(void *context, const struct dialogue *dialogue, size_t from, size_t to, size_t end,
                        struct error *error);

/*
 * Builds the reply tree of posts (in input order) and hands on a dialogue for each path from a root to a leaf. A post
 * without a parent answers the one before it, as in a forum's linear thread, unless it is the first; one whose parent
 * is missing starts a path; a parent link that would close a circle is cut. The first author of a path is the user, and
 * the role changes with the author; posts of one author in a row are one turn. Linear in the number of posts, but for
 * the shared beginnings of pieces.
 */
int thread_pair(struct post *posts, size_t count, const struct thread_options *options, struct dialogue *dialogue,
                thread_emit *emit, void *context, struct error *error);

#endif
