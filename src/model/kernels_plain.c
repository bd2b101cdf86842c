/*
 * The kernels compiled for any processor (flags in the Makefile). It holds no code of its own: the loops are in the
 * included files, the choice is in kernels.c.
 */
#include "model/kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/kernels_sets.h"

#define LANES 4
#define ROW_BLOCK 4
#define KERNELS_TABLE kernels_plain
#define KERNELS_NAME "plain"

#include "model/kernels_rows.inc"
#include "model/kernels_update.inc"

#include "model/kernels_attention.inc"

#include "model/kernels_set.inc"
