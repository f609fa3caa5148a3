// SPDX-License-Identifier: Apache-2.0
#include "agent/controllers.h"

#include "base/count.h"
#include "base/refusal.h"

#include <string.h>

#define PAUSE_MIN  100u
#define PAUSE_MAX  10000u
#define SHIFTS_MAX 7u /* The minimum is beyond the maximum by then. */

_Static_assert(PAUSE_MIN << SHIFTS_MAX >= PAUSE_MAX, "pauses reach their longest");

int controllers_parse(const char *list, struct controllers *ret_controllers, struct refusal *why)
{
	struct controllers controllers = {};

	while (*list != '\0') {
		const char *next = list + strcspn(list, ",");
		size_t length;

		list += strspn(list, " ");
		length = (size_t)(next - list);
		while (length > 0 && strchr("/ ", list[length - 1]))
			length--;
		if (strncmp(list, "http://", 7) != 0 && strncmp(list, "https://", 8) != 0)
			return refuse(why, 0, "'%.*s' is no URL of a controller", (int)length,
				      list);
		if (length >= CREDENTIALS_ENDPOINT_SIZE)
			return refuse(why, 0, "a controller's URL is too long");
		if (controllers.count == CONTROLLERS_MAX)
			return refuse(why, 0, "there are at most %d controllers", CONTROLLERS_MAX);
		memcpy(controllers.urls[controllers.count++], list, length);
		list = next + (*next == ',');
	}
	*ret_controllers = controllers;
	return 0;
}

void controllers_leave(struct controllers *controllers, size_t used)
{
	if (controllers->current == used)
		controllers->current = (used + 1) % controllers->count;
}

unsigned int controllers_pause(const struct controllers *controllers, unsigned int failures,
			       uint64_t random)
{
	const unsigned int turns = failures / (unsigned int)controllers->count;
	const unsigned int shifts = MIN(turns - 1, SHIFTS_MAX);
	unsigned int pause = PAUSE_MIN;

	/* Within a turn the next may well work. */
	if (failures % controllers->count == 0 && turns > 1)
		pause = MIN(PAUSE_MIN << shifts, PAUSE_MAX);
	return pause / 2 + (unsigned int)(random % pause);
}
