/* Which CPUs a shipping thread runs on: others than those that its records come from.
 *
 * A packet is captured where the kernel handles it, which is work in softirq that the scheduler knows nothing of.  So it leaves a
 * thread there that production's packets interrupt all the time, though another CPU idles: measured, such a thread
 * ships half as much, and production waits behind it besides.
 *
 * Whoever is busy therefore stays off the CPUs that bring much, as long as he gets on elsewhere.  Where packets are spread
 * over many CPUs, or over all, the scheduler decides as ever. */
#pragma once

#include "ship/restraint.h"
#include "ship/stream.h"

#include <sched.h>

struct place {
	/* The CPU of the i-th ring is first + i * stride. */
	size_t first, stride, count;
	uint64_t *
		offered; /* By each ring before the window; NULL: the scheduler decides.  Behind it: what each brought. */
	struct pulse begin;
	uint64_t
		free_until; /* The thread got nowhere elsewhere, so it is anywhere for some time. */
	cpu_set_t allowed;  /* By whoever started the program, */
	cpu_set_t present;  /* and by us. */
};

/* Of the calling thread.  Without memory, or on a machine of more CPUs than a cpu_set_t has, the scheduler decides. */
void place_open(struct place *place, size_t first, size_t stride, const struct stream *stream);
void place_close(struct place *place);

/* Moves the calling thread if that is due. */
void place_look(struct place *place, const struct stream *stream, const struct pulse *pulse);

/* Takes from a set the CPUs of rings that brought so much, in bytes, of all that came, unless none would be left. */
void place_avoid(const struct place *place, const uint64_t *brought, cpu_set_t *set);
