/* Where the program runs: on both ways through every watched device, by tcx or by the clsact qdisc, before everybody
 * else's.
 *
 * The map 'devices' remembers what was attached, since of a classifier the kernel cannot say whose it is. */
#pragma once

#include "capture/capture.h"
#include "capture/patience.h"
#include "capture/tables.h"

struct attachments;
struct attachment;

/* One way of attaching. */
struct attach_way {
	enum capture_attach name;
	uint32_t flags;    /* enum map_device_flags that tell this way in the map. */
	uint64_t interval; /* Between looks at all devices, in nanoseconds. */

	/* Where our program is in one direction of a device that take() was called for.  Returns an
	 * enum capture_place or a fault; as cheap as the kernel allows. */
	int (*look)(const struct attachments *attachments, const struct attachment *attachment,
		    enum direction direction);

	/* Makes our program see what passes the device in 'direction', first of all if others let it: attaches it, or
	 * puts it in the place of an earlier program without a gap, or does nothing if it is there already.
	 * 'ret_flags' may gain flags to be remembered.  Returns the place where our program, or that of an
	 * earlier agent, was found, or a fault. */
	int (*take)(const struct attachments *attachments, struct attachment *attachment,
		    enum direction direction, uint32_t *ret_flags);

	/* Takes our program away from both directions.  Neither a vanished device nor a program that somebody
	 * else took away is a fault. */
	int (*remove)(const char *layout, int ifindex, uint32_t flags);
};

extern const struct attach_way attach_tcx, attach_clsact;

/* Whether the kernel has tcx, found by asking it.  'program' is any loaded classifier. */
bool tcx_is_available(int program);

/* Loads a program that lets everything pass, which holds a link while its place is given up. */
int tcx_load_placeholder(int *ret_program);

/* A watched device. */
struct attachment {
	int ifindex;
	bool taken;               /* By this process. */
	bool suspect;             /* Somebody did something to the device. */
	enum capture_place place; /* The worse one of both directions, when last looked at. */
	uint32_t links[DIRECTION_COUNT]; /* Ids of tcx links. */
	struct patience patience;
};

struct attachments {
	const struct attach_way *way;
	const char *layout; /* Borrowed. */
	bool behind;        /* What was wished for last is not done yet. */
	int programs[DIRECTION_COUNT];
	uint32_t program_ids[DIRECTION_COUNT];
	int placeholder;          /* Program, with tcx. */
	struct attachment *items; /* By ifindex. */
	size_t count;
};

#define ATTACHMENTS_NONE ((struct attachments){.placeholder = -1})

/* Chooses the way.  Returns 0, REFUSED when the kernel does not have the one that was asked for, or a fault. */
int attachments_open(struct attachments *ret_attachments, const char *layout,
		     enum capture_attach wish, const struct tables *tables, struct refusal *why);
void attachments_close(struct attachments *attachments);

/* Attaches to the devices that have a list of sessions and detaches from all others, for as long as a slice of time
 * lasts; what is left, attachments_guard() goes on with.  A device that fails is reported; the rest is done.  Returns 0 or
 * a fault that is no device's. */
int attachments_apply(struct attachments *attachments, const struct tables *tables,
		      const struct capture_device *devices, size_t device_count,
		      const struct plan *plan, const struct capture_events *events);

/* Goes on with what attachments_apply() had no time for, and looks after every device, or only after those that are
 * suspect.  'ret_due' is when it wants to be called again: at once, or when somebody's patience is over. */
void attachments_guard(struct attachments *attachments, const struct tables *tables,
		       bool everything, uint64_t now, const struct capture_events *events,
		       uint64_t *ret_due);

/* NULL: the device is not watched. */
struct attachment *attachments_find(const struct attachments *attachments, int ifindex);
