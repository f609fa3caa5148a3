/* What requests about the members of target groups mean: appliances that are registered with one.
 *
 * Who is deregistered is drained first: for the group's delay he keeps the flows that he has and gets no new ones. */
#pragma once

#include "control/control.h"
#include "mirror/group.h"

/* AWS's TargetDescription. */
struct member_wish {
	const char *id;
	struct optional_number port;   /* Not set: the group's. */
	struct optional_number weight; /* Not set: what it was, or 1. */
	const char *zone;              /* The site's, or "all"; NULL: the site's. */
};

/* All or nothing.  Who is there already keeps his place, and is no longer drained. */
int control_register_members(struct control *control, const struct caller *caller,
			     const char *group, const struct member_wish *wishes, size_t count,
			     struct refusal *why);

/* Who is not there is no error. */
int control_deregister_members(struct control *control, const struct caller *caller,
			       const char *group, const struct member_wish *wishes, size_t count,
			       struct refusal *why);

/* Takes away those whose delay is over, and tells how many they were.  Cheap when there is none; to be called every second
 * or so. */
int control_expire_members(struct control *control, size_t *ret_count, struct refusal *why);

/* AWS's words, as in "unhealthy" and "Target.Timeout". */
struct member_health {
	const char *state;
	const char *reason; /* NULL: none. */
	char description[160];
};

struct member_record {
	struct member member;
	uint16_t check_port;
	struct member_health health;
};

struct member_list {
	struct group group;
	struct member_record *items; /* By id, then port. */
	size_t count, capacity;
};

void member_list_fini(struct member_list *list);

/* Those that are named, in that order, or with no names all that are registered or drained. */
int control_describe_members(struct control *control, const struct caller *caller,
			     const char *group, const struct member_wish *names, size_t count,
			     struct member_list *ret_list, struct refusal *why);
