/* How the fleet behind a session does.  Private to control/.
 *
 * A page of statuses asks the same for many sessions of one host, so what was found is kept for as long as the page takes. */
#pragma once

#include "control/fleet.h"
#include "control/resolve.h"
#include "mirror/source.h"

/* Of a target group, as a host sees it. */
struct fleet_status {
	char group[FLEET_ID_SIZE], host[HOST_NAME_SIZE];
	struct account_id owner;
	uint8_t family;
	enum fleet_lack lack;
	char health
		[160]; /* A sentence if copies go to all members because too few are healthy; else empty. */
};

struct fleet_statuses {
	struct fleet_status *items;
	size_t count, capacity;
};

void fleet_statuses_fini(struct fleet_statuses *statuses);

/* The answer is good until the next question.  Returns 0 or a fault. */
int fleet_statuses_ask(struct fleet_statuses *statuses, struct control *control, const char *group,
		       const char *host, const struct fleet_status **ret_status);

/* Says in the resolution why its copies go nowhere, if they do for want of members. */
void fleet_status_explain(const struct fleet_status *status, struct resolution *resolution);
