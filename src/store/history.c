// SPDX-License-Identifier: Apache-2.0
#include "store/history.h"

#include "base/count.h"
#include "store/history_rows.h"
#include "store/statement.h"

/* A busy session has half a megabyte of rows: 300 of seconds, since hosts report every other one, 2880 and 2208; and as many more, of
 * some 30 bytes for each reason and direction, if it always loses copies. */
const struct history_ring history_rings[HISTORY_RESOLUTION_COUNT] = {
	[HISTORY_SECONDS] = {.step = 1, .length = 600},               /* Ten minutes. */
	[HISTORY_MINUTES] = {.step = 60, .length = 2880},             /* Two days. */
	[HISTORY_HOURS] = {.step = 3600, .length = 92 * INT64_C(24)}, /* Three months. */
};

_Static_assert(HISTORY_SECONDS == 0 && HISTORY_MINUTES == 1 && HISTORY_HOURS == 2, "stored");

/* Hosts may report any number, and sums must stay within the engine's integers.  No wire carries a petabyte between two
 * reports.  A second that has come to 2^50 begins anew, so it holds at most twice that, and an hour less than 2^63. */
#define ADDED_MAX ((uint64_t)1 << 50)
#define FULL      "1125899906842624"

/* The first counter of a loss in the rows of counters (store/counters.c). */
#define FIRST_LOSS 3

#define ADDED(column)                                                               \
	column " = excluded." column " + CASE WHEN present.began = excluded.began " \
	       "AND present." column " < " FULL " THEN present." column " ELSE 0 END"

/* The sessions of the owner $1 that belong to the object $2. */
#define SESSIONS_WHERE(object)                                         \
	"sessions JOIN interfaces ON interfaces.id = sessions.source " \
	"WHERE sessions.owner = $1 AND " object " = $2"
#define EACH_SCOPE(query)                                             \
	{                                                             \
		[HISTORY_OF_INSTANCE] = query("interfaces.instance"), \
		[HISTORY_OF_SESSION] = query("sessions.id"),          \
		[HISTORY_OF_INTERFACE] = query("interfaces.id"),      \
		[HISTORY_OF_HOST] = query("interfaces.host"),         \
	}

static int64_t bounded(uint64_t number);
static bool has_shipping(const struct session_counters *added);
static int add_second(struct store *store, const char *session, int64_t began,
		      const struct session_counters *added);
static int add_losses(struct store *store, const char *session, int64_t began,
		      const struct session_counters *added);
static int select_part(struct store *store, const char *sql, const struct history_span *part,
		       struct cursor **ret_cursor);

int store_add_history(struct store *store, const char *session, int64_t now,
		      const struct session_counters *added)
{
	const int64_t began = now / 1000;
	int r = 0;

	if (has_shipping(added))
		r = add_second(store, session, began, added);
	return r < 0 ? r : add_losses(store, session, began, added);
}

int64_t history_part_end(const struct history_span *span)
{
	const struct history_ring *ring = &history_rings[span->resolution];
	const int64_t turn = ring->step * ring->length;
	const int64_t next = (span->from / turn + 1) * turn;

	return next < span->to ? next : span->to;
}

int store_select_history(struct store *store, const struct history_span *part,
			 struct cursor **ret_cursor)
{
#define QUERY(object)                                                                       \
	"SELECT began, " COLUMNS " FROM interfaces JOIN sessions "                          \
	"ON sessions.source = interfaces.id JOIN history ON history.session = sessions.id " \
	"WHERE sessions.owner = $1 AND " object " = $2 AND resolution = $3 "                \
	"AND place >= $4 AND place <= $5 AND began >= $6 AND began < $7"
	static const char *const queries[] = EACH_SCOPE(QUERY);
#undef QUERY

	return select_part(store, queries[part->scope], part, ret_cursor);
}

int store_next_history(struct cursor *cursor, struct stored_period *ret_period)
{
	struct stored_period period = {};
	int column = 0, r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	period.began = cursor_integer(cursor, column++);
	for (unsigned int i = 0; i < DIRECTION_COUNT; i++) {
		struct packet_count *counts[] = {&period.direction[i].accepted,
						 &period.direction[i].shipped};

		for (unsigned int j = 0; j < 2; j++) {
			counts[j]->packets = (uint64_t)cursor_integer(cursor, column++);
			counts[j]->bytes = (uint64_t)cursor_integer(cursor, column++);
		}
	}
	*ret_period = period;
	return STORE_ROW;
}

int store_select_history_losses(struct store *store, const struct history_span *part,
				struct cursor **ret_cursor)
{
#define QUERY(object)                                                        \
	"SELECT began, losses FROM interfaces JOIN sessions "                \
	"ON sessions.source = interfaces.id "                                \
	"JOIN history_losses ON history_losses.session = sessions.id "       \
	"WHERE sessions.owner = $1 AND " object " = $2 AND resolution = $3 " \
	"AND place >= $4 AND place <= $5 AND began >= $6 AND began < $7"
	static const char *const queries[] = EACH_SCOPE(QUERY);
#undef QUERY

	return select_part(store, queries[part->scope], part, ret_cursor);
}

int store_count_history_sessions(struct store *store, const char *owner, enum history_scope scope,
				 const char *object, int64_t *ret_count)
{
#define QUERY(object) "SELECT COUNT(*) FROM " SESSIONS_WHERE(object)
	static const char *const queries[] = EACH_SCOPE(QUERY);
#undef QUERY

	return store_query_integer(store, queries[scope], VALUES(TEXT(owner), TEXT(object)),
				   ret_count);
}

int store_select_history_objects(struct store *store, const char *owner, enum history_scope scope,
				 const char *after, const char *only, bool recent, int64_t now,
				 struct cursor **ret_cursor)
{
/* The places of four hours are looked up: of a session that rests, a search for young rows would read all. */
#define QUERY(object, which)                                                             \
	"SELECT DISTINCT " object " FROM sessions "                                      \
	"JOIN interfaces ON interfaces.id = sessions.source "                            \
	"WHERE sessions.owner = $1 AND " object " > $2 " which "AND EXISTS ("            \
	"SELECT 1 FROM history WHERE history.session = sessions.id AND resolution = $3 " \
	"AND ($4 = 0 OR place IN ($5, $6, $7, $8) AND began >= $9)) ORDER BY " object
#define QUERY_ALL(object) QUERY(object, "AND $10 = '' ")
#define QUERY_ONE(object) QUERY(object, "AND " object " = $10 ")
	static const char *const queries[][HISTORY_SCOPE_COUNT] = {EACH_SCOPE(QUERY_ALL),
								   EACH_SCOPE(QUERY_ONE)};
#undef QUERY_ONE
#undef QUERY_ALL
#undef QUERY
	const int64_t hour = history_rings[HISTORY_HOURS].step;
	const int64_t since = history_period_begin(HISTORY_HOURS, now / 1000) - 3 * hour;

	return store_query(store, queries[only ? 1 : 0][scope],
			   VALUES(TEXT(owner), TEXT(after), INTEGER(HISTORY_HOURS), INTEGER(recent),
				  INTEGER(history_period_place(HISTORY_HOURS, since)),
				  INTEGER(history_period_place(HISTORY_HOURS, since + hour)),
				  INTEGER(history_period_place(HISTORY_HOURS, since + 2 * hour)),
				  INTEGER(history_period_place(HISTORY_HOURS, since + 3 * hour)),
				  INTEGER(since), TEXT(only ? only : "")),
			   ret_cursor);
}

int store_next_history_object(struct cursor *cursor, char ret_object[static HOST_NAME_SIZE])
{
	int r = cursor_next(cursor);

	if (r == STORE_ROW)
		cursor_copy(cursor, 0, ret_object, HOST_NAME_SIZE);
	return r;
}

int store_select_history_reasons(struct store *store, const char *owner, enum history_scope scope,
				 const char *object, struct cursor **ret_cursor)
{
#define QUERY(object)                                                                  \
	"SELECT DISTINCT direction, counter - $3 FROM counters "                       \
	"WHERE counter >= $3 AND session IN (SELECT sessions.id FROM " SESSIONS_WHERE( \
		object) ") ORDER BY 2, 1"
	static const char *const queries[] = EACH_SCOPE(QUERY);
#undef QUERY

	return store_query(store, queries[scope],
			   VALUES(TEXT(owner), TEXT(object), INTEGER(FIRST_LOSS)), ret_cursor);
}

int store_next_history_reason(struct cursor *cursor, enum direction *ret_direction,
			      enum loss_reason *ret_reason)
{
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	*ret_direction = (enum direction)cursor_integer(cursor, 0);
	*ret_reason = (enum loss_reason)cursor_integer(cursor, 1);
	return STORE_ROW;
}

int store_count_history(struct store *store, const char *session, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT (SELECT COUNT(*) FROM history WHERE session = $1) + "
				   "(SELECT COUNT(*) FROM history_losses WHERE session = $1)",
				   VALUES(TEXT(session)), ret_count);
}

static int64_t bounded(uint64_t number)
{
	return (int64_t)(number < ADDED_MAX ? number : ADDED_MAX);
}

static bool has_shipping(const struct session_counters *added)
{
	for (unsigned int i = 0; i < DIRECTION_COUNT; i++)
		if (added->direction[i].accepted.packets > 0 ||
		    added->direction[i].shipped.packets > 0)
			return true;
	return false;
}

static int add_second(struct store *store, const char *session, int64_t began,
		      const struct session_counters *added)
{
	const struct session_direction_counters *in = &added->direction[DIRECTION_INGRESS],
						*out = &added->direction[DIRECTION_EGRESS];

	return store_run_unversioned(
		store,
		"INSERT INTO history AS present (session, resolution, place, began, " COLUMNS ") "
		"VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) " INTO_HISTORY(ADDED),
		VALUES(TEXT(session), INTEGER(history_period_place(HISTORY_SECONDS, began)),
		       INTEGER(began), INTEGER(bounded(in->accepted.packets)),
		       INTEGER(bounded(in->accepted.bytes)), INTEGER(bounded(in->shipped.packets)),
		       INTEGER(bounded(in->shipped.bytes)), INTEGER(bounded(out->accepted.packets)),
		       INTEGER(bounded(out->accepted.bytes)),
		       INTEGER(bounded(out->shipped.packets)),
		       INTEGER(bounded(out->shipped.bytes))));
}

static int add_losses(struct store *store, const char *session, int64_t began,
		      const struct session_counters *added)
{
	struct stored_losses losses = {.began = began};

	for (unsigned int i = 0; i < DIRECTION_COUNT; i++)
		for (unsigned int j = 0; j < LOSS_REASON_COUNT; j++)
			losses.lost[i][j] = (struct packet_count){
				.packets = (uint64_t)bounded(added->direction[i].lost[j].packets),
				.bytes = (uint64_t)bounded(added->direction[i].lost[j].bytes),
			};
	return store_add_losses(store, session, &losses);
}

/* The places of a part rise with its times. */
static int select_part(struct store *store, const char *sql, const struct history_span *part,
		       struct cursor **ret_cursor)
{
	const int64_t last = part->to - 1;

	return store_query(store, sql,
			   VALUES(TEXT(part->owner), TEXT(part->object), INTEGER(part->resolution),
				  INTEGER(history_period_place(part->resolution, part->from)),
				  INTEGER(history_period_place(part->resolution, last)),
				  INTEGER(part->from), INTEGER(part->to)),
			   ret_cursor);
}
