/* The heart of the agent: joins the plan, the devices that exist, the kernel's half and the shipper, and makes the
 * first three agree whenever one of them changes.
 *
 * Owned by the main thread. */
#pragma once

#include "agent/inventory.h"
#include "capture/capture.h"
#include "mirror/peek.h"
#include "mirror/plan.h"
#include "mirror/report.h"
#include "ship/ship.h"

struct mirroring;

struct mirroring_options {
	struct capture_options capture;
	size_t thread_count; /* Of the shipper; 0: one. */
	uint16_t port_base;  /* First UDP source port; 0: default. */
};

/* Takes over what an earlier agent left in the kernel and starts shipping what is still in the rings.
 * Returns 0, REFUSED or a fault. */
int mirroring_open(const struct mirroring_options *options, struct mirroring **ret_mirroring,
		   struct refusal *why);
void mirroring_free(struct mirroring *mirroring);
DEFINE_CLEANUP(struct mirroring *, mirroring_free)

/* Takes the plan over (the caller's pointer is spent) and applies it: to many new devices a slice at a time, the rest by
 * mirroring_guard(). */
void mirroring_set_plan(struct mirroring *mirroring, struct plan *plan);

/* Ends the sessions of the plan whose time is over at 'now' (clock_realtime()), whether or not a controller answers.  What is
 * still in the rings for them is counted as lost to it.  Cheap while there are none.  Returns whether there were any, and in
 * 'ret_left' the nanoseconds until the next one; UINT64_MAX: none. */
bool mirroring_end_sessions(struct mirroring *mirroring, int64_t now, uint64_t *ret_left);

/* Reads the host's devices again and applies the plan to them.  Returns 1 when they differ from before, else 0; or a fault,
 * such as -EINTR when they changed while they were being listed: then it is to be tried again. */
int mirroring_refresh(struct mirroring *mirroring);

/* Goes on with what there was no time to apply, puts the program back where somebody took it away or came before it, and
 * tries again what could not be applied.  Cheap
 * while nothing is amiss: 'everything' costs a system call per watched device and direction, else only what is suspect is
 * looked at.  'ret_due' is when it wants to be called again (monotonic; UINT64_MAX: when something happens).
 * Returns true when there is news for a report. */
bool mirroring_guard(struct mirroring *mirroring, bool everything, uint64_t now, uint64_t *ret_due);

/* Nanoseconds after which everything is to be guarded again. */
uint64_t mirroring_get_guard_interval(const struct mirroring *mirroring);

/* Somebody changed the classifiers of a device: it is suspect. */
void mirroring_suspect(struct mirroring *mirroring, int ifindex);

/* Lets an inotify instance tell when a pin that holds the program on a device is removed.  Returns 0 or a fault. */
int mirroring_watch_pins(const struct mirroring *mirroring, int inotify);

/* Readable when there is something for mirroring_take_health(). */
int mirroring_get_health_descriptor(const struct mirroring *mirroring);

/* Sends copies to the appliances that serve by now.  Returns true when there is news for a report. */
bool mirroring_take_health(struct mirroring *mirroring);

/* Fills in all but the version; 'with_inventory' adds the list of interfaces.  Returns 0 or a fault. */
int mirroring_report(const struct mirroring *mirroring, bool with_inventory,
		     struct report *ret_report);

/* Lets the shipper show packets of the sessions that are wished for, and of no others.  Nothing else changes. */
void mirroring_set_peeks(struct mirroring *mirroring, const struct peek_wishes *wishes);

/* Moves packets that were shown to a batch, as far as it has room.  Returns 0 or -ENOMEM. */
int mirroring_collect_packets(struct mirroring *mirroring, struct peek_batch *batch);
