/* Compressed members in memory, and files whose bytes are final: base/output.h knows neither bzip2, xz nor one gzip
 * member a record. */
#ifndef GENERATOR_COMPRESS_H
#define GENERATOR_COMPRESS_H

#include "base/bytes.h"
#include "base/error.h"

/* Each appends one member that stands alone. */
int compress_gzip(struct span data, struct bytes *out, struct error *error);
int compress_bzip2(struct span data, struct bytes *out, struct error *error);
int compress_xz(struct span data, struct bytes *out, struct error *error);
/* Writes content under a name as it is, whatever the name ends in. */
int save_bytes(const char *path, struct span content, struct error *error);

#endif
