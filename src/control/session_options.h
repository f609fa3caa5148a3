/* The options of a session that AWS does not have, from a request into a session.  Private to control/. */
#pragma once

#include "control/control.h"
#include "control/session.h"

/* Brings what is given into the options and keeps the rest.  Whether they fit together is session_validate()'s to say. */
int options_take(struct control *control, const struct options_wish *wish,
		 struct session_options *options, struct refusal *why);

/* The outer source address must be of the family of the target's, if that has one now.  Copies to a gateway are always VXLAN
 * to its usual port. */
int options_check_target(struct control *control, const struct session *session,
			 struct refusal *why);
