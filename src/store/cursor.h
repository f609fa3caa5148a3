/* A running query.  Each noun has a store_next_… that takes the next row off it:
 *
 *	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
 *
 *	r = store_select_sessions(store, SESSIONS_OF_SOURCE, id, &cursor);
 *	while (r >= 0 && (r = store_next_session(cursor, &session)) == STORE_ROW)
 *		…
 *
 * Rows that a cursor still has to give must not be written meanwhile; close it first. */
#pragma once

#include "base/cleanup.h"

struct cursor;

enum { STORE_ROW = 1 };

void cursor_close(struct cursor *cursor);
DEFINE_CLEANUP(struct cursor *, cursor_close)
