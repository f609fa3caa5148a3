// SPDX-License-Identifier: Apache-2.0
/* Gathers from all sources, and sets what is heard. */
#include "settings/settings.h"

#include "base/address.h"
#include "base/array.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "settings/gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STRANGERS_MODE (S_IRWXO | S_IWGRP) /* A daemon's group may read what is its own. */

static int read_around(struct settings *settings, struct refusal *why);
static const struct setting_row *find_row(const struct settings *settings, const char *name);
static const char *get(const struct settings *settings, const struct setting_row *row);
static int add_standards(struct settings *settings);
static bool is_alone(const struct settings *settings);
static int set(const struct settings *settings, const struct setting *setting, void *target,
	       struct refusal *why);
static int check_secret(const struct setting *setting, struct refusal *why);
static int refuse_at_place(const struct settings *settings, const struct setting *setting,
			   const struct refusal *detail, struct refusal *why);
static bool row_equal(const struct settings *a, const struct settings *b,
		      const struct setting_row *row);
static void drop_row(struct settings *settings, const struct setting_row *row);

void settings_fini(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free(settings->items[i].text);
	for (size_t i = 0; i < settings->stranger_count; i++)
		free(settings->strangers[i]);
	free(settings->items);
	free(settings->words);
	free(settings->strangers);
	free(settings->file);
	*settings = (struct settings){};
}

int settings_read(const struct settings_about *about, int argc, char **argv,
		  struct settings *ret_settings, struct refusal *why)
{
	int r;

	*ret_settings = (struct settings){.about = about, .argc = argc, .argv = argv};
	r = settings_read_options(ret_settings, why);
	if (r == 0 && !is_alone(ret_settings))
		r = read_around(ret_settings, why);
	if (r == 0)
		r = add_standards(ret_settings);
	return r;
}

int settings_apply(const struct settings *settings, void *target, size_t target_size,
		   struct refusal *why)
{
	_cleanup_free_ void *trial = malloc(target_size);
	int r = 0;

	if (!trial)
		return -ENOMEM;
	for (int origin = SETTING_ENVIRONMENT; r == 0 && origin <= SETTING_FILE; origin++) {
		memcpy(trial, target, target_size);
		for (size_t i = 0; r == 0 && i < settings->count; i++)
			if ((int)settings->items[i].origin == origin)
				r = set(settings, &settings->items[i], trial, why);
	}
	for (size_t i = 0; r == 0 && i < settings->count; i++)
		if (setting_is_heard(settings, &settings->items[i]))
			r = set(settings, &settings->items[i], target, why);
	return r;
}

int settings_check_secrets(const struct settings *settings, struct refusal *why)
{
	struct refusal detail = {};

	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];

		if (setting->row->secret && setting_is_heard(settings, setting) &&
		    check_secret(setting, &detail) != 0)
			return refuse_at_place(settings, setting, &detail, why);
	}
	return 0;
}

int settings_renew(struct settings *settings, struct settings *fresh,
		   void (*stuck)(const struct setting_row *row))
{
	const struct settings_about *about = settings->about;
	const size_t room = settings->count + fresh->count;
	struct setting *items = reallocarray(settings->items, room + 1, sizeof(*items));

	/* All of it at once, so that no setting is dropped for want of memory for its successor. */
	if (!items)
		return -ENOMEM;
	settings->items = items;
	settings->capacity = room + 1;
	free(settings->file);
	settings->file = TAKE_PTR(fresh->file);
	for (size_t i = 0; i < about->row_count; i++) {
		const struct setting_row *row = &about->rows[i];

		if (row_equal(settings, fresh, row))
			continue;
		if (!row->live) {
			stuck(row);
			continue;
		}
		drop_row(settings, row);
		for (size_t j = 0; j < fresh->count; j++)
			if (fresh->items[j].row == row) {
				settings->items[settings->count++] = fresh->items[j];
				fresh->items[j].text = NULL;
			}
	}
	return 0;
}

bool setting_is_heard(const struct settings *settings, const struct setting *setting)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].row == setting->row &&
		    settings->items[i].origin < setting->origin)
			return false;
	return true;
}

bool settings_says(const struct settings *settings, const char *name)
{
	const struct setting_row *row = find_row(settings, name);

	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].row == row)
			return true;
	return false;
}

bool settings_are_printed(const struct settings *settings)
{
	static const char *const printed[] = {"help", "version", "manual", "sample-config",
					      "show-config"};

	for (size_t i = 0; i < ARRAY_SIZE(printed); i++)
		if (settings_says(settings, printed[i]))
			return true;
	return false;
}

int settings_print(const struct settings *settings, void (*help)(void), struct refusal *why)
{
	const struct settings_about *about = settings->about;

	if (settings_says(settings, "help"))
		help();
	else if (settings_says(settings, "version"))
		printf("%s %s\n", about->program, TMIRROR_VERSION);
	else if (settings_says(settings, "manual"))
		return settings_manual(about, get(settings, find_row(settings, "manual")), stdout,
				       why);
	else if (settings_says(settings, "sample-config"))
		return settings_sample(about, stdout);
	else
		return settings_show(settings, stdout);
	return 0;
}

int setting_parse_address(const char *value, struct address *ret_address, uint16_t *ret_port,
			  struct refusal *why)
{
	const char *colon = strrchr(value, ':');
	char text[ADDRESS_TEXT_SIZE + 2];
	size_t length = colon ? (size_t)(colon - value) : 0;
	unsigned long long port;
	struct address address;
	bool bracketed;

	if (length == 0 || length >= sizeof(text) ||
	    !string_to_unsigned(colon + 1, UINT16_MAX, &port))
		return refuse(why, 0, "'%s' is not of the form ADDRESS:PORT", value);
	memcpy(text, value, length);
	text[length] = '\0';
	bracketed = text[0] == '[' && text[length - 1] == ']';
	if (bracketed)
		text[length - 1] = '\0';
	if (!address_parse(text + bracketed, &address) || bracketed != (address.family == 6))
		return refuse(why, 0,
			      "'%s' is not of the form ADDRESS:PORT; an IPv6 address stands in "
			      "brackets",
			      value);
	*ret_address = address;
	*ret_port = (uint16_t)port;
	return 0;
}

int setting_parse_switch(const char *value, bool *ret_on, struct refusal *why)
{
	static const struct {
		const char *word;
		bool on;
	} words[] = {{"yes", true}, {"true", true}, {"no", false}, {"false", false}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, value) != 0)
			continue;
		*ret_on = words[i].on;
		return 0;
	}
	return refuse(why, 0, "'%s' is neither yes nor no", value);
}

const struct setting_row *settings_find_row(const struct settings_about *about, const char *name,
					    size_t length)
{
	for (size_t i = 0; i < about->row_count; i++)
		if (strlen(about->rows[i].name) == length &&
		    memcmp(about->rows[i].name, name, length) == 0)
			return &about->rows[i];
	return NULL;
}

int settings_add(struct settings *settings, const struct setting_row *row,
		 enum setting_origin origin, size_t line, const char *text)
{
	struct setting setting = {row, origin, line, text ? strdup(text) : NULL};
	int r;

	if (text && !setting.text)
		return -ENOMEM;
	for (size_t i = 0; !row->repeated && i < settings->count; i++) {
		if (settings->items[i].row != row || settings->items[i].origin != origin)
			continue;
		free(settings->items[i].text);
		settings->items[i] = setting;
		return 0;
	}
	r = array_append(settings, items, count, capacity, setting);
	if (r != 0)
		free(setting.text);
	return r;
}

int settings_add_words(struct settings *settings, const struct setting_row *row,
		       enum setting_origin origin, const char *text)
{
	static const char blanks[] = " \t\n";
	int r = 0;

	if (!row->repeated)
		return settings_add(settings, row, origin, 0, text);
	for (text += strspn(text, blanks); r == 0 && *text != '\0'; text += strspn(text, blanks)) {
		_cleanup_free_ char *word = strndup(text, strcspn(text, blanks));

		r = word ? settings_add(settings, row, origin, 0, word) : -ENOMEM;
		text += strcspn(text, blanks);
	}
	return r;
}

static const struct setting_row *find_row(const struct settings *settings, const char *name)
{
	return settings_find_row(settings->about, name, strlen(name));
}

/* The text that is heard of a row, or NULL. */
static const char *get(const struct settings *settings, const struct setting_row *row)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].row == row &&
		    setting_is_heard(settings, &settings->items[i]))
			return settings->items[i].text;
	return NULL;
}

/* The environment and the file, which an option or the environment may name. */
static int read_around(struct settings *settings, struct refusal *why)
{
	const struct settings_about *about = settings->about;
	const char *path = NULL;
	int r = settings_read_environment(settings, environ);

	for (size_t i = 0; r == 0 && !path && i < about->row_count; i++)
		if (about->rows[i].place)
			path = get(settings, &about->rows[i]);
	return r == 0 ? settings_read_file(settings, path ? path : about->file, path != NULL, why)
		      : r;
}

static int add_standards(struct settings *settings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < settings->about->row_count; i++) {
		const struct setting_row *row = &settings->about->rows[i];

		if (row->standard && !row->place)
			r = settings_add_words(settings, row, SETTING_STANDARD, row->standard);
	}
	return r;
}

static bool is_alone(const struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].row->alone)
			return true;
	return false;
}

static int set(const struct settings *settings, const struct setting *setting, void *target,
	       struct refusal *why)
{
	struct refusal detail = {};
	int r = setting->row->set ? setting->row->set(target, setting->text, &detail) : 0;

	return r == REFUSED ? refuse_at_place(settings, setting, &detail, why) : r;
}

/* A file that is not there yet may be made by the daemon itself; else whoever needs it will tell. */
static int check_secret(const struct setting *setting, struct refusal *why)
{
	struct stat status;

	if (stat(setting->text, &status) < 0 || !S_ISREG(status.st_mode))
		return 0;
	if ((status.st_mode & STRANGERS_MODE) != 0)
		return refuse(why, 0,
			      "the file '%.300s' holds a secret, and its mode %03o lets others in; "
			      "run: chmod o=,g-w '%.100s'",
			      setting->text, (unsigned int)status.st_mode & 0777, setting->text);
	return 0;
}

/* Of the command line people see the words; of the rest they need to know where to look. */
static int refuse_at_place(const struct settings *settings, const struct setting *setting,
			   const struct refusal *detail, struct refusal *why)
{
	char variable[SETTING_VARIABLE_SIZE];

	switch (setting->origin) {
	case SETTING_FILE:
		return refuse(why, detail->code, "%.200s:%zu: %.300s", settings->file,
			      setting->line, detail->text);
	case SETTING_ENVIRONMENT:
		setting_name_variable(settings->about, setting->row, variable);
		return refuse(why, detail->code, "%s: %.400s", variable, detail->text);
	default:
		return refuse(why, detail->code, "%s", detail->text);
	}
}

/* The next text of a row that is heard, from 'index' on, or NULL. */
static const char *next_heard(const struct settings *settings, const struct setting_row *row,
			      size_t *index)
{
	while (*index < settings->count) {
		const struct setting *setting = &settings->items[(*index)++];

		if (setting->row == row && setting_is_heard(settings, setting))
			return setting->text ? setting->text : "";
	}
	return NULL;
}

static bool row_equal(const struct settings *a, const struct settings *b,
		      const struct setting_row *row)
{
	size_t i = 0, j = 0;

	for (;;) {
		const char *left = next_heard(a, row, &i), *right = next_heard(b, row, &j);

		if (!left || !right)
			return left == right;
		if (strcmp(left, right) != 0)
			return false;
	}
}

static void drop_row(struct settings *settings, const struct setting_row *row)
{
	size_t kept = 0;

	for (size_t i = 0; i < settings->count; i++) {
		if (settings->items[i].row == row)
			free(settings->items[i].text);
		else
			settings->items[kept++] = settings->items[i];
	}
	settings->count = kept;
}
