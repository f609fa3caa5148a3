// SPDX-License-Identifier: Apache-2.0
/* A report that is taken survives being written and read again. */
#include "base/refusal.h"
#include "fuzz.h"
#include "mirror/report.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(report_fini) struct report report = {}, back = {};
	_cleanup_free_ char *first = NULL, *second = NULL;
	struct refusal why;

	if (report_decode((const char *)data, size, &report, &why) != 0)
		return 0;
	require(report_encode(&report, &first) == 0);
	require(report_decode(first, strlen(first), &back, &why) == 0);
	require(report_encode(&back, &second) == 0);
	require(strcmp(first, second) == 0);
	return 0;
}
