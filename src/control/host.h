/* Hosts: what their agents report, and the plan each has to carry out. */
#pragma once

#include "control/control.h"
#include "mirror/plan.h"
#include "mirror/report.h"

/* Takes in a report: makes or updates the host, its instances and interfaces, the state and counters of its sessions.
 * The first report of a host makes it known.  Only a caller of kind host may report.
 *
 * A report without inventory is refused while the interfaces are not known, which they are not at first and after one was
 * deleted that is still there: agents answer a refusal with the whole inventory. */
int control_report(struct control *control, const struct caller *caller, const char *host,
		   const struct report *report, struct refusal *why);

/* What a report says of sessions, if it speaks of so many that control_report() would keep others waiting: that one without them, then
 * these in turns.  Each turn is as good as a report of its own. */
#define REPORT_SESSIONS_AT_ONCE 200
int control_report_sessions(struct control *control, const struct caller *caller, const char *host,
			    const struct report_session *sessions, size_t count,
			    struct refusal *why);

/* Forgets a host that is gone for good, with its interfaces and instances.  Refused while its agent reports or a session
 * has its source there. */
int control_delete_host(struct control *control, const struct caller *caller, const char *host,
			struct refusal *why);

/* The plan of a host nobody has heard of yet is empty and has revision 0. */
int control_get_plan(struct control *control, const struct caller *caller, const char *host,
		     struct plan **ret_plan, struct refusal *why);

/* Cheap enough to ask at each turn of a long poll.  It may differ from the poller's either way, so compare for
 * equality. */
int control_get_revision(struct control *control, const struct caller *caller, const char *host,
			 uint64_t *ret_revision, struct refusal *why);
