/* How rows of the history are written, and where they lie.  Private to store/. */
#pragma once

#include "store/history.h"

/* clang-format off */
#define EACH_COLUMN(what)                                                 \
	what("in_accepted_packets") ", " what("in_accepted_bytes") ", "   \
	what("in_shipped_packets") ", " what("in_shipped_bytes") ", "     \
	what("out_accepted_packets") ", " what("out_accepted_bytes") ", " \
	what("out_shipped_packets") ", " what("out_shipped_bytes")
/* clang-format on */
#define ITSELF(column) column
#define COLUMNS        EACH_COLUMN(ITSELF)

/* What becomes of a row that has the place already, column by column. */
#define INTO_HISTORY(what)                                    \
	"ON CONFLICT (session, resolution, place) DO UPDATE " \
	"SET began = excluded.began, " EACH_COLUMN(what)
/* Where the period begins that has 'seconds' in it, and the place of one that begins there. */
static inline int64_t history_period_begin(enum history_resolution resolution, int64_t seconds)
{
	return seconds - seconds % history_rings[resolution].step;
}

static inline int64_t history_period_place(enum history_resolution resolution, int64_t began)
{
	return began / history_rings[resolution].step % history_rings[resolution].length;
}

/* Rows of a session that are made into the next coarser periods: those in such places that began from 'from' on and before 'to'. */
struct history_finer {
	const char *session;
	enum history_resolution resolution;
	int64_t first, last; /* Places. */
	int64_t from, to;
};

/* Adds to the second in which they 'began'. */
int store_add_losses(struct store *store, const char *session, const struct stored_losses *losses);
int store_fold_losses(struct store *store, const struct history_finer *finer);
