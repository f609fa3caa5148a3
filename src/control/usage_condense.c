// SPDX-License-Identifier: Apache-2.0
/* Records of sessions' lives are kept for good, for somebody may ask what he is to pay for; but whoever makes and deletes
 * sessions all day may not fill the store.  Beyond so many, the hours of those that have been over for longest are added
 * to a sum of their source and day, so that all periods of days and months, and all sources and accounts, cost what they cost. */
#include "base/array.h"
#include "base/clock.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/usage.h"
#include "store/lifetime.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define CONDENSED_AT_ONCE 1000
#define DAY               (24 * USAGE_HOUR)

struct lifetime_list {
	struct lifetime *items;
	size_t count, capacity;
};

static void lifetime_list_fini(struct lifetime_list *list);
static int list_load(struct control *control, const char *owner, int64_t count,
		     struct lifetime_list *list);
static int lifetime_condense(struct control *control, const struct lifetime *lifetime);

int control_condense_usage(struct control *control, int64_t limit, size_t *ret_count,
			   struct refusal *why)
{
	_cleanup_(lifetime_list_fini) struct lifetime_list list = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller service = {};
	struct account_id owner = {};
	int64_t count;
	int r;

	r = store_find_crowded_account(control->store, limit, &owner, &count);
	if (r != 0)
		return r < 0 ? r : 0;
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = list_load(control, owner.text,
			      count - limit < CONDENSED_AT_ONCE ? count - limit : CONDENSED_AT_ONCE,
			      &list);
	for (size_t i = 0; r == 0 && i < list.count; i++)
		r = lifetime_condense(control, &list.items[i]);
	if (r == 0)
		r = transaction_commit(&transaction, &service, why);
	if (r == 0)
		*ret_count = list.count;
	return r;
}

static void lifetime_list_fini(struct lifetime_list *list)
{
	free(list->items);
}

/* Before any is deleted: a cursor's rows must stay as they are. */
static int list_load(struct control *control, const char *owner, int64_t count,
		     struct lifetime_list *list)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct lifetime lifetime;
	int r;

	r = store_select_ended_lifetimes(control->store, owner, count, &cursor);
	while (r >= 0 && (r = store_next_lifetime(cursor, &lifetime)) == STORE_ROW)
		r = array_append(list, items, count, capacity, lifetime);
	return r;
}

static int lifetime_condense(struct control *control, const struct lifetime *lifetime)
{
	int64_t day = usage_period_begin(USAGE_DAILY, lifetime->created);
	int r = 0;

	for (; r == 0 && day <= lifetime->deleted; day += DAY) {
		struct lifetime sum = *lifetime;
		char date[TIMESTAMP_SIZE];

		sum.created = day;
		sum.hours = lifetime_count_hours(lifetime, day, day + DAY);
		timestamp_format(day, date);
		(void)snprintf(sum.session.text, sizeof(sum.session.text), "past-%.10s", date);
		if (sum.hours > 0)
			r = store_add_past_hours(control->store, &sum);
	}
	return r < 0 ? r : store_delete_lifetime(control->store, lifetime);
}
