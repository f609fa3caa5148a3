// SPDX-License-Identifier: Apache-2.0
/* Settings from the environment: TMIRROR_AGENT_RING_SIZE is "ring-size".
 *
 * A variable that is empty says nothing, as container tools leave them.  One that begins as ours do and means nothing is
 * noted and not refused: Kubernetes puts a variable of such a name into every container beside a service that is called
 * as the daemon is. */
#include "base/array.h"
#include "settings/gather.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int take_variable(struct settings *settings, const char *name, size_t length,
			 const char *value);
static int note_stranger(struct settings *settings, const char *name, size_t length);

int settings_read_environment(struct settings *settings, char *const *environment)
{
	const char *prefix = settings->about->environment;
	int r = 0;

	for (; r == 0 && environment && *environment; environment++) {
		const char *equals = strchr(*environment, '=');

		if (equals && equals[1] != '\0' &&
		    strncmp(*environment, prefix, strlen(prefix)) == 0)
			r = take_variable(settings, *environment, (size_t)(equals - *environment),
					  equals + 1);
	}
	return r;
}

void setting_name_variable(const struct settings_about *about, const struct setting_row *row,
			   char ret_name[SETTING_VARIABLE_SIZE])
{
	(void)snprintf(ret_name, SETTING_VARIABLE_SIZE, "%s%s", about->environment, row->name);
	for (char *c = ret_name; *c != '\0'; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

static int take_variable(struct settings *settings, const char *name, size_t length,
			 const char *value)
{
	const struct settings_about *about = settings->about;

	for (size_t i = 0; i < about->row_count; i++) {
		char variable[SETTING_VARIABLE_SIZE];

		setting_name_variable(about, &about->rows[i], variable);
		if (!about->rows[i].action && strlen(variable) == length &&
		    memcmp(variable, name, length) == 0)
			return settings_add_words(settings, &about->rows[i], SETTING_ENVIRONMENT,
						  value);
	}
	return note_stranger(settings, name, length);
}

static int note_stranger(struct settings *settings, const char *name, size_t length)
{
	char *copy = strndup(name, length);
	int r = copy ? array_append(settings, strangers, stranger_count, stranger_capacity, copy)
		     : -ENOMEM;

	if (r != 0)
		free(copy);
	return r;
}
