/* The file under a SQLite store: made, copied beside, put in place.  Paths are of the database; what SQLite keeps beside it
 * ("-wal", "-shm") goes along. */
#pragma once

#include "store/driver.h"

#include <limits.h>

/* Makes an empty file that only its owner may open; one that is there is left alone. */
int sqlite_file_make(const char *path);

/* Makes an empty file beside 'path', to be filled with what shall replace it. */
int sqlite_file_begin(const char *path, char ret_beside[PATH_MAX]);

/* Makes the filled file durable, under its final name. */
int sqlite_file_finish(const char *beside, const char *path);

/* For struct driver. */
int sqlite_file_stage(const char *location, const char *path, char *ret_staged);
int sqlite_file_replace(const char *location, const char *staged, const char *aside);
