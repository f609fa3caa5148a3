/* By which of its devices an instance is reached, for each address family: its primary interface.  Private to control/.
 *
 * Of a host it is the device of the default route.  A host without one stays where it was, and else is reached by the one
 * device that has an address, bridges aside; with several it has no place, for one that is guessed would get somebody
 * else's copies in half of the cases.  A guest has one device, and is there. */
#pragma once

#include "control/control.h"
#include "mirror/report.h"

struct places {
	char ipv4[DEVICE_NAME_SIZE], ipv6[DEVICE_NAME_SIZE]; /* Of the host; empty: none. */
};

/* What is known of a host's devices, and what it reports now. */
struct places places_choose(const struct source *known, size_t known_count,
			    const struct report_interface *const *seen, size_t seen_count);

/* Says of a device whether it is its instance's place. */
void places_mark(const struct places *places, struct source *source);

/* The device by which an instance is reached.  Returns 0, STORE_MISSING, or a fault. */
int place_find(struct control *control, const char *instance, uint8_t family,
	       struct source *ret_source);

/* Refuses an instance that has addresses of the family but no place.  One without addresses may get some. */
int place_check(struct control *control, const char *instance, uint8_t family, struct refusal *why);
