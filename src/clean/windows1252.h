/* Windows-1252, the code page behind nearly all mojibake: its bytes 80..9F and the characters they stand for. */
#ifndef CLEAN_WINDOWS1252_H
#define CLEAN_WINDOWS1252_H

#include <stdint.h>

/* The character of byte 80..9F; the five bytes that have none give the C1 control of the same number. */
uint32_t windows1252_decode(uint8_t byte);
/* The byte 80..BF behind a character: of 80..9F by Windows-1252 or as C1 control, of A0..BF as in Latin-1. 0 for other
 * characters. */
uint8_t windows1252_encode(uint32_t code);

#endif
