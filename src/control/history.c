// SPDX-License-Identifier: Apache-2.0
/* A walk over all sessions begins when a minute is over, and folds whatever was counted since the last one began; it is done in
 * steps, and its place is kept in the store with what each step made, so nothing is left out if the service ends on the way. */
#include "control/history.h"

#include "base/array.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/history.h"
#include "store/session.h"
#include "store/store.h"

#define MINUTE          60
#define SESSIONS_A_STEP 32 /* Some milliseconds. */

struct session_list {
	struct resource_id items[SESSIONS_A_STEP];
	size_t count;
};

static int fold_begin(struct control *control, struct history_fold *ret_fold);
static int fold_step(struct control *control, struct history_fold *fold);
static int list_load(struct control *control, const char *after, struct session_list *list);

int control_fold_history(struct control *control, bool *ret_more, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller service = {};
	struct history_fold fold;
	int r;

	*ret_more = false;
	r = fold_begin(control, &fold);
	if (r < 0 || fold.from == fold.to)
		return r;
	r = transaction_begin_note(&transaction, control);
	/* Another may have folded meanwhile, who led before. */
	if (r == 0)
		r = fold_begin(control, &fold);
	if (r == 0 && fold.from == fold.to)
		return 0;
	if (r == 0)
		r = fold_step(control, &fold);
	if (r == 0)
		r = store_put_history_fold(control->store, &fold);
	if (r == 0)
		r = transaction_commit(&transaction, &service, why);
	if (r == 0)
		*ret_more = fold.from != fold.to;
	return r;
}

/* Goes on with the walk that is under way, or begins the next.  A clock that was set back makes times come twice: these are folded
 * again. */
static int fold_begin(struct control *control, struct history_fold *ret_fold)
{
	const int64_t seconds = control_now(control) / 1000, now = seconds - seconds % MINUTE;
	int r;

	r = store_get_history_fold(control->store, ret_fold);
	if (r < 0)
		return r;
	if (r == STORE_MISSING)
		*ret_fold = (struct history_fold){};
	if (ret_fold->from > now || ret_fold->to > now)
		*ret_fold = (struct history_fold){.from = now - MINUTE, .to = now - MINUTE};
	if (ret_fold->from == ret_fold->to)
		*ret_fold = (struct history_fold){.from = ret_fold->from, .to = now};
	return 0;
}

static int fold_step(struct control *control, struct history_fold *fold)
{
	struct session_list list = {};
	int r;

	r = list_load(control, fold->session.text, &list);
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		r = store_fold_history(control->store, list.items[i].text, fold->from, fold->to);
		fold->session = list.items[i];
	}
	if (list.count < SESSIONS_A_STEP)
		*fold = (struct history_fold){.from = fold->to, .to = fold->to};
	return r;
}

/* Before any is folded: a cursor's rows must stay as they are. */
static int list_load(struct control *control, const char *after, struct session_list *list)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct session session;
	int r;

	r = store_select_sessions(control->store, SESSIONS_OF_ALL, "", after, &cursor);
	while (r >= 0 && list->count < SESSIONS_A_STEP &&
	       (r = store_next_session(cursor, &session)) == STORE_ROW)
		list->items[list->count++] = session.id;
	return r < 0 ? r : 0;
}
