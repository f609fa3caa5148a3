// SPDX-License-Identifier: Apache-2.0
#include "cli/endpoint.h"

#include "base/text.h"

#include <string.h>

static bool copy_port(const char *text, char ret_port[ENDPOINT_PORT_SIZE]);

bool endpoint_split(const char *text, char ret_address[ENDPOINT_ADDRESS_SIZE],
		    char ret_port[ENDPOINT_PORT_SIZE])
{
	const char *end = NULL, *rest;
	size_t length;

	if (text[0] == '[') {
		end = strchr(++text, ']');
		if (!end)
			return false;
		rest = end + 1;
	} else {
		const char *colon = strchr(text, ':');

		/* Two colons and no brackets: an IPv6 address and nothing else. */
		end = colon && !strchr(colon + 1, ':') ? colon : text + strlen(text);
		rest = end;
	}
	length = (size_t)(end - text);
	if (length == 0 || length >= ENDPOINT_ADDRESS_SIZE || !copy_port(rest, ret_port))
		return false;
	memcpy(ret_address, text, length);
	ret_address[length] = '\0';
	return true;
}

/* "" or ":80". */
static bool copy_port(const char *text, char ret_port[ENDPOINT_PORT_SIZE])
{
	ret_port[0] = '\0';
	if (*text == '\0')
		return true;
	return *text == ':' && text[1] && string_copy(ret_port, ENDPOINT_PORT_SIZE, text + 1);
}
