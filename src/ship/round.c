// SPDX-License-Identifier: Apache-2.0
#include "ship/round.h"

#define REFRESH_ROUNDS 5 /* Routes and devices are looked at in each so many. */

bool round_go_on(struct round *round, struct routes *routes, size_t count, uint32_t mark)
{
	const bool refresh = round->number % REFRESH_ROUNDS == 0;
	struct routes_place place;

	while (count-- > 0 && routes_find_place(routes, round->next, &place)) {
		if (refresh)
			target_refresh(place.target, mark);
		target_watch(place.target, mark);
		routes_spread(routes, &place, refresh);
		round->misses_some |= !target_is_reachable(place.target);
		round->next++;
	}
	if (routes_find_place(routes, round->next, &place))
		return false;
	*round = (struct round){.number = round->number + 1, .missed_some = round->misses_some};
	return true;
}
