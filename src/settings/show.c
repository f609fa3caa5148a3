// SPDX-License-Identifier: Apache-2.0
/* Settings as files: what is in force, and a sample to begin with. */
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "base/url.h"
#include "settings/gather.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static void show_row(const struct settings *settings, const struct setting_row *row, FILE *file);
static void write_origin(const struct settings *settings, const struct setting *setting,
			 FILE *file);
static void write_value(const char *value, FILE *file);
static void write_standard(const struct setting_row *row, FILE *file);
static bool is_plain(const char *value);

int settings_show(const struct settings *settings, FILE *file)
{
	for (size_t i = 0; i < settings->about->row_count; i++)
		if (!settings->about->rows[i].action && !settings->about->rows[i].place)
			show_row(settings, &settings->about->rows[i], file);
	return ferror(file) ? -EIO : 0;
}

int settings_sample(const struct settings_about *about, FILE *file)
{
	(void)fprintf(file,
		      "# Settings of %s; see %s.conf(5).  What is commented out is the default.\n",
		      about->program, about->program);
	for (size_t i = 0; i < about->row_count; i++) {
		const struct setting_row *row = &about->rows[i];

		if (row->action || row->place)
			continue;
		(void)fprintf(file, "\n# %c%s%s%s%s\n#%s: ", toupper((unsigned char)row->help[0]),
			      row->help + 1, row->standard || !row->otherwise ? "" : " (",
			      row->standard || !row->otherwise ? "" : row->otherwise,
			      row->standard || !row->otherwise ? "." : ").", row->name);
		write_standard(row, file);
		(void)putc('\n', file);
	}
	return ferror(file) ? -EIO : 0;
}

/* What may be repeated is a list, also of one. */
static void show_row(const struct settings *settings, const struct setting_row *row, FILE *file)
{
	size_t shown = 0;

	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];

		if (setting->row != row || !setting_is_heard(settings, setting))
			continue;
		if (row->repeated)
			(void)fprintf(file, "%s%s  - ", shown > 0 ? "" : row->name,
				      shown > 0 ? "" : ":\n");
		else
			(void)fprintf(file, "%s: ", row->name);
		write_value(setting->text, file);
		write_origin(settings, setting, file);
		shown++;
	}
}

static void write_origin(const struct settings *settings, const struct setting *setting, FILE *file)
{
	char variable[SETTING_VARIABLE_SIZE];

	switch (setting->origin) {
	case SETTING_OPTION:
		(void)fprintf(file, "  # --%s\n", setting->row->name);
		break;
	case SETTING_ENVIRONMENT:
		setting_name_variable(settings->about, setting->row, variable);
		(void)fprintf(file, "  # %s\n", variable);
		break;
	case SETTING_FILE:
		(void)fprintf(file, "  # %s:%zu\n", settings->file, setting->line);
		break;
	case SETTING_STANDARD:
		(void)putc('\n', file);
	}
}

static void write_value(const char *value, FILE *file)
{
	_cleanup_text_ struct text shown = {};

	for (const char *c = value; *c != '\0';) {
		size_t length = url_password_length(value, c, "");

		if (length > 0)
			text_append(&shown, "***");
		else
			text_append_char(&shown, *c);
		c += length > 0 ? length : 1;
	}
	if (shown.failed || !shown.data)
		(void)fputs("''", file);
	else if (is_plain(shown.data))
		(void)fputs(shown.data, file);
	else {
		(void)putc('\'', file);
		for (const char *c = shown.data; *c != '\0'; c++)
			(void)fprintf(file, "%s%c", *c == '\'' ? "'" : "", *c);
		(void)putc('\'', file);
	}
}

static void write_standard(const struct setting_row *row, FILE *file)
{
	if (row->standard && row->repeated) {
		(void)putc('[', file);
		for (const char *c = row->standard; *c != '\0'; c++)
			(void)fputs(*c == ' ' ? ", " : (char[]){*c, '\0'}, file);
		(void)putc(']', file);
	} else if (row->standard)
		write_value(row->standard, file);
	else if (!row->argument)
		(void)fputs("no", file);
	else
		write_value(row->argument, file);
}

/* Whether YAML reads it as the same word without quotes. */
static bool is_plain(const char *value)
{
	static const char first[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/";
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"/._=+-:";
	size_t length = strlen(value);

	return length > 0 && strchr(first, value[0]) && strspn(value, others) == length &&
	       value[length - 1] != ':';
}
