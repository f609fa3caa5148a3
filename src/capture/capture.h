/* The kernel's half of the data plane: the program on every source, its maps, and the rings it fills.
 *
 * Everything lives in bpffs under one directory and outlives the process: opening finds what an earlier agent left and
 * goes on from there.  Not thread-safe; the agent's main thread owns it.  Needs CAP_BPF and CAP_NET_ADMIN, no more;
 * but a program loaded without CAP_PERFMON is guarded against speculation by the kernel and takes half as long again
 * or more, so a process does well to hold that until capture_open() has returned. */
#pragma once

#include "base/cleanup.h"
#include "mirror/plan.h"
#include "wire/counters.h"

struct capture;
struct ring_head;

enum capture_attach {
	CAPTURE_ATTACH_AUTOMATIC, /* tcx where the kernel has it (6.6), else clsact. */
	CAPTURE_ATTACH_TCX,
	CAPTURE_ATTACH_CLSACT,
};

struct capture_options {
	const char *
		directory; /* In a mounted bpffs, such as "/sys/fs/bpf/tmirror"; made if missing. */
	uint32_t
		ring_size; /* Bytes per CPU, a power of two of at least 64 KiB; 0: by the number of CPUs.  A ring
			     * that is there keeps its size. */
	uint32_t mark; /* SO_MARK of our own output. */
	enum capture_attach attach;
};

/* Loads the program and takes over the maps that are pinned; a program of an earlier agent goes on until
 * capture_apply() puts the new one in its place, without a gap.  Pins of another layout version, or that do not fit
 * this host, are removed first.  One process at a time uses a directory.
 * Returns 0, REFUSED (no bpffs, in use, kernel too old, no privilege: the reason says what would mend it), or a
 * fault. */
int capture_open(const struct capture_options *options, struct capture **ret_capture,
		 struct refusal *why);

/* Closes descriptors; the kernel goes on copying into the pinned rings. */
void capture_free(struct capture *capture);
DEFINE_CLEANUP(struct capture *, capture_free)

/* Removes programs, links, filters and every pin.  Nothing is left behind but an empty clsact qdisc that we made on a
 * device which is up, since removing it would drop what the device sends.  Does what it can and returns the first fault,
 * or REFUSED while an agent runs. */
int capture_detach(const char *directory, struct refusal *why);

/* A source of the plan whose device exists now. */
struct capture_device {
	struct resource_id source;
	int ifindex;
	enum orientation orientation; /* HOST or GUEST. */
};

/* Where a session lives in the kernel's tables. */
struct capture_slot {
	struct resource_id session;
	uint32_t slot;
	uint32_t generation; /* Never 0. */
	uint64_t epoch;      /* Random; identifies these counters in reports. */
};

/* Makes the kernel match the plan: frees slots of sessions that are gone, gives slots to new ones, replaces
 * filters and session lists (each atomically for passing packets), attaches to devices that need it, detaches
 * from the others.  Idempotent; also mends what somebody else took away.  A device that cannot be watched is
 * logged by the caller: 'failed' is called with its ifindex and the errno (positive), and the rest is applied.
 *
 * Attaching may wait for the kernel on every device, so it is done for a twentieth of a second, and the rest by
 * capture_guard(), which then wants to be called at once; capture_is_behind() tells.
 *
 * A session that is paused keeps its slot and is asked for no packet.
 *
 * Returns 0 or the first fault; whatever could be applied is, and the next call tries the rest.  -ENOSPC: there are
 * more sessions than free slots.  The slot of an ended session keeps its counters until the next call, so its last
 * counts can be read after this one.
 *
 * 'ready' is called when every session has its slot and before any packet is copied for it, so that the shipper
 * knows every slot it can meet.
 *
 * 'disturbed', which may be NULL, is called when the program was not where it had been put. */
struct capture_disturbance {
	int ifindex;
	bool overtaken; /* Somebody else's program came before ours, and could hide packets; else ours was gone. */
	bool mended; /* Else it is tried again later. */
};
struct capture_events {
	void *context;
	void (*ready)(void *context);
	void (*failed)(void *context, int ifindex, int error);
	void (*disturbed)(void *context, const struct capture_disturbance *disturbance);
};
int capture_apply(struct capture *capture, const struct plan *plan,
		  const struct capture_device *devices, size_t device_count,
		  const struct capture_events *events);

/* Whether some devices still wait to be attached or detached. */
bool capture_is_behind(const struct capture *capture);

/* Goes on with what capture_apply() had no time for.  Then looks whether the program is still where it was put, first in
 * both directions of every watched device, and puts it back: at once, and then less and less often where somebody keeps
 * undoing it.  Costs a system call per device and direction.  With 'everything' false, only devices that are suspect or wait for their next attempt are
 * looked at; 'ret_due' is when the first of these is due (monotonic; UINT64_MAX: none; 'now': there is more to attach). */
void capture_guard(struct capture *capture, bool everything, uint64_t now,
		   const struct capture_events *events, uint64_t *ret_due);

/* Nanoseconds after which everything should be looked at again, for what is not told otherwise. */
uint64_t capture_get_guard_interval(const struct capture *capture);

/* Somebody changed the classifiers of a device: the next capture_guard() looks at it. */
void capture_suspect(struct capture *capture, int ifindex);

/* Lets an inotify instance tell when somebody takes a pin away that holds the program on a device; a reason to guard
 * everything some milliseconds later, since the kernel takes its time to let go.  Returns 0 or a fault. */
int capture_watch_pins(const struct capture *capture, int inotify);

/* In order of gravity. */
enum capture_place {
	CAPTURE_FIRST,     /* Sees every packet, or is not meant to watch this device. */
	CAPTURE_OVERTAKEN, /* Sees what somebody else's program leaves to it. */
	CAPTURE_GONE,      /* Sees nothing. */
	CAPTURE_AWAITED,   /* Sees nothing yet: it has not been its turn. */
};
/* Where the program was on a device when last looked at. */
enum capture_place capture_get_place(const struct capture *capture, int ifindex);

/* The slots in use, valid until the next capture_apply(). */
const struct capture_slot *capture_get_slots(const struct capture *capture, size_t *ret_count);

/* Number of slots, which is the length of both counter tables. */
uint32_t capture_slot_limit(const struct capture *capture);

/* Adds up the kernel's own counters of a slot over all CPUs: what was accepted, and what was lost before the ring. */
int capture_read_counters(const struct capture *capture, uint32_t slot,
			  struct session_counters *ret_counters);

/* The shipper's counters: one struct session_counters per slot in memory that is shared with a pinned map, so
 * that they too survive the process. */
struct session_counters *capture_get_ship_counters(const struct capture *capture);

/* For the shipper: the ring of each possible CPU (wire/ring.h), borrowed. */
struct capture_ring {
	int data;               /* BPF_MAP_TYPE_ARRAY, its only element the records. */
	int bell;               /* BPF_MAP_TYPE_RINGBUF */
	uint32_t size;          /* Bytes of its data area, without the tail. */
	struct ring_head *head; /* Shared with the program. */
};
const struct capture_ring *capture_get_rings(const struct capture *capture, size_t *ret_count);
