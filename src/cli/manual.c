// SPDX-License-Identifier: Apache-2.0
/* The manual page, from the same rows as --help; for man(7). */
#include "base/count.h"
#include "base/roff.h"
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>

static command_function manual;
static void print_command(const struct command *command);
static void print_rows(const struct argument_rows *arguments);

static const struct command commands[] = {
	{.verb = "manual",
	 .help = "Print the manual page",
	 .more = "tmirror manual | man -l -",
	 .run = manual,
	 .offline = true},
};

const struct commands manual_commands = ROWS(commands);

static const struct {
	enum exit_status status;
	const char *meaning;
} statuses[] = {
	{EXIT_DONE, "Done."},
	{EXIT_REFUSED, "The API refused, or the machine did; standard error says why in one line."},
	{EXIT_MISUSED, "The command line makes no sense, or there are no credentials."},
	{EXIT_UNREACHABLE, "No controller answered."},
	{EXIT_DIFFERENT, "apply --dry-run --exit-status found something to do."},
};

static const struct {
	const char *name, *meaning;
} variables[] = {
	{"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "The caller's key."},
	{"AWS_ENDPOINT_URL", "Where the controller listens, as in https://127.0.0.1:8773."},
	{"AWS_CA_BUNDLE", "The authority of the controller's certificate."},
	{"AWS_REGION", "The region that requests are signed for."},
	{"AWS_PROFILE", "A profile for what the other variables do not say."},
	{"AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE",
	 "Where profiles are; else in ~/.aws/config and ~/.aws/credentials."},
	{"NO_COLOR", "If set: no colours, not even on a terminal."},
};

static int manual(struct invocation *invocation)
{
	const struct command *command = NULL;

	(void)invocation;
	printf(".TH TMIRROR 1 \"\" \"Traffic Mirror %s\" \"User Commands\"\n"
	       ".SH NAME\ntmirror \\- steer Traffic Mirror\n"
	       ".SH SYNOPSIS\n.B tmirror\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
	       ".SH DESCRIPTION\n"
	       "Traffic Mirror copies the packets of network interfaces and sends the copies to "
	       "appliances.\n.B tmirror\nspeaks to its controller by the API that the AWS CLI "
	       "uses, "
	       "too.\nOptions may stand before, between and after the words of a command.\n"
	       ".SH OPTIONS OF EVERY COMMAND\n",
	       TMIRROR_VERSION);
	print_rows(&shared_arguments);
	printf(".SH COMMANDS\n");
	while ((command = commands_next(command)))
		print_command(command);
	printf(".SH EXIT STATUS\n");
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		printf(".TP\n.B %d\n%s\n", (int)statuses[i].status, statuses[i].meaning);
	printf(".SH ENVIRONMENT\n");
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		printf(".TP\n.B %s\n%s\n", variables[i].name, variables[i].meaning);
	printf(".SH FILES\n.TP\n.I var/credentials.env, /var/lib/tmirror/credentials.env\n"
	       "Credentials, where neither an option nor the environment has any.\n"
	       ".TP\n.I ~/.aws/credentials, ~/.aws/config\nProfiles, as AWS's clients read them.\n"
	       ".SH SEE ALSO\n.BR aws (1)\n");
	return ferror(stdout) ? -EIO : 0;
}

static void print_command(const struct command *command)
{
	printf(".SS tmirror %s%s%s", command->noun ? command->noun : "", command->noun ? " " : "",
	       command->verb);
	for (size_t i = 0; i < command->arguments.count; i++)
		if (command->arguments.rows[i].word)
			printf(" %s%s", command->arguments.rows[i].name,
			       command->arguments.rows[i].repeated ? "\\&..." : "");
	putchar('\n');
	roff_line(stdout, command->help);
	if (command->more) {
		printf(".PP\n");
		roff_line(stdout, command->more);
	}
	print_rows(&command->arguments);
}

static void print_rows(const struct argument_rows *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument_row *row = &arguments->rows[i];

		printf(".TP\n");
		if (row->word) {
			printf("\\fI%s\\fR", row->name);
		} else {
			if (row->letter)
				printf("\\fB\\-%c\\fR, ", row->letter);
			printf("\\fB\\-\\-");
			roff_text(stdout, row->name);
			printf("\\fR");
		}
		if (row->value) {
			printf(" \\fI");
			roff_text(stdout, row->value);
			printf("\\fR");
		}
		putchar('\n');
		roff_line(stdout, row->help);
	}
}
