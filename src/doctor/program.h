/* Runs another program for what it prints. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct program_call {
	const char *const *arguments;   /* End with a NULL, as the environment does. */
	const char *const *environment; /* All of it: nothing is the caller's. */
	size_t maximum;
	/* Whom to run it as, which only root can choose; 0: as the caller.  It gets no terminal, by which it could type for him. */
	uid_t user;
	gid_t group;
};

/* Standard output and error together, the caller's to free: of more than 'maximum' bytes the last ones.  A name without a slash
 * is looked for where a system has its programs, whatever PATH says.  Returns its exit status, 128 if a signal ended it, or
 * the fault of starting it, such as -ENOENT. */
int program_read(const struct program_call *call, char **ret_output);

/* Where a daemon of ours is: beside this program, or where daemons are.  Returns 0 or -ENOENT. */
int program_find_daemon(const char *name, size_t size, char *ret_path);
