/*
 * Mojibake: UTF-8 that was read as Windows-1252 or Latin-1, once or several times over ("fÃ¶r", "â€™", "ÃƒÂ©").
 */
#ifndef CLEAN_MOJIBAKE_H
#define CLEAN_MOJIBAKE_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Undoes mojibake in valid UTF-8: returns true and appends the repaired text to *out where anything was repaired, else
 * appends nothing. Conservative: a sequence is repaired only where good text cannot hold it, or where such a one stands
 * elsewhere in the text. Also reads C1 controls as the Windows-1252 characters they were. Repairing the result again
 * changes nothing.
 */
bool mojibake_repair(struct span text, struct bytes *out);

#endif
