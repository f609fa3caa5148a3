/* May a session be?  What other objects have to say on it.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/session.h"
#include "mirror/source.h"

/* All of them return 0, REFUSED or a fault. */

/* The source must be the caller's, plugged, and neither a target's nor where copies to a target
 * group arrive. */
int session_check_source(struct control *control, const struct caller *caller,
			 const struct session *session, struct source *ret_source,
			 struct refusal *why);

/* What must hold of target, filter and number after every change. */
int session_check_parts(struct control *control, const struct caller *caller,
			const struct session *session, struct refusal *why);

/* Whether the target takes one source more, unless it is its source already. */
int session_check_target(struct control *control, const struct session *session,
			 struct refusal *why);

/* What only one session more can exceed. */
int session_check_limits(struct control *control, const struct session *session,
			 const struct source *source, struct refusal *why);

/* A random number that no session of the owner has, and that is not '*ret_vni'. */
int session_pick_vni(struct control *control, const char *owner, uint32_t *ret_vni,
		     struct refusal *why);
