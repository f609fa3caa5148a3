/* The agent's process, as /proc shows it. */
#pragma once

#include "base/cleanup.h"

#include <sys/types.h>

/* The agent that runs in this network namespace, if its user is root or the caller; 0 if there is none, and -EACCES where
 * there is one of which the caller may not see so much. */
pid_t process_find_agent(void);

/* Its options, without the program's name, and of its environment what are settings.  Both end with a NULL, and are finished by
 * process_words_free().  Returns 0 or a fault. */
int process_read_words(pid_t process, char ***ret_options, char ***ret_settings);

void process_words_free(char **words);
DEFINE_CLEANUP(char **, process_words_free)
