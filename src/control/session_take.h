/* What requests say of a session but for its source, taken into the domain's types.  Selectors say the same of all that they
 * make.  Private to control/. */
#pragma once

#include "control/control.h"
#include "control/session.h"

/* NULL or not set: not given. */
struct session_fields {
	const char *target, *filter;
	struct optional_number number, packet_length, vni;
	const char *description;
	const struct options_wish *options;
	unsigned int remove; /* Set of enum session_field. */
};

/* Refuses what lacks anything that a new one needs. */
int session_fields_require(const struct session_fields *fields, struct refusal *why);

/* Brings what is given into the session and keeps the rest; a VNI that is removed is for the caller to pick.  Whether it all
 * fits together is session_validate()'s to say. */
int session_fields_take(struct control *control, const struct session_fields *fields,
			struct session *session, struct refusal *why);

/* An id that must be given and of the kind's shape.  'what' is the parameter's name. */
int reference_take(const char *id, const char *what, enum resource_kind kind,
		   struct resource_id *ret_id, struct refusal *why);
