/* Time.  Whoever decides by time takes it as a parameter; only programs and doors ask the clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

/* Nanoseconds since boot, without suspend; never goes back. */
uint64_t clock_monotonic(void);

/* Sleeps, less than a second; a signal may end it early. */
void clock_sleep(uint64_t nanoseconds);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_realtime(void);

#define TIMESTAMP_SIZE 25

/* Writes ISO 8601 with milliseconds, as in "2026-01-02T03:04:05.000Z". */
void timestamp_format(int64_t milliseconds, char ret_text[TIMESTAMP_SIZE]);

/* Reads ISO 8601 in UTC, with or without milliseconds, as in "2026-01-02T03:04:05Z".  Returns false on anything else,
 * and on dates that no calendar has. */
bool timestamp_parse(const char *text, int64_t *ret_milliseconds);
