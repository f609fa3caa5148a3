// SPDX-License-Identifier: Apache-2.0
#include "agent/skew.h"

#include <time.h>

bool skew_learn(const char *date, int64_t now, int64_t *ret_skew)
{
	struct tm time = {};
	const char *end = strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &time);

	if (!end || *end != '\0')
		return false;
	*ret_skew = (int64_t)timegm(&time) * 1000 - now;
	return true;
}
