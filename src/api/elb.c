// SPDX-License-Identifier: Apache-2.0
#include "api/elb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIR_NAME_SIZE 32

static int describe_arn(const struct resource_type *type, const struct call *call, const char *name,
			struct resource *resource);
static int describe_balancer(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource);
static int describe_listener(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource);
static int describe_group(const struct resource_type *type, const struct call *call,
			  const char *name, struct resource *resource);
static void append_new(const struct call *call, enum arn_kind kind, const char *rest,
		       struct resource *resource);
static int get_pairs(struct call *call, const char *list, const struct tag **ret_pairs,
		     size_t *ret_count, struct refusal *why);
static const char *find_value(const struct argument *values, size_t count, unsigned int index);

const struct resource_type arn_resource = {describe_arn};
const struct resource_type balancer_resource = {describe_balancer};
const struct resource_type listener_resource = {describe_listener, .within = true};
const struct resource_type group_resource = {describe_group};

int elb_get_query(struct call *call, const char *ids, struct query *ret_query, struct refusal *why)
{
	struct query query = {
		.max_results = ELB_PAGE_SIZE_MAX,
		.next_token = call_get_text(call, "Marker"),
	};
	bool paged = arguments_get_number(&call->arguments, "PageSize", &query.max_results);

	if (ids)
		query.ids = arguments_get_texts(&call->arguments, ids, &query.id_count);
	if (query.id_count > 0 && (paged || query.next_token))
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "PageSize and Marker cannot be used together with ARNs or names");
	if (query.id_count > 0)
		query.max_results = 0;
	*ret_query = query;
	return 0;
}

int elb_get_tags(struct call *call, const struct tag **ret_tags, size_t *ret_count,
		 struct refusal *why)
{
	return get_pairs(call, "Tags", ret_tags, ret_count, why);
}

int elb_get_attributes(struct call *call, const struct tag **ret_attributes, size_t *ret_count,
		       struct refusal *why)
{
	return get_pairs(call, "Attributes", ret_attributes, ret_count, why);
}

void elb_write_next(struct call *call, const char *next_token)
{
	xml_text_if_set(call->xml, "NextMarker", next_token);
}

void elb_write_tags(struct call *call, const struct tags *tags)
{
	xml_open(call->xml, "Tags");
	for (size_t i = 0; i < tags->count; i++)
		elb_write_pair(call, tags->items[i].key, tags->items[i].value);
	xml_close(call->xml, "Tags");
}

void elb_write_pair(struct call *call, const char *key, const char *value)
{
	xml_open(call->xml, "member");
	xml_text(call->xml, "Key", key);
	xml_text(call->xml, "Value", value);
	xml_close(call->xml, "member");
}

/* A key without a value has an empty one. */
static int get_pairs(struct call *call, const char *list, const struct tag **ret_pairs,
		     size_t *ret_count, struct refusal *why)
{
	char key_name[PAIR_NAME_SIZE], value_name[PAIR_NAME_SIZE];
	const struct argument *keys, *values;
	size_t key_count, value_count;

	(void)snprintf(key_name, sizeof(key_name), "%s.member.N.Key", list);
	(void)snprintf(value_name, sizeof(value_name), "%s.member.N.Value", list);
	keys = arguments_get_list(&call->arguments, key_name, &key_count);
	values = arguments_get_list(&call->arguments, value_name, &value_count);
	for (size_t i = 0; i < value_count; i++)
		if (!find_value(keys, key_count, values[i].index[0]))
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter %s.member.%u.Key",
				      list, values[i].index[0]);
	call->tags = calloc(key_count + 1, sizeof(*call->tags));
	if (!call->tags)
		return -ENOMEM;
	for (size_t i = 0; i < key_count; i++) {
		const char *value = find_value(values, value_count, keys[i].index[0]);

		call->tags[i].key = (char *)(uintptr_t)keys[i].value;
		call->tags[i].value = (char *)(uintptr_t)(value ? value : "");
	}
	*ret_pairs = call->tags;
	*ret_count = key_count;
	return 0;
}

static int describe_arn(const struct resource_type *type _unused_, const struct call *call,
			const char *name, struct resource *resource)
{
	text_append(&resource->arn, name);
	resource->tag_key = "elasticloadbalancing:ResourceTag/";
	return control_get_arn_facts(call->control, call->caller, name, &resource->facts);
}

static int describe_balancer(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource)
{
	const char *kind = call_get_text(call, "Type"), *new_name = call_get_text(call, "Name");
	_cleanup_text_ struct text rest = {};

	if (name)
		return describe_arn(type, call, name, resource);
	text_printf(&rest, "%s/%s/*", kind && strcmp(kind, "gateway") == 0 ? "gwy" : "net",
		    new_name);
	if (rest.failed)
		return -ENOMEM;
	append_new(call, ARN_BALANCER, rest.data, resource);
	return 0;
}

/* One that is yet to be made lies in its load balancer. */
static int describe_listener(const struct resource_type *type, const struct call *call,
			     const char *name, struct resource *resource)
{
	_cleanup_text_ struct text rest = {};

	if (name)
		return describe_arn(type, call, name, resource);
	text_printf(&rest, "%s/*", arn_get_rest(call_get_text(call, "LoadBalancerArn")));
	if (rest.failed)
		return -ENOMEM;
	append_new(call, ARN_LISTENER, rest.data, resource);
	return 0;
}

static int describe_group(const struct resource_type *type, const struct call *call,
			  const char *name, struct resource *resource)
{
	_cleanup_text_ struct text rest = {};

	if (name)
		return describe_arn(type, call, name, resource);
	text_printf(&rest, "%s/*", call_get_text(call, "Name"));
	if (rest.failed)
		return -ENOMEM;
	append_new(call, ARN_GROUP, rest.data, resource);
	return 0;
}

static void append_new(const struct call *call, enum arn_kind kind, const char *rest,
		       struct resource *resource)
{
	text_printf(&resource->arn, "arn:aws:elasticloadbalancing:%s:%s:%s/%s",
		    control_get_region(call->control), call->caller->account.text,
		    arn_kind_name(kind), rest);
}

static const char *find_value(const struct argument *values, size_t count, unsigned int index)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].index[0] == index)
			return values[i].value;
	return NULL;
}
