/* Rows of sessions, and what their agents say of them. */
#pragma once

#include "mirror/report.h"
#include "mirror/session.h"
#include "store/cursor.h"

struct store;

enum session_selection {
	SESSIONS_OF_OWNER,
	SESSIONS_OF_HOST,
	SESSIONS_OF_SOURCE,
	SESSIONS_OF_TARGET,
	SESSIONS_OF_FILTER,
	SESSIONS_OF_SELECTOR,
	SESSIONS_OF_ALL, /* The key is "". */
	SESSIONS_SEEN,   /* The owner's, and those that send to targets that it shares. */
};

/* Inserts or replaces. */
int store_put_session(struct store *store, const struct session *session);

/* Returns 0 or STORE_MISSING. */
int store_get_session(struct store *store, const char *id, struct session *ret_session);

/* Takes tags, counters and the agent's words along, and ends its lifetime 'now'.  Returns 0 or STORE_MISSING. */
int store_delete_session(struct store *store, const char *id, int64_t now);

int store_count_sessions(struct store *store, enum session_selection selection, const char *key,
			 int64_t *ret_count);

/* Sources other than 'except' that have a session with the target. */
int store_count_sources_of_target(struct store *store, const char *target, const char *except,
				  int64_t *ret_count);

/* The session that has the number on its source.  Returns 0 or STORE_MISSING. */
int store_find_session(struct store *store, const char *source, uint16_t number,
		       struct resource_id *ret_id);

/* Those whose time has come, the first 'limit' of them.  'now' is in seconds. */
int store_count_expired_sessions(struct store *store, int64_t now, int64_t *ret_count);
int store_select_expired_sessions(struct store *store, int64_t now, int64_t limit,
				  struct cursor **ret_cursor);

/* How many of the owner's sessions use it. */
int store_count_vni(struct store *store, const char *owner, uint32_t vni, int64_t *ret_count);

/* Whether another session of its selector has the session's VNI. */
int store_selector_shares_vni(struct store *store, const struct session *session, bool *ret_answer);

/* By id, those after 'after'. */
int store_select_sessions(struct store *store, enum session_selection selection, const char *key,
			  const char *after, struct cursor **ret_cursor);
int store_next_session(struct cursor *cursor, struct session *ret_session);

/* Remembers what a host's agent says of a session, counters included: the largest value of each epoch.  'ret_added' is what they
 * tell that was not known yet.  Of a session whose source is elsewhere, nothing is taken and 'ret_own' is false. */
int store_take_session_report(struct store *store, const char *host,
			      const struct report_session *report, bool *ret_own,
			      struct session_counters *ret_added);

/* The agent's last words.  Returns 0, or STORE_MISSING if it has said nothing yet. */
int store_get_session_report(struct store *store, const char *id, bool *ret_active,
			     char ret_reason[static 96]);
