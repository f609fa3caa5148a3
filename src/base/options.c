// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"

#include "base/address.h"
#include "base/refusal.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct option_row *find_row(const struct option_row *rows, size_t row_count,
					 const char *word, const char **ret_argument)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	*ret_argument = NULL;
	for (size_t i = 0; i < row_count; i++) {
		const struct option_row *row = &rows[i];

		if (word[1] != '-') {
			if (row->letter == '\0' || row->letter != word[1])
				continue;
			if (word[2] != '\0')
				*ret_argument = word + 2;
			return row;
		}
		if (strlen(row->name) != length - 2 ||
		    strncmp(row->name, word + 2, length - 2) != 0)
			continue;
		if (equals)
			*ret_argument = equals + 1;
		return row;
	}
	return NULL;
}

int options_parse(const struct option_row *rows, size_t row_count, int argc, char **argv,
		  void *target, int *ret_next, struct refusal *why)
{
	int i = 1, r;

	for (; i < argc; i++) {
		const char *word = argv[i], *argument;
		const struct option_row *row;

		if (word[0] != '-' || word[1] == '\0')
			break;
		if (strcmp(word, "--") == 0) {
			i++;
			break;
		}
		row = find_row(rows, row_count, word, &argument);
		if (!row)
			return refuse(why, 0, "unknown option '%s'", word);
		if (!row->argument && argument)
			return refuse(why, 0, "option '--%s' takes no argument", row->name);
		if (row->argument && !argument) {
			if (i + 1 >= argc)
				return refuse(why, 0, "option '--%s' needs %s", row->name,
					      row->argument);
			argument = argv[++i];
		}
		r = row->set(target, argument, why);
		if (r != 0)
			return r;
	}
	*ret_next = i;
	return 0;
}

void options_help(const struct option_row *rows, size_t row_count)
{
	for (size_t i = 0; i < row_count; i++) {
		char left[64];

		(void)snprintf(left, sizeof(left), "%c%c%s --%s %s", rows[i].letter ? '-' : ' ',
			       rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? "," : " ",
			       rows[i].name, rows[i].argument ? rows[i].argument : "");
		printf("  %-34s %s\n", left, rows[i].help);
	}
}

int option_parse_address(const char *argument, struct address *ret_address, uint16_t *ret_port,
			 struct refusal *why)
{
	const char *colon = strrchr(argument, ':');
	char text[ADDRESS_TEXT_SIZE + 2];
	size_t length = colon ? (size_t)(colon - argument) : 0;
	unsigned long long port;
	struct address address;
	bool bracketed;

	if (length == 0 || length >= sizeof(text) ||
	    !string_to_unsigned(colon + 1, UINT16_MAX, &port))
		return refuse(why, 0, "'%s' is not of the form ADDRESS:PORT", argument);
	memcpy(text, argument, length);
	text[length] = '\0';
	bracketed = text[0] == '[' && text[length - 1] == ']';
	if (bracketed)
		text[length - 1] = '\0';
	if (!address_parse(text + bracketed, &address) || bracketed != (address.family == 6))
		return refuse(why, 0,
			      "'%s' is not of the form ADDRESS:PORT; an IPv6 address stands in "
			      "brackets",
			      argument);
	*ret_address = address;
	*ret_port = (uint16_t)port;
	return 0;
}
