// SPDX-License-Identifier: Apache-2.0
/* Seconds become minutes, and minutes hours; history.h declares it.
 *
 * What is made is the sum of what is there, whatever stood in its place: so it is right however often it is made. */
#include "store/history.h"

#include "store/history_rows.h"
#include "store/statement.h"

#define REPLACED(column) column " = excluded." column
#define TOTAL(column)    "CAST(SUM(" column ") AS BIGINT)"
#define TOTALS           EACH_COLUMN(TOTAL)
#define REPLACE          INTO_HISTORY(REPLACED)

/* The key of the rows that are made, and the rows that they are made of. */
#define COARSER "SELECT session, resolution + 1, began / $7 % $8, began / $7 * $7"
#define FINER                                                                     \
	"WHERE session = $1 AND resolution = $2 AND place >= $3 AND place <= $4 " \
	"AND began >= $5 AND began < $6 GROUP BY session, resolution, began / $7"

static int fold_into(struct store *store, const char *session, enum history_resolution resolution,
		     int64_t from, int64_t to);

int store_fold_history(struct store *store, const char *session, int64_t from, int64_t to)
{
	int r;

	r = fold_into(store, session, HISTORY_MINUTES, from, to);
	return r < 0 ? r
		     : fold_into(store, session, HISTORY_HOURS,
				 history_period_begin(HISTORY_HOURS, from), to);
}

int store_get_history_fold(struct store *store, struct history_fold *ret_fold)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct history_fold fold = {};
	int r;

	r = store_query(store, "SELECT began, ended, session FROM history_folds", NULL, 0, &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	fold.from = cursor_integer(cursor, 0);
	fold.to = cursor_integer(cursor, 1);
	CURSOR_COPY(cursor, 2, fold.session.text);
	*ret_fold = fold;
	return 0;
}

int store_put_history_fold(struct store *store, const struct history_fold *fold)
{
	return store_run_unversioned(
		store,
		"INSERT INTO history_folds (number, began, ended, session) VALUES (1, $1, $2, $3) "
		"ON CONFLICT (number) DO UPDATE SET began = excluded.began, "
		"ended = excluded.ended, session = excluded.session",
		VALUES(INTEGER(fold->from), INTEGER(fold->to), TEXT(fold->session.text)));
}

/* From the periods of the next finer resolution, which all begin within those that are made. */
static int fold_into(struct store *store, const char *session, enum history_resolution resolution,
		     int64_t from, int64_t to)
{
	const enum history_resolution finer = resolution - 1;
	const struct history_ring *ring = &history_rings[resolution];
	int64_t first = history_period_place(finer, from),
		last = history_period_place(finer, to - 1);
	int r;

	if (first > last || to - from >= history_rings[finer].step * history_rings[finer].length) {
		first = 0;
		last = history_rings[finer].length - 1;
	}
	r = store_run_unversioned(store,
				  "INSERT INTO history (session, resolution, place, began, " COLUMNS
				  ") " COARSER ", " TOTALS " FROM history " FINER " " REPLACE,
				  VALUES(TEXT(session), INTEGER(finer), INTEGER(first),
					 INTEGER(last), INTEGER(from), INTEGER(to),
					 INTEGER(ring->step), INTEGER(ring->length)));
	if (r < 0)
		return r;
	return store_fold_losses(store,
				 &(struct history_finer){session, finer, first, last, from, to});
}
