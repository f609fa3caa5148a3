// SPDX-License-Identifier: Apache-2.0
/* Every host checks the appliances that it sends to, and tells what it found with each report.  Mostly that is what it told
 * before, so a report is compared with what is stored, and only what differs is written. */
#include "control/health.h"

#include "base/array.h"
#include "base/text.h"
#include "control/state.h"
#include "store/health.h"
#include "store/store.h"

#include <string.h>

struct opinions {
	struct report_member *items; /* In order: by fleet, id and port, as the store gives them. */
	size_t count, capacity;
};

/* Whether the host sends to the group that was asked for last. */
struct sender {
	struct store *store;
	const char *host;
	char group[FLEET_ID_SIZE];
	bool answer;
};

static void opinions_fini(struct opinions *opinions);
static int opinions_load(struct store *store, const char *host, struct opinions *opinions);
static int opinions_sift(struct sender *sender, const struct report *report,
			 struct opinions *opinions);
static int opinions_settle(struct store *store, const char *host, const struct opinions *before,
			   const struct opinions *now);
static int opinion_compare(const void *a, const void *b);
static int flows_take(struct sender *sender, const struct report *report);
static int sender_ask(struct sender *sender, const char *group, bool *ret_answer);

int health_take(struct transaction *transaction, const char *host, const struct report *report)
{
	_cleanup_(opinions_fini) struct opinions before = {}, now = {};
	struct store *store = transaction->control->store;
	struct sender sender = {store, host};
	int r;

	r = opinions_load(store, host, &before);
	if (r == 0)
		r = opinions_sift(&sender, report, &now);
	if (r == 0)
		r = opinions_settle(store, host, &before, &now);
	return r < 0 ? r : flows_take(&sender, report);
}

static void opinions_fini(struct opinions *opinions)
{
	free(opinions->items);
}

static int opinions_load(struct store *store, const char *host, struct opinions *opinions)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct report_member said;
	int r;

	r = store_select_health(store, host, &cursor);
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

/* Both are in order, so one pass finds what is new, gone or different. */
static int opinions_settle(struct store *store, const char *host, const struct opinions *before,
			   const struct opinions *now)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && (i < before->count || j < now->count)) {
		const struct report_member *old = i < before->count ? &before->items[i] : NULL;
		const struct report_member *new = j < now->count ? &now->items[j] : NULL;
		const int order = !old ? 1 : !new ? -1 : opinion_compare(old, new);

		if (order < 0)
			r = store_delete_health(store, host, old);
		else if (order > 0 || old->state != new->state || old->reason != new->reason)
			r = store_put_health(store, host, new);
		i += order <= 0;
		j += order >= 0;
	}
	return r;
}

static int opinion_compare(const void *a, const void *b)
{
	const struct report_member *left = a, *right = b;
	int order = strcmp(left->fleet, right->fleet);

	if (order == 0)
		order = strcmp(left->id, right->id);
	return order != 0 ? order : (int)left->port - (int)right->port;
}

static int flows_take(struct sender *sender, const struct report *report)
{
	int r = store_delete_flows(sender->store, sender->host);

	for (size_t i = 0; r == 0 && i < report->fleet_count; i++) {
		bool sends;

		r = sender_ask(sender, report->fleets[i].id, &sends);
		if (r == 0 && sends)
			r = store_put_flows(sender->store, sender->host, &report->fleets[i]);
	}
	return r;
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
