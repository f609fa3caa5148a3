// SPDX-License-Identifier: Apache-2.0
#include "api/xml.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static size_t plain_length(const char *text);

void xml_open(struct text *xml, const char *name)
{
	text_append_char(xml, '<');
	text_append(xml, name);
	text_append_char(xml, '>');
}

/* "<a></a>" and "<a/>" mean the same; EC2 sends the shorter. */
void xml_close(struct text *xml, const char *name)
{
	size_t length = strlen(name);

	if (!xml->failed && xml->length >= length + 2 &&
	    xml->data[xml->length - length - 2] == '<' &&
	    memcmp(xml->data + xml->length - length - 1, name, length) == 0 &&
	    xml->data[xml->length - 1] == '>') {
		xml->data[xml->length - 1] = '/';
		text_append_char(xml, '>');
		return;
	}
	text_append(xml, "</");
	text_append(xml, name);
	text_append_char(xml, '>');
}

void xml_text(struct text *xml, const char *name, const char *value)
{
	xml_open(xml, name);
	xml_escape(xml, value);
	xml_close(xml, name);
}

void xml_number(struct text *xml, const char *name, int64_t value)
{
	xml_open(xml, name);
	text_printf(xml, "%" PRId64, value);
	xml_close(xml, name);
}

void xml_count(struct text *xml, const char *name, uint64_t value)
{
	xml_open(xml, name);
	text_printf(xml, "%" PRIu64, value);
	xml_close(xml, name);
}

void xml_boolean(struct text *xml, const char *name, bool value)
{
	xml_text(xml, name, value ? "true" : "false");
}

void xml_time(struct text *xml, const char *name, int64_t milliseconds)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(milliseconds, time);
	xml_text(xml, name, time);
}

void xml_text_if_set(struct text *xml, const char *name, const char *value)
{
	if (value && *value != '\0')
		xml_text(xml, name, value);
}

void xml_set(struct text *xml, const char *name, const char *value)
{
	xml_open(xml, name);
	if (value)
		xml_text(xml, "item", value);
	xml_close(xml, name);
}

/* Nearly everything is plain, and goes as it is, in one piece. */
void xml_escape(struct text *xml, const char *value)
{
	for (;;) {
		size_t size = plain_length(value);

		text_append_bytes(xml, value, size);
		value += size;
		if (*value == '\0')
			return;
		size = text_character_size(value);
		if (size == 0) {
			text_append(xml, REPLACEMENT);
			size = 1;
		} else if (*value == '&') {
			text_append(xml, "&amp;");
		} else if (*value == '<') {
			text_append(xml, "&lt;");
		} else if (*value == '>') {
			text_append(xml, "&gt;");
		} else if (*value == '"') {
			text_append(xml, "&quot;");
		} else if (*value == '\r') {
			text_append(xml, "&#13;"); /* Readers turn a plain one into a newline. */
		} else {
			text_append_bytes(xml, value, size);
		}
		value += size;
	}
}

/* How many characters from here on are of ASCII and mean themselves. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~' && text[length] != '&' &&
	       text[length] != '<' && text[length] != '>' && text[length] != '"')
		length++;
	return length;
}
