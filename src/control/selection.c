// SPDX-License-Identifier: Apache-2.0
#include "control/selection.h"

#include "base/array.h"
#include "control/selection_look.h"
#include "control/state.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

struct ids {
	struct resource_id *items;
	size_t count, capacity;
};

static int settle_own(struct transaction *transaction, const struct caller *caller);
static int marks_work(struct selection *selection);
static int mark_work(struct selection *selection, struct selector_mark *mark);
static int selectors_load(struct selection *selection);
static int sweeps_work(struct selection *selection);
static int sweep_continue(struct selection *selection, const struct selector *selector,
			  const char *after);
static int ids_collect(struct selection *selection, const char *after, struct ids *ids);
static int selector_end(struct selection *selection, const struct selector *selector);
static int settle(struct selection *selection, const struct look *look,
		  const struct selector *selector);
static void room_take(struct selection *selection, unsigned int room);

int selection_mark_source(struct transaction *transaction, const char *source)
{
	transaction->settle = settle_own;
	return store_mark_source(transaction->control->store, source);
}

int selection_mark_tagged(struct transaction *transaction, const char *resource)
{
	enum resource_kind kind = resource_id_kind(resource);

	if (kind == RESOURCE_INTERFACE)
		return selection_mark_source(transaction, resource);
	if (kind != RESOURCE_INSTANCE)
		return 0;
	transaction->settle = settle_own;
	return store_mark_sources_of_instance(transaction->control->store, resource);
}

int selection_sweep(struct transaction *transaction, const char *selector)
{
	transaction->settle = settle_own;
	return store_put_sweep(transaction->control->store, selector, "");
}

void selection_fini(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		selector_fini(&selection->selectors[i]);
	free(selection->selectors);
	*selection = (struct selection){};
}

int selection_work(struct selection *selection)
{
	int r = marks_work(selection);

	return r == 0 ? sweeps_work(selection) : r;
}

int selection_retry(struct selection *selection, const struct selector_refusal *refusal)
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

/* A request does nothing for others, so neither their number nor their rows can hinder it.  Damaged rows of its own are told by
 * the service, which comes to them later, since the request itself has nothing to do with them. */
static int settle_own(struct transaction *transaction, const struct caller *caller)
{
	_cleanup_selection_ struct selection selection = {transaction, &caller->account,
							  SELECTION_ROOM};
	int r = caller->account.text[0] != '\0' ? selection_work(&selection) : 0;

	return r == -EBADMSG && selection.reading ? 0 : r;
}

static int marks_work(struct selection *selection)
{
	struct store *store = selection->transaction->control->store;

	while (selection->room > 0) {
		struct selector_mark mark;
		int r;

		r = store_first_mark(store, selection->owner->text, &mark);
		if (r != 0)
			return r == STORE_MISSING ? 0 : r;
		r = mark_work(selection, &mark);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The mark goes before the look: what ends a session there puts a new one, for whoever waits for its place.  What is left when the
 * room ends goes on behind the last selector that looked; one at least does. */
static int mark_work(struct selection *selection, struct selector_mark *mark)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_look_ struct look look = {};
	size_t i = 0;
	int r;

	selection->reading = true;
	r = look_load(store, mark->source.text, &look);
	if (r == 0)
		r = selectors_load(selection);
	if (r != 0)
		return r;
	selection->reading = false;
	r = store_delete_mark(store, mark->source.text);
	room_take(selection, 1);
	while (i < selection->count &&
	       strcmp(selection->selectors[i].id.text, mark->seen.text) <= 0)
		i++;
	for (bool first = true; r == 0 && i < selection->count && (first || selection->room > 0);
	     i++, first = false) {
		r = settle(selection, &look, &selection->selectors[i]);
		mark->seen = selection->selectors[i].id;
	}
	if (r == 0 && i < selection->count)
		r = store_put_mark(store, selection->owner->text, mark);
	return r;
}

static int selectors_load(struct selection *selection)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct selector selector;
	size_t terms = 0;
	int r;

	if (selection->loaded)
		return 0;
	r = store_select_selectors(store, selection->owner->text, "", &cursor);
	while (r >= 0 && (r = store_next_selector(cursor, &selector)) == STORE_ROW)
		r = array_append(selection, selectors, count, capacity, selector);
	for (size_t i = 0; r == 0 && i < selection->count; i++) {
		r = store_load_selector_terms(store, &selection->selectors[i]);
		terms += selection->selectors[i].term_count;
	}
	room_take(selection, (unsigned int)(terms / SELECTION_TERMS));
	selection->loaded = r == 0;
	return r;
}

static int sweeps_work(struct selection *selection)
{
	struct store *store = selection->transaction->control->store;

	while (selection->room > 0) {
		_cleanup_selector_ struct selector selector = {};
		struct resource_id id, after;
		int r;

		r = store_first_sweep(store, selection->owner->text, &id, &after);
		if (r != 0)
			return r == STORE_MISSING ? 0 : r;
		selection->reading = true;
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

	r = ids_collect(selection, after, &ids);
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
static int ids_collect(struct selection *selection, const char *after, struct ids *ids)
{
	struct store *store = selection->transaction->control->store;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	r = store_select_sources(store, SOURCES_OF_OWNER, selection->owner->text, after, &cursor);
	while (r >= 0 && ids->count < selection->room &&
	       (r = store_next_source(cursor, &source)) == STORE_ROW)
		r = array_append(ids, items, count, capacity, source.id);
	return r < 0 ? r : 0;
}

/* One session at a time, since a cursor does not outlive a change of its rows.  With the last one the selector goes. */
static int selector_end(struct selection *selection, const struct selector *selector)
{
	struct store *store = selection->transaction->control->store;
	struct session session;
	int r = 0;

	while (r == 0 && selection->room > 0) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;
		unsigned int effort = 0;

		selection->reading = true;
		r = store_select_sessions(store, SESSIONS_OF_SELECTOR, selector->id.text, "",
					  &cursor);
		if (r == 0)
			r = store_next_session(cursor, &session);
		cursor_close(TAKE_PTR(cursor));
		if (r < 0)
			return r;
		selection->reading = false;
		if (r == 0)
			return store_delete_selector(store, selector->id.text);
		r = look_end_session(selection->transaction, &session, &effort);
		room_take(selection, effort);
	}
	return r;
}

static int settle(struct selection *selection, const struct look *look,
		  const struct selector *selector)
{
	unsigned int effort = 0;
	int r;

	selection->reading = false;
	r = look_settle(selection->transaction, look, selector, &effort, &selection->tags);
	room_take(selection, effort + selection->tags / SELECTION_TAGS);
	selection->tags %= SELECTION_TAGS;
	return r;
}

static void room_take(struct selection *selection, unsigned int room)
{
	selection->room -= room < selection->room ? room : selection->room;
}
