/*
 * Stable names in the place of personal data: a keyed hash, so that the same address or person gets the same name
 * wherever it stands, and nobody without the key can tell which it was by trying.
 */
#ifndef CLEAN_PSEUDONYM_H
#define CLEAN_PSEUDONYM_H

#include "base/bytes.h"
#include "base/error.h"

/* A key; immutable once made, so that threads share it. */
struct pseudonyms;

/* Reads a key of at least 16 bytes from a file (a line end after it is no part of it). On failure *pseudonyms is NULL.
 */
int pseudonyms_load(struct pseudonyms **pseudonyms, const char *path, struct error *error);
void pseudonyms_free(struct pseudonyms *pseudonyms);

/*
 * Appends the name, ten letters and digits: the first 50 bits of the HMAC-SHA-256 (RFC 2104) of what was found, in
 * base 32. Ways of writing are the same: capitals and small letters, and of numbers the blanks, brackets, hyphens and
 * signs around them. An @ or u/ in front does
 * not count.
 */
void pseudonym_append(const struct pseudonyms *pseudonyms, struct span found, struct bytes *out);

#endif
