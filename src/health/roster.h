/* Whom a host checks: the fleets that it sends to, and what is known of each member.
 *
 * A roster is made whole and inherits what its predecessor knew, so that a new plan interrupts nothing. */
#pragma once

#include "base/cleanup.h"
#include "health/verdict.h"
#include "mirror/fleet.h"

struct probe;

struct checked_fleet {
	struct fleet fleet;
	size_t first;   /* Its members' place in the roster. */
	size_t unasked; /* Of whom nothing was found out yet. */
	/* Every member was asked once, or somebody serves already.  Until then nothing counts, or all flows would go to the first
	 * who answers. */
	bool open;
};

struct checked_member {
	const struct checked_fleet *fleet;
	const struct fleet_member *member;
	struct verdict verdict;
	enum member_state told; /* What was last taken from here. */
	bool asked;
	uint64_t phase;      /* rhythm.h */
	uint64_t due;        /* The next check, monotonic. */
	struct probe *probe; /* NULL: none is under way. */
};

struct roster {
	struct checked_fleet *fleets; /* Sorted by id. */
	size_t fleet_count;
	struct checked_member *members; /* By fleet, in the fleet's order. */
	size_t member_count;
};

/* Copies the fleets, which are sorted by id.  'host' is any number of the host's own.  Returns 0 or -ENOMEM. */
int roster_new(const struct fleet *const *fleets, size_t count, uint64_t host,
	       struct roster **ret_roster);
void roster_free(struct roster *roster);
DEFINE_CLEANUP(struct roster *, roster_free)

/* Takes over what 'previous' knows of those that are in both, and probes that still ask the same. */
void roster_inherit(struct roster *roster, struct roster *previous, uint64_t now);

/* Takes a member's finding.  Returns whether its state changed, or that of its fleet. */
bool roster_take(struct roster *roster, struct checked_member *member, enum finding finding,
		 uint64_t now);

/* The state that counts. */
enum member_state checked_member_state(const struct checked_member *member);
