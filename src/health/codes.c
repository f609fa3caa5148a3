// SPDX-License-Identifier: Apache-2.0
#include "health/codes.h"

#include <stdlib.h>

bool codes_contain(const char *codes, long status)
{
	while (*codes >= '0' && *codes <= '9') {
		char *end;
		long first = strtol(codes, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (status >= first && status <= last)
			return true;
		if (*end != ',')
			break;
		codes = end + 1;
	}
	return false;
}
