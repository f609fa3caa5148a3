/* Rows of what sessions counted in each second, minute and hour.
 *
 * A resolution is a ring of places: a period that finds an older one in its place replaces it, so the rows of a session are
 * bounded and nothing is ever cleared up.  A report writes seconds only, one row for a busy session and another if it has lost copies.  Minutes that are over
 * are made of them, and their hours of minutes, by walks over all sessions in short steps (control/history.h).  Periods in which
 * nothing was counted have no row. */
#pragma once

#include "mirror/id.h"
#include "mirror/source.h"
#include "store/cursor.h"
#include "wire/counters.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

enum history_resolution {
	HISTORY_SECONDS,
	HISTORY_MINUTES,
	HISTORY_HOURS,
	HISTORY_RESOLUTION_COUNT,
};

struct history_ring {
	int64_t step;   /* Seconds in a period. */
	int64_t length; /* Periods that are kept. */
};

extern const struct history_ring history_rings[HISTORY_RESOLUTION_COUNT];

/* Whose sessions are looked at together. */
enum history_scope {
	HISTORY_OF_INSTANCE,
	HISTORY_OF_SESSION,
	HISTORY_OF_INTERFACE,
	HISTORY_OF_HOST,
	HISTORY_SCOPE_COUNT,
};

/* Periods that begin from 'from' on and before 'to', in seconds since the epoch. */
struct history_span {
	const char *owner;
	enum history_scope scope;
	const char *object; /* Its id, or the host's name. */
	enum history_resolution resolution;
	int64_t from, to;
};

struct stored_period {
	int64_t began;
	struct {
		struct packet_count accepted, shipped;
	} direction[DIRECTION_COUNT];
};

struct stored_losses {
	int64_t began;
	struct packet_count lost[DIRECTION_COUNT][LOSS_REASON_COUNT];
};

/* Adds what a session has counted since its last report to the present second.  'now' is in milliseconds. */
int store_add_history(struct store *store, const char *session, int64_t now,
		      const struct session_counters *added);

/* Makes a session's minutes from 'from' up to 'to', which begin minutes, and the hours that they belong to up to then.  In seconds
 * since the epoch. */
int store_fold_history(struct store *store, const char *session, int64_t from, int64_t to);

/* How far that has come: all that was counted before 'from' is folded; and of what came before 'to', that of the sessions up to
 * 'session', in the order of their ids. */
struct history_fold {
	int64_t from, to; /* The same while nothing is under way. */
	struct resource_id session;
};

/* Returns 0, or STORE_MISSING if nothing was ever folded. */
int store_get_history_fold(struct store *store, struct history_fold *ret_fold);
int store_put_history_fold(struct store *store, const struct history_fold *fold);

/* Where the ring begins anew, or the span ends.  A query is given one such part at a time, so that it reads no other rows. */
int64_t history_part_end(const struct history_span *span);

/* One row for each session and period, in any order. */
int store_select_history(struct store *store, const struct history_span *part,
			 struct cursor **ret_cursor);
int store_next_history(struct cursor *cursor, struct stored_period *ret_period);

/* The same of what was lost. */
int store_select_history_losses(struct store *store, const struct history_span *part,
				struct cursor **ret_cursor);
int store_next_history_losses(struct cursor *cursor, struct stored_losses *ret_losses);

/* How many sessions a scope has. */
int store_count_history_sessions(struct store *store, const char *owner, enum history_scope scope,
				 const char *object, int64_t *ret_count);

/* What has a history, by its id or name, after 'after'; unless 'only' is NULL, that one if it has; if 'recent', one within this hour
 * and the three before 'now' (in milliseconds). */
int store_select_history_objects(struct store *store, const char *owner, enum history_scope scope,
				 const char *after, const char *only, bool recent, int64_t now,
				 struct cursor **ret_cursor);
int store_next_history_object(struct cursor *cursor, char ret_object[static HOST_NAME_SIZE]);

/* The directions and reasons for which the sessions of a scope have ever lost copies. */
int store_select_history_reasons(struct store *store, const char *owner, enum history_scope scope,
				 const char *object, struct cursor **ret_cursor);
int store_next_history_reason(struct cursor *cursor, enum direction *ret_direction,
			      enum loss_reason *ret_reason);

/* How many rows a session's history has. */
int store_count_history(struct store *store, const char *session, int64_t *ret_count);
