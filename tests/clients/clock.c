// SPDX-License-Identifier: Apache-2.0
/* Loaded into a program before all other libraries (LD_PRELOAD), this one gives it another time of day: CLOCK_AHEAD
 * seconds later.  Loaded into a controller, it is to clients as if their own clocks were wrong. */
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

/* The library's own would read the kernel's page. */
__attribute__((visibility("default"))) time_t time(time_t *ret_now)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret_now)
		*ret_now = now.tv_sec;
	return now.tv_sec;
}
