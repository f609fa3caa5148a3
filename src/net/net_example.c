// SPDX-License-Identifier: Apache-2.0
#include "net/net_example.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void shell(const char *format, ...)
{
	char command[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(command) || system(command) != 0) {
		(void)fprintf(stderr, "failed: %s\n", command);
		abort();
	}
}

struct address address(const char *text)
{
	struct address parsed;

	if (!address_parse(text, &parsed)) {
		(void)fprintf(stderr, "not an address: %s\n", text);
		abort();
	}
	return parsed;
}
