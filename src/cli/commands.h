/* All commands there are, for whoever walks through them: dispatch, help, completion, the manual. */
#pragma once

#include "cli/command.h"

/* The first one after NULL, and NULL after the last.  Those of a noun lie together. */
const struct command *commands_next(const struct command *command);

const struct command *commands_find(const char *noun, const char *verb);
bool commands_have_noun(const char *noun);
/* Whether the command is the first of its noun, or has none. */
bool commands_begin_noun(const struct command *command);

/* Arguments of every command. */
extern const struct argument_rows shared_arguments;

/* What tmirror ends with. */
enum exit_status {
	EXIT_DONE,
	EXIT_REFUSED,     /* The API said no; or the machine did. */
	EXIT_MISUSED,     /* The command line makes no sense. */
	EXIT_UNREACHABLE, /* Nobody said anything. */
	EXIT_DIFFERENT,   /* apply --dry-run --exit-status found something to do. */
};
