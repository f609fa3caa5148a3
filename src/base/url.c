// SPDX-License-Identifier: Apache-2.0
#include "base/url.h"

#include <string.h>

#define PASSWORD_MAX \
	1024 /* So that whoever looks at every place of a long text does not look at all of it each time. */

size_t url_password_length(const char *whole, const char *text, const char *ends)
{
	const char *user, *at = NULL;

	if (text == whole || text[-1] != ':')
		return 0;
	user = text - 1;
	while (user > whole && !strchr("/:@?#", user[-1]) && !strchr(ends, user[-1]))
		user--;
	if (user - whole < 3 || strncmp(user - 3, "://", 3) != 0)
		return 0;
	for (const char *c = text; c - text < PASSWORD_MAX && *c != '\0' && !strchr(ends, *c); c++)
		if (*c == '@')
			at = c;
	return at ? (size_t)(at - text) : 0;
}
