// SPDX-License-Identifier: Apache-2.0
#include "control/describe.h"

#include "base/text.h"
#include "control/page_token.h"
#include "control/transaction.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_WEIGHT_MAX 20000
#define IDS_MAX         1000

static int query_check(const struct describe *describe, struct refusal *why);
static int filter_check(const struct noun *noun, const struct query_filter *filter,
			struct refusal *why);
static int collect_by_id(struct describe *describe, struct page *page, struct refusal *why);
static int collect(struct describe *describe, const char *after, size_t limit, struct page *page);
static int record_take(struct describe *describe, struct page *page, void *record);
static bool record_matches(const struct describe *describe, const void *record, bool late);
static bool filter_matches(const struct describe *describe, const struct query_filter *filter,
			   const void *record, bool late);
static bool tags_match(const struct tags *tags, struct match *match);
static const struct field *field_find(const struct noun *noun, const char *name);
static bool is_tag_filter(const char *name);
static int page_append(const struct noun *noun, struct page *page, const void *record);
static void page_fini(const struct noun *noun, struct page *page);
static void *page_last(const struct noun *noun, const struct page *page);

void match_text(struct match *match, const char *value)
{
	for (size_t i = 0; !match->found && i < match->filter->value_count; i++)
		match->found = string_matches(match->filter->values[i], value);
}

void match_number(struct match *match, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	match_text(match, text);
}

void match_flag(struct match *match, bool value)
{
	match_text(match, value ? "true" : "false");
}

void match_address(struct match *match, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(address, text);
	match_text(match, text);
}

int describe_run(struct describe *describe, struct page *ret_page, struct refusal *why)
{
	const struct query *query = describe->query;
	_cleanup_free_ char *after = NULL;
	struct page page = {};
	int r;

	r = query_check(describe, why);
	if (r == 0)
		r = page_token_decode(describe, &after, why);
	if (r == 0)
		r = query->id_count > 0 ? collect_by_id(describe, &page, why)
					: collect(describe, after,
						  query->max_results ? (size_t)query->max_results
								     : QUERY_RESULTS_MAX,
						  &page);
	if (r == 0)
		r = dry_run_check(describe->caller, why);
	if (r != 0) {
		page_fini(describe->noun, &page);
		return r;
	}
	*ret_page = page;
	return 0;
}

static int query_check(const struct describe *describe, struct refusal *why)
{
	const struct query *query = describe->query;
	int64_t smallest = describe->noun->smallest_page ? describe->noun->smallest_page
							 : QUERY_RESULTS_MIN;
	int r = 0;

	if (query->max_results != 0 &&
	    (query->max_results < smallest || query->max_results > QUERY_RESULTS_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%" PRId64 ") for parameter MaxResults is invalid: it is not "
			      "between %" PRId64 " and %d",
			      query->max_results, smallest, QUERY_RESULTS_MAX);
	if (query->id_count > 0 && query->max_results != 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "The parameter MaxResults cannot be used together with ids");
	if (query->id_count > 0 && query->next_token && query->next_token[0])
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "The parameter NextToken cannot be used together with ids");
	if (query->id_count > IDS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE, "%zu ids are more than the possible %d",
			      query->id_count, IDS_MAX);
	for (size_t i = 0; r == 0 && i < query->filter_count; i++)
		r = filter_check(describe->noun, &query->filters[i], why);
	return r;
}

static int filter_check(const struct noun *noun, const struct query_filter *filter,
			struct refusal *why)
{
	if (!field_find(noun, filter->name) && !(noun->tags && is_tag_filter(filter->name)))
		return refuse(why, REFUSE_PARAMETER_VALUE, "The filter '%.128s' is invalid",
			      filter->name);
	if (filter->value_count == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE, "The filter '%.128s' has no values",
			      filter->name);
	if (filter->value_count > QUERY_FILTER_VALUES_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The filter '%.128s' has %zu values; %d are possible", filter->name,
			      filter->value_count, QUERY_FILTER_VALUES_MAX);
	return 0;
}

/* One id that is unknown refuses the call; one that is there twice answers once. */
static int collect_by_id(struct describe *describe, struct page *page, struct refusal *why)
{
	const struct noun *noun = describe->noun;
	const struct query *query = describe->query;
	_cleanup_free_ void *record = malloc(noun->record_size);
	int r = record ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < query->id_count; i++) {
		if (string_is_among(query->ids[i], query->ids, i))
			continue;
		memset(record, 0, noun->record_size);
		r = noun->find(describe, query->ids[i], record, why);
		if (r == 0)
			r = record_take(describe, page, record);
	}
	return r;
}

/* Looks one row beyond the page, so that the last page has no token. */
static int collect(struct describe *describe, const char *after, size_t limit, struct page *page)
{
	const struct noun *noun = describe->noun;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_free_ void *record = malloc(noun->record_size);
	size_t weight = 0;
	int r = record ? 0 : -ENOMEM;

	if (r == 0)
		r = noun->select(describe, after, &cursor);
	while (r == 0) {
		size_t before = page->count;

		memset(record, 0, noun->record_size);
		r = noun->next(describe, cursor, record);
		if (r != STORE_ROW)
			return r;
		describe->row++;
		if (before == limit || weight > PAGE_WEIGHT_MAX) {
			if (noun->fini)
				noun->fini(record);
			return page_token_encode(describe, page_last(noun, page),
						 &page->next_token);
		}
		r = record_take(describe, page, record);
		if (page->count > before)
			weight += noun->weight ? noun->weight(page_last(noun, page)) : 1;
	}
	return r;
}

/* Moves a record that matches into the page; releases any other. */
static int record_take(struct describe *describe, struct page *page, void *record)
{
	const struct noun *noun = describe->noun;
	int r = 0;

	if (record_matches(describe, record, false)) {
		r = noun->complete ? noun->complete(describe, record) : 0;
		if (r == 0 && record_matches(describe, record, true)) {
			r = page_append(noun, page, record);
			if (r == 0)
				return 0;
		}
	}
	if (noun->fini)
		noun->fini(record);
	return r;
}

static bool record_matches(const struct describe *describe, const void *record, bool late)
{
	const struct query *query = describe->query;

	for (size_t i = 0; i < query->filter_count; i++)
		if (!filter_matches(describe, &query->filters[i], record, late))
			return false;
	return true;
}

/* A filter whose turn is at the other time lets everything pass. */
static bool filter_matches(const struct describe *describe, const struct query_filter *filter,
			   const void *record, bool late)
{
	const struct field *field = field_find(describe->noun, filter->name);
	struct match match = {describe, filter};

	if (late != (field ? field->late : true))
		return true;
	if (!field)
		return tags_match(describe->noun->tags(record), &match);
	if (field->offer)
		field->offer(record, &match);
	else if (field->constant)
		match_text(&match, field->constant);
	return match.found;
}

static bool tags_match(const struct tags *tags, struct match *match)
{
	const char *name = match->filter->name;
	bool by_key = strcmp(name, "tag-key") == 0;

	for (size_t i = 0; i < tags->count; i++) {
		if (by_key)
			match_text(match, tags->items[i].key);
		else if (strcmp(tags->items[i].key, name + strlen("tag:")) == 0)
			match_text(match, tags->items[i].value);
	}
	return match->found;
}

static const struct field *field_find(const struct noun *noun, const char *name)
{
	for (size_t i = 0; i < noun->field_count; i++)
		if (strcmp(noun->fields[i].name, name) == 0)
			return &noun->fields[i];
	return NULL;
}

static bool is_tag_filter(const char *name)
{
	return strcmp(name, "tag-key") == 0 ||
	       (strncmp(name, "tag:", strlen("tag:")) == 0 && name[strlen("tag:")] != '\0');
}

static int page_append(const struct noun *noun, struct page *page, const void *record)
{
	size_t capacity = page->capacity ? page->capacity * 2 : 8;
	void *items;

	if (page->count == page->capacity) {
		items = reallocarray(page->items, capacity, noun->record_size);
		if (!items)
			return -ENOMEM;
		page->items = items;
		page->capacity = capacity;
	}
	page->count++;
	memcpy(page_last(noun, page), record, noun->record_size);
	return 0;
}

static void page_fini(const struct noun *noun, struct page *page)
{
	for (; page->count > 0; page->count--)
		if (noun->fini)
			noun->fini(page_last(noun, page));
	free(page->items);
	free(page->next_token);
	*page = (struct page){};
}

static void *page_last(const struct noun *noun, const struct page *page)
{
	return (char *)page->items + (page->count - 1) * noun->record_size;
}
