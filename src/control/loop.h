/* Copies must never be copied again: two hosts that send to each other's appliances would make more of them for ever.
 *
 * So no interface is the source of a session and also where copies to a member of a target group arrive, whether the group
 * is in use or not; then nothing that forwards or modifies can ever close a loop.  An instance is where it is reached
 * (place.h), an address where a device of a host has it.  Any other interface of an appliance's host may be mirrored: copies do
 * not pass it.  What other accounts have registered hinders nobody.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/group.h"
#include "mirror/source.h"

/* The addresses of an account's sources. */
struct mirrored {
	struct mirrored_address *items; /* In order. */
	size_t count, capacity;
};

/* For a request that registers members of the group. */
int mirrored_load(struct control *control, const struct group *group, struct mirrored *mirrored);
void mirrored_fini(struct mirrored *mirrored);

/* Both refuse what would be source and appliance at once. */
int loop_check_member(struct control *control, const struct mirrored *mirrored,
		      const struct group *group, const char *id, struct refusal *why);
int loop_check_source(struct control *control, const struct source *source, struct refusal *why);
