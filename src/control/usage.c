// SPDX-License-Identifier: Apache-2.0
/* What can be asked of usage.
 *
 * Groups are rows like those of other nouns, in pages; the hours of each are counted when it is on the page. */
#include "control/usage.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/quota.h"
#include "control/state.h"
#include "store/account.h"
#include "store/lifetime.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)USAGE_BY_ACCOUNT == (int)LIFETIMES_BY_ACCOUNT &&
		       (int)USAGE_BY_SOURCE == (int)LIFETIMES_BY_SOURCE &&
		       (int)USAGE_BY_SESSION == (int)LIFETIMES_BY_SESSION,
	       "one order");

#define KEY_PARTS 3

/* What the noun's functions find around the engine's part, which comes first. */
struct usage_describe {
	struct describe describe;
	enum lifetime_grouping grouping;
	char owner[ACCOUNT_ID_SIZE]; /* "": everybody's. */
	int64_t earliest;            /* Nothing of before is told. */
	int64_t from, to;
	struct usage_period *periods; /* Of all the time, without hours. */
	size_t period_count;
};

static int wish_take(struct usage_describe *usage, const struct usage_wish *wish,
		     struct refusal *why);
static int owner_take(struct usage_describe *usage, const char *account, struct refusal *why);
static int moment_take(const char *text, const char *what, int64_t fallback, int64_t *ret_moment,
		       struct refusal *why);
static int usage_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int usage_next(struct describe *describe, struct cursor *cursor, void *record);
static int usage_complete(struct describe *describe, void *record);
static void usage_fini(void *record);
static void usage_key(const void *record, struct text *ret_key);
static size_t usage_weight(const void *record);
static void offer_source(const void *record, struct match *match);
static void offer_host(const void *record, struct match *match);
static void offer_device(const void *record, struct match *match);
static void offer_session(const void *record, struct match *match);
static void record_add(const struct usage_describe *usage, const struct lifetime *lifetime,
		       struct usage_record *record);
static size_t period_find(const struct usage_record *record, int64_t moment);
static void record_settle(struct usage_record *record);

static const struct field fields[] = {
	{"network-interface-id", offer_source},
	{"host-name", offer_host},
	{"device-name", offer_device},
	{"traffic-mirror-session-id", offer_session},
};

/* Their names tie a page's token to how it was grouped. */
#define USAGE_NOUN(what)                                                                       \
	{                                                                                      \
		.name = (what), .record_size = sizeof(struct usage_record), .fields = fields,  \
		.field_count = ARRAY_SIZE(fields), .select = usage_select, .next = usage_next, \
		.complete = usage_complete, .fini = usage_fini, .key = usage_key,              \
		.weight = usage_weight,                                                        \
	}
static const struct noun nouns[] = {
	[USAGE_BY_ACCOUNT] = USAGE_NOUN("usage-by-account"),
	[USAGE_BY_SOURCE] = USAGE_NOUN("usage-by-source"),
	[USAGE_BY_SESSION] = USAGE_NOUN("usage-by-session"),
};

static void usage_record_fini(struct usage_record *record)
{
	free(record->periods);
}

DEFINE_PAGE_FINI(struct usage_page, usage_page_fini, usage_record_fini)

int control_describe_usage(struct control *control, const struct caller *caller,
			   const struct usage_wish *wish, const struct query *query,
			   struct usage_page *ret_page, struct refusal *why)
{
	struct usage_describe usage = {
		.describe = {control, caller, &nouns[wish->group], query},
		.grouping = (enum lifetime_grouping)wish->group,
	};
	_cleanup_free_ struct usage_period *periods = NULL;
	struct page page;
	int r = wish_take(&usage, wish, why);

	if (r == 0)
		r = usage_periods_new(wish->granularity, usage.from, usage.to, &periods,
				      &usage.period_count, why);
	if (r != 0)
		return r;
	usage.periods = periods;
	usage.describe.scope = usage.owner;
	r = describe_run(&usage.describe, &page, why);
	if (r != 0)
		return r;
	PAGE_TAKE(ret_page, page);
	ret_page->from = usage.from;
	ret_page->to = usage.to;
	return 0;
}

const struct price_list *control_get_prices(const struct control *control)
{
	return &control->prices;
}

/* What is not over yet has not cost anything, so the time ends now at the latest. */
static int wish_take(struct usage_describe *usage, const struct usage_wish *wish,
		     struct refusal *why)
{
	int64_t now = control_now(usage->describe.control) + 1;
	int r;

	r = owner_take(usage, wish->account, why);
	if (r == 0)
		r = moment_take(wish->from, "StartTime", usage_period_begin(USAGE_MONTHLY, now),
				&usage->from, why);
	if (r == 0)
		r = moment_take(wish->to, "EndTime", now, &usage->to, why);
	if (r == 0 && usage->from > now)
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "Value (%.64s) for parameter StartTime is invalid. Nothing has been "
			   "used yet of what is to come",
			   wish->from);
	if (usage->from < usage->earliest && usage->earliest < now)
		usage->from = usage->earliest;
	usage->to = MIN(usage->to, now);
	return r;
}

static int owner_take(struct usage_describe *usage, const char *account, struct refusal *why)
{
	const struct caller *caller = usage->describe.caller;
	struct control *control = usage->describe.control;
	struct stored_account found;
	struct account_id owner;
	int r;

	if (account && strcmp(account, "all") == 0 && caller_runs_service(control, caller))
		return 0;
	r = control_find_quota_account(control, caller, account, &owner, why);
	if (r != 0)
		return r;
	memcpy(usage->owner, owner.text, sizeof(usage->owner));
	if (caller_runs_service(control, caller))
		return 0;
	/* Another may have had the number before. */
	r = store_get_account(control->store, owner.text, &found);
	if (r == 0)
		usage->earliest = found.created;
	return r == STORE_MISSING ? 0 : r;
}

static int moment_take(const char *text, const char *what, int64_t fallback, int64_t *ret_moment,
		       struct refusal *why)
{
	char day[TIMESTAMP_SIZE];

	*ret_moment = fallback;
	if (!text)
		return 0;
	if (strlen(text) == strlen("2026-01-02")) {
		(void)snprintf(day, sizeof(day), "%sT00:00:00Z", text);
		text = day;
	}
	if (timestamp_parse(text, ret_moment))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.64s) for parameter %s is invalid. Expecting a day or a time in "
		      "UTC, as in 2026-01-02 or 2026-01-02T03:04:05Z",
		      text, what);
}

/* The key is owner, source and session, with a blank behind each. */
static int usage_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const struct usage_describe *usage = (const struct usage_describe *)describe;
	_cleanup_free_ char *key = strdup(after);
	const char *parts[KEY_PARTS] = {"", "", ""};
	char *rest = key;

	if (!key)
		return -ENOMEM;
	for (size_t i = 0; i < KEY_PARTS && rest && *rest != '\0'; i++)
		parts[i] = strsep(&rest, " ");
	return store_select_lifetime_groups(
		describe->control->store, usage->grouping, usage->owner, usage->from, usage->to,
		&(struct lifetime_group){parts[0], parts[1], parts[2]}, ret_cursor);
}

static int usage_next(struct describe *describe, struct cursor *cursor, void *record)
{
	struct usage_record *usage = record;

	(void)describe;
	return store_next_lifetime(cursor, &usage->group);
}

static int usage_complete(struct describe *describe, void *record)
{
	const struct usage_describe *usage = (const struct usage_describe *)describe;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct usage_record *whole = record;
	const struct lifetime *group = &whole->group;
	struct lifetime lifetime;
	int r;

	whole->periods = malloc(usage->period_count * sizeof(*whole->periods));
	if (!whole->periods)
		return -ENOMEM;
	memcpy(whole->periods, usage->periods, usage->period_count * sizeof(*whole->periods));
	whole->period_count = usage->period_count;
	r = store_select_lifetimes(describe->control->store, usage->grouping,
				   &(struct lifetime_group){group->owner.text, group->source.text,
							    group->session.text},
				   usage->from, usage->to, &cursor);
	while (r >= 0 && (r = store_next_lifetime(cursor, &lifetime)) == STORE_ROW)
		record_add(usage, &lifetime, whole);
	record_settle(whole);
	return r;
}

static void usage_fini(void *record)
{
	usage_record_fini(record);
}

static void usage_key(const void *record, struct text *ret_key)
{
	const struct lifetime *group = &((const struct usage_record *)record)->group;

	text_printf(ret_key, "%s %s %s ", group->owner.text, group->source.text,
		    group->session.text);
}

static size_t usage_weight(const void *record)
{
	return 1 + ((const struct usage_record *)record)->period_count / 4;
}

static void offer_source(const void *record, struct match *match)
{
	match_text(match, ((const struct usage_record *)record)->group.source.text);
}

static void offer_host(const void *record, struct match *match)
{
	match_text(match, ((const struct usage_record *)record)->group.host);
}

static void offer_device(const void *record, struct match *match)
{
	match_text(match, ((const struct usage_record *)record)->group.device);
}

static void offer_session(const void *record, struct match *match)
{
	match_text(match, ((const struct usage_record *)record)->group.session.text);
}

static void record_add(const struct usage_describe *usage, const struct lifetime *lifetime,
		       struct usage_record *record)
{
	const struct price_list *prices = &usage->describe.control->prices;

	for (size_t i = period_find(record, lifetime->created); i < record->period_count; i++) {
		struct usage_period *period = &record->periods[i];

		if (lifetime->deleted != 0 && period->from > lifetime->deleted)
			break;
		period->hours += lifetime_count_hours(lifetime, period->from, period->to);
		period->cost += price_list_charge(prices, lifetime, period->from, period->to);
	}
}

/* The first period that ends after the moment. */
static size_t period_find(const struct usage_record *record, int64_t moment)
{
	size_t low = 0, high = record->period_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (record->periods[middle].to <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Sums up, and leaves out the periods in which there was nothing. */
static void record_settle(struct usage_record *record)
{
	size_t kept = 0;

	for (size_t i = 0; i < record->period_count; i++) {
		record->hours += record->periods[i].hours;
		record->cost += record->periods[i].cost;
		if (record->periods[i].hours > 0)
			record->periods[kept++] = record->periods[i];
	}
	record->period_count = kept;
	if (kept > 0) {
		struct usage_period *shorter =
			reallocarray(record->periods, kept, sizeof(*record->periods));

		if (shorter)
			record->periods = shorter;
	}
}
