// SPDX-License-Identifier: Apache-2.0
/* Loaded into a controller before all other libraries (LD_PRELOAD), this one gives it another time of day: CLOCK_AHEAD
 * seconds later.  To clients it is as if their own clocks were wrong. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
	const char *ahead = getenv("CLOCK_AHEAD");
	int r = (int)syscall(SYS_clock_gettime, clock, now);

	if (r == 0 && clock == CLOCK_REALTIME && ahead)
		now->tv_sec += atol(ahead);
	return r;
}
