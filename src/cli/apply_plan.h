/* What is to be done so that the world is as the files wish, step by step.
 *
 * What others lean on is made before them and deleted after them: filters, rules and targets, then sessions, then what is
 * no longer wished.  Of a source's sessions no two have one number, at no moment: those that end make room first, and
 * where numbers are exchanged, one session waits beside them. */
#pragma once

#include "cli/apply_world.h"

struct refusal;

enum change_verb { CHANGE_CREATE, CHANGE_MODIFY, CHANGE_DELETE };

struct change {
	enum change_verb verb;
	struct object *wish;        /* NULL with CHANGE_DELETE. */
	const struct object *found; /* NULL with CHANGE_CREATE. */
	unsigned int aside;         /* Only gives the session this number, for now; else 0. */
};

struct plan {
	struct change *items;
	size_t count, capacity;
};

void apply_plan_fini(struct plan *plan);
#define _cleanup_plan_ _cleanup_(apply_plan_fini)

/* Borrows from both worlds; pairs what is in both.  Returns 0, REFUSED with the place in the files and what is wrong
 * there, or -ENOMEM. */
int apply_plan_make(struct world *wishes, struct present *present, struct plan *ret_plan,
		    struct refusal *why);

/* Whether the change is about this field. */
bool change_has(const struct change *change, size_t field);
bool change_renames(const struct change *change);
