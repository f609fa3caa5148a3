/* Whether shipping takes from production what production wants, and when to hold back for it.
 *
 * SCHED_IDLE keeps a thread off a core that production runs on, but sending is work in the kernel that nobody interrupts, and
 * that production's own packets wait behind.  A transfer whose every answer comes 50 µs later may do a third of
 * what it could, and leaves cores idle over it.  So neither idle time nor our own waiting tells it from a transfer that wants
 * no more: one has to ask, which is to pause for a moment and to see whether more is captured.
 *
 *	ALL ─── busy, and made to wait ───▶ ASKING ─── more is captured, three times ───▶ SOME
 *	 ▲                                    │                                            │
 *	 ├─── no more, or it was a burst ─────┘                                            │
 *	 ├─── it brought nothing, or the transfer came to its end ◀────────────────────────┤
 *	 └─── one core could ship it, or idle ones could ◀──────────────────────────────────┘
 *
 * Asking takes 5 ms, and 15 if the answer is yes.  It loses nothing where the rings hold what comes meanwhile.  In SOME little is
 * shipped, and the rings refuse the rest before it costs anything.  A transfer that begins at full rate is held back for within some
 * 20 ms.
 *
 * Pure: time, and what is known of thread, machine and rings, come in as a pulse. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum restraint_phase {
	RESTRAINT_ALL,    /* Ship whatever comes. */
	RESTRAINT_ASKING, /* Ship nothing until the next update is due. */
	RESTRAINT_SOME,   /* Ship a little, in between long pauses. */
};

/* Sums since any beginning; in nanoseconds or bytes. */
struct pulse {
	uint64_t now;  /* Monotonic. */
	uint64_t run;  /* This thread was on a CPU, */
	uint64_t wait; /* or would have been but for others. */
	uint64_t idle; /* All CPUs together had nothing to do. */
	uint64_t
		offered; /* The program wrote into the thread's rings, or found no room there for. */
	uint64_t taken;  /* The thread took from them. */
};

struct restraint {
	enum restraint_phase phase;
	struct pulse begin; /* Of the present window. */
	uint64_t due;       /* When it ends. */

	/* Before asking: the windows in a row that were suspect, and what they came to. */
	unsigned int suspects;
	struct pulse suspected; /* Their begin. */
	double rate, shipped;   /* Bytes offered, and taken, per nanosecond. */
	double cost;            /* Nanoseconds on a CPU for each byte. */
	double usual;           /* Bytes offered per nanosecond of late, while all was shipped. */

	unsigned int answers; /* Windows of ASKING in which production wanted more. */
	unsigned int doubts;  /* Windows of SOME in a row in which it hardly did. */
	uint64_t wanted;      /* When it was last known to want more; 0: never. */

	uint64_t ask_due, ask_interval; /* Not to be asked again before. */
	uint64_t held_until;            /* SOME lasts at least so long, or lasted. */
	uint64_t hold_interval;
};

void restraint_init(struct restraint *restraint, const struct pulse *pulse);

/* Whether a pulse is to be taken for restraint_update(). */
static inline bool restraint_is_due(const struct restraint *restraint, uint64_t now)
{
	return now >= restraint->due;
}

/* Closes the window and decides anew. */
void restraint_update(struct restraint *restraint, const struct pulse *pulse);

/* How long to pause in SOME after shipping took so many nanoseconds of a CPU. */
uint64_t restraint_pause(uint64_t run);
