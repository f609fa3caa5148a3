// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#define LEFT_WIDTH 40

static void print_usage(const struct command *command);
static void print_row(const struct argument_row *row);

void help_commands(const char *noun)
{
	const struct command *command = NULL;

	printf("Usage: tmirror %s%s[OPTIONS]\n\nCommands:\n", noun ? noun : "COMMAND",
	       noun ? " VERB " : " ");
	while ((command = commands_next(command))) {
		if (noun && (!command->noun || strcmp(command->noun, noun) != 0))
			continue;
		printf("  %-9s %-9s %s\n", command->noun ? command->noun : command->verb,
		       command->noun ? command->verb : "", command->help);
	}
	printf("\nOptions:\n");
	for (size_t i = 0; i < shared_arguments.count; i++)
		print_row(&shared_arguments.rows[i]);
	printf("\n'tmirror COMMAND --help' tells more about a command.\n");
}

void help_command(const struct command *command)
{
	print_usage(command);
	printf("\n%s.\n\n", command->help);
	if (command->more)
		printf("%s\n\n", command->more);
	for (size_t i = 0; i < command->arguments.count; i++)
		print_row(&command->arguments.rows[i]);
	printf("\nOptions of every command:\n");
	for (size_t i = 0; i < shared_arguments.count; i++)
		print_row(&shared_arguments.rows[i]);
}

static void print_usage(const struct command *command)
{
	printf("Usage: tmirror %s%s%s", command->noun ? command->noun : "",
	       command->noun ? " " : "", command->verb);
	for (size_t i = 0; i < command->arguments.count; i++) {
		const struct argument_row *row = &command->arguments.rows[i];

		if (row->word)
			printf(" %s%s", row->name, row->repeated ? "…" : "");
		else if (row->required)
			printf(" --%s %s", row->name, row->value);
	}
	printf(" [OPTIONS]\n");
}

static void print_row(const struct argument_row *row)
{
	_cleanup_text_ struct text printable = {};
	char left[96];
	int width;

	if (row->word)
		(void)snprintf(left, sizeof(left), "%s", row->name);
	else
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
			       row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
			       row->value ? " " : "", row->value ? row->value : "");
	/* Columns, not bytes: an ellipsis has three of them.  What is too long has a line of its own. */
	width = (int)text_append_printable(&printable, left);
	if (width >= LEFT_WIDTH)
		printf("  %s\n  %-*s %s\n", left, LEFT_WIDTH, "", row->help);
	else
		printf("  %s%*s %s\n", left, LEFT_WIDTH - width, "", row->help);
}
