// SPDX-License-Identifier: Apache-2.0
/* Every host checks the appliances that it sends to, and tells what it found when that has changed, and all of it now and
 * then.  Mostly it is what was told before, so a report is compared with what is stored, and only what differs is written. */
#include "control/health.h"

#include "base/array.h"
#include "base/text.h"
#include "control/state.h"
#include "store/health.h"
#include "store/hold.h"
#include "store/store.h"

#include <string.h>

struct opinions {
	struct report_member *items; /* In a report's order, as the store gives them. */
	size_t count, capacity;
};

struct flows {
	struct report_fleet *items; /* By group. */
	size_t count, capacity;
};

/* Whether the host sends to the group that was asked for last. */
struct sender {
	struct store *store;
	const char *host;
	char group[FLEET_ID_SIZE];
	bool answer;
};

static int opinions_take(struct sender *sender, const struct report *report);
static void opinions_fini(struct opinions *opinions);
static int opinions_load(const struct sender *sender, struct opinions *opinions);
static int opinions_sift(struct sender *sender, const struct report *report,
			 struct opinions *opinions);
static int opinions_settle(const struct sender *sender, const struct opinions *before,
			   const struct opinions *now, bool whole);
static int opinion_compare(const void *a, const void *b);
static int flows_take(struct sender *sender, const struct report *report);
static int holds_take(struct sender *sender, const struct report *report);
static void flows_fini(struct flows *flows);
static int flows_load(const struct sender *sender, struct flows *flows);
static int flows_sift(struct sender *sender, const struct report *report, struct flows *flows);
static int flows_settle(const struct sender *sender, const struct flows *before,
			const struct flows *now);
static int flows_compare(const void *a, const void *b);
static bool flows_differ(const struct report_fleet *one, const struct report_fleet *other);
static int sender_ask(struct sender *sender, const char *group, bool *ret_answer);

int health_take(struct transaction *transaction, const char *host, const struct report *report)
{
	struct sender sender = {transaction->control->store, host};
	int r = opinions_take(&sender, report);

	if (r >= 0)
		r = flows_take(&sender, report);
	return r < 0 ? r : holds_take(&sender, report);
}

static int opinions_take(struct sender *sender, const struct report *report)
{
	_cleanup_(opinions_fini) struct opinions before = {}, now = {};
	int r;

	if (!report->whole && report->member_count == 0)
		return 0;
	r = opinions_load(sender, &before);
	if (r == 0)
		r = opinions_sift(sender, report, &now);
	return r < 0 ? r : opinions_settle(sender, &before, &now, report->whole);
}

static void opinions_fini(struct opinions *opinions)
{
	free(opinions->items);
}

static int opinions_load(const struct sender *sender, struct opinions *opinions)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct report_member said;
	int r;

	r = store_select_health(sender->store, sender->host, &cursor);
	while (r >= 0 && (r = store_next_health(cursor, &said)) == STORE_ROW)
		r = array_append(opinions, items, count, capacity, said);
	return r;
}

/* A host has a say on those that it sends to. */
static int opinions_sift(struct sender *sender, const struct report *report,
			 struct opinions *opinions)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->member_count; i++) {
		const struct report_member *said = &report->members[i];
		bool sends;

		r = sender_ask(sender, said->fleet, &sends);
		if (r == 0 && sends)
			r = array_append(opinions, items, count, capacity, *said);
	}
	if (r == 0 && opinions->count > 0)
		qsort(opinions->items, opinions->count, sizeof(*opinions->items), opinion_compare);
	return r;
}

/* Both are in order, so one pass finds what is new, different, or gone: where all was told, and it was not. */
static int opinions_settle(const struct sender *sender, const struct opinions *before,
			   const struct opinions *now, bool whole)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && (i < before->count || j < now->count)) {
		const struct report_member *old = i < before->count ? &before->items[i] : NULL;
		const struct report_member *new = j < now->count ? &now->items[j] : NULL;
		const int order = !old ? 1 : !new ? -1 : opinion_compare(old, new);

		if (order < 0 && whole)
			r = store_delete_health(sender->store, sender->host, old);
		else if (order > 0 ||
			 (order == 0 && (old->state != new->state || old->reason != new->reason)))
			r = store_put_health(sender->store, sender->host, new);
		i += order <= 0;
		j += order >= 0;
	}
	return r;
}

static int opinion_compare(const void *a, const void *b)
{
	return report_member_compare(a, b);
}

static int flows_take(struct sender *sender, const struct report *report)
{
	_cleanup_(flows_fini) struct flows before = {}, now = {};
	int r = flows_load(sender, &before);

	if (r == 0)
		r = flows_sift(sender, report, &now);
	return r < 0 ? r : flows_settle(sender, &before, &now);
}

/* Members are seldom drained, so mostly there was nothing and there is nothing. */
static int holds_take(struct sender *sender, const struct report *report)
{
	int64_t before;
	int r;

	r = store_count_holds_of_host(sender->store, sender->host, &before);
	if (r == 0 && before > 0)
		r = store_delete_holds(sender->store, sender->host);
	for (size_t i = 0; r == 0 && i < report->hold_count; i++) {
		bool sends;

		r = sender_ask(sender, report->holds[i].fleet, &sends);
		if (r == 0 && sends)
			r = store_put_hold(sender->store, sender->host, &report->holds[i]);
	}
	return r;
}

static void flows_fini(struct flows *flows)
{
	free(flows->items);
}

static int flows_load(const struct sender *sender, struct flows *flows)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct report_fleet told;
	int r;

	r = store_select_flows(sender->store, sender->host, &cursor);
	while (r >= 0 && (r = store_next_flows(cursor, &told)) == STORE_ROW)
		r = array_append(flows, items, count, capacity, told);
	return r;
}

static int flows_sift(struct sender *sender, const struct report *report, struct flows *flows)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->fleet_count; i++) {
		bool sends;

		r = sender_ask(sender, report->fleets[i].id, &sends);
		if (r == 0 && sends)
			r = array_append(flows, items, count, capacity, report->fleets[i]);
	}
	if (r == 0 && flows->count > 0)
		qsort(flows->items, flows->count, sizeof(*flows->items), flows_compare);
	return r;
}

static int flows_settle(const struct sender *sender, const struct flows *before,
			const struct flows *now)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && (i < before->count || j < now->count)) {
		const struct report_fleet *old = i < before->count ? &before->items[i] : NULL;
		const struct report_fleet *new = j < now->count ? &now->items[j] : NULL;
		const int order = !old ? 1 : !new ? -1 : flows_compare(old, new);

		if (order < 0)
			r = store_delete_flows(sender->store, sender->host, old->id);
		else if (order > 0 || flows_differ(old, new))
			r = store_put_flows(sender->store, sender->host, new);
		i += order <= 0;
		j += order >= 0;
	}
	return r;
}

static int flows_compare(const void *a, const void *b)
{
	const struct report_fleet *left = a, *right = b;

	return strcmp(left->id, right->id);
}

static bool flows_differ(const struct report_fleet *one, const struct report_fleet *other)
{
	return one->flows != other->flows || one->moved != other->moved ||
	       one->evicted != other->evicted;
}

/* Reports name one group many times in a row. */
static int sender_ask(struct sender *sender, const char *group, bool *ret_answer)
{
	int r = 0;

	if (strcmp(sender->group, group) != 0) {
		sender->group[0] = '\0';
		r = store_host_sends_to_group(sender->store, sender->host, group, &sender->answer);
		if (r == 0)
			(void)string_copy(sender->group, sizeof(sender->group), group);
	}
	*ret_answer = sender->answer;
	return r;
}
