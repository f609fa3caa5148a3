// SPDX-License-Identifier: Apache-2.0
#include "access/pattern.h"

#include "access/context.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define VARIABLE_SIZE 256

/* One "${…}": a key, and what stands for it where it has no value. */
struct variable {
	char key[VARIABLE_SIZE];
	char fallback[VARIABLE_SIZE];
	bool has_fallback;
};

static bool variable_read(const char **position, struct variable *ret_variable);
static bool variable_split(const char *body, struct variable *ret_variable);
static const char *variable_get(const struct variable *variable,
				const struct access_context *context);
static void append_literal(struct text *text, const char *literal, bool wildcards);

bool pattern_is_valid(const char *pattern)
{
	struct variable variable;

	while ((pattern = strstr(pattern, "${")))
		if (!variable_read(&pattern, &variable))
			return false;
	return true;
}

bool pattern_expand(const char *pattern, bool wildcards, const struct access_context *context,
		    struct text *text)
{
	struct variable variable;

	while (*pattern) {
		const char *value;

		if (pattern[0] != '$' || pattern[1] != '{') {
			/* A backslash means nothing to IAM, but something to string_matches(). */
			if (wildcards && *pattern == '\\')
				text_append_char(text, '\\');
			text_append_char(text, *pattern++);
			continue;
		}
		if (!variable_read(&pattern, &variable))
			return false;
		value = variable_get(&variable, context);
		if (!value)
			return false;
		append_literal(text, value, wildcards);
	}
	return true;
}

/* Reads from "${" to behind "}". */
static bool variable_read(const char **position, struct variable *ret_variable)
{
	const char *body = *position + 2, *end = strchr(body, '}');
	char copy[VARIABLE_SIZE];

	if (!end || end == body || (size_t)(end - body) >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%.*s", (int)(end - body), body);
	*position = end + 1;
	return variable_split(copy, ret_variable);
}

/* "key" or "key, 'fallback'". */
static bool variable_split(const char *body, struct variable *ret_variable)
{
	size_t key = strcspn(body, ", ");
	const char *rest = body + key;
	size_t size;

	snprintf(ret_variable->key, sizeof(ret_variable->key), "%.*s", (int)key, body);
	ret_variable->has_fallback = *rest != '\0';
	if (!ret_variable->has_fallback)
		return true;
	rest += strspn(rest, " ");
	if (key == 0 || *rest++ != ',')
		return false;
	rest += strspn(rest, " ");
	size = strlen(rest);
	if (size < 2 || rest[0] != '\'' || rest[size - 1] != '\'')
		return false;
	snprintf(ret_variable->fallback, sizeof(ret_variable->fallback), "%.*s", (int)(size - 2),
		 rest + 1);
	return true;
}

static const char *variable_get(const struct variable *variable,
				const struct access_context *context)
{
	const char *value;

	if (strlen(variable->key) == 1 && strchr("*?$", variable->key[0]))
		return variable->key;
	value = access_context_get(context, variable->key, 0);
	if (!value && variable->has_fallback)
		return variable->fallback;
	return value;
}

static void append_literal(struct text *text, const char *literal, bool wildcards)
{
	for (; *literal; literal++) {
		if (wildcards && strchr("*?\\", *literal))
			text_append_char(text, '\\');
		text_append_char(text, *literal);
	}
}
