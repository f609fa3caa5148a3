// SPDX-License-Identifier: Apache-2.0
/* A time that is taken is the same time once it was written. */
#include "base/clock.h"

#include "base/cleanup.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	char again[TIMESTAMP_SIZE];
	int64_t time, back;

	require(text);
	if (!timestamp_parse(text, &time))
		return 0;
	timestamp_format(time, again);
	require(timestamp_parse(again, &back) && back == time);
	return 0;
}
