// SPDX-License-Identifier: Apache-2.0
/* Both headers are lists with commas in between, read element by element in place. */
#include "web/negotiate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* One element of a list: where it is, without the blanks around it. */
struct element {
	const char *begin;
	size_t length;
};

static bool list_next(const char **position, struct element *ret_element);
static bool coding_is_accepted(const char *accepted, const char *name);
static bool quality_is_zero(const struct element *element, size_t name_length);

static const char *const coding_names[WEB_CODING_COUNT] = {
	[WEB_GZIP] = "gzip",
	[WEB_BROTLI] = "br",
};

enum web_coding web_choose_coding(const struct web_file *file, const char *accepted)
{
	/* The later one is the smaller one. */
	for (unsigned int coding = WEB_CODING_COUNT - 1; accepted && coding > WEB_IDENTITY;
	     coding--)
		if (file->bodies[coding].data && coding_is_accepted(accepted, coding_names[coding]))
			return coding;
	return WEB_IDENTITY;
}

const char *web_coding_name(enum web_coding coding)
{
	return coding_names[coding];
}

/* Two codings of one file are different bytes, so their tags differ, too. */
void web_format_tag(const struct web_file *file, enum web_coding coding, char ret_tag[WEB_TAG_SIZE])
{
	const char *name = coding_names[coding];

	(void)snprintf(ret_tag, WEB_TAG_SIZE, "\"%s%s%s\"", file->tag, name ? "-" : "",
		       name ? name : "");
}

bool web_tag_is_known(const char *known, const char *tag)
{
	const size_t length = strlen(tag);
	struct element element;

	while (known && list_next(&known, &element)) {
		if (element.length == 1 && *element.begin == '*')
			return true;
		/* Whoever stands in between may have made it a weak one. */
		if (element.length > 2 && strncmp(element.begin, "W/", 2) == 0) {
			element.begin += 2;
			element.length -= 2;
		}
		if (element.length == length && memcmp(element.begin, tag, length) == 0)
			return true;
	}
	return false;
}

static bool list_next(const char **position, struct element *ret_element)
{
	const char *begin = *position + strspn(*position, BLANKS ",");
	size_t length = strcspn(begin, ",");

	*position = begin + length;
	while (length > 0 && strchr(BLANKS, begin[length - 1]))
		length--;
	*ret_element = (struct element){begin, length};
	return length > 0;
}

static bool coding_is_accepted(const char *accepted, const char *name)
{
	const size_t length = strlen(name);
	struct element element;

	while (list_next(&accepted, &element)) {
		size_t word = strcspn(element.begin, BLANKS ";,");

		if (word == length && strncasecmp(element.begin, name, length) == 0)
			return !quality_is_zero(&element, word);
	}
	return false;
}

/* Anything but a zero is a yes: there are only two codings to choose from, and everybody who knows both likes the smaller. */
static bool quality_is_zero(const struct element *element, size_t name_length)
{
	const char *rest = element->begin + name_length;

	rest += strspn(rest, BLANKS ";");
	if (rest >= element->begin + element->length || strncasecmp(rest, "q=", 2) != 0)
		return false;
	return strtod(rest + 2, NULL) == 0;
}
