// SPDX-License-Identifier: Apache-2.0
/* What the service does for selectors, between requests: account after account, each a slice in a transaction of its own.  So one that
 * has much to do, or a row that cannot be read, keeps nobody waiting but its own account.
 *
 * With what is left of its slice an account looks at some of what its selectors were refused, going round, and beginning anew
 * only if the store has changed since it last began: then something may have become possible. */
#include "control/selector.h"

#include "base/array.h"
#include "control/selection.h"
#include "control/state.h"
#include "store/selector.h"
#include "store/store.h"

#include <string.h>

struct refusals {
	struct selector_refusal *items;
	size_t count, capacity;
};

static int slice_work(struct transaction *transaction, const struct account_id *owner,
		      bool *ret_more, struct refusal *why);
static int owner_find(struct control *control, struct account_id *ret_owner);
static int owner_next(struct control *control, const char *after, struct account_id *ret_owner);
static void turn_get(const struct control *control, const struct account_id *owner,
		     struct selection_turn *ret_turn);
static int turn_put(struct control *control, const struct selection_turn *turn);
static int refusals_work(struct selection *selection, struct selection_turn *turn);
static int refusals_collect(struct selection *selection, const struct selection_turn *turn,
			    size_t limit, struct refusals *refusals);

int control_settle_selectors(struct control *control, bool *ret_more, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct selection_turns *turns = &control->selection_turns;
	int64_t now = control_now(control) / 1000, expired;
	struct account_id owner;
	int r;

	r = store_count_expired_selectors(control->store, now, &expired);
	if (r < 0 || (expired == 0 && store_get_version(control->store) == turns->settled))
		return r;
	r = transaction_begin(&transaction, control);
	if (r == 0 && expired > 0)
		r = store_end_expired_selectors(control->store, now);
	if (r == 0)
		r = owner_find(control, &owner);
	if (r == STORE_MISSING) {
		turns->settled = store_get_version(control->store);
		return 0;
	}
	if (r < 0)
		return r;
	/* Whatever comes of it: next time it is another's. */
	turns->last = owner;
	return slice_work(&transaction, &owner, ret_more, why);
}

/* What is remembered of the turn is what was committed. */
static int slice_work(struct transaction *transaction, const struct account_id *owner,
		      bool *ret_more, struct refusal *why)
{
	_cleanup_selection_ struct selection selection = {transaction, owner, SELECTION_ROOM};
	struct control *control = transaction->control;
	const struct caller service = {};
	struct selection_turn turn;
	struct account_id other;
	bool more;
	int r;

	turn_get(control, owner, &turn);
	r = selection_work(&selection);
	if (r == 0)
		r = refusals_work(&selection, &turn);
	if (r == 0)
		r = store_next_selecting(control->store, "", &other);
	if (r < 0)
		return r;
	/* Where one thing has become possible, so may the next. */
	more = r == 0 || (transaction->act_count > 0 && resource_id_set(&turn.selector));
	r = transaction_commit(transaction, &service, why);
	if (r == 0)
		r = turn_put(control, &turn);
	if (r == 0)
		*ret_more = more;
	return r;
}

/* The next account that has something to do, going round. */
static int owner_find(struct control *control, struct account_id *ret_owner)
{
	int r = owner_next(control, control->selection_turns.last.text, ret_owner);

	return r == STORE_MISSING ? owner_next(control, "", ret_owner) : r;
}

static int owner_next(struct control *control, const char *after, struct account_id *ret_owner)
{
	struct account_id selecting = {}, refused = {};
	struct selection_turn turn;
	int r, s;

	r = store_next_selecting(control->store, after, &selecting);
	if (r < 0)
		return r;
	do {
		s = store_next_refused(control->store, after, &refused);
		after = refused.text;
		turn_get(control, &refused, &turn);
	} while (s == 0 && turn.settled == store_get_version(control->store));
	if (s < 0)
		return s;
	if (r == STORE_MISSING && s == STORE_MISSING)
		return STORE_MISSING;
	*ret_owner = s == STORE_MISSING || (r == 0 && strcmp(selecting.text, refused.text) < 0)
			     ? selecting
			     : refused;
	return 0;
}

static void turn_get(const struct control *control, const struct account_id *owner,
		     struct selection_turn *ret_turn)
{
	const struct selection_turns *turns = &control->selection_turns;

	*ret_turn = (struct selection_turn){.owner = *owner, .settled = -1};
	for (size_t i = 0; i < turns->count; i++)
		if (strcmp(turns->items[i].owner.text, owner->text) == 0)
			*ret_turn = turns->items[i];
}

/* One for each account that was ever refused something. */
static int turn_put(struct control *control, const struct selection_turn *turn)
{
	struct selection_turns *turns = &control->selection_turns;

	for (size_t i = 0; i < turns->count; i++) {
		if (strcmp(turns->items[i].owner.text, turn->owner.text) != 0)
			continue;
		turns->items[i] = *turn;
		return 0;
	}
	return turn->settled < 0 && !resource_id_set(&turn->selector)
		       ? 0
		       : array_append(turns, items, count, capacity, *turn);
}

static int refusals_work(struct selection *selection, struct selection_turn *turn)
{
	const size_t limit = selection->room / SELECTION_CHANGE;
	_cleanup_free_ struct selector_refusal *items = NULL;
	struct refusals refusals = {};
	int r;

	if (limit == 0)
		return 0;
	if (!resource_id_set(&turn->selector))
		turn->began = store_get_version(selection->transaction->control->store);
	r = refusals_collect(selection, turn, limit, &refusals);
	items = refusals.items;
	for (size_t i = 0; r == 0 && i < refusals.count; i++)
		r = selection_retry(selection, &items[i]);
	if (r < 0)
		return r;
	if (refusals.count == limit) {
		turn->selector = items[limit - 1].selector;
		turn->source = items[limit - 1].source;
	} else {
		turn->selector = turn->source = (struct resource_id){};
		turn->settled = turn->began;
	}
	return 0;
}

static int refusals_collect(struct selection *selection, const struct selection_turn *turn,
			    size_t limit, struct refusals *refusals)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct selector_refusal refusal;
	int r;

	r = store_select_selector_refusals(selection->transaction->control->store, turn->owner.text,
					   turn->selector.text, turn->source.text, &cursor);
	while (r >= 0 && refusals->count < limit &&
	       (r = store_next_selector_refusal(cursor, &refusal)) == STORE_ROW)
		r = array_append(refusals, items, count, capacity, refusal);
	return r < 0 ? r : 0;
}
