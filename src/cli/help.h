/* What --help prints, from the rows. */
#pragma once

#include "cli/command.h"

/* All commands; of one noun if 'noun' is not NULL. */
void help_commands(const struct commands *const *groups, size_t group_count, const char *noun,
		   const struct argument_rows *shared);
void help_command(const struct command *command, const struct argument_rows *shared);
