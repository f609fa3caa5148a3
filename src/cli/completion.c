// SPDX-License-Identifier: Apache-2.0
/* Completion for shells, from the rows of commands and arguments.
 *
 * Each shell asks in its own words the same three things: which words can follow none, which a noun, and which options,
 * with which values, a command.  A value's alternatives are read off what --help calls it ("table|json"). */
#include "base/count.h"
#include "cli/commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function complete;
static void bash_print(void);
static void zsh_print(void);
static void fish_print(void);
static void bash_words(const char *noun);
static void bash_options(const struct argument_rows *rows);
static void bash_values(const struct argument_rows *rows);
static void zsh_words(const char *noun);
static void zsh_options(const struct argument_rows *rows);
static void fish_options(const struct command *command, const struct argument_rows *rows);
static void print_case(const struct command *command);
static void print_escaped(const char *text, const char *special);
static void print_alternatives(const char *value, char separator);
static bool has_alternatives(const struct argument_row *row);
static bool is_file(const struct argument_row *row);
static bool takes_value(const struct argument_row *row);

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = {
	{"bash", bash_print},
	{"zsh", zsh_print},
	{"fish", fish_print},
};

static const struct argument_row rows[] = {
	{.name = "SHELL",
	 .help = "bash, zsh or fish",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
};

static const struct command commands[] = {
	{.verb = "completion",
	 .help = "Print what makes a shell complete commands and options",
	 .more = "For this shell alone: source <(tmirror completion bash).  make install puts it "
		 "where "
		 "shells look for it.",
	 .arguments = ROWS(rows),
	 .run = complete,
	 .offline = true},
};

const struct commands completion_commands = ROWS(commands);

static int complete(struct invocation *invocation)
{
	const char *shell = invocation_get(invocation, "SHELL");

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shell, shells[i].name) != 0)
			continue;
		shells[i].print();
		return ferror(stdout) ? -EIO : 0;
	}
	return invocation_misused(invocation, "'%s' is neither bash nor zsh nor fish", shell);
}

/* The words so far without options make the key of a case; the word before the cursor may ask for a value. */
static void bash_print(void)
{
	const struct command *command = NULL;

	printf("# bash completion for tmirror, made by 'tmirror completion bash'.\n"
	       "_tmirror()\n{\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tlocal key= words= values= word\n"
	       "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	       "\t\t[[ $word == -* ]] || key+=\" $word\"\n"
	       "\tdone\n"
	       "\tkey=${key# }\n"
	       "\tcase \"$key\" in\n");
	while ((command = commands_next(command))) {
		print_case(command);
		printf("\n\t\twords='");
		bash_options(&command->arguments);
		bash_options(&shared_arguments);
		printf("'\n\t\tcase \"$previous\" in\n");
		bash_values(&command->arguments);
		bash_values(&shared_arguments);
		printf("\t\tesac;;\n");
	}
	while ((command = commands_next(command)))
		if (command->noun && commands_begin_noun(command)) {
			printf("\t'%s'|'%s '*) words='", command->noun, command->noun);
			bash_words(command->noun);
			printf("';;\n");
		}
	printf("\t*) words='");
	bash_words(NULL);
	printf("';;\n\tesac\n"
	       "\tif [[ $values == FILE ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -f -- \"$current\"))\n"
	       "\telse\n"
	       "\t\tCOMPREPLY=($(compgen -W \"${values:-$words}\" -- \"$current\"))\n"
	       "\tfi\n}\n"
	       "complete -o filenames -F _tmirror tmirror\n");
}

static void zsh_print(void)
{
	const struct command *command = NULL;

	printf("#compdef tmirror\n"
	       "# zsh completion for tmirror, made by 'tmirror completion zsh'.\n"
	       "_tmirror()\n{\n"
	       "\tlocal -a plain choices\n"
	       "\tplain=(${words[2,CURRENT-1]:#-*})\n"
	       "\tcase \"${(j: :)plain}\" in\n");
	while ((command = commands_next(command))) {
		print_case(command);
		printf("\n\t\t_arguments -S");
		zsh_options(&command->arguments);
		zsh_options(&shared_arguments);
		printf(" '*: :_files';;\n");
	}
	while ((command = commands_next(command)))
		if (command->noun && commands_begin_noun(command)) {
			printf("\t'%s'|'%s '*)\n\t\tchoices=(", command->noun, command->noun);
			zsh_words(command->noun);
			printf(")\n\t\t_describe verb choices;;\n");
		}
	printf("\t*)\n\t\tchoices=(");
	zsh_words(NULL);
	printf(")\n\t\t_describe command choices;;\n\tesac\n}\n"
	       "if [[ $funcstack[1] == _tmirror ]]; then _tmirror; else compdef _tmirror tmirror; "
	       "fi\n");
}

static void fish_print(void)
{
	const struct command *command = NULL;

	printf("# fish completion for tmirror, made by 'tmirror completion fish'.\n"
	       "function __tmirror_at\n"
	       "\tset -l plain (string match -v -- '-*' (commandline -opc)[2..-1])\n"
	       "\tif test (count $argv) -eq 0\n\t\ttest (count $plain) -eq 0\n\t\treturn\n\tend\n"
	       "\tset -l length (count $argv)\n"
	       "\ttest (count $plain) -ge $length; and test \"$plain[1..$length]\" = \"$argv\"\n"
	       "end\n"
	       "function __tmirror_after\n"
	       "\tset -l plain (string match -v -- '-*' (commandline -opc)[2..-1])\n"
	       "\ttest \"$plain\" = \"$argv\"\n"
	       "end\n"
	       "complete -c tmirror -f\n");
	while ((command = commands_next(command))) {
		const char *word = command->noun ? command->noun : command->verb;

		if (commands_begin_noun(command)) {
			printf("complete -c tmirror -n __tmirror_at -a '%s' -d '", word);
			print_escaped(command->noun ? "" : command->help, "'\\");
			printf("'\n");
		}
		if (command->noun) {
			printf("complete -c tmirror -n '__tmirror_after %s' -a '%s' -d '",
			       command->noun, command->verb);
			print_escaped(command->help, "'\\");
			printf("'\n");
		}
		fish_options(command, &command->arguments);
		fish_options(command, &shared_arguments);
	}
}

/* What can follow a noun; or nothing, if it is NULL. */
static void bash_words(const char *noun)
{
	const struct command *command = NULL;

	while ((command = commands_next(command))) {
		if (noun && command->noun && strcmp(command->noun, noun) == 0)
			printf("%s ", command->verb);
		else if (!noun && commands_begin_noun(command))
			printf("%s ", command->noun ? command->noun : command->verb);
	}
}

static void bash_options(const struct argument_rows *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		if (!arguments->rows[i].word)
			printf("--%s ", arguments->rows[i].name);
}

/* A value that nobody can guess completes to nothing. */
static void bash_values(const struct argument_rows *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument_row *row = &arguments->rows[i];

		if (!takes_value(row))
			continue;
		printf("\t\t--%s", row->name);
		if (row->letter)
			printf("|-%c", row->letter);
		printf(") values='");
		if (is_file(row))
			printf("FILE");
		else if (has_alternatives(row))
			print_alternatives(row->value, ' ');
		else
			putchar(' ');
		printf("';;\n");
	}
}

static void zsh_words(const char *noun)
{
	const struct command *command = NULL;

	while ((command = commands_next(command))) {
		bool chosen = noun ? command->noun && strcmp(command->noun, noun) == 0
				   : commands_begin_noun(command);

		if (!chosen)
			continue;
		printf(" '%s:", noun || !command->noun ? command->verb : command->noun);
		print_escaped(noun || !command->noun ? command->help : "", "':\\");
		putchar('\'');
	}
}

static void zsh_options(const struct argument_rows *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument_row *row = &arguments->rows[i];

		if (row->word)
			continue;
		printf(" '%s--%s[", row->repeated ? "*" : "", row->name);
		print_escaped(row->help, "'[]:\\");
		putchar(']');
		if (takes_value(row)) {
			printf(":value:");
			if (is_file(row)) {
				printf("_files");
			} else if (has_alternatives(row)) {
				putchar('(');
				print_alternatives(row->value, ' ');
				putchar(')');
			}
		}
		putchar('\'');
	}
}

static void fish_options(const struct command *command, const struct argument_rows *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument_row *row = &arguments->rows[i];

		if (row->word)
			continue;
		printf("complete -c tmirror -n '__tmirror_at %s%s%s' -l %s",
		       command->noun ? command->noun : "", command->noun ? " " : "", command->verb,
		       row->name);
		if (row->letter)
			printf(" -s %c", row->letter);
		if (is_file(row)) {
			printf(" -r -F");
		} else if (takes_value(row)) {
			printf(" -x");
			if (has_alternatives(row)) {
				printf(" -a '");
				print_alternatives(row->value, ' ');
				putchar('\'');
			}
		}
		printf(" -d '");
		print_escaped(row->help, "'\\");
		printf("'\n");
	}
}

/* The pattern of a case: the command's words, with or without others behind them. */
static void print_case(const struct command *command)
{
	const char *noun = command->noun ? command->noun : "", *blank = command->noun ? " " : "";

	printf("\t'%s%s%s'|'%s%s%s '*)", noun, blank, command->verb, noun, blank, command->verb);
}

/* Within single quotes, which all three end and begin anew around a quote of the text. */
static void print_escaped(const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			printf("'\\''");
		else if (strchr(special, *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void print_alternatives(const char *value, char separator)
{
	for (; *value != '\0'; value++)
		putchar(*value == '|' ? separator : *value);
}

/* What stands in capitals is a name for a value, not a value. */
static bool has_alternatives(const struct argument_row *row)
{
	if (!row->value || !strchr(row->value, '|'))
		return false;
	for (const char *c = row->value; *c != '\0'; c++)
		if (!islower((unsigned char)*c) && *c != '|')
			return false;
	return true;
}

static bool is_file(const struct argument_row *row)
{
	return row->value && strcmp(row->value, "FILE") == 0;
}

static bool takes_value(const struct argument_row *row)
{
	return !row->word && row->value;
}
