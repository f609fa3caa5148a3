/* What the three sources of settings share: each reads its own kind and hands texts over. */
#pragma once

#include "settings/settings.h"

/* Finds the row with a name of 'length' characters, or NULL. */
const struct setting_row *settings_find_row(const struct settings_about *about, const char *name,
					    size_t length);

/* Keeps a copy of the text.  What is not repeated replaces what the same origin said before.  Returns 0 or -ENOMEM. */
int settings_add(struct settings *settings, const struct setting_row *row,
		 enum setting_origin origin, size_t line, const char *text);

/* The same for each of the words that blanks separate, if the row may be repeated. */
int settings_add_words(struct settings *settings, const struct setting_row *row,
		       enum setting_origin origin, const char *text);

/* Each returns 0, REFUSED with the reason, or -ENOMEM. */
int settings_read_options(struct settings *settings, struct refusal *why);
int settings_read_environment(struct settings *settings, char *const *environment);
int settings_read_file(struct settings *settings, const char *path, bool required,
		       struct refusal *why);
int settings_read_text(struct settings *settings, const char *path, const char *text, size_t size,
		       struct refusal *why);

/* "TMIRROR_AGENT_RING_SIZE"; longer names do not exist. */
#define SETTING_VARIABLE_SIZE 64
void setting_name_variable(const struct settings_about *about, const struct setting_row *row,
			   char ret_name[SETTING_VARIABLE_SIZE]);
