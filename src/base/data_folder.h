/* Where the files stand that the programs bring along (filters, schemas): beside the program, or where make install put
 * them. */
#ifndef BASE_DATA_FOLDER_H
#define BASE_DATA_FOLDER_H

#include "base/bytes.h"
#include "base/error.h"

/*
 * Sets *path to the path of `name` ("filters/gopher.rules"). Installed: ../share/gpt-tools beside bin. Built: the
 * nearest folder above the program that has it. Last, the folder that was given to make install. ERROR_SYSTEM where it
 * is in none of these.
 */
int data_folder_find(const char *name, struct bytes *path, struct error *error);

#endif
