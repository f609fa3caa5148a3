/* The agent's process, as /proc shows it.
 *
 * The hard idea is whom to believe.  Anybody may call a program of his by the agent's name, or start the agent's own with settings of
 * his; so the agent is who runs this very program in this network namespace, and is root, the caller, or holds CAP_NET_ADMIN here
 * as a packaged agent does: who has that rules this network anyway. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t id; /* 0: there is none. */
	uid_t user;
	gid_t group;
	bool replaced; /* The program that it runs is no longer the one in that place. */
};

/* The agent that runs 'program'.  Returns 0, and -EACCES where there is one of which the caller may not see so much. */
int process_find_agent(const char *program, struct process *ret_process);

/* Its options, without the program's name, and of its environment what are settings.  Both end with a NULL, and are finished by
 * process_words_free().  Returns 0 or a fault. */
int process_read_words(pid_t process, char ***ret_options, char ***ret_settings);

void process_words_free(char **words);
DEFINE_CLEANUP(char **, process_words_free)
