/* One event, one line, on standard error; the program decides, libraries return.
 *
 * Under systemd (JOURNAL_STREAM is set) lines carry the journal's "<N>" priority prefix instead of a time.
 * What a stranger or a packet can trigger goes through log_limited(), which says at most one line per
 * second and place, and how many it kept back. */
#pragma once

#include "base/cleanup.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct refusal;

/* "error", "warning", "info" or "debug".  Returns 0 or REFUSED. */
int log_level_parse(const char *name, enum log_level *ret_level, struct refusal *why);

/* Names the program in every line and sets the lowest level shown.  'program' must outlive the process. */
void log_open(const char *program, enum log_level lowest);

/* Another lowest level, while threads log. */
void log_set_level(enum log_level lowest);

void log_line(enum log_level level, const char *format, ...) _printf_(2, 3);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

struct log_limit {
	uint64_t until;      /* Monotonic nanoseconds until which this place stays silent. */
	uint64_t suppressed; /* Lines kept back since the last one shown. */
};

/* True when the place may speak now; 'ret_suppressed' tells how many lines it swallowed before. */
int log_limit_pass(struct log_limit *limit, uint64_t *ret_suppressed);

#define log_limited(level, format, ...)                                                          \
	do {                                                                                     \
		static struct log_limit _limit;                                                  \
		uint64_t _suppressed;                                                            \
		if (log_limit_pass(&_limit, &_suppressed))                                       \
			log_line(level, format " (%llu similar lines kept back)", ##__VA_ARGS__, \
				 (unsigned long long)_suppressed);                               \
	} while (0)
