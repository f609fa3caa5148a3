// SPDX-License-Identifier: Apache-2.0
#include "sigv4/uri.h"

#include "base/text.h"

#include <string.h>

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void uri_append_encoded(struct text *text, const char *bytes, size_t size, const char *keep)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (is_unreserved(bytes[i]) || (byte != '\0' && strchr(keep, byte))) {
			text_append_char(text, bytes[i]);
			continue;
		}
		text_append_char(text, '%');
		text_append_char(text, digits[byte >> 4]);
		text_append_char(text, digits[byte & 15]);
	}
}

bool uri_append_decoded(struct text *text, const char *component, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high, low;

		if (component[i] == '+') {
			text_append_char(text, ' ');
			continue;
		}
		if (component[i] != '%') {
			text_append_char(text, component[i]);
			continue;
		}
		if (size - i < 3)
			return false;
		high = hex_digit(component[i + 1]);
		low = hex_digit(component[i + 2]);
		if (high < 0 || low < 0)
			return false;
		text_append_char(text, (char)(high << 4 | low));
		i += 2;
	}
	return true;
}
