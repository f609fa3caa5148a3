/* Which appliances serve, as this host sees it: one thread that checks the members of all fleets that the host sends to.
 *
 * It asks nobody else, so a controller that is away changes nothing.  The thread finds out and keeps; whoever is told
 * by the descriptor takes what is new, and does something about it. */
#pragma once

#include "base/cleanup.h"
#include "mirror/fleet.h"

#include <stddef.h>

struct health;

int health_new(uint32_t mark, struct health **ret_health);

/* Stops the thread. */
void health_free(struct health *health);
DEFINE_CLEANUP(struct health *, health_free)

/* Starts the thread, with all signals blocked, and with the caller's privileges.  Returns 0 or a fault. */
int health_start(struct health *health);

/* Whom to check from now on, sorted by id; they are copied.  Those that stay keep what is known of them.  Returns 0 or a fault,
 * which changes nothing. */
int health_set_fleets(struct health *health, const struct fleet *const *fleets, size_t count);

/* Readable when there is something for health_take_news(). */
int health_get_descriptor(const struct health *health);

/* What is known of a member.  Pointers are good during the call. */
struct health_opinion {
	const char *fleet;
	const struct fleet_member *member;
	enum member_state state;
	enum member_reason reason; /* While unhealthy. */
};

typedef void (*health_visitor)(void *context, const struct health_opinion *opinion);

/* Visits the members whose state is another than at the last call.  Returns how many; or a fault that kept this host from checking
 * since then. */
int health_take_news(struct health *health, health_visitor visit, void *context);

/* Visits all members: by fleet, id and port. */
void health_visit(struct health *health, health_visitor visit, void *context);
