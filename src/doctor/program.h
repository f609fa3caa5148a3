/* Runs another program for what it prints. */
#pragma once

#include <stddef.h>

/* Both lists end with a NULL.  Standard output and error together, the caller's to free, of at most 'maximum' bytes; the rest is read and dropped.  The
 * program is looked for in PATH unless it has a slash.  Returns its exit status, 128 if a signal ended it, or the fault of
 * starting it, such as -ENOENT. */
int program_read(const char *const *arguments, const char *const *environment, size_t maximum,
		 char **ret_output);
