// SPDX-License-Identifier: Apache-2.0
#include "store/session.h"

#include "store/counters.h"
#include "store/lifetime.h"
#include "store/session_options.h"
#include "store/source.h"
#include "store/statement.h"
#include "store/tag.h"

#include <string.h>

#define COLUMNS                                                                             \
	"sessions.id, sessions.owner, source, target, filter, number, vni, packet_length, " \
	"sessions.description, sessions.created, " OPTION_COLUMNS ", selector"
#define FIRST_OPTION 10

static int look_up_report(struct store *store, const char *host,
			  const struct report_session *report, bool *ret_own, bool *ret_told);
static int put_state(struct store *store, const struct report_session *report);

int store_put_session(struct store *store, const struct session *session)
{
	char outer_source[ADDRESS_TEXT_SIZE];

	options_format_source(&session->options, outer_source);
	return store_run(
		store,
		"INSERT INTO sessions (id, owner, source, target, filter, number, vni, "
		"packet_length, description, created, " OPTION_COLUMNS ", selector) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, $18, $19, $20, $21, $22, $23) "
		"ON CONFLICT (id) DO UPDATE SET target = excluded.target, "
		"filter = excluded.filter, number = excluded.number, vni = excluded.vni, "
		"packet_length = excluded.packet_length, description = "
		"excluded.description, " OPTION_UPDATES,
		VALUES(TEXT(session->id.text), TEXT(session->owner.text),
		       TEXT(session->source.text), TEXT(session->target.text),
		       TEXT(session->filter.text), INTEGER(session->number), INTEGER(session->vni),
		       INTEGER(session->packet_length), TEXT(session->description),
		       INTEGER(session->created), OPTION_VALUES(&session->options, outer_source),
		       TEXT(session->selector.text)));
}

int store_get_session(struct store *store, const char *id, struct session *ret_session)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM sessions WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r < 0)
		return r;
	r = store_next_session(cursor, ret_session);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_session(struct store *store, const char *id, int64_t now)
{
	int r = store_delete_tags(store, id);

	if (r == 0)
		r = store_end_lifetime(store, id, now);
	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM sessions WHERE id = $1", VALUES(TEXT(id)));
}

int store_count_sessions(struct store *store, enum session_selection selection, const char *key,
			 int64_t *ret_count)
{
	static const char *const queries[] = {
		[SESSIONS_OF_OWNER] = "SELECT COUNT(*) FROM sessions WHERE owner = $1",
		[SESSIONS_OF_HOST] = ("SELECT COUNT(*) FROM sessions WHERE source IN "
				      "(SELECT id FROM interfaces WHERE host = $1)"),
		[SESSIONS_OF_SOURCE] = "SELECT COUNT(*) FROM sessions WHERE source = $1",
		[SESSIONS_OF_TARGET] = "SELECT COUNT(*) FROM sessions WHERE target = $1",
		[SESSIONS_OF_FILTER] = "SELECT COUNT(*) FROM sessions WHERE filter = $1",
		[SESSIONS_OF_SELECTOR] = ("SELECT COUNT(*) FROM sessions WHERE selector = $1 "
					  "AND selector <> ''"),
		[SESSIONS_SEEN] = ("SELECT COUNT(*) FROM sessions WHERE owner = $1 OR target IN "
				   "(SELECT target FROM shares WHERE owner = $1)"),
	};

	return store_query_integer(store, queries[selection], VALUES(TEXT(key)), ret_count);
}

int store_count_sources_of_target(struct store *store, const char *target, const char *except,
				  int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(DISTINCT source) FROM sessions "
				   "WHERE target = $1 AND source <> $2",
				   VALUES(TEXT(target), TEXT(except)), ret_count);
}

int store_find_session(struct store *store, const char *source, uint16_t number,
		       struct resource_id *ret_id)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT id FROM sessions WHERE source = $1 AND number = $2",
			VALUES(TEXT(source), INTEGER(number)), &cursor);
	if (r < 0)
		return r;
	r = store_next_id(cursor, ret_id);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_count_expired_sessions(struct store *store, int64_t now, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM sessions "
				   "WHERE expires > 0 AND expires <= $1",
				   VALUES(INTEGER(now)), ret_count);
}

int store_select_expired_sessions(struct store *store, int64_t now, int64_t limit,
				  struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM sessions "
			   "WHERE expires > 0 AND expires <= $1 ORDER BY expires, id LIMIT $2",
			   VALUES(INTEGER(now), INTEGER(limit)), ret_cursor);
}

int store_count_vni(struct store *store, const char *owner, uint32_t vni, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM sessions WHERE owner = $1 AND vni = $2",
				   VALUES(TEXT(owner), INTEGER(vni)), ret_count);
}

int store_selector_shares_vni(struct store *store, const struct session *session, bool *ret_answer)
{
	int64_t others;
	int r;

	r = store_query_integer(store,
				"SELECT COUNT(*) FROM (SELECT id FROM sessions WHERE owner = $1 "
				"AND vni = $2 AND selector = $3 AND id <> $4 LIMIT 1) AS others",
				VALUES(TEXT(session->owner.text), INTEGER(session->vni),
				       TEXT(session->selector.text), TEXT(session->id.text)),
				&others);
	if (r == 0)
		*ret_answer = others > 0;
	return r;
}

int store_select_sessions(struct store *store, enum session_selection selection, const char *key,
			  const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[SESSIONS_OF_OWNER] = "SELECT " COLUMNS " FROM sessions "
				      "WHERE owner = $1 AND id > $2 ORDER BY id",
		[SESSIONS_OF_HOST] = "SELECT " COLUMNS " FROM sessions "
				     "JOIN interfaces ON interfaces.id = source "
				     "WHERE host = $1 AND sessions.id > $2 ORDER BY sessions.id",
		[SESSIONS_OF_SOURCE] = "SELECT " COLUMNS " FROM sessions "
				       "WHERE source = $1 AND id > $2 ORDER BY id",
		[SESSIONS_OF_TARGET] = "SELECT " COLUMNS " FROM sessions "
				       "WHERE target = $1 AND id > $2 ORDER BY id",
		[SESSIONS_OF_FILTER] = "SELECT " COLUMNS " FROM sessions "
				       "WHERE filter = $1 AND id > $2 ORDER BY id",
		[SESSIONS_OF_SELECTOR] = "SELECT " COLUMNS " FROM sessions WHERE selector = $1 "
					 "AND selector <> '' AND id > $2 ORDER BY id",
		[SESSIONS_OF_ALL] = "SELECT " COLUMNS " FROM sessions "
				    "WHERE id > $2 AND $1 = '' ORDER BY id",
		[SESSIONS_SEEN] = "SELECT " COLUMNS " FROM sessions WHERE (owner = $1 OR target IN "
				  "(SELECT target FROM shares WHERE owner = $1)) "
				  "AND id > $2 ORDER BY id",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_session(struct cursor *cursor, struct session *ret_session)
{
	struct session session = {};
	int r = cursor_next(cursor);

	if (r == STORE_ROW)
		r = options_read(cursor, FIRST_OPTION, &session.options);
	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, session.id.text);
	CURSOR_COPY(cursor, 1, session.owner.text);
	CURSOR_COPY(cursor, 2, session.source.text);
	CURSOR_COPY(cursor, 3, session.target.text);
	CURSOR_COPY(cursor, 4, session.filter.text);
	session.number = (uint16_t)cursor_integer(cursor, 5);
	session.vni = (uint32_t)cursor_integer(cursor, 6);
	session.packet_length = (uint16_t)cursor_integer(cursor, 7);
	CURSOR_COPY(cursor, 8, session.description);
	session.created = cursor_integer(cursor, 9);
	CURSOR_COPY(cursor, FIRST_OPTION + OPTION_COUNT, session.selector.text);
	*ret_session = session;
	return STORE_ROW;
}

int store_take_session_report(struct store *store, const char *host,
			      const struct report_session *report, bool *ret_own,
			      struct session_counters *ret_added)
{
	bool own, told;
	int r;

	r = look_up_report(store, host, report, &own, &told);
	if (r < 0)
		return r;
	*ret_own = own;
	*ret_added = (struct session_counters){};
	if (!own)
		return 0;
	if (!told)
		r = put_state(store, report);
	return r < 0 ? r
		     : store_put_counters(store, report->id.text, report->epoch, &report->counters,
					  ret_added);
}

int store_get_session_report(struct store *store, const char *id, bool *ret_active,
			     char ret_reason[static 96])
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT active, reason FROM session_reports WHERE session = $1",
			VALUES(TEXT(id)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	*ret_active = cursor_integer(cursor, 0);
	cursor_copy(cursor, 1, ret_reason, 96);
	return 0;
}

/* Whether the session is of that host, and whether its state is stored already. */
static int look_up_report(struct store *store, const char *host,
			  const struct report_session *report, bool *ret_own, bool *ret_told)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT COALESCE(active, -1), reason FROM sessions JOIN interfaces "
			"ON interfaces.id = source LEFT JOIN session_reports "
			"ON session_reports.session = sessions.id "
			"WHERE sessions.id = $1 AND host = $2",
			VALUES(TEXT(report->id.text), TEXT(host)), &cursor);
	if (r == 0)
		r = cursor_next(cursor);
	if (r < 0)
		return r;
	*ret_own = r == STORE_ROW;
	*ret_told = *ret_own && cursor_integer(cursor, 0) == report->active &&
		    strcmp(cursor_text(cursor, 1), report->reason) == 0;
	return 0;
}

static int put_state(struct store *store, const struct report_session *report)
{
	return store_run_unversioned(
		store,
		"INSERT INTO session_reports (session, active, reason) VALUES ($1, $2, $3) "
		"ON CONFLICT (session) DO UPDATE SET active = excluded.active, "
		"reason = excluded.reason",
		VALUES(TEXT(report->id.text), INTEGER(report->active), TEXT(report->reason)));
}
