/* A command is a row: its words, its arguments, what it does.  Help and dispatch come from the row. */
#pragma once

#include "base/refusal.h"
#include "cli/arguments.h"
#include "sdk/tmirror.h"

#include <stdbool.h>
#include <stddef.h>

struct noun;

/* One running of a command. */
struct invocation {
	const struct command *command;
	struct arguments arguments;
	struct tmirror_client *client; /* NULL for a command that calls nothing. */
	bool json;                     /* Else tables. */
	bool colour;
	struct refusal misuse;      /* With COMMAND_MISUSED and COMMAND_FAILED. */
	struct tmirror_error error; /* With enum tmirror_result. */
};

/* What a command returns besides 0, a negative errno and enum tmirror_result; 'misuse' says why. */
enum {
	COMMAND_MISUSED = 100, /* The arguments make no sense. */
	COMMAND_FAILED,        /* They do, but this machine does not let us. */
	COMMAND_UNWELL,        /* All has been said, and it is not good. */
	COMMAND_DIFFERENT,     /* All is well, and what was asked about is not as it should be. */
};

typedef int command_function(struct invocation *invocation);

struct command {
	const char *noun; /* NULL for a command of one word. */
	const char *verb;
	const char *help; /* A phrase. */
	const char *more; /* Paragraphs for its own --help, or NULL. */
	struct argument_rows arguments;
	command_function *run;
	const struct noun *about; /* With the functions of noun.h. */
	bool offline;             /* Needs no client. */
	bool hopeful;             /* Does without a client where none can be made. */
};

struct commands {
	const struct command *rows;
	size_t count;
};

/* One for each file. */
extern const struct commands balancer_commands, listener_commands;
extern const struct commands interface_commands, target_commands, filter_commands, rule_commands,
	peek_commands, session_commands, mirror_commands, status_commands, explain_commands,
	receive_commands, group_commands, host_commands, enrolment_commands, host_key_commands,
	member_commands, share_commands, account_commands, user_commands, key_commands,
	policy_commands, quota_commands, change_commands, console_commands, event_commands,
	usage_commands, watch_commands, completion_commands, manual_commands, role_commands,
	fleet_commands, endpoint_service_commands, vpc_endpoint_commands, apply_commands,
	selector_commands, doctor_commands, support_commands;

#define ROWS(array)                      \
	{                                \
		array, ARRAY_SIZE(array) \
	}

/* The value of an argument, or NULL. */
static inline const char *invocation_get(const struct invocation *invocation, const char *name)
{
	return arguments_get(&invocation->arguments, name);
}

/* A number among the arguments; '*ret_number' stays as it is if there is none.  Returns 0 or COMMAND_MISUSED. */
int invocation_number(struct invocation *invocation, const char *name, unsigned long long least,
		      unsigned long long most, unsigned long long *ret_number);

/* Makes a request of the command's arguments. */
int invocation_request(struct invocation *invocation, const char *action,
		       struct tmirror_request **ret_request);

/* The same, for what it finds: the items of 'set'. */
int invocation_pages(struct invocation *invocation, const char *action, const char *set,
		     struct tmirror_pages **ret_pages);

int invocation_call(struct invocation *invocation, const struct tmirror_request *request,
		    struct tmirror_response **ret_response);

/* Refuses in the API's manner what the API was never asked.  Returns TMIRROR_REFUSED. */
int invocation_refused(struct invocation *invocation, const char *code, const char *format, ...)
	_printf_(3, 4);

#define invocation_misused(invocation, ...) \
	((void)refuse(&(invocation)->misuse, 0, __VA_ARGS__), COMMAND_MISUSED)

DEFINE_CLEANUP(struct tmirror_request *, tmirror_request_free)
DEFINE_CLEANUP(struct tmirror_response *, tmirror_response_free)
DEFINE_CLEANUP(struct tmirror_pages *, tmirror_pages_free)
