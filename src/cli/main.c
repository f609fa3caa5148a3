// SPDX-License-Identifier: Apache-2.0
/* tmirror: the command line.  Finds the command, makes its client, runs it, and turns its result into one line and an
 * exit status. */
#include "base/count.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int run(struct invocation *invocation, int argc, char **argv);
static int overview(struct invocation *invocation, const char *noun, const char *option);
static int run_command(struct invocation *invocation);
static int client_make(struct invocation *invocation);
static enum exit_status conclude(const struct invocation *invocation, int result);

int main(int argc, char **argv)
{
	struct invocation invocation = {};
	enum exit_status status;
	int r;

	r = run(&invocation, argc, argv);
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	status = conclude(&invocation, r);
	tmirror_client_free(invocation.client);
	arguments_fini(&invocation.arguments);
	return (int)status;
}

/* Options may go before the command too. */
static int run(struct invocation *invocation, int argc, char **argv)
{
	struct arguments *arguments = &invocation->arguments;
	const char *first, *second;
	int next, r;

	r = arguments_parse(NULL, &shared_arguments, argc, argv, arguments, &next,
			    &invocation->misuse);
	if (r != 0)
		return r == REFUSED ? COMMAND_MISUSED : r;
	if (arguments_has(arguments, "version"))
		return printf("tmirror %s\n", tmirror_version()) < 0 ? -EIO : 0;
	first = next < argc ? argv[next] : NULL;
	second = next + 1 < argc ? argv[next + 1] : NULL;
	if (!first || (commands_have_noun(first) && (!second || second[0] == '-')))
		return overview(invocation, first, second);
	invocation->command = commands_find(first, second);
	if (!invocation->command)
		return invocation_misused(invocation, "unknown command '%s%s%s'", first,
					  commands_have_noun(first) ? " " : "",
					  commands_have_noun(first) ? second : "");
	next += invocation->command->noun ? 1 : 0;
	r = arguments_parse(&invocation->command->arguments, &shared_arguments, argc - next,
			    argv + next, arguments, &next, &invocation->misuse);
	if (r != 0)
		return r == REFUSED ? COMMAND_MISUSED : r;
	return run_command(invocation);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Not a whole command: help if it was asked for, else a complaint. */
static int overview(struct invocation *invocation, const char *noun, const char *option)
{
	if (!arguments_has(&invocation->arguments, "help") && !(option && asks_for_help(option)))
		return noun ? invocation_misused(invocation,
						 "'%s' wants a verb; see 'tmirror %s --help'", noun,
						 noun)
			    : invocation_misused(invocation,
						 "a command is missing; see 'tmirror --help'");
	help_commands(noun);
	return 0;
}

static int run_command(struct invocation *invocation)
{
	const struct command *command = invocation->command;
	const char *output = invocation_get(invocation, "output");
	int r;

	if (arguments_has(&invocation->arguments, "help")) {
		help_command(command);
		return 0;
	}
	r = arguments_check(&invocation->arguments, &command->arguments, &invocation->misuse);
	if (r == REFUSED)
		return COMMAND_MISUSED;
	invocation->json = output && strcmp(output, "json") == 0;
	if (output && !invocation->json && strcmp(output, "table") != 0)
		return invocation_misused(invocation, "--output '%s' is not 'table' or 'json'",
					  output);
	invocation->colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (!command->offline) {
		r = client_make(invocation);
		if (r != 0 && !command->hopeful)
			return r;
	}
	return command->run(invocation);
}

/* What --credentials names; else nothing, where a profile is named or the environment has both key and endpoint; else a file that
 * is there. */
static const char *credentials_file(const struct invocation *invocation)
{
	static const char *const files[] = {"var/credentials.env",
					    "/var/lib/tmirror/credentials.env"};
	const char *named = invocation_get(invocation, "credentials");

	if (named)
		return named;
	if (invocation_get(invocation, "profile") || getenv("AWS_PROFILE") ||
	    (getenv("AWS_ACCESS_KEY_ID") && getenv("AWS_ENDPOINT_URL")))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (access(files[i], R_OK) == 0)
			return files[i];
	}
	return NULL;
}

static int client_make(struct invocation *invocation)
{
	struct tmirror_options options = {
		.credentials_file = credentials_file(invocation),
		.profile = invocation_get(invocation, "profile"),
		.user_agent = "tmirror/" TMIRROR_VERSION,
	};

	return tmirror_client_new(&options, &invocation->client, &invocation->error);
}

static void complain(const char *code, const char *message)
{
	_cleanup_text_ struct text line = {};

	(void)text_append_printable(&line, message);
	(void)fprintf(stderr, "tmirror: %s%s%s\n", code, *code ? ": " : "",
		      line.data ? line.data : "");
}

static enum exit_status conclude(const struct invocation *invocation, int result)
{
	const struct tmirror_error *error = &invocation->error;

	switch (result) {
	case 0:
		return EXIT_DONE;
	case COMMAND_MISUSED:
		complain("usage", invocation->misuse.text);
		return EXIT_MISUSED;
	case COMMAND_DIFFERENT:
		return EXIT_DIFFERENT;
	case COMMAND_UNWELL:
		return EXIT_REFUSED;
	case COMMAND_FAILED:
		complain("failed", invocation->misuse.text);
		return EXIT_REFUSED;
	case TMIRROR_REFUSED:
		complain(error->code, error->message);
		return EXIT_REFUSED;
	case TMIRROR_UNANSWERED:
		complain(error->code, error->message);
		return EXIT_UNREACHABLE;
	case TMIRROR_UNUSABLE:
		complain(error->code, error->message);
		return strcmp(error->code, "Credentials") == 0 ? EXIT_MISUSED : EXIT_REFUSED;
	default:
		complain("", strerror(result < 0 ? -result : EPROTO));
		return EXIT_REFUSED;
	}
}
