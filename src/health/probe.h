/* One check of one appliance: a question, and what comes of it in time.
 *
 * A prober has many under way and waits for all of them at once; what differs between protocols is a row of probe_kind.h.
 * All sockets carry the agent's mark, so checks are not mirrored.  For one thread; only prober_wake() is for any. */
#pragma once

#include "base/cleanup.h"
#include "health/verdict.h"
#include "mirror/fleet.h"

struct prober;
struct probe;

/* Under way at once; each has a socket. */
#define PROBES_MAX 256

int prober_new(uint32_t mark, struct prober **ret_prober);

/* All probes must be gone. */
void prober_free(struct prober *prober);
DEFINE_CLEANUP(struct prober *, prober_free)

/* Whether there is room for another probe. */
bool prober_has_room(const struct prober *prober);

/* Asks the member; no longer than until 'deadline' (monotonic).  Whatever goes wrong becomes a finding, so that this fails for want
 * of room or memory only.  'check' and 'member' need not outlive the call.  Returns 0, -EBUSY or -ENOMEM. */
int probe_new(struct prober *prober, const struct health_check *check,
	      const struct fleet_member *member, uint64_t deadline, void *owner,
	      struct probe **ret_probe);

/* Gives it up, whether it has ended or not. */
void probe_free(struct probe *probe);

void probe_set_owner(struct probe *probe, void *owner);

/* Waits until a probe may have ended, somebody calls prober_wake(), or it is 'due'; UINT64_MAX: never. */
void prober_wait(struct prober *prober, uint64_t due);
void prober_wake(struct prober *prober);

/* The owner of a probe that has ended, and is the caller's to free; NULL when there is none. */
void *prober_take_ended(struct prober *prober, enum finding *ret_finding);
