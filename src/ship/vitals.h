/* What the kernel tells of a thread's share of the CPUs, and of all CPUs' idleness. */
#pragma once

#include <stdint.h>

struct vitals {
	int thread;  /* /proc/thread-self/schedstat; -1: not told. */
	int machine; /* /proc/uptime. */
};

#define VITALS_NONE ((struct vitals){.thread = -1, .machine = -1})

/* Of the calling thread.  What this kernel does not tell stays 0 for ever. */
void vitals_open(struct vitals *ret_vitals);
void vitals_close(struct vitals *vitals);

/* Nanoseconds that the calling thread was on a CPU. */
uint64_t vitals_read_run(void);

/* Nanoseconds that the thread waited for a CPU. */
uint64_t vitals_read_wait(const struct vitals *vitals);

/* Nanoseconds that all CPUs together were idle. */
uint64_t vitals_read_idle(const struct vitals *vitals);
