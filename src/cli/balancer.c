// SPDX-License-Identifier: Apache-2.0
/* Load balancers: what a mirror target names that has several appliances behind it. */
#include "cli/balancer.h"

#include "base/count.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

#define SERVICE "elasticloadbalancing:"

static command_function balancer_show, balancer_create, balancer_modify, balancer_delete;
static int place_fill(struct invocation *invocation, struct tmirror_request *request);
static int subnet_find(struct invocation *invocation, struct tmirror_request *request,
		       const char *parameter);
static int attributes_change(struct invocation *invocation, const char *arn);
static int show(struct invocation *invocation, const char *arn);
static int json_print(struct invocation *invocation, const char *arn,
		      const struct tmirror_node *node);
static int json_add(json_t *object, const char *key, struct invocation *invocation,
		    struct tmirror_request *request, const char *path);
static void write_address(const struct tmirror_node *node, struct text *cell);

const struct arn_kind balancer_kind = {
	.describe = SERVICE "DescribeLoadBalancers",
	.names = "Names.member",
	.set = "DescribeLoadBalancersResult/LoadBalancers",
	.element = "LoadBalancerArn",
};

static const struct column columns[] = {
	{.title = "BALANCER", .path = "LoadBalancerName"},
	{.title = "TYPE", .path = "Type"},
	{.title = "SCHEME", .path = "Scheme"},
	{.title = "STATE", .path = "State/Code"},
	{.title = "CREATED", .path = "CreatedTime"},
	{.title = "ADDRESS", .write = write_address, .detail = true},
	{.title = "DNS NAME", .path = "DNSName", .detail = true},
	{.title = "ARN", .path = "LoadBalancerArn", .detail = true},
};

static const struct noun balancer = {
	.describe = SERVICE "DescribeLoadBalancers",
	.set = "DescribeLoadBalancersResult/LoadBalancers",
	.page_size = "PageSize",
	.page_limit = "400",
	.columns = ROWS(columns),
};

/* clang-format off */
#define BALANCER_ROW \
	{.name = BALANCER_WORD, .help = "Its name or ARN", .word = true, .required = true, \
	 .form = FORM_OWN}
/* clang-format on */

static const struct argument_row show_rows[] = {BALANCER_ROW};

static const struct argument_row create_rows[] = {
	{.name = "NAME",
	 .help = "Of letters, digits and hyphens",
	 .parameter = "Name",
	 .word = true,
	 .required = true},
	{.name = "gateway",
	 .help = "A Gateway Load Balancer; else it is a network load balancer",
	 .form = FORM_OWN,
	 .is_switch = true},
	{.name = "internal",
	 .help = "Show it as internal; else as internet-facing",
	 .form = FORM_OWN,
	 .is_switch = true},
	{.name = "address",
	 .value = "ADDRESS",
	 .help = "The address of its interface, if it is internal; one is picked if not given",
	 .form = FORM_OWN},
	SET_TAG_ROW,
};

static const struct argument_row modify_rows[] = {
	BALANCER_ROW,
	{.name = "attribute",
	 .value = "KEY=VALUE",
	 .help = "Set an attribute, as deletion_protection.enabled=true",
	 .form = FORM_OWN,
	 .repeated = true},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
};

static const struct argument_row delete_rows[] = {
	{.name = BALANCER_WORD,
	 .help = "Names or ARNs",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN,
	 .repeated = true},
};

static const struct command rows[] = {
	{"balancer", "list", "List the load balancers", NULL, {}, noun_list, &balancer},
	{"balancer", "show", "Show a load balancer and its listeners", NULL, ROWS(show_rows),
	 balancer_show, &balancer},
	{"balancer", "create", "Make a load balancer without listeners; prints its ARN",
	 "Nothing stands in the middle: hosts choose an appliance for each flow themselves.",
	 ROWS(create_rows), balancer_create, &balancer},
	{"balancer", "modify", "Change attributes and tags of a load balancer", NULL,
	 ROWS(modify_rows), balancer_modify, &balancer},
	{"balancer", "delete", "Delete load balancers, with their listeners", NULL,
	 ROWS(delete_rows), balancer_delete, &balancer},
};

const struct commands balancer_commands = ROWS(rows);

int balancer_find(struct invocation *invocation, char **ret_arn)
{
	return arn_find(invocation, &balancer_kind, invocation_get(invocation, BALANCER_WORD),
			ret_arn);
}

static int balancer_show(struct invocation *invocation)
{
	_cleanup_free_ char *arn = NULL;
	int r = balancer_find(invocation, &arn);

	return r != 0 ? r : show(invocation, arn);
}

static int balancer_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *arn;
	int r;

	r = invocation_request(invocation, SERVICE "CreateLoadBalancer", &request);
	if (r == 0)
		r = place_fill(invocation, request);
	if (r == 0)
		r = arn_fill_pairs(invocation, "tag", "Tags", request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	arn = tmirror_node_text(tmirror_response_root(response),
				"CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn");
	if (!arn)
		return -EPROTO;
	if (invocation->json)
		return show(invocation, arn);
	return puts(arn) < 0 ? -EIO : 0;
}

static int balancer_modify(struct invocation *invocation)
{
	const struct arguments *arguments = &invocation->arguments;
	const bool set = arguments_has(arguments, "attribute");
	_cleanup_free_ char *arn = NULL;
	int r;

	if (!set && !arguments_has(arguments, "tag") && !arguments_has(arguments, "untag"))
		return invocation_misused(invocation, "nothing is to be changed");
	r = balancer_find(invocation, &arn);
	if (r == 0 && set)
		r = attributes_change(invocation, arn);
	if (r == 0)
		r = arn_change_tags(invocation, arn);
	return r == 0 && invocation->json ? show(invocation, arn) : r;
}

static int balancer_delete(struct invocation *invocation)
{
	const struct argument *name = NULL;
	int r = 0;

	while (r == 0 && (name = arguments_next(&invocation->arguments, BALANCER_WORD, name))) {
		_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
		_cleanup_free_ char *arn = NULL;

		r = arn_find(invocation, &balancer_kind, name->value, &arn);
		if (r == 0)
			r = tmirror_request_new(SERVICE "DeleteLoadBalancer", &request);
		if (r == 0)
			r = tmirror_request_set(request, "LoadBalancerArn", arn);
		if (r == 0)
			r = invocation_call(invocation, request, &response);
	}
	return r;
}

/* Type, scheme and subnet, of which there is one; what does not fit is for the API to refuse. */
static int place_fill(struct invocation *invocation, struct tmirror_request *request)
{
	const struct arguments *arguments = &invocation->arguments;
	const char *address = invocation_get(invocation, "address");
	const bool gateway = arguments_has(arguments, "gateway");
	int r;

	r = tmirror_request_set(request, "Type", gateway ? "gateway" : "network");
	if (r == 0 && arguments_has(arguments, "internal"))
		r = tmirror_request_set(request, "Scheme", "internal");
	if (r == 0 && address)
		r = tmirror_request_set(request, "SubnetMappings.member.1.PrivateIPv4Address",
					address);
	if (r != 0)
		return r;
	return subnet_find(invocation, request,
			   address ? "SubnetMappings.member.1.SubnetId" : "Subnets.member.1");
}

static int subnet_find(struct invocation *invocation, struct tmirror_request *request,
		       const char *parameter)
{
	static const struct lookup lookup = {.action = "DescribeSubnets", .set = "subnetSet"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *subnet;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &subnet, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	id = tmirror_node_text(subnet, "subnetId");
	return id ? tmirror_request_set(request, parameter, id) : -EPROTO;
}

static int attributes_change(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(SERVICE "ModifyLoadBalancerAttributes", &request);
	if (r == 0)
		r = tmirror_request_set(request, "LoadBalancerArn", arn);
	if (r == 0)
		r = arn_fill_pairs(invocation, "attribute", "Attributes", request);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int show(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *found = NULL, *listeners = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *item;
	int r;

	r = tmirror_request_new(balancer.describe, &request);
	if (r == 0)
		r = tmirror_request_append(request, "LoadBalancerArns.member", arn);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, balancer.set, &found);
	if (r == 0)
		r = tmirror_pages_next(found, &item, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	if (invocation->json)
		return json_print(invocation, arn, item);
	r = output_object(invocation, item, &balancer.columns);
	if (r == 0)
		r = listeners_describe(invocation, arn, &listeners);
	if (r == 0 && putchar('\n') < 0)
		r = -EIO;
	return r != 0 ? r : output_items(invocation, listeners, &listener_columns);
}

/* As DescribeLoadBalancers has it, with what other actions tell of it. */
static int json_print(struct invocation *invocation, const char *arn,
		      const struct tmirror_node *node)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *attributes = NULL, *tags = NULL;
	_cleanup_(json_freep) json_t *object = json_from_node(node), *listeners = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	r = listeners_describe(invocation, arn, &pages);
	if (r == 0)
		r = output_gather(invocation, pages, &listeners);
	if (r == 0 && json_object_set(object, "Listeners", listeners) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = tmirror_request_new(SERVICE "DescribeLoadBalancerAttributes", &attributes);
	if (r == 0)
		r = tmirror_request_set(attributes, "LoadBalancerArn", arn);
	if (r == 0)
		r = json_add(object, "Attributes", invocation, attributes,
			     "DescribeLoadBalancerAttributesResult/Attributes");
	if (r == 0)
		r = tmirror_request_new(SERVICE "DescribeTags", &tags);
	if (r == 0)
		r = tmirror_request_append(tags, "ResourceArns.member", arn);
	if (r == 0)
		r = json_add(object, "Tags", invocation, tags,
			     "DescribeTagsResult/TagDescriptions/member/Tags");
	return r != 0 ? r : output_json(object);
}

static int json_add(json_t *object, const char *key, struct invocation *invocation,
		    struct tmirror_request *request, const char *path)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const struct tmirror_node *node;
	int r = invocation_call(invocation, request, &response);

	if (r != 0)
		return r;
	node = tmirror_node_find(tmirror_response_root(response), path);
	if (!node)
		return -EPROTO;
	return json_object_set_new(object, key, json_from_node(node)) < 0 ? -ENOMEM : 0;
}

static void write_address(const struct tmirror_node *node, struct text *cell)
{
	const char *address = tmirror_node_text(node, "AvailabilityZones/member/"
						      "LoadBalancerAddresses/member/"
						      "PrivateIPv4Address");

	text_append(cell, address ? address : "");
}
