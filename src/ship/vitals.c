// SPDX-License-Identifier: Apache-2.0
#include "ship/vitals.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool text_read(int descriptor, char *ret_text, size_t size);

void vitals_open(struct vitals *ret_vitals)
{
	*ret_vitals = (struct vitals){
		.thread = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC),
		.machine = open("/proc/uptime", O_RDONLY | O_CLOEXEC),
	};
}

void vitals_close(struct vitals *vitals)
{
	closep(&vitals->thread);
	closep(&vitals->machine);
	*vitals = VITALS_NONE;
}

/* Not from schedstat, which brings it up to date only when the thread leaves the CPU. */
uint64_t vitals_read_run(void)
{
	struct timespec run;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &run);
	return (uint64_t)run.tv_sec * NSEC_PER_SEC + (uint64_t)run.tv_nsec;
}

uint64_t vitals_read_wait(const struct vitals *vitals)
{
	unsigned long long wait;
	char text[96];

	if (!text_read(vitals->thread, text, sizeof(text)) || sscanf(text, "%*u %llu", &wait) != 1)
		return 0;
	return wait;
}

uint64_t vitals_read_idle(const struct vitals *vitals)
{
	unsigned long long seconds, hundredths;
	char text[96];

	if (!text_read(vitals->machine, text, sizeof(text)) ||
	    sscanf(text, "%*u.%*u %llu.%llu", &seconds, &hundredths) != 2)
		return 0;
	return seconds * NSEC_PER_SEC + hundredths * (NSEC_PER_SEC / 100);
}

static bool text_read(int descriptor, char *ret_text, size_t size)
{
	ssize_t length = descriptor < 0 ? -1 : pread(descriptor, ret_text, size - 1, 0);

	if (length <= 0)
		return false;
	ret_text[length] = '\0';
	return true;
}
