/* Calls about several things, which succeed although some of them were refused. */
#pragma once

#include "cli/command.h"

/* Asks for all ids of the command, in the list 'parameter'.  The first that was refused is the refusal. */
int unsuccessful_call(struct invocation *invocation, const char *action, const char *parameter);
