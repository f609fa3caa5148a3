// SPDX-License-Identifier: Apache-2.0
#include "agent/peeks.h"

#include "base/count.h"
#include "ship/peephole.h"

static bool peeks_fulfil(const struct peeks *peeks, const struct peek_wishes *wishes);
static const struct peeked *peeked_find(const struct peeks *peeks,
					const struct resource_id *session);
static int peek_begin(struct peeks *peeks, const struct peek_wish *wish,
		      const struct peeks *before);

void peeks_fini(struct peeks *peeks)
{
	for (size_t i = 0; i < peeks->count; i++)
		peephole_unref(peeks->items[i].peephole);
	*peeks = (struct peeks){};
}

int peeks_set(struct peeks *peeks, const struct peek_wishes *wishes)
{
	_cleanup_(peeks_fini) struct peeks wished = {};
	struct peeks before = *peeks;
	int r = 0;

	if (peeks_fulfil(peeks, wishes))
		return 0;
	for (size_t i = 0; r == 0 && i < wishes->item_count && i < PEEK_WISHES_MAX; i++)
		r = peek_begin(&wished, &wishes->items[i], &before);
	if (r < 0)
		return r;
	*peeks = wished;
	wished = before;
	return 1;
}

struct peephole *peeks_find(const struct peeks *peeks, const struct resource_id *session)
{
	const struct peeked *peeked = peeked_find(peeks, session);

	return peeked ? peeked->peephole : NULL;
}

int peeks_collect(struct peeks *peeks, struct peek_batch *batch)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < peeks->count; i++)
		r = peephole_collect(peeks->items[i].peephole, &peeks->items[i].wish.session,
				     batch);
	return r;
}

static bool peeks_fulfil(const struct peeks *peeks, const struct peek_wishes *wishes)
{
	if (peeks->count != wishes->item_count)
		return false;
	for (size_t i = 0; i < peeks->count; i++) {
		const struct peek_wish *wish = &wishes->items[i];
		const struct peeked *peeked = peeked_find(peeks, &wish->session);

		if (!peeked || peeked->wish.snap_length != wish->snap_length)
			return false;
	}
	return true;
}

static const struct peeked *peeked_find(const struct peeks *peeks,
					const struct resource_id *session)
{
	for (size_t i = 0; i < peeks->count; i++)
		if (resource_id_equal(&peeks->items[i].wish.session, session))
			return &peeks->items[i];
	return NULL;
}

/* What goes on keeps its peephole, with all that is in it. */
static int peek_begin(struct peeks *peeks, const struct peek_wish *wish, const struct peeks *before)
{
	const struct peeked *known = peeked_find(before, &wish->session);
	struct peeked *peeked = &peeks->items[peeks->count];
	int r = 0;

	if (known && known->wish.snap_length == wish->snap_length)
		peeked->peephole = peephole_ref(known->peephole);
	else
		r = peephole_new(wish->snap_length, &peeked->peephole);
	if (r < 0)
		return r;
	peeked->wish = *wish;
	peeks->count++;
	return 0;
}
