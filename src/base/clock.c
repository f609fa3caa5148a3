// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

uint64_t clock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

int64_t clock_realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void timestamp_format(int64_t milliseconds, char ret_text[TIMESTAMP_SIZE])
{
	time_t seconds = (time_t)(milliseconds / 1000);
	char date[20];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(ret_text, TIMESTAMP_SIZE, "%s.%03uZ", date,
		       (unsigned int)(milliseconds % 1000) % 1000U);
}
