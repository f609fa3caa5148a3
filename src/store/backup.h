/* A store's content as a file that can be carried away, and put back.
 *
 * Such a file is a plain SQLite database, readable by its owner only.  Secrets in it are as sealed as they are in the
 * store, and the key to them is not part of it. */
#pragma once

#include <limits.h>
#include <stdint.h>

struct refusal;

struct backup {
	int schema;   /* Version of the schema. */
	int64_t size; /* Bytes of the file. */
	char aside
		[PATH_MAX]; /* By restoring: where the old store is kept; empty if there was none. */
};

/* Writes what the store holds at one moment, while others read and write it.  A file of that name is replaced whole, once
 * the store was found sound.  Returns 0, REFUSED (there is no store, or none that is a file; it is damaged) or a fault. */
int store_backup(const char *location, const char *path, struct backup *ret_backup,
		 struct refusal *why);

/* Puts a backup in the place of a store that nobody uses, which is kept aside under a name with 'now' (milliseconds since
 * 1970) in it.  Refuses a file that is no whole store, or one of a newer version; then nothing has changed. */
int store_restore(const char *location, const char *path, int64_t now, struct backup *ret_backup,
		  struct refusal *why);
