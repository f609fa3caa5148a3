// SPDX-License-Identifier: Apache-2.0
/* The user's AWS profiles: two files of sections with settings, of which one section each is ours; credentials.h declares it. */
#include "sigv4/credentials.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX   ((size_t)1 << 20)
#define LINE_SIZE       8192
#define DEFAULT_PROFILE "default"

static const struct setting {
	const char *name;
	size_t offset, size;
} settings[] = {
#define MEMBER(member) \
	offsetof(struct credentials, member), sizeof(((struct credentials *)0)->member)
	{"aws_access_key_id", MEMBER(access_key_id)},
	{"aws_secret_access_key", MEMBER(secret_access_key)},
	{"aws_session_token", MEMBER(session_token)},
	{"region", MEMBER(region)},
	{"endpoint_url", MEMBER(endpoint)},
	{"ca_bundle", MEMBER(ca_bundle)},
#undef MEMBER
};

/* Which file, and how its sections are called. */
struct source {
	const char *variable, *place;
	const char *prefix; /* Of sections but the default one. */
};

static int file_load(const struct source *source, const char *profile,
		     struct credentials *credentials, bool *ret_found, struct refusal *why);
static int file_path(const struct source *source, char ret_path[PATH_MAX]);
static int text_load(char *text, const struct source *source, const char *path, const char *profile,
		     struct credentials *credentials, bool *ret_found, struct refusal *why);
static bool is_section(const char *line, const struct source *source, const char *profile);
static int line_take(char *line, const char *path, unsigned int number,
		     struct credentials *credentials, struct refusal *why);
static char *trim(char *text);
static void cut_comment(char *value);
static void merge(struct credentials *credentials, const struct credentials *found);

int credentials_from_profile(const char *profile, struct credentials *credentials,
			     struct refusal *why)
{
	static const struct source sources[] = {
		{"AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", ""},
		{"AWS_CONFIG_FILE", ".aws/config", "profile "},
	};
	const char *named = profile ? profile : getenv("AWS_PROFILE");
	bool found = false;
	int r = 0;

	if (named && *named == '\0')
		named = NULL;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(sources); i++) {
		struct credentials read = {};

		r = file_load(&sources[i], named ? named : DEFAULT_PROFILE, &read, &found, why);
		if (r == 0)
			merge(credentials, &read);
		explicit_bzero(&read, sizeof(read));
	}
	if (r == 0 && named && !found)
		r = refuse(why, 0, "there is no profile '%.64s'", named);
	return r;
}

static int file_load(const struct source *source, const char *profile,
		     struct credentials *credentials, bool *ret_found, struct refusal *why)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int r = file_path(source, path);

	if (r == 0)
		r = file_read(path, FILE_SIZE_MAX, &text, &size);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return refuse(why, 0, "cannot read %s: %s", path, strerrordesc_np(-r));
	r = text_load(text, source, path, profile, credentials, ret_found, why);
	explicit_bzero(text, size);
	return r;
}

/* -ENOENT: nobody says where it is. */
static int file_path(const struct source *source, char ret_path[PATH_MAX])
{
	const char *named = getenv(source->variable), *home = getenv("HOME");
	int length;

	ret_path[0] = '\0';
	if (named && *named != '\0')
		return string_copy(ret_path, PATH_MAX, named) ? 0 : -ENAMETOOLONG;
	if (!home || *home == '\0')
		return -ENOENT;
	length = snprintf(ret_path, PATH_MAX, "%s/%s", home, source->place);
	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Settings of settings are indented, and none of ours. */
static int text_load(char *text, const struct source *source, const char *path, const char *profile,
		     struct credentials *credentials, bool *ret_found, struct refusal *why)
{
	unsigned int number = 0;
	bool ours = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		bool indented = isspace((unsigned char)*line);
		int r = 0;

		number++;
		line = trim(line);
		if (*line == '\0' || *line == '#' || *line == ';')
			continue;
		if (*line == '[')
			ours = is_section(line, source, profile);
		else if (ours && !indented)
			r = line_take(line, path, number, credentials, why);
		if (r != 0)
			return r;
		*ret_found |= ours;
	}
	return 0;
}

/* "[default]", "[profile NAME]", "[NAME]"; the default one may have the word as well. */
static bool is_section(const char *line, const struct source *source, const char *profile)
{
	char name[LINE_SIZE], *word, *end;
	size_t prefix = strlen(source->prefix);

	if (!string_copy(name, sizeof(name), line + 1))
		return false;
	end = strchr(name, ']');
	if (!end)
		return false;
	*end = '\0';
	word = trim(name);
	if (strcmp(profile, DEFAULT_PROFILE) == 0 && strcmp(word, DEFAULT_PROFILE) == 0)
		return true;
	return strncmp(word, source->prefix, prefix) == 0 &&
	       strcmp(trim(word + prefix), profile) == 0;
}

static int line_take(char *line, const char *path, unsigned int number,
		     struct credentials *credentials, struct refusal *why)
{
	char *equals = strchr(line, '='), *name, *value;

	if (!equals)
		return refuse(why, 0, "%s, line %u: not of the form NAME = VALUE", path, number);
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	cut_comment(value);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcasecmp(name, settings[i].name) == 0 &&
		    !string_copy((char *)credentials + settings[i].offset, settings[i].size, value))
			return refuse(why, 0, "%s, line %u: %s is too long", path, number,
				      settings[i].name);
	return 0;
}

static char *trim(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* A comment on a setting's line has a blank before it. */
static void cut_comment(char *value)
{
	for (char *c = value; *c != '\0'; c++)
		if ((*c == '#' || *c == ';') && c > value && isspace((unsigned char)c[-1])) {
			*c = '\0';
			(void)trim(value);
			return;
		}
}

static void merge(struct credentials *credentials, const struct credentials *found)
{
	bool has_key = credentials->access_key_id[0] != '\0' ||
		       credentials->secret_access_key[0] != '\0';

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		char *to = (char *)credentials + settings[i].offset;
		bool of_key = settings[i].offset <= offsetof(struct credentials, session_token);

		if (of_key ? !has_key : *to == '\0')
			(void)string_copy(to, settings[i].size,
					  (const char *)found + settings[i].offset);
	}
}
