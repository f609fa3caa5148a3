// SPDX-License-Identifier: Apache-2.0
#include "base/refusal.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct refusal *why, int code, const char *format, ...)
{
	va_list arguments;

	if (!why)
		return REFUSED;
	why->code = code;
	va_start(arguments, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	return REFUSED;
}
