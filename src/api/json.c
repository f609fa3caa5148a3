// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <inttypes.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void begin(struct text *json, const char *name);
static void append_escaped(struct text *json, const char *value);
static size_t plain_length(const char *text);

void json_open(struct text *json, const char *name, char bracket)
{
	begin(json, name);
	text_append_char(json, bracket);
}

void json_close(struct text *json, char bracket)
{
	text_append_char(json, bracket);
}

void json_text(struct text *json, const char *name, const char *value)
{
	begin(json, name);
	append_escaped(json, value);
}

void json_number(struct text *json, const char *name, int64_t value)
{
	begin(json, name);
	text_printf(json, "%" PRId64, value);
}

void json_boolean(struct text *json, const char *name, bool value)
{
	begin(json, name);
	text_append(json, value ? "true" : "false");
}

void json_raw(struct text *json, const char *name, const char *value)
{
	begin(json, name);
	text_append(json, value && *value != '\0' ? value : "null");
}

/* No value ends with an opening bracket outside of its quotes. */
static void begin(struct text *json, const char *name)
{
	const char last = json->length > 0 ? json->data[json->length - 1] : '[';

	if (last != '{' && last != '[')
		text_append_char(json, ',');
	if (name) {
		append_escaped(json, name);
		text_append_char(json, ':');
	}
}

static void append_escaped(struct text *json, const char *value)
{
	text_append_char(json, '"');
	for (;;) {
		size_t size = plain_length(value);

		text_append_bytes(json, value, size);
		value += size;
		if (*value == '\0')
			break;
		size = text_character_size(value);
		if (*value == '"' || *value == '\\')
			text_append_char(json, '\\');
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			text_printf(json, "\\u%04x", (unsigned int)(unsigned char)*value);
		else if (size == 0)
			text_append(json, REPLACEMENT);
		else
			text_append_bytes(json, value, size);
		value += size > 0 ? size : 1;
	}
	text_append_char(json, '"');
}

/* How many characters from here on are of ASCII and mean themselves. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~' && text[length] != '"' &&
	       text[length] != '\\')
		length++;
	return length;
}
