// SPDX-License-Identifier: Apache-2.0
/* Settings from the command line, and --help.  Options may stand before, between and after the words. */
#include "base/array.h"
#include "base/refusal.h"
#include "settings/gather.h"

#include <stdio.h>
#include <string.h>

#define LEFT_WIDTH 34

static int take_option(struct settings *settings, int *index, struct refusal *why);
static const struct setting_row *find_option(const struct settings_about *about, const char *word,
					     const char **ret_value);

int settings_read_options(struct settings *settings, struct refusal *why)
{
	bool ended = false;
	int r = 0;

	for (int i = 1; r == 0 && i < settings->argc; i++) {
		const char *word = settings->argv[i];

		if (ended || word[0] != '-' || word[1] == '\0')
			r = array_append(settings, words, word_count, word_capacity, word);
		else if (strcmp(word, "--") == 0)
			ended = true;
		else
			r = take_option(settings, &i, why);
	}
	return r;
}

void settings_help(const struct settings_about *about)
{
	for (size_t i = 0; i < about->row_count; i++) {
		const struct setting_row *row = &about->rows[i];
		const char *standard = row->standard ? row->standard : row->otherwise;
		char left[64];

		(void)snprintf(left, sizeof(left), "%c%c%s --%s %s", row->letter ? '-' : ' ',
			       row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
			       row->argument ? row->argument : "");
		printf("  %-*s %s%s", LEFT_WIDTH, left, row->help,
		       row->repeated ? "; repeatable" : "");
		if (standard)
			printf(" (%s)", standard);
		(void)putchar('\n');
	}
}

/* A switch may be told no: "--plain-http=no". */
static int take_option(struct settings *settings, int *index, struct refusal *why)
{
	const char *word = settings->argv[*index], *value;
	const struct setting_row *row = find_option(settings->about, word, &value);

	if (!row)
		return refuse(why, 0, "unknown option '%s'", word);
	if (row->action && !row->argument && value)
		return refuse(why, 0, "option '--%s' takes no value", row->name);
	if (!row->argument && !row->action && !value)
		value = "yes";
	if (row->argument && !value) {
		if (*index + 1 >= settings->argc)
			return refuse(why, 0, "option '--%s' needs %s", row->name, row->argument);
		value = settings->argv[++*index];
	}
	return settings_add(settings, row, SETTING_OPTION, 0, value);
}

static const struct setting_row *find_option(const struct settings_about *about, const char *word,
					     const char **ret_value)
{
	const char *equals = strchr(word, '=');

	*ret_value = NULL;
	if (word[1] == '-') {
		if (equals)
			*ret_value = equals + 1;
		return settings_find_row(about, word + 2,
					 equals ? (size_t)(equals - word) - 2 : strlen(word) - 2);
	}
	for (size_t i = 0; i < about->row_count; i++) {
		if (about->rows[i].letter == '\0' || about->rows[i].letter != word[1])
			continue;
		if (word[2] != '\0')
			*ret_value = word + 2;
		return &about->rows[i];
	}
	return NULL;
}
