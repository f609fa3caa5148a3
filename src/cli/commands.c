// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "base/count.h"

#include <string.h>

static const struct argument_row shared_rows[] = {
	{.name = "output",
	 .letter = 'o',
	 .value = "table|json",
	 .help = "How to print; json has the fields of the API",
	 .form = FORM_OWN},
	{.name = "credentials",
	 .value = "FILE",
	 .help = "Keys and endpoint (else the environment, var/credentials.env, "
		 "/var/lib/tmirror/credentials.env, or the profile)",
	 .form = FORM_OWN},
	{.name = "profile",
	 .value = "NAME",
	 .help = "A profile of ~/.aws/credentials and ~/.aws/config (else AWS_PROFILE, or default)",
	 .form = FORM_OWN},
	{.name = "help",
	 .letter = 'h',
	 .help = "Show this",
	 .form = FORM_OWN,
	 .is_switch = true,
	 .repeated = true},
	{.name = "version", .help = "Show the version", .form = FORM_OWN, .is_switch = true},
};
const struct argument_rows shared_arguments = ROWS(shared_rows);

static const struct commands *const groups[] = {
	&mirror_commands,       &apply_commands,     &status_commands,
	&doctor_commands,       &support_commands,   &explain_commands,
	&peek_commands,         &receive_commands,   &interface_commands,
	&target_commands,       &share_commands,     &filter_commands,
	&rule_commands,         &session_commands,   &selector_commands,
	&host_commands,         &enrolment_commands, &host_key_commands,
	&account_commands,      &user_commands,      &key_commands,
	&policy_commands,       &role_commands,      &quota_commands,
	&balancer_commands,     &listener_commands,  &group_commands,
	&member_commands,       &fleet_commands,     &endpoint_service_commands,
	&vpc_endpoint_commands, &usage_commands,     &event_commands,
	&change_commands,       &console_commands,   &watch_commands,
	&completion_commands,   &manual_commands,
};

const struct command *commands_next(const struct command *command)
{
	bool found = !command;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		const struct command *rows = groups[i]->rows;
		size_t count = groups[i]->count;

		if (found && count > 0)
			return rows;
		if (command >= rows && command < rows + count) {
			if (command + 1 < rows + count)
				return command + 1;
			found = true;
		}
	}
	return NULL;
}

const struct command *commands_find(const char *noun, const char *verb)
{
	const struct command *command = NULL;

	while ((command = commands_next(command))) {
		if (!command->noun && strcmp(command->verb, noun) == 0)
			return command;
		if (command->noun && verb && strcmp(command->noun, noun) == 0 &&
		    strcmp(command->verb, verb) == 0)
			return command;
	}
	return NULL;
}

bool commands_have_noun(const char *noun)
{
	const struct command *command = NULL;

	while ((command = commands_next(command)))
		if (command->noun && strcmp(command->noun, noun) == 0)
			return true;
	return false;
}

bool commands_begin_noun(const struct command *command)
{
	const struct command *other = NULL;

	if (!command->noun)
		return true;
	while ((other = commands_next(other)) != command)
		if (other->noun && strcmp(other->noun, command->noun) == 0)
			return false;
	return true;
}
