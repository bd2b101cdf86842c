/* Compiled for any processor; it holds no code of its own. */
#define PIECE_STARTS piece_starts_plain
#include "token/piece_starts.inc"
