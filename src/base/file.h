/* Small files, whole. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Reads a file of at most 'maximum' bytes; the result ends with a NUL that 'ret_size' (may be NULL) leaves
 * out, and is the caller's to free.  Returns 0, -EFBIG, or the errno of open(2) and read(2). */
int file_read(const char *path, size_t maximum, char **ret_data, size_t *ret_size);

/* The same for a file that somebody put there who need not be trusted: neither a symbolic link nor what is no plain file is
 * read, which are -ELOOP and -EINVAL, and nothing blocks. */
int file_read_plain(const char *path, size_t maximum, char **ret_data, size_t *ret_size);

/* Replaces a file so that after a crash or power loss either the old content is there or the new: written
 * beside, synced, renamed, directory synced.  The file never exists with a wider mode than 'mode'. */
int file_replace(const char *path, const void *data, size_t size, mode_t mode);

/* Makes a directory and its missing parents.  An existing one is left as it is. */
int directory_make(const char *path, mode_t mode);
