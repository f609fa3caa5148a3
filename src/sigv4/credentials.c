// SPDX-License-Identifier: Apache-2.0
#include "sigv4/credentials.h"

#include "base/count.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CREDENTIALS_FILE_MAX (64 << 10)

/* Later rows overrule earlier ones that name the same member. */
static const struct variable {
	const char *name;
	size_t offset, size;
	bool alias; /* Understood, but written under its other name. */
} variables[] = {
#define MEMBER(member) \
	offsetof(struct credentials, member), sizeof(((struct credentials *)0)->member)
	{"AWS_ACCESS_KEY_ID", MEMBER(access_key_id)},
	{"AWS_SECRET_ACCESS_KEY", MEMBER(secret_access_key)},
	{"AWS_SESSION_TOKEN", MEMBER(session_token)},
	{"AWS_DEFAULT_REGION", MEMBER(region)},
	{"AWS_REGION", MEMBER(region), .alias = true},
	{"AWS_ENDPOINT_URL", MEMBER(endpoint)},
	{"AWS_CA_BUNDLE", MEMBER(ca_bundle)},
	{"TMIRROR_HOST_NAME", MEMBER(host)},
	{"TMIRROR_CONTROLLERS", MEMBER(controllers)},
#undef MEMBER
};

static int parse_line(const char *line, size_t length, unsigned int number,
		      struct credentials *credentials, struct refusal *why);
static const struct variable *find_variable(const char *name, size_t length);
static bool unquote(const char *word, size_t length, struct text *value);

int credentials_parse(const char *text, struct credentials *ret_credentials, struct refusal *why)
{
	struct credentials credentials = {};
	unsigned int number = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		int r = parse_line(text, length, ++number, &credentials, why);

		if (r != 0)
			return r;
		text += length;
		text += *text == '\n';
	}
	*ret_credentials = credentials;
	return 0;
}

int credentials_read(const char *path, struct credentials *ret_credentials, struct refusal *why)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r;

	r = file_read(path, CREDENTIALS_FILE_MAX, &text, &size);
	if (r < 0)
		return r;
	r = credentials_parse(text, ret_credentials, why);
	explicit_bzero(text, size);
	return r;
}

int credentials_format(const struct credentials *credentials, char **ret_text)
{
	_cleanup_text_ struct text text = {};
	char *stolen;

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = (const char *)credentials + variables[i].offset;

		if (variables[i].alias || *value == '\0')
			continue;
		text_printf(&text, "export %s=", variables[i].name);
		text_append_word(&text, value);
		text_append_char(&text, '\n');
	}
	stolen = text_steal(&text);
	if (!stolen)
		return -ENOMEM;
	*ret_text = stolen;
	return 0;
}

int credentials_write(const char *path, const struct credentials *credentials)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = credentials_format(credentials, &text);
	if (r < 0)
		return r;
	r = file_replace(path, text, strlen(text), 0600);
	explicit_bzero(text, strlen(text));
	return r;
}

int credentials_from_environment(struct credentials *credentials, struct refusal *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const struct variable *variable = &variables[i];
		const char *value = getenv(variable->name);

		if (!value || *value == '\0')
			continue;
		if (!string_copy((char *)credentials + variable->offset, variable->size, value))
			return refuse(why, 0, "the environment's %s is too long", variable->name);
	}
	return 0;
}

static int parse_line(const char *line, size_t length, unsigned int number,
		      struct credentials *credentials, struct refusal *why)
{
	static const char export[] = "export ";
	_cleanup_text_ struct text value = {};
	const struct variable *variable;
	const char *equals;
	size_t blanks = strspn(line, " \t");

	if (blanks >= length || line[blanks] == '#')
		return 0;
	line += blanks;
	length -= blanks;
	if (length > strlen(export) && strncmp(line, export, strlen(export)) == 0) {
		line += strlen(export);
		length -= strlen(export);
	}
	equals = memchr(line, '=', length);
	if (!equals)
		return refuse(why, 0, "line %u is not of the form 'export NAME=value'", number);
	variable = find_variable(line, (size_t)(equals - line));
	if (!variable)
		return 0;
	length -= (size_t)(equals + 1 - line);
	if (!unquote(equals + 1, length, &value))
		return refuse(why, 0, "line %u: the value of %s is not quoted as a shell would",
			      number, variable->name);
	if (value.failed)
		return -ENOMEM;
	if (!string_copy((char *)credentials + variable->offset, variable->size,
			 value.data ? value.data : ""))
		return refuse(why, 0, "line %u: the value of %s is too long", number,
			      variable->name);
	return 0;
}

static const struct variable *find_variable(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		if (strlen(variables[i].name) == length &&
		    memcmp(variables[i].name, name, length) == 0)
			return &variables[i];
	return NULL;
}

/* One word of a shell, without expansions: plain characters, '…', "…" and backslashes.  Blanks and a comment
 * may follow it. */
static bool unquote(const char *word, size_t length, struct text *value)
{
	char quote = '\0';
	size_t i;

	for (i = 0; i < length; i++) {
		char c = word[i];

		if (quote != '\'' && c == '\\' && i + 1 < length)
			text_append_char(value, word[++i]);
		else if (quote != '\0' && c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '\'' || c == '"'))
			quote = c;
		else if (quote == '\0' && (c == ' ' || c == '\t' || c == '\r'))
			break;
		else
			text_append_char(value, c);
	}
	while (i < length && (word[i] == ' ' || word[i] == '\t' || word[i] == '\r'))
		i++;
	return quote == '\0' && (i == length || word[i] == '#');
}
