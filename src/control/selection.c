// SPDX-License-Identifier: Apache-2.0
#include "control/selection.h"

#include "base/array.h"
#include "control/selection_look.h"
#include "control/state.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

#include <string.h>

/* What one slice has at hand. */
struct selection {
	struct transaction *transaction;
	unsigned int room;
	struct account_id owner; /* Whose selectors these are. */
	struct selector *selectors;
	size_t count, capacity;
};

struct ids {
	struct resource_id *items;
	size_t count, capacity;
};

static void selection_fini(struct selection *selection);
static int marks_settle(struct selection *selection);
static int selectors_load(struct selection *selection, const struct account_id *owner);
static int sweeps_settle(struct selection *selection);
static int sweep_continue(struct selection *selection, const struct selector *selector,
			  const char *after);
static int ids_collect(struct selection *selection, const char *owner, const char *after,
		       struct ids *ids);
static int selector_end(struct selection *selection, const struct selector *selector);
static int refusals_settle(struct selection *selection);
static int refusals_collect(struct control *control, size_t limit, struct look_refusals *refusals);
static int look_again(struct selection *selection, const struct selector_refusal *refusal);
static int settle(struct selection *selection, const struct look *look,
		  const struct selector *selector);
static void room_take(struct selection *selection, unsigned int room);
static int work_find(struct control *control, bool *ret_more);

int selection_settle(struct transaction *transaction, unsigned int room)
{
	_cleanup_(selection_fini) struct selection selection = {transaction, room};
	int r = marks_settle(&selection);

	if (r == 0)
		r = sweeps_settle(&selection);
	transaction->selects = false; /* For this time. */
	return r;
}

int control_settle_selectors(struct control *control, bool *ret_more, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_(selection_fini) struct selection selection = {&transaction, SELECTION_ROOM};
	struct selection_turn *turn = &control->selection_turn;
	const struct caller service = {};
	int64_t now = control_now(control) / 1000, expired;
	int r;

	r = store_count_expired_selectors(control->store, now, &expired);
	if (r < 0 || (expired == 0 && store_get_version(control->store) == turn->settled))
		return r;
	r = transaction_begin(&transaction, control);
	if (r == 0 && expired > 0)
		r = store_end_expired_selectors(control->store, now);
	if (r == 0)
		r = marks_settle(&selection);
	if (r == 0)
		r = sweeps_settle(&selection);
	if (r == 0)
		r = refusals_settle(&selection);
	if (r == 0)
		r = work_find(control, ret_more);
	/* Where one thing has become possible, so may the next. */
	*ret_more = *ret_more || (transaction.act_count > 0 && resource_id_set(&turn->selector));
	transaction.selects = false;
	return r != 0 ? r : transaction_commit(&transaction, &service, why);
}

static void selection_fini(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		selector_fini(&selection->selectors[i]);
	free(selection->selectors);
	*selection = (struct selection){};
}

/* A mark goes before the look: what ends a session there puts a new one, for whoever waits for its place. */
static int marks_settle(struct selection *selection)
{
	struct store *store = selection->transaction->control->store;

	while (selection->room > 0) {
		_cleanup_look_ struct look look = {};
		struct resource_id source;
		int r;

		r = store_first_mark(store, &source);
		if (r != 0)
			return r == STORE_MISSING ? 0 : r;
		r = store_delete_mark(store, source.text);
		if (r == 0)
			r = look_load(store, source.text, &look);
		if (r == 0)
			r = selectors_load(selection, &look.source.owner);
		room_take(selection, 1);
		for (size_t i = 0; r == 0 && i < selection->count; i++)
			r = settle(selection, &look, &selection->selectors[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Marks are in the order of their owners, so this is seldom. */
static int selectors_load(struct selection *selection, const struct account_id *owner)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct selector selector;
	int r;

	if (strcmp(selection->owner.text, owner->text) == 0)
		return 0;
	while (selection->count > 0)
		selector_fini(&selection->selectors[--selection->count]);
	r = store_select_selectors(store, owner->text, "", &cursor);
	while (r >= 0 && (r = store_next_selector(cursor, &selector)) == STORE_ROW)
		r = array_append(selection, selectors, count, capacity, selector);
	for (size_t i = 0; r == 0 && i < selection->count; i++)
		r = store_load_selector_terms(store, &selection->selectors[i]);
	if (r == 0)
		selection->owner = *owner;
	return r;
}

static int sweeps_settle(struct selection *selection)
{
	struct store *store = selection->transaction->control->store;

	while (selection->room > 0) {
		_cleanup_selector_ struct selector selector = {};
		struct resource_id id, after;
		int r;

		r = store_first_sweep(store, &id, &after);
		if (r != 0)
			return r == STORE_MISSING ? 0 : r;
		r = store_get_selector(store, id.text, &selector);
		if (r == 0)
			r = selector.ending ? selector_end(selection, &selector)
					    : sweep_continue(selection, &selector, after.text);
		if (r < 0)
			return r;
	}
	return 0;
}

static int sweep_continue(struct selection *selection, const struct selector *selector,
			  const char *after)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_free_ struct resource_id *items = NULL;
	unsigned int room = selection->room;
	struct ids ids = {};
	size_t done = 0;
	int r;

	r = ids_collect(selection, selector->model.owner.text, after, &ids);
	items = ids.items;
	for (; r == 0 && done < ids.count && selection->room > 0; done++) {
		_cleanup_look_ struct look look = {};

		r = look_load(store, ids.items[done].text, &look);
		room_take(selection, 1);
		if (r == 0)
			r = settle(selection, &look, selector);
	}
	if (r < 0)
		return r;
	if (done == ids.count && ids.count < room)
		return store_end_sweep(store, selector->id.text);
	return store_put_sweep(store, selector->id.text, ids.items[done - 1].text);
}

/* The next interfaces, no more than there is room for. */
static int ids_collect(struct selection *selection, const char *owner, const char *after,
		       struct ids *ids)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	r = store_select_sources(store, SOURCES_OF_OWNER, owner, after, &cursor);
	while (r >= 0 && ids->count < selection->room &&
	       (r = store_next_source(cursor, &source)) == STORE_ROW)
		r = array_append(ids, items, count, capacity, source.id);
	return r;
}

/* One session at a time, since a cursor does not outlive a change of its rows.  With the last one the selector goes. */
static int selector_end(struct selection *selection, const struct selector *selector)
{
	struct store *store = selection->transaction->control->store;
	struct session session;
	int r = 0;

	while (r == 0 && selection->room > 0) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		r = store_select_sessions(store, SESSIONS_OF_SELECTOR, selector->id.text, "",
					  &cursor);
		if (r == 0)
			r = store_next_session(cursor, &session);
		cursor_close(TAKE_PTR(cursor));
		if (r == 0)
			return store_delete_selector(store, selector->id.text);
		if (r == STORE_ROW)
			r = look_end_session(selection->transaction, &session);
		room_take(selection, SELECTION_END);
	}
	return r;
}

/* In turns over all that was refused, beginning anew only if the store has changed since the last turn began: then something
 * may have become possible. */
static int refusals_settle(struct selection *selection)
{
	struct control *control = selection->transaction->control;
	struct selection_turn *turn = &control->selection_turn;
	size_t limit = selection->room / SELECTION_CHANGE;
	_cleanup_free_ struct selector_refusal *items = NULL;
	struct look_refusals refusals = {};
	int r;

	if (limit == 0)
		return 0;
	if (!resource_id_set(&turn->selector))
		turn->began = store_get_version(control->store);
	r = refusals_collect(control, limit, &refusals);
	items = refusals.items;
	for (size_t i = 0; r == 0 && i < refusals.count; i++)
		r = look_again(selection, &items[i]);
	if (r < 0)
		return r;
	if (refusals.count == limit) {
		turn->selector = items[limit - 1].selector;
		turn->source = items[limit - 1].source;
		return 0;
	}
	*turn = (struct selection_turn){.settled = turn->began};
	return 0;
}

static int refusals_collect(struct control *control, size_t limit, struct look_refusals *refusals)
{
	const struct selection_turn *turn = &control->selection_turn;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct selector_refusal refusal;
	int r;

	r = store_select_all_refusals(control->store, turn->selector.text, turn->source.text,
				      &cursor);
	while (r >= 0 && refusals->count < limit &&
	       (r = store_next_selector_refusal(cursor, &refusal)) == STORE_ROW)
		r = array_append(refusals, items, count, capacity, refusal);
	return r;
}

static int look_again(struct selection *selection, const struct selector_refusal *refusal)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_selector_ struct selector selector = {};
	_cleanup_look_ struct look look = {};
	int r;

	r = store_get_selector(store, refusal->selector.text, &selector);
	if (r == 0)
		r = look_load(store, refusal->source.text, &look);
	return r == 0 ? settle(selection, &look, &selector) : r < 0 ? r : 0;
}

static int settle(struct selection *selection, const struct look *look,
		  const struct selector *selector)
{
	unsigned int effort = 0;
	int r = look_settle(selection->transaction, look, selector, &effort);

	room_take(selection, effort);
	return r;
}

static void room_take(struct selection *selection, unsigned int room)
{
	selection->room -= room < selection->room ? room : selection->room;
}

static int work_find(struct control *control, bool *ret_more)
{
	struct resource_id source, selector;
	int r = store_first_mark(control->store, &source);

	if (r == STORE_MISSING)
		r = store_first_sweep(control->store, &selector, &source);
	if (r < 0)
		return r;
	*ret_more = r == 0;
	return 0;
}
