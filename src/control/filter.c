// SPDX-License-Identifier: Apache-2.0
#include "control/filter.h"

#include "base/count.h"
#include "base/text.h"
#include "control/allowance.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/once.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/filter.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int filter_make(struct transaction *transaction, const struct caller *caller,
		       const void *argument, const struct resource_id *id, struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int services_take(const char *const *names, size_t count, unsigned int *ret_services,
			 struct refusal *why);
static int filter_answer(struct transaction *transaction, const struct caller *caller,
			 const char *id, struct filter_record *ret_filter, struct refusal *why);

static int filters_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int filters_next(struct describe *describe, struct cursor *cursor, void *record);
static int filters_find(struct describe *describe, const char *id, void *record,
			struct refusal *why);
static int filters_complete(struct describe *describe, void *record);
static void filters_fini(void *record);
static void filters_key(const void *record, struct text *ret_key);
static const struct tags *filters_tags(const void *record);
static size_t filters_weight(const void *record);
static void offer_description(const void *record, struct match *match);
static void offer_id(const void *record, struct match *match);

static const struct field fields[] = {
	{"description", offer_description},
	{"traffic-mirror-filter-id", offer_id},
};

static const struct noun filters = {
	.name = "filters",
	.record_size = sizeof(struct filter_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = filters_select,
	.next = filters_next,
	.find = filters_find,
	.complete = filters_complete,
	.fini = filters_fini,
	.key = filters_key,
	.tags = filters_tags,
	.weight = filters_weight,
};

void filter_record_fini(struct filter_record *record)
{
	filter_fini(&record->filter);
	tags_fini(&record->tags);
}

DEFINE_PAGE_FINI(struct filter_page, filter_page_fini, filter_record_fini)

int control_create_filter(struct control *control, const struct caller *caller,
			  const struct filter_wish *wish, struct filter_record *ret_filter,
			  struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateTrafficMirrorFilter",
		.kind = RESOURCE_FILTER,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = filter_make,
		.wish = wish,
	};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r != 0)
		return r;
	return filter_answer(&transaction, caller, id.text, ret_filter, why);
}

int control_delete_filter(struct control *control, const struct caller *caller, const char *id,
			  struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct filter filter;
	int64_t sessions, selectors;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_filter(control, caller, id, &filter, why);
	if (r == 0)
		r = store_count_sessions(control->store, SESSIONS_OF_FILTER, id, &sessions);
	if (r != 0)
		return r;
	if (sessions > 0)
		return refuse(why, REFUSE_FILTER_IN_USE,
			      "The traffic mirror filter '%s' is in use by %lld session(s)", id,
			      (long long)sessions);
	r = store_count_selectors(control->store, SELECTORS_OF_FILTER, id, &selectors);
	if (r == 0 && selectors > 0)
		return refuse(why, REFUSE_FILTER_IN_USE,
			      "The traffic mirror filter '%s' is in use by %lld selector(s)", id,
			      (long long)selectors);
	if (r == 0)
		r = store_delete_filter(control->store, id);
	return r < 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_modify_services(struct control *control, const struct caller *caller,
			    const struct services_change *change, struct filter_record *ret_filter,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct filter filter;
	unsigned int add, remove, before;
	int r;

	r = services_take(change->add, change->add_count, &add, why);
	if (r == 0)
		r = services_take(change->remove, change->remove_count, &remove, why);
	if (r == 0 && (add & remove))
		r = refuse(why, REFUSE_PARAMETER_COMBINATION,
			   "A network service cannot be both added and removed");
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_filter(control, caller, change->filter, &filter, why);
	if (r != 0)
		return r;
	before = filter.services;
	filter.services = (before | add) & ~remove;
	if (filter.services != before) {
		r = store_put_filter(control->store, &filter);
		if (r == 0)
			r = transaction_touch_hosts(&transaction, HOST_NAMES_OF_FILTER,
						    filter.id.text);
		if (r < 0)
			return r;
	}
	return filter_answer(&transaction, caller, filter.id.text, ret_filter, why);
}

int control_describe_filters(struct control *control, const struct caller *caller,
			     const struct query *query, struct filter_page *ret_page,
			     struct refusal *why)
{
	struct describe describe = {control, caller, &filters, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int filter_make(struct transaction *transaction, const struct caller *caller,
		       const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct filter_wish *wish = argument;
	struct control *control = transaction->control;
	struct filter filter = {
		.id = *id,
		.owner = caller->account,
		.created = control_now(control),
	};
	int r;

	r = description_take(wish->description, filter.description, why);
	if (r == 0)
		r = limit_check(control, caller, why);
	if (r == 0)
		r = store_put_filter(control->store, &filter);
	return r;
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_FILTERS, &allowed);
	if (r == 0)
		r = store_count_filters(control->store, account, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_FILTER_LIMIT,
		      "The account has %lld traffic mirror filters, and may have %u",
		      (long long)count, allowed);
}

static int services_take(const char *const *names, size_t count, unsigned int *ret_services,
			 struct refusal *why)
{
	*ret_services = 0;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], "amazon-dns") != 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The network service '%.64s' is not 'amazon-dns'", names[i]);
		*ret_services |= SERVICE_AMAZON_DNS;
	}
	return 0;
}

/* Reads back what is stored, commits, and hands it over. */
static int filter_answer(struct transaction *transaction, const struct caller *caller,
			 const char *id, struct filter_record *ret_filter, struct refusal *why)
{
	_cleanup_(filter_record_fini) struct filter_record record = {};
	struct control *control = transaction->control;
	int r;

	r = find_filter(control, caller, id, &record.filter, why);
	if (r == 0)
		r = store_load_rules(control->store, &record.filter);
	if (r == 0)
		r = store_load_tags(control->store, id, &record.tags);
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_filter = record;
	record = (struct filter_record){};
	return 0;
}

static int filters_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_filters(describe->control->store, describe->caller->account.text, after,
				    ret_cursor);
}

static int filters_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_filter(cursor, &((struct filter_record *)record)->filter);
}

static int filters_find(struct describe *describe, const char *id, void *record,
			struct refusal *why)
{
	struct filter_record *found = record;

	return find_filter(describe->control, describe->caller, id, &found->filter, why);
}

static int filters_complete(struct describe *describe, void *record)
{
	struct filter_record *found = record;
	int r = store_load_rules(describe->control->store, &found->filter);

	return r < 0 ? r
		     : store_load_tags(describe->control->store, found->filter.id.text,
				       &found->tags);
}

static void filters_fini(void *record)
{
	filter_record_fini(record);
}

static void filters_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct filter_record *)record)->filter.id.text);
}

static const struct tags *filters_tags(const void *record)
{
	return &((const struct filter_record *)record)->tags;
}

static size_t filters_weight(const void *record)
{
	return 1 + ((const struct filter_record *)record)->filter.rule_count;
}

static void offer_description(const void *record, struct match *match)
{
	match_text(match, ((const struct filter_record *)record)->filter.description);
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, ((const struct filter_record *)record)->filter.id.text);
}
