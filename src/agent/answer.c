// SPDX-License-Identifier: Apache-2.0
/* Ids, keys, codes and most sentences have nothing that XML escapes; so this looks for tags and is no parser. */
#include "agent/answer.h"

#include "base/count.h"

#include <stdio.h>
#include <string.h>

#define SENTENCE_MAX 200

static const char *find_element(const char *body, const char *element, size_t *ret_length);

bool answer_get_element(const char *body, const char *element, char *ret_text, size_t size)
{
	size_t length;
	const char *text = find_element(body, element, &length);

	ret_text[0] = '\0';
	if (!text || length >= size)
		return false;
	memcpy(ret_text, text, length);
	ret_text[length] = '\0';
	return true;
}

void answer_explain(const char *body, char *ret_text, size_t size)
{
	size_t length;
	const char *text = find_element(body, "Message", &length);

	if (!text) {
		text = body;
		length = strcspn(body, "\r\n");
	}
	(void)snprintf(ret_text, size, "%.*s", (int)MIN(length, (size_t)SENTENCE_MAX), text);
}

/* NULL: there is none. */
static const char *find_element(const char *body, const char *element, size_t *ret_length)
{
	char tag[64];
	const char *text, *end;

	(void)snprintf(tag, sizeof(tag), "<%s>", element);
	text = strstr(body, tag);
	if (!text)
		return NULL;
	text += strlen(tag);
	(void)snprintf(tag, sizeof(tag), "</%s>", element);
	end = strstr(text, tag);
	*ret_length = end ? (size_t)(end - text) : 0;
	return end ? text : NULL;
}
