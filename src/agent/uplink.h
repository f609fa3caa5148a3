/* The agent's line to the controller: one thread waits for plans, another delivers reports, and a third, while somebody looks at
 * packets, delivers these.
 *
 * All go on trying, with growing pauses, while the controller is away; nothing in the data plane waits for them. */
#pragma once

#include "agent/link.h"
#include "base/cleanup.h"
#include "mirror/peek.h"
#include "mirror/plan.h"
#include "mirror/report.h"

struct uplink;

int uplink_open(const struct link_options *options, struct uplink **ret_uplink,
		struct refusal *why);
void uplink_free(struct uplink *uplink);
DEFINE_CLEANUP(struct uplink *, uplink_free)

/* Readable when there is something for uplink_take_plan() or uplink_take_wishes(). */
int uplink_get_descriptor(const struct uplink *uplink);

/* Whether the controller says that this host was shut out, and is to mirror nothing.  No other trouble is that. */
bool uplink_is_revoked(struct uplink *uplink);

/* The newest plan that arrived since the last call, and its JSON text to keep; both are the caller's.
 * NULL when there is none. */
struct plan *uplink_take_plan(struct uplink *uplink, char **ret_json);

/* Hands a report over for delivery; one that was not yet delivered is replaced.  'number', not 0, tells it from others. */
int uplink_send_report(struct uplink *uplink, const struct report *report, uint64_t number);

/* The number of the last report that was delivered; 0 before the first, and after one that could not be. */
uint64_t uplink_get_confirmed(struct uplink *uplink);

/* What is to be shown from now on, which is the caller's; each answer to a batch says it anew, and one that failed to come says
 * that nothing is.  Returns false when nothing was said since the last call. */
bool uplink_take_wishes(struct uplink *uplink, struct peek_wishes *ret_wishes);

/* Hands packets over for delivery; after each, an answer comes. */
int uplink_send_packets(struct uplink *uplink, const struct peek_batch *batch);
