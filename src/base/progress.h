/* A line on stderr with rate and time left, redrawn at most four times a second, on a terminal only unless asked for.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

#include "base/options.h"

struct progress;

struct progress *progress_new(const struct common_options *options); /* a silent one where not wanted; never NULL */
/* done/total in bytes of input (total 0: unknown); what: a short text such as "12034 records". Cheap to call often. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total, const char *what);
/* The same for work that is counted in steps, of which `share` (0 to 1) is done: "12034 of 32768 merges, 91 %, 0:02
 * left". */
void progress_show_steps(struct progress *progress, uint64_t done, uint64_t total, const char *what, double share);
void progress_clear(struct progress *progress);           /* wipes the line before other output */
double progress_seconds(const struct progress *progress); /* since progress_new */
void progress_free(struct progress *progress);

#endif
