// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include "base/array.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"

#include <string.h>

static const struct argument_row *option_find(const struct argument_rows *rows, const char *option);
static const struct argument_row *word_find(const struct argument_rows *rows,
					    const struct arguments *arguments);
static bool row_is_switch(const struct argument_row *row);
static int option_parse(const struct argument_row *row, int argc, char **argv, int *index,
			struct arguments *arguments, struct refusal *why);

void arguments_fini(struct arguments *arguments)
{
	free(arguments->items);
	*arguments = (struct arguments){};
}

int arguments_parse(const struct argument_rows *own, const struct argument_rows *shared, int argc,
		    char **argv, struct arguments *arguments, int *ret_next, struct refusal *why)
{
	bool only_words = false;
	int i, r = 0;

	for (i = 1; i < argc && r == 0; i++) {
		const struct argument_row *row = NULL;
		const char *word = argv[i];

		if (!only_words && strcmp(word, "--") == 0) {
			only_words = true;
			continue;
		}
		/* A lone dash is a word: it names standard output. */
		if (!only_words && word[0] == '-' && word[1] != '\0') {
			row = own ? option_find(own, word) : NULL;
			if (!row)
				row = option_find(shared, word);
			if (!row)
				return refuse(why, 0, "unknown option '%s'", word);
			r = option_parse(row, argc, argv, &i, arguments, why);
			continue;
		}
		if (!own)
			break;
		row = word_find(own, arguments);
		if (!row)
			return refuse(why, 0, "'%s' is one word too many", word);
		r = arguments_add(arguments, row, word);
	}
	*ret_next = i;
	return r;
}

int arguments_check(const struct arguments *arguments, const struct argument_rows *rows,
		    struct refusal *why)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct argument_row *row = &rows->rows[i];

		if (row->required && !arguments_has(arguments, row->name))
			return refuse(why, 0, "%s%s is missing", row->word ? "" : "--", row->name);
	}
	return 0;
}

int arguments_add(struct arguments *arguments, const struct argument_row *row, const char *value)
{
	return array_append(arguments, items, count, capacity, ((struct argument){row, value}));
}

const char *arguments_get(const struct arguments *arguments, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < arguments->count; i++) {
		if (strcmp(arguments->items[i].row->name, name) == 0)
			value = arguments->items[i].value;
	}
	return value;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
	return arguments_next(arguments, name, NULL);
}

const struct argument *arguments_next(const struct arguments *arguments, const char *name,
				      const struct argument *last)
{
	for (size_t i = last ? (size_t)(last - arguments->items) + 1 : 0; i < arguments->count;
	     i++) {
		if (strcmp(arguments->items[i].row->name, name) == 0)
			return &arguments->items[i];
	}
	return NULL;
}

/* "--name", "--name=value", "-n" or "-nvalue". */
static const struct argument_row *option_find(const struct argument_rows *rows, const char *option)
{
	size_t length = strcspn(option, "=");

	for (size_t i = 0; i < rows->count; i++) {
		const struct argument_row *row = &rows->rows[i];

		if (row->word)
			continue;
		if (option[1] != '-' ? row->letter == option[1]
				     : strlen(row->name) == length - 2 &&
					       memcmp(row->name, option + 2, length - 2) == 0)
			return row;
	}
	return NULL;
}

/* The first word that has not been given, or takes them all. */
static const struct argument_row *word_find(const struct argument_rows *rows,
					    const struct arguments *arguments)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct argument_row *row = &rows->rows[i];

		if (row->word && (row->repeated || !arguments_has(arguments, row->name)))
			return row;
	}
	return NULL;
}

static bool row_is_switch(const struct argument_row *row)
{
	return row->form == FORM_SWITCH || row->form == FORM_SWITCH_OFF || row->is_switch;
}

static int option_parse(const struct argument_row *row, int argc, char **argv, int *index,
			struct arguments *arguments, struct refusal *why)
{
	const char *word = argv[*index];
	const char *value = NULL;

	if (word[1] != '-')
		value = word[2] ? word + 2 : NULL;
	else if (strchr(word, '='))
		value = strchr(word, '=') + 1;

	if (row_is_switch(row) && value)
		return refuse(why, 0, "option '--%s' takes no value", row->name);
	if (!row_is_switch(row) && !value) {
		if (*index + 1 >= argc)
			return refuse(why, 0, "option '--%s' needs a value: %s", row->name,
				      row->value);
		value = argv[++*index];
	}
	if (!row->repeated && arguments_has(arguments, row->name))
		return refuse(why, 0, "option '--%s' is given twice", row->name);
	return arguments_add(arguments, row, value);
}
