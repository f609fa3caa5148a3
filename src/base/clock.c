// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool form_matches(const char *form, const char *text);

uint64_t clock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

void clock_sleep(uint64_t nanoseconds)
{
	struct timespec duration = {.tv_nsec = (long)nanoseconds};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, NULL);
}

int64_t clock_realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void timestamp_format(int64_t milliseconds, char ret_text[TIMESTAMP_SIZE])
{
	int64_t fraction = (milliseconds % 1000 + 1000) % 1000; /* Before 1970, too. */
	time_t seconds = (time_t)((milliseconds - fraction) / 1000);
	char rest[16]; /* "-01-02T03:04:05" */
	unsigned int year;
	struct tm utc;

	gmtime_r(&seconds, &utc);
	year = (unsigned int)(utc.tm_year + 1900) % 10000;
	(void)strftime(rest, sizeof(rest), "-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(ret_text, TIMESTAMP_SIZE, "%04u%s.%03uZ", year, rest,
		       (unsigned int)fraction);
}

bool timestamp_parse(const char *text, int64_t *ret_milliseconds)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd", fraction_form[] = ".ddd";
	size_t length = sizeof(form) - 1, fraction_length = sizeof(fraction_form) - 1;
	int64_t milliseconds = 0;
	struct tm date = {}, normal;

	if (!form_matches(form, text))
		return false;
	(void)sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &date.tm_year, &date.tm_mon, &date.tm_mday,
		     &date.tm_hour, &date.tm_min, &date.tm_sec);
	text += length;
	if (form_matches(fraction_form, text)) {
		milliseconds = strtol(text + 1, NULL, 10);
		text += fraction_length;
	}
	if (strcmp(text, "Z") != 0)
		return false;
	date.tm_year -= 1900;
	date.tm_mon -= 1;
	normal = date;
	milliseconds += (int64_t)timegm(&normal) * 1000;
	/* The 31st of February has become a day of March. */
	if (normal.tm_mon != date.tm_mon || normal.tm_mday != date.tm_mday ||
	    normal.tm_hour != date.tm_hour || normal.tm_min != date.tm_min ||
	    normal.tm_sec != date.tm_sec)
		return false;
	*ret_milliseconds = milliseconds;
	return true;
}

/* Whether the text begins as the form says: a digit for each 'd', anything else as it is. */
static bool form_matches(const char *form, const char *text)
{
	for (; *form != '\0'; form++, text++)
		if (*form == 'd' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}
