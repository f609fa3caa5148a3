// SPDX-License-Identifier: Apache-2.0
#include "control/tag.h"

#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/selection.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <string.h>

#define IDS_MAX 1000

static int ids_check(struct control *control, const struct caller *caller, const char *const *ids,
		     size_t id_count, struct refusal *why);
static int tags_remove(struct control *control, const char *id, const struct tag *tags,
		       size_t tag_count);
static int tags_remove_all(struct control *control, const char *id);

static int tags_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int tags_next(struct describe *describe, struct cursor *cursor, void *record);
static void tags_release(void *record);
static void tags_key(const void *record, struct text *ret_key);
static const struct tags *tags_only(const void *record);
static void offer_key(const void *record, struct match *match);
static void offer_value(const void *record, struct match *match);
static void offer_resource(const void *record, struct match *match);
static void offer_kind(const void *record, struct match *match);

/* A tag as the engine sees it: a resource with this one tag, so that "tag:<key>" asks for it. */
struct tag_row {
	struct resource_id resource;
	struct tags only;
};

static const struct field fields[] = {
	{"key", offer_key},
	{"value", offer_value},
	{"resource-id", offer_resource},
	{"resource-type", offer_kind},
};

static const struct noun tags_noun = {
	.name = "tags",
	.record_size = sizeof(struct tag_row),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = tags_select,
	.next = tags_next,
	.fini = tags_release,
	.key = tags_key,
	.tags = tags_only,
};

void tag_page_fini(struct tag_page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		free(page->items[i].key);
		free(page->items[i].value);
	}
	free(page->items);
	free(page->next_token);
	*page = (struct tag_page){};
}

int control_create_tags(struct control *control, const struct caller *caller,
			const char *const *ids, size_t id_count, const struct tag *tags,
			size_t tag_count, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r;

	r = tagging_check(tags, tag_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = ids_check(control, caller, ids, id_count, why);
	for (size_t i = 0; r == 0 && i < id_count; i++) {
		r = tagging_add(control, caller, ids[i], tags, tag_count, why);
		if (r == 0)
			r = selection_mark_tagged(&transaction, ids[i]);
	}
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_delete_tags(struct control *control, const struct caller *caller,
			const char *const *ids, size_t id_count, const struct tag *tags,
			size_t tag_count, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < tag_count; i++)
		if (tagging_reserved(tags[i].key))
			r = refuse(why, REFUSE_PARAMETER_VALUE,
				   "Tag keys starting with 'tmirror:' are reserved: '%.128s'",
				   tags[i].key);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = ids_check(control, caller, ids, id_count, why);
	for (size_t i = 0; r == 0 && i < id_count; i++) {
		r = tag_count > 0 ? tags_remove(control, ids[i], tags, tag_count)
				  : tags_remove_all(control, ids[i]);
		if (r == 0)
			r = selection_mark_tagged(&transaction, ids[i]);
	}
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_describe_tags(struct control *control, const struct caller *caller,
			  const struct query *query, struct tag_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &tags_noun, query};
	_cleanup_free_ struct tag_row *rows = NULL;
	struct tag_record *items;
	struct page page;
	int r;

	r = describe_run(&describe, &page, why);
	if (r != 0)
		return r;
	rows = page.items;
	items = calloc(page.count + 1, sizeof(*items));
	for (size_t i = 0; i < page.count; i++) {
		struct tag *tag = &rows[i].only.items[0];

		if (items)
			items[i] = (struct tag_record){rows[i].resource,
						       resource_id_kind(rows[i].resource.text),
						       TAKE_PTR(tag->key), TAKE_PTR(tag->value)};
		tags_release(&rows[i]);
	}
	if (!items) {
		free(page.next_token);
		return -ENOMEM;
	}
	*ret_page = (struct tag_page){items, page.count, page.count + 1, page.next_token};
	return 0;
}

static int ids_check(struct control *control, const struct caller *caller, const char *const *ids,
		     size_t id_count, struct refusal *why)
{
	int r = 0;

	if (id_count > IDS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE, "%zu ids are more than the possible %d",
			      id_count, IDS_MAX);
	for (size_t i = 0; r == 0 && i < id_count; i++)
		r = find_resource(control, caller, ids[i], why);
	return r;
}

static int tags_remove(struct control *control, const char *id, const struct tag *tags,
		       size_t tag_count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < tag_count; i++)
		r = store_delete_tag(control->store, id, tags[i].key, tags[i].value);
	return r;
}

static int tags_remove_all(struct control *control, const char *id)
{
	_cleanup_(tags_fini) struct tags all = {};
	int r = store_load_tags(control->store, id, &all);

	for (size_t i = 0; r == 0 && i < all.count; i++)
		if (!tagging_reserved(all.items[i].key))
			r = store_delete_tag(control->store, id, all.items[i].key, NULL);
	return r;
}

/* The engine's key is the resource, a blank, and the tag's key. */
static int tags_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const char *blank = strchr(after, ' ');
	struct resource_id resource = {};

	if (blank && (size_t)(blank - after) < sizeof(resource.text))
		memcpy(resource.text, after, (size_t)(blank - after));
	return store_select_tags(describe->control->store, describe->caller->account.text,
				 resource.text, blank ? blank + 1 : "", ret_cursor);
}

static int tags_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	struct tag_row *row = record;
	const char *key, *value;
	int r = store_next_tag(cursor, &row->resource, &key, &value);

	if (r != STORE_ROW)
		return r;
	r = tags_set(&row->only, key, value);
	return r < 0 ? r : STORE_ROW;
}

static void tags_release(void *record)
{
	tags_fini(&((struct tag_row *)record)->only);
}

static void tags_key(const void *record, struct text *ret_key)
{
	const struct tag_row *row = record;

	text_printf(ret_key, "%s %s", row->resource.text, row->only.items[0].key);
}

static const struct tags *tags_only(const void *record)
{
	return &((const struct tag_row *)record)->only;
}

static void offer_key(const void *record, struct match *match)
{
	match_text(match, tags_only(record)->items[0].key);
}

static void offer_value(const void *record, struct match *match)
{
	match_text(match, tags_only(record)->items[0].value);
}

static void offer_resource(const void *record, struct match *match)
{
	match_text(match, ((const struct tag_row *)record)->resource.text);
}

static void offer_kind(const void *record, struct match *match)
{
	const struct tag_row *row = record;

	match_text(match, resource_kind_name(resource_id_kind(row->resource.text)));
}
