// SPDX-License-Identifier: Apache-2.0
/* The end of members that were deregistered; member.h declares it.
 *
 * Most are gone when their delay is over.  Where flows are to stay with who has them, a member stays in plans, though the API has
 * forgotten it by then: for as long as flows are remembered that are idle, so that each host has told what it still holds, and
 * then for as long as a host tells of any. */
#include "base/array.h"
#include "base/count.h"
#include "control/member.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/group.h"
#include "store/hold.h"
#include "store/listener.h"
#include "store/member.h"
#include "store/store.h"

#define HOUR INT64_C(3600000)

/* A host that was silent for so long no longer counts, and no connection counts for longer than that. */
#define HOLD_SILENCE HOUR
#define HOLD_LONGEST (24 * HOUR)

struct members {
	struct member *items;
	size_t count, capacity;
};

static void members_fini(struct members *members);
static int due_collect(struct control *control, struct members *due);
static int due_ask(struct control *control, const struct member *member, bool *ret_due);
static int idle_get(struct control *control, const char *group, uint32_t *ret_idle);
static int due_delete(struct transaction *transaction, const struct members *due);

int control_expire_members(struct control *control, size_t *ret_count, struct refusal *why)
{
	_cleanup_(members_fini) struct members due = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller service = {};
	int64_t count;
	int r;

	*ret_count = 0;
	r = store_count_drained(control->store, control_now(control), &count);
	if (r < 0 || count == 0)
		return r;
	r = due_collect(control, &due);
	if (r < 0 || due.count == 0)
		return r;
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = due_delete(&transaction, &due);
	if (r == 0)
		r = transaction_commit(&transaction, &service, why);
	if (r == 0)
		*ret_count = due.count;
	return r;
}

static void members_fini(struct members *members)
{
	free(members->items);
}

static int due_collect(struct control *control, struct members *due)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct member member;
	int r;

	r = store_select_drained(control->store, control_now(control), &cursor);
	while (r >= 0 && (r = store_next_member(cursor, &member)) == STORE_ROW) {
		bool is_due;

		r = due_ask(control, &member, &is_due);
		if (r == 0 && is_due)
			r = array_append(due, items, count, capacity, member);
	}
	return r;
}

static int due_ask(struct control *control, const struct member *member, bool *ret_due)
{
	const int64_t now = control_now(control);
	int64_t holders = 0;
	uint32_t idle;
	int r;

	r = idle_get(control, member->group.text, &idle);
	if (r == 0 && idle > 0 && now < member->drained + HOLD_LONGEST)
		r = store_count_holders(control->store, member->group.text, member->id,
					member->port, now - HOLD_SILENCE, &holders);
	if (r == 0)
		*ret_due = holders == 0 && member->drained + (int64_t)idle * 1000 <= now;
	return r;
}

/* How long flows are remembered where they stay; else, and where nothing is forwarded to the group, 0. */
static int idle_get(struct control *control, const char *arn, uint32_t *ret_idle)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct listener listener;
	struct fleet fleet = {};
	struct group group;
	int r;

	*ret_idle = 0;
	r = store_get_group(control->store, arn, &group);
	if (r != 0 || group_ends_flows(&group))
		return r < 0 ? r : 0;
	group_fill_fleet(&group, &fleet);
	r = store_select_listeners(control->store, LISTENERS_OF_GROUP, arn, "", &cursor);
	while (r >= 0 && (r = store_next_listener(cursor, &listener)) == STORE_ROW) {
		*ret_idle = MAX(*ret_idle, listener.tcp_idle);
		*ret_idle = MAX(*ret_idle, fleet.other_idle);
	}
	return r;
}

static int due_delete(struct transaction *transaction, const struct members *due)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < due->count; i++) {
		const struct member *member = &due->items[i];

		r = store_delete_member(transaction->control->store, member->group.text, member->id,
					member->port);
		if (r == 0)
			r = transaction_touch_group(transaction, member->group.text);
	}
	return r;
}
