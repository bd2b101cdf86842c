/*
 * Mojibake: UTF-8 that was read in another code page, once or several times over ("fÃ¶r", "â€™", "ÃƒÂ©", "вЂ™", "√©").
 */
#ifndef CLEAN_MOJIBAKE_H
#define CLEAN_MOJIBAKE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "clean/codepages.h"

/* True for characters at which mojibake shows: only where mojibake_shows says so of one in a text is anything repaired.
 */
bool mojibake_may_show(const struct codepages *pages, uint32_t code);
/* Whether mojibake may end with the character `code` at text.data[at], which is one of those. */
bool mojibake_shows(const struct codepages *pages, struct span text, size_t at, uint32_t code);

/*
 * Undoes mojibake in valid UTF-8: returns true and appends the repaired text to *out where anything was repaired, else
 * appends nothing. Conservative: a line is repaired whole where all of it beyond ASCII makes sense in one code page and
 * good text cannot hold some of it; else single sequences that good text cannot hold, and likely ones beside them. Also
 * reads C1 controls as the Windows-1252 characters they were. Repairing the result again changes nothing.
 */
bool mojibake_repair(const struct codepages *pages, struct span text, struct bytes *out);

#endif
