// SPDX-License-Identifier: Apache-2.0
/* The list of metrics: by kind of thing, then by thing; all metrics of a thing are on one page, so a page's token is its last
 * thing.  A page ends, too, when so many were looked at, whether or not any had what is wished for. */
#include "control/metric_table.h"

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/page_token.h"
#include "control/state.h"
#include "mirror/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a thing: each without reason, and those of losses with each. */
#define METRICS_OF_THING_MAX (12 + 4 * (size_t)LOSS_REASON_COUNT)

/* Others wait meanwhile. */
#define THINGS_OF_PAGE_MAX 200

struct listing {
	struct control *control;
	const struct caller *caller;
	const struct metric_wish *wish;
	bool recent;
	struct metric_page page;
	/* The last thing on the page, and whether there is no room for the next. */
	enum history_scope scope;
	char object[HOST_NAME_SIZE];
	unsigned int looked;
	bool full;
};

static int listing_begin(struct listing *listing, const struct describe *describe,
			 struct refusal *why);
static int list_scope(struct listing *listing);
static bool scope_fits(const struct metric_wish *wish, enum history_scope scope,
		       const char **ret_only);
static int list_object(struct listing *listing);
static bool reasons_fit(const struct listing *listing);
static int list_reasons(struct listing *listing);
static int list_metric(struct listing *listing, const struct metric *metric, const char *reason);
static bool metric_fits(const struct metric_wish *wish, const struct metric_record *record);
static bool dimension_fits(const struct metric_dimension *wish, const struct metric_record *record);
static void wish_format(const struct metric_wish *wish, bool recent, struct text *ret_text);
static void listing_key(const void *record, struct text *ret_key);

static const struct noun noun = {.name = "metrics", .key = listing_key};

void metric_page_fini(struct metric_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct metric_page){};
}

int control_list_metrics(struct control *control, const struct caller *caller,
			 const struct metric_wish *wish, bool recent, const char *next_token,
			 struct metric_page *ret_page, struct refusal *why)
{
	struct listing listing = {control, caller, wish, recent};
	_cleanup_(metric_page_fini) struct metric_page page = {};
	const struct query query = {.next_token = next_token};
	_cleanup_text_ struct text scope = {};
	struct describe describe = {control, caller, &noun, &query};
	int r;

	wish_format(wish, recent, &scope);
	if (scope.failed)
		return -ENOMEM;
	describe.scope = scope.data;
	r = listing_begin(&listing, &describe, why);
	while (r == 0 && !listing.full && listing.scope < HISTORY_SCOPE_COUNT) {
		r = list_scope(&listing);
		if (!listing.full) {
			listing.scope++;
			listing.object[0] = '\0';
		}
	}
	page = listing.page;
	if (r == 0 && listing.full)
		r = page_token_encode(&describe, &listing, &page.next_token);
	if (r != 0)
		return r;
	*ret_page = page;
	page = (struct metric_page){};
	return 0;
}

/* After the thing that the token names, if there is one. */
static int listing_begin(struct listing *listing, const struct describe *describe,
			 struct refusal *why)
{
	_cleanup_free_ char *after = NULL;
	int r;

	r = page_token_decode(describe, &after, why);
	if (r != 0 || after[0] == '\0')
		return r;
	listing->scope = (enum history_scope)(after[0] - '0');
	if (listing->scope >= HISTORY_SCOPE_COUNT ||
	    !string_copy(listing->object, sizeof(listing->object), after + 1))
		return refuse(why, REFUSE_PAGINATION_TOKEN, "The NextToken is not valid");
	return 0;
}

static int list_scope(struct listing *listing)
{
	const char *only;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char object[HOST_NAME_SIZE];
	int r;

	if (!scope_fits(listing->wish, listing->scope, &only))
		return 0;
	r = store_select_history_objects(listing->control->store, listing->caller->account.text,
					 listing->scope, listing->object, only, listing->recent,
					 control_now(listing->control), &cursor);
	while (r >= 0 && (r = store_next_history_object(cursor, object)) == STORE_ROW) {
		if (listing->page.count + METRICS_OF_THING_MAX > METRIC_PAGE_SIZE ||
		    listing->looked == THINGS_OF_PAGE_MAX) {
			listing->full = true;
			return 0;
		}
		memcpy(listing->object, object, sizeof(object));
		listing->looked++;
		r = list_object(listing);
	}
	return r;
}

/* Whether there may be such metrics of things of the kind; if they are wished of one thing only, which. */
static bool scope_fits(const struct metric_wish *wish, enum history_scope scope,
		       const char **ret_only)
{
	const char *only = NULL;

	if (!metric_scope_has(scope, wish->namespace, wish->name))
		return false;
	for (size_t i = 0; i < wish->dimension_count; i++) {
		const struct metric_dimension *dimension = &wish->dimensions[i];

		if (strcmp(dimension->name, metric_scope_dimension(scope)) == 0)
			only = dimension->value;
		else if (strcmp(dimension->name, METRIC_REASON) != 0 ||
			 scope == HISTORY_OF_INSTANCE)
			return false;
	}
	*ret_only = only;
	return true;
}

static int list_object(struct listing *listing)
{
	const char *namespace = metric_scope_namespace(listing->scope);
	int r = 0;

	for (size_t i = 0; r == 0 && i < metric_count; i++)
		if (strcmp(metric_table[i].namespace, namespace) == 0)
			r = list_metric(listing, &metric_table[i], NULL);
	return r == 0 && reasons_fit(listing) ? list_reasons(listing) : r;
}

static bool reasons_fit(const struct listing *listing)
{
	for (size_t i = 0; listing->scope != HISTORY_OF_INSTANCE && i < metric_count; i++)
		if (metric_has_reasons(&metric_table[i]) &&
		    (!listing->wish->name ||
		     strcmp(listing->wish->name, metric_table[i].name) == 0))
			return true;
	return false;
}

static int list_reasons(struct listing *listing)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	enum direction direction;
	enum loss_reason reason;
	int r;

	r = store_select_history_reasons(listing->control->store, listing->caller->account.text,
					 listing->scope, listing->object, &cursor);
	while (r >= 0 &&
	       (r = store_next_history_reason(cursor, &direction, &reason)) == STORE_ROW) {
		r = 0;
		for (size_t i = 0; r == 0 && i < metric_count; i++)
			if (metric_has_reasons(&metric_table[i]) &&
			    metric_table[i].direction == direction)
				r = list_metric(listing, &metric_table[i],
						loss_reason_name(reason));
	}
	return r;
}

static int list_metric(struct listing *listing, const struct metric *metric, const char *reason)
{
	struct metric_record record = {
		.namespace = metric->namespace,
		.name = metric->name,
		.dimensions = {{.name = metric_scope_dimension(listing->scope)},
			       {.name = METRIC_REASON}},
		.dimension_count = reason ? 2 : 1,
	};

	memcpy(record.dimensions[0].value, listing->object, sizeof(listing->object));
	if (reason)
		(void)string_copy(record.dimensions[1].value, HOST_NAME_SIZE, reason);
	if (!metric_fits(listing->wish, &record))
		return 0;
	return array_append(&listing->page, items, count, capacity, record);
}

/* Unlike where a metric is measured, one that has more dimensions fits, too. */
static bool metric_fits(const struct metric_wish *wish, const struct metric_record *record)
{
	if (wish->name && strcmp(wish->name, record->name) != 0)
		return false;
	for (size_t i = 0; i < wish->dimension_count; i++)
		if (!dimension_fits(&wish->dimensions[i], record))
			return false;
	return true;
}

static bool dimension_fits(const struct metric_dimension *wish, const struct metric_record *record)
{
	for (size_t i = 0; i < record->dimension_count; i++)
		if (strcmp(record->dimensions[i].name, wish->name) == 0)
			return !wish->value ||
			       strcmp(record->dimensions[i].value, wish->value) == 0;
	return false;
}

/* What ties a token to its question.  Lengths keep one text from passing for the beginning of the next. */
static void wish_format(const struct metric_wish *wish, bool recent, struct text *ret_text)
{
	const char *const texts[] = {wish->namespace, wish->name};

	text_printf(ret_text, "%d", recent);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		text_printf(ret_text, " %zu:%s", texts[i] ? strlen(texts[i]) : 0,
			    texts[i] ? texts[i] : "");
	for (size_t i = 0; i < wish->dimension_count; i++) {
		const char *name = wish->dimensions[i].name, *value = wish->dimensions[i].value;

		text_printf(ret_text, " %zu:%s %zu:%s", strlen(name), name,
			    value ? strlen(value) : 0, value ? value : "");
	}
}

static void listing_key(const void *record, struct text *ret_key)
{
	const struct listing *listing = record;

	text_printf(ret_key, "%u%s", (unsigned int)listing->scope, listing->object);
}
