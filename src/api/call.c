// SPDX-License-Identifier: Apache-2.0
#include "api/call.h"

#include "api/errors.h"
#include "control/unsuccessful.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_kinds(const struct call *call, enum resource_kind kind, struct refusal *why);
static int add_tag_keys(struct call *call, size_t *ret_count, struct refusal *why);
static int add_filter(const struct call *call, const struct argument *name,
		      struct query_filter *ret_filter, struct refusal *why);
static const struct argument *find_element(const struct call *call, const char *name,
					   const unsigned int index[PARAMETER_INDEXES_MAX]);

void call_fini(struct call *call)
{
	arguments_fini(&call->arguments);
	free(call->filters);
	free(call->tags);
	free(call->texts);
}

const char *call_get_text(const struct call *call, const char *name)
{
	return arguments_get_text(&call->arguments, name);
}

/* They lie side by side, since arguments are sorted. */
const char *const *call_get_values(const struct call *call, const char *name, unsigned int index,
				   size_t *ret_count)
{
	size_t count, first = 0, end;
	const struct argument *values = arguments_get_list(&call->arguments, name, &count);
	const char *const *texts = arguments_get_texts(&call->arguments, name, &count);

	while (first < count && values[first].index[0] < index)
		first++;
	for (end = first; end < count && values[end].index[0] == index; end++)
		;
	*ret_count = end - first;
	return texts + first;
}

int call_check_values(const struct call *call, const char *values, const char *names,
		      struct refusal *why)
{
	const char *number = strstr(names, ".N");
	size_t count;
	const struct argument *items = arguments_get_list(&call->arguments, values, &count);

	for (size_t i = 0; i < count; i++) {
		const unsigned int index[PARAMETER_INDEXES_MAX] = {items[i].index[0]};

		if (!find_element(call, names, index))
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter %.*s.%u%s",
				      (int)(number - names), names, index[0],
				      number + strlen(".N"));
	}
	return 0;
}

struct optional_number call_get_number(const struct call *call, const char *name)
{
	struct optional_number number = {};

	number.set = arguments_get_number(&call->arguments, name, &number.value);
	return number;
}

int call_get_query(struct call *call, const char *ids, struct query *ret_query, struct refusal *why)
{
	const struct argument *names;
	size_t name_count;
	struct query query = {.next_token = call_get_text(call, "NextToken")};
	int r;

	if (ids)
		query.ids = arguments_get_texts(&call->arguments, ids, &query.id_count);
	names = arguments_get_list(&call->arguments, "Filter.N.Name", &name_count);
	r = call_check_values(call, "Filter.N.Value.N", "Filter.N.Name", why);
	if (r != 0)
		return r;
	call->filters = calloc(name_count + 1, sizeof(*call->filters));
	if (!call->filters)
		return -ENOMEM;
	for (size_t i = 0; i < name_count; i++) {
		r = add_filter(call, &names[i], &call->filters[i], why);
		if (r != 0)
			return r;
	}
	query.filters = call->filters;
	query.filter_count = name_count;
	(void)arguments_get_number(&call->arguments, "MaxResults", &query.max_results);
	*ret_query = query;
	return 0;
}

int call_get_tags(struct call *call, enum resource_kind kind, const struct tag **ret_tags,
		  size_t *ret_count, struct refusal *why)
{
	size_t count = 0;
	int r;

	r = check_kinds(call, kind, why);
	if (r != 0)
		return r;
	r = add_tag_keys(call, &count, why);
	if (r != 0)
		return r;
	*ret_tags = call->tags;
	*ret_count = count;
	return 0;
}

unsigned int call_get_removed(const struct call *call, const struct removable_field *fields,
			      size_t count)
{
	const char *const *names;
	unsigned int removed = 0;
	size_t name_count;

	names = arguments_get_texts(&call->arguments, "RemoveField.N", &name_count);
	for (size_t i = 0; i < name_count; i++)
		for (size_t j = 0; j < count; j++)
			if (strcmp(names[i], fields[j].name) == 0)
				removed |= fields[j].field;
	return removed;
}

struct once call_get_once(const struct call *call)
{
	const char *token = call_get_text(call, "ClientToken");

	return (struct once){token, token ? call->request_hash : NULL};
}

void call_write_token(struct call *call)
{
	xml_text_if_set(call->xml, "clientToken", call_get_text(call, "ClientToken"));
}

void call_write_next(struct call *call, const char *next_token)
{
	xml_text_if_set(call->xml, "nextToken", next_token);
}

void call_write_tags(struct call *call, const struct tags *tags)
{
	xml_open(call->xml, "tagSet");
	for (size_t i = 0; i < tags->count; i++) {
		xml_open(call->xml, "item");
		xml_text(call->xml, "key", tags->items[i].key);
		xml_text(call->xml, "value", tags->items[i].value);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "tagSet");
}

void call_write_unsuccessful(struct call *call, const struct unsuccessful_list *list)
{
	xml_open(call->xml, "unsuccessful");
	for (size_t i = 0; i < list->count; i++) {
		const struct unsuccessful *item = &list->items[i];

		xml_open(call->xml, "item");
		xml_open(call->xml, "error");
		xml_text(call->xml, "code", error_find(item->why.code, NULL).name);
		xml_text(call->xml, "message", item->why.text);
		xml_close(call->xml, "error");
		xml_text(call->xml, "resourceId", item->id);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "unsuccessful");
}

void call_write_done(struct call *call)
{
	xml_boolean(call->xml, "return", true);
}

static int check_kinds(const struct call *call, enum resource_kind kind, struct refusal *why)
{
	const struct argument *kinds, *keys;
	size_t kind_count, key_count;

	kinds = arguments_get_list(&call->arguments, "TagSpecification.N.ResourceType",
				   &kind_count);
	for (size_t i = 0; i < kind_count; i++)
		if (strcmp(kinds[i].value, resource_kind_name(kind)) != 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "'%.100s' is not a valid taggable resource type for this "
				      "operation. Expecting '%s'",
				      kinds[i].value, resource_kind_name(kind));
	keys = arguments_get_list(&call->arguments, "TagSpecification.N.Tag.N.Key", &key_count);
	for (size_t i = 0; i < key_count; i++) {
		const unsigned int index[PARAMETER_INDEXES_MAX] = {keys[i].index[0]};

		if (!find_element(call, "TagSpecification.N.ResourceType", index))
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter "
				      "TagSpecification.%u.ResourceType",
				      keys[i].index[0]);
	}
	return 0;
}

static int add_tag_keys(struct call *call, size_t *ret_count, struct refusal *why)
{
	const struct argument *keys, *values;
	size_t key_count, value_count;

	keys = arguments_get_list(&call->arguments, "TagSpecification.N.Tag.N.Key", &key_count);
	values = arguments_get_list(&call->arguments, "TagSpecification.N.Tag.N.Value",
				    &value_count);
	if (key_count > TAGS_MAX)
		return refuse(why, REFUSE_TAG_LIMIT,
			      "The request has %zu tags, and a resource may have %d", key_count,
			      TAGS_MAX);
	for (size_t i = 0; i < value_count; i++)
		if (!find_element(call, "TagSpecification.N.Tag.N.Key", values[i].index))
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter "
				      "TagSpecification.%u.Tag.%u.Key",
				      values[i].index[0], values[i].index[1]);
	call->tags = calloc(key_count + 1, sizeof(*call->tags));
	if (!call->tags)
		return -ENOMEM;
	for (size_t i = 0; i < key_count; i++) {
		const struct argument *value =
			find_element(call, "TagSpecification.N.Tag.N.Value", keys[i].index);

		for (size_t j = 0; j < i; j++)
			if (strcmp(keys[j].value, keys[i].value) == 0)
				return refuse(why, REFUSE_PARAMETER_VALUE,
					      "Duplicate tag key '%.128s' specified.",
					      keys[i].value);
		call->tags[i].key = (char *)(uintptr_t)keys[i].value;
		call->tags[i].value = (char *)(uintptr_t)(value ? value->value : "");
	}
	*ret_count = key_count;
	return 0;
}

static int add_filter(const struct call *call, const struct argument *name,
		      struct query_filter *ret_filter, struct refusal *why)
{
	size_t count;
	const char *const *values =
		call_get_values(call, "Filter.N.Value.N", name->index[0], &count);

	if (count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter Filter.%u.Value",
			      name->index[0]);
	*ret_filter = (struct query_filter){name->value, values, count};
	return 0;
}

static const struct argument *find_element(const struct call *call, const char *name,
					   const unsigned int index[PARAMETER_INDEXES_MAX])
{
	const struct argument *elements;
	size_t count;

	elements = arguments_get_list(&call->arguments, name, &count);
	for (size_t i = 0; i < count; i++)
		if (memcmp(elements[i].index, index, sizeof(elements[i].index)) == 0)
			return &elements[i];
	return NULL;
}
