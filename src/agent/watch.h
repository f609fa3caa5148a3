/* What happened to the watched devices: which of them went and came back, and how often the program had to be put back
 * in its place.  Says so in the log, and keeps the account for the report. */
#pragma once

#include "capture/capture.h"
#include "mirror/report.h"

struct watched_source {
	struct resource_id id;
	int ifindex;      /* 0: its device is not there. */
	uint64_t gone_at; /* Monotonic; 0: it never was there. */
};

struct watch {
	struct report_reattachments reattachments;
	struct watched_source *sources; /* By id. */
	size_t count;
};

void watch_fini(struct watch *watch);

/* The devices of the plan's sources as they are now.  Returns 0 or -ENOMEM. */
int watch_note_devices(struct watch *watch, const struct plan *plan,
		       const struct capture_device *devices, size_t device_count, uint64_t now);

void watch_note_disturbance(struct watch *watch, const struct capture_disturbance *disturbance,
			    const char *device);

/* What is amiss on a device whose program is at this place; NULL: nothing. */
const char *watch_explain_place(enum capture_place place);
