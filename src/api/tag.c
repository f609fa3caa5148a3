// SPDX-License-Identifier: Apache-2.0
/* Tags, as the API shows them. */
#include "control/tag.h"

#include "api/call.h"
#include "api/resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct parameter change_parameters[] = {
	{"ResourceId.N", PARAMETER_TEXT, .required = true, .names = &any_resource},
	{"Tag.N.Key", PARAMETER_TEXT},
	{"Tag.N.Value", PARAMETER_TEXT},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int create_tags(struct call *call, struct refusal *why);
static int delete_tags(struct call *call, struct refusal *why);
static int describe_tags(struct call *call, struct refusal *why);
static int get_change(struct call *call, const char *default_value, const char *const **ret_ids,
		      size_t *ret_id_count, size_t *ret_tag_count, struct refusal *why);
static const char *find_value(const struct argument *values, size_t count, unsigned int index);

static const struct action actions[] = {
	ACTION("CreateTags", change_parameters, create_tags),
	ACTION("DeleteTags", change_parameters, delete_tags),
	ACTION("DescribeTags", describe_parameters, describe_tags),
};

const struct action_table tag_actions = {actions, ARRAY_SIZE(actions)};

static int create_tags(struct call *call, struct refusal *why)
{
	const char *const *ids;
	size_t id_count, tag_count;
	int r;

	r = get_change(call, "", &ids, &id_count, &tag_count, why);
	if (r != 0)
		return r;
	if (tag_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter Tag");
	r = control_create_tags(call->control, call->caller, ids, id_count, call->tags, tag_count,
				why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

/* A tag without value goes whatever its value is; an empty one is a value. */
static int delete_tags(struct call *call, struct refusal *why)
{
	const char *const *ids;
	size_t id_count, tag_count;
	int r;

	r = get_change(call, NULL, &ids, &id_count, &tag_count, why);
	if (r != 0)
		return r;
	r = control_delete_tags(call->control, call->caller, ids, id_count, call->tags, tag_count,
				why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int describe_tags(struct call *call, struct refusal *why)
{
	_cleanup_(tag_page_fini) struct tag_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r != 0)
		return r;
	r = control_describe_tags(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "tagSet");
	for (size_t i = 0; i < page.count; i++) {
		const struct tag_record *record = &page.items[i];

		xml_open(call->xml, "item");
		xml_text(call->xml, "key", record->key);
		xml_text(call->xml, "resourceId", record->resource.text);
		xml_text(call->xml, "resourceType", resource_kind_name(record->kind));
		xml_text(call->xml, "value", record->value);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "tagSet");
	call_write_next(call, page.next_token);
	return 0;
}

/* Fills the call's tags. */
static int get_change(struct call *call, const char *default_value, const char *const **ret_ids,
		      size_t *ret_id_count, size_t *ret_tag_count, struct refusal *why)
{
	const struct argument *keys, *values;
	size_t key_count, value_count;

	*ret_ids = arguments_get_texts(&call->arguments, "ResourceId.N", ret_id_count);
	keys = arguments_get_list(&call->arguments, "Tag.N.Key", &key_count);
	values = arguments_get_list(&call->arguments, "Tag.N.Value", &value_count);
	for (size_t i = 0; i < value_count; i++)
		if (!find_value(keys, key_count, values[i].index[0]))
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter Tag.%u.Key",
				      values[i].index[0]);
	call->tags = calloc(key_count + 1, sizeof(*call->tags));
	if (!call->tags)
		return -ENOMEM;
	for (size_t i = 0; i < key_count; i++) {
		const char *value = find_value(values, value_count, keys[i].index[0]);

		for (size_t j = 0; j < i; j++)
			if (strcmp(keys[j].value, keys[i].value) == 0)
				return refuse(why, REFUSE_PARAMETER_VALUE,
					      "Duplicate tag key '%.128s' specified.",
					      keys[i].value);
		call->tags[i].key = (char *)(uintptr_t)keys[i].value;
		call->tags[i].value = (char *)(uintptr_t)(value ? value : default_value);
	}
	*ret_tag_count = key_count;
	return 0;
}

static const char *find_value(const struct argument *values, size_t count, unsigned int index)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].index[0] == index)
			return values[i].value;
	return NULL;
}
