// SPDX-License-Identifier: Apache-2.0
/* One place for each datagram, which the next one of the same place takes over: fragments of a datagram follow each other
 * closely, so what is lost so soon was not waited for. */
#include "balance/fragments.h"

#include <errno.h>

#define PLACES 2048

struct fragmented {
	uint64_t datagram;
	uint64_t flow;
	uint32_t noted; /* Seconds. */
	bool used;
};

struct fragments {
	struct fragmented places[PLACES];
};

int fragments_new(struct fragments **ret_fragments)
{
	*ret_fragments = calloc(1, sizeof(**ret_fragments));
	return *ret_fragments ? 0 : -ENOMEM;
}

void fragments_free(struct fragments *fragments)
{
	free(fragments);
}

void fragments_note(struct fragments *fragments, uint64_t datagram, uint64_t flow, uint32_t now)
{
	fragments->places[datagram % PLACES] = (struct fragmented){datagram, flow, now, true};
}

bool fragments_find(const struct fragments *fragments, uint64_t datagram, uint32_t now,
		    uint64_t *ret_flow)
{
	const struct fragmented *place = &fragments->places[datagram % PLACES];

	if (!place->used || place->datagram != datagram || now - place->noted > FRAGMENTS_SECONDS)
		return false;
	*ret_flow = place->flow;
	return true;
}
