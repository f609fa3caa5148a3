// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
	const char *program;
	enum log_level lowest;
	int journal; /* Standard error is read by the journal, which adds time and name itself. */
} logger = {.program = "tmirror", .lowest = LOG_LEVEL_INFO};

static const struct {
	const char *word;
	int priority; /* As in syslog(3). */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", 3},
	[LOG_LEVEL_WARNING] = {"warning", 4},
	[LOG_LEVEL_INFO] = {"info", 6},
	[LOG_LEVEL_DEBUG] = {"debug", 7},
};

int log_level_parse(const char *name, enum log_level *ret_level, struct refusal *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(name, levels[i].word) != 0)
			continue;
		*ret_level = (enum log_level)i;
		return 0;
	}
	return refuse(why, 0, "'%s' is not a log level: error, warning, info or debug", name);
}

void log_open(const char *program, enum log_level lowest)
{
	logger.program = program;
	logger.journal = getenv("JOURNAL_STREAM") != NULL;
	log_set_level(lowest);
}

void log_set_level(enum log_level lowest)
{
	__atomic_store_n(&logger.lowest, lowest, __ATOMIC_RELAXED);
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[1024], prefix[64];
	struct timespec now;
	struct tm utc;
	va_list arguments;

	if (level > __atomic_load_n(&logger.lowest, __ATOMIC_RELAXED))
		return;
	if (logger.journal) {
		(void)snprintf(prefix, sizeof(prefix), "<%d>", levels[level].priority);
	} else {
		size_t length;

		clock_gettime(CLOCK_REALTIME, &now);
		gmtime_r(&now.tv_sec, &utc);
		length = strftime(prefix, sizeof(prefix), "%H:%M:%S", &utc);
		(void)snprintf(prefix + length, sizeof(prefix) - length,
			       ".%03ld %s %s: ", now.tv_nsec / 1000000, logger.program,
			       levels[level].word);
	}
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "%s%s\n", prefix, line);
}

int log_limit_pass(struct log_limit *limit, uint64_t *ret_suppressed)
{
	uint64_t now = clock_monotonic(), until = __atomic_load_n(&limit->until, __ATOMIC_RELAXED);

	if (now < until || !__atomic_compare_exchange_n(&limit->until, &until, now + NSEC_PER_SEC,
							0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&limit->suppressed, 1, __ATOMIC_RELAXED);
		return 0;
	}
	*ret_suppressed = __atomic_exchange_n(&limit->suppressed, 0, __ATOMIC_RELAXED);
	return 1;
}
