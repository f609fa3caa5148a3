/* The fleets of a plan: which ones its sessions lead to, and which of them find room.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/plan.h"

/* A fleet that sessions lead to, by the target group behind it. */
struct wanted_fleet {
	char group[FLEET_ID_SIZE];
	uint32_t tcp_idle;
	int64_t members; /* As registered; in the plan they are no more. */
};

struct wanted_fleets {
	struct wanted_fleet *items;
	size_t count, capacity;
};

void wanted_fleets_fini(struct wanted_fleets *wanted);

/* Returns 0 or -ENOMEM.  One group may be wanted often. */
int wanted_fleets_add(struct wanted_fleets *wanted, const char *group, uint32_t tcp_idle);

/* Adds the fleets that find room.  The plan's sessions name the groups that they lead to; those whose fleet found none do not any
 * more, and say so.  Returns 0 or a fault. */
int plan_add_fleets(struct control *control, struct wanted_fleets *wanted, struct plan *plan);
