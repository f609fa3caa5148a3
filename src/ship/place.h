/* Which CPUs a shipping thread runs on: others than those that its records come from.
 *
 * A packet is captured where the kernel handles it, which is work in softirq that the scheduler knows nothing of.  So it leaves a
 * thread there that production's packets interrupt all the time, though another CPU idles: measured, such a thread
 * ships half as much, and production waits behind it besides.
 *
 * Whoever is busy therefore stays off those of his CPUs that bring much, as long as there is one that does not.  Where packets come
 * in at all CPUs, the scheduler decides as ever.
 *
 * What is allowed is for others to say, by a cpuset or for the whole process, and it changes when a CPU goes offline.  The thread's own
 * affinity does not tell, since the kernel cuts it by what we asked for; so another thread is looked at that we never move.  Whoever
 * moves this one alone has the last word. */
#pragma once

#include "ship/restraint.h"
#include "wire/ring.h"

#include <sched.h>
#include <stddef.h>
#include <sys/types.h>

/* The rings of all CPUs, in their order.  The thread serves every 'stride'th from 'first' on. */
struct place_rings {
	const struct ring_head *const *heads;
	size_t count, first, stride;
};

struct place {
	struct place_rings rings;
	pid_t unmoved; /* The thread that tells what is allowed. */
	/* By each ring before the window; NULL: the scheduler decides.  Behind it: what each brought. */
	uint64_t *offered;
	struct pulse begin;
	uint64_t free_until; /* Having got nowhere elsewhere, it is anywhere for some time. */
	cpu_set_t allowed;   /* By others, */
	cpu_set_t present;   /* and by us. */
};

/* Of the calling thread.  Without memory, or on a machine of more CPUs than a cpu_set_t has, the scheduler decides. */
void place_open(struct place *place, pid_t unmoved, const struct place_rings *rings);
void place_close(struct place *place);

/* Moves the calling thread if that is due. */
void place_look(struct place *place, const struct pulse *pulse);

/* Takes from a set the thread's CPUs that brought so much, in bytes, of all that came, unless all in the set did. */
void place_avoid(const struct place_rings *rings, const uint64_t *brought, cpu_set_t *set);
