/*
 * The chain of repairs that a text goes through, each a step that can be left out. Repairing a repaired text changes
 * nothing.
 */
#ifndef CLEAN_REPAIR_H
#define CLEAN_REPAIR_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "clean/typography.h"
#include "text/normalize.h"

/* In the order they run in. */
enum repair_step {
    REPAIR_UTF8,      /* runs of U+FFFD, what broken bytes were read as, become one */
    REPAIR_ENTITIES,  /* entities.h */
    REPAIR_MOJIBAKE,  /* mojibake.h */
    REPAIR_NORMALIZE, /* normalize.h */
    REPAIR_FOLD,      /* typography.h, where that is asked for */
    REPAIR_CONTROLS,  /* controls.h */
    REPAIR_SPACE,     /* space.h */
    REPAIR_STEP_COUNT
};

#define REPAIR_BIT(step) (1U << (step))
#define REPAIR_ALL (REPAIR_BIT(REPAIR_STEP_COUNT) - 1)

const char *repair_step_name(enum repair_step step);

/* What the steps know of characters; immutable once made, so that threads share it. */
struct repair_tables;

/* What to repair. */
struct repair_options {
    enum normal_form form;
    unsigned steps;               /* REPAIR_BITs of those that may run */
    struct typography typography; /* but for `compose` */
};

/* On failure (ICU's data cannot be loaded) *tables is NULL. */
int repair_tables_new(struct repair_tables **tables, const struct repair_options *options, struct error *error);
void repair_tables_free(struct repair_tables *tables);

/* One thread's; zero-initialised is valid once it has tables. */
struct repair {
    const struct repair_tables *tables; /* borrowed */
    unsigned steps;                     /* REPAIR_BITs of those that run */
    unsigned changed;                   /* REPAIR_BITs of those that changed the last text */
    struct bytes buffers[2];
};

void repair_release(struct repair *repair);

/*
 * Repairs valid UTF-8. *result is text itself where nothing was to be done, else it borrows from the repair until the
 * next call.
 */
int repair_apply(struct repair *repair, struct span text, struct span *result, struct error *error);

#endif
