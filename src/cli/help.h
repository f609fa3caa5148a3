/* What --help prints, from the rows. */
#pragma once

#include "cli/command.h"

/* All commands; of one noun if 'noun' is not NULL. */
void help_commands(const char *noun);
void help_command(const struct command *command);
