// SPDX-License-Identifier: Apache-2.0
/* The rows of what was lost; history.h declares them.
 *
 * Most sessions lose nothing, and those that do have few reasons; so a period's losses are one row, as text.  What a report adds to
 * a second is appended, and whoever reads sums up. */
#include "store/history.h"

#include "base/array.h"
#include "base/text.h"
#include "store/history_rows.h"
#include "store/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hosts may report as often as they like: a second with so much in it begins anew. */
#define LOSSES_FULL "4096"

struct losses_list {
	struct stored_losses *items;
	size_t count, capacity;
};

static void losses_format(const struct stored_losses *losses, struct text *ret_text);
static int losses_parse(const char *text, struct stored_losses *losses);
static uint64_t sum_bounded(uint64_t a, uint64_t b);
static int coarser_collect(struct store *store, const struct history_finer *finer,
			   struct losses_list *list);
static int losses_put(struct store *store, const char *session, enum history_resolution resolution,
		      const struct stored_losses *losses);

int store_add_losses(struct store *store, const char *session, const struct stored_losses *losses)
{
	_cleanup_text_ struct text text = {};

	losses_format(losses, &text);
	if (text.failed)
		return -ENOMEM;
	if (text.length == 0)
		return 0;
	return store_run_unversioned(
		store,
		"INSERT INTO history_losses AS present (session, resolution, place, began, losses) "
		"VALUES ($1, 0, $2, $3, $4) ON CONFLICT (session, resolution, place) DO UPDATE SET "
		"began = excluded.began, losses = CASE WHEN present.began = excluded.began AND "
		"LENGTH(present.losses) < " LOSSES_FULL " THEN present.losses || excluded.losses "
		"ELSE excluded.losses END",
		VALUES(TEXT(session), INTEGER(history_period_place(HISTORY_SECONDS, losses->began)),
		       INTEGER(losses->began), TEXT(text.data)));
}

int store_fold_losses(struct store *store, const struct history_finer *finer)
{
	_cleanup_free_ struct stored_losses *items = NULL;
	struct losses_list list = {};
	int r;

	r = coarser_collect(store, finer, &list);
	items = list.items;
	for (size_t i = 0; r == 0 && i < list.count; i++)
		r = losses_put(store, finer->session, finer->resolution + 1, &items[i]);
	return r;
}

int store_next_history_losses(struct cursor *cursor, struct stored_losses *ret_losses)
{
	struct stored_losses losses = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	losses.began = cursor_integer(cursor, 0);
	r = losses_parse(cursor_text(cursor, 1), &losses);
	if (r < 0)
		return r;
	*ret_losses = losses;
	return STORE_ROW;
}

static void losses_format(const struct stored_losses *losses, struct text *ret_text)
{
	for (unsigned int i = 0; i < DIRECTION_COUNT; i++)
		for (unsigned int j = 0; j < LOSS_REASON_COUNT; j++)
			if (losses->lost[i][j].packets > 0)
				text_printf(ret_text, "%u %u %llu %llu;", i, j,
					    (unsigned long long)losses->lost[i][j].packets,
					    (unsigned long long)losses->lost[i][j].bytes);
}

/* Adds what the text says. */
static int losses_parse(const char *text, struct stored_losses *losses)
{
	for (int size = 0; *text != '\0'; text += size) {
		unsigned long long packets, bytes;
		unsigned int direction, reason;
		struct packet_count *sum;

		size = 0;
		if (sscanf(text, "%u %u %llu %llu;%n", &direction, &reason, &packets, &bytes,
			   &size) != 4 ||
		    size == 0 || direction >= DIRECTION_COUNT || reason >= LOSS_REASON_COUNT)
			return -EBADMSG;
		sum = &losses->lost[direction][reason];
		sum->packets = sum_bounded(sum->packets, packets);
		sum->bytes = sum_bounded(sum->bytes, bytes);
	}
	return 0;
}

/* Hosts may report any number. */
static uint64_t sum_bounded(uint64_t a, uint64_t b)
{
	return a > INT64_MAX - (b > INT64_MAX ? INT64_MAX : b) ? INT64_MAX : a + b;
}

/* Before any is written: a cursor's rows must stay as they are. */
static int coarser_collect(struct store *store, const struct history_finer *finer,
			   struct losses_list *list)
{
	const int64_t step = history_rings[finer->resolution + 1].step;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT began / $7 * $7, losses FROM history_losses "
			"WHERE session = $1 AND resolution = $2 AND place >= $3 AND place <= $4 "
			"AND began >= $5 AND began < $6 ORDER BY began",
			VALUES(TEXT(finer->session), INTEGER(finer->resolution),
			       INTEGER(finer->first), INTEGER(finer->last), INTEGER(finer->from),
			       INTEGER(finer->to), INTEGER(step)),
			&cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW) {
		const struct stored_losses fresh = {.began = cursor_integer(cursor, 0)};

		r = 0;
		if (list->count == 0 || list->items[list->count - 1].began != fresh.began)
			r = array_append(list, items, count, capacity, fresh);
		if (r == 0)
			r = losses_parse(cursor_text(cursor, 1), &list->items[list->count - 1]);
	}
	return r;
}

static int losses_put(struct store *store, const char *session, enum history_resolution resolution,
		      const struct stored_losses *losses)
{
	_cleanup_text_ struct text text = {};

	losses_format(losses, &text);
	if (text.failed)
		return -ENOMEM;
	return store_run_unversioned(
		store,
		"INSERT INTO history_losses (session, resolution, place, began, losses) "
		"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (session, resolution, place) DO UPDATE "
		"SET "
		"began = excluded.began, losses = excluded.losses",
		VALUES(TEXT(session), INTEGER(resolution),
		       INTEGER(history_period_place(resolution, losses->began)),
		       INTEGER(losses->began), TEXT(text.data ? text.data : "")));
}
