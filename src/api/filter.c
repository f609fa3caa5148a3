// SPDX-License-Identifier: Apache-2.0
/* Filters, as the API shows them: with all their rules inline. */
#include "control/filter.h"

#include "api/call.h"
#include "api/extension.h"
#include "api/resource.h"
#include "api/rule.h"

static const struct parameter create_parameters[] = {
	DESCRIPTION_PARAMETER,
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .required = true, .names = &filter_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"TrafficMirrorFilterId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	EXTENSION_SHOW_PARAMETER,
	DRY_RUN_PARAMETER,
};

static const struct parameter services_parameters[] = {
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .required = true, .names = &filter_resource},
	{"AddNetworkService.N", PARAMETER_TEXT},
	{"RemoveNetworkService.N", PARAMETER_TEXT},
	DRY_RUN_PARAMETER,
};

static int create_filter(struct call *call, struct refusal *why);
static int delete_filter(struct call *call, struct refusal *why);
static int describe_filters(struct call *call, struct refusal *why);
static int modify_services(struct call *call, struct refusal *why);
static void write_filter(struct call *call, const char *element,
			 const struct filter_record *record);
static void write_rules(struct call *call, const char *element, const struct filter *filter,
			enum direction direction);
static void write_services(struct call *call, unsigned int services);

static const struct action actions[] = {
	ACTION("CreateTrafficMirrorFilter", create_parameters, create_filter,
	       .creates = &filter_resource),
	ACTION("DeleteTrafficMirrorFilter", delete_parameters, delete_filter),
	ACTION("DescribeTrafficMirrorFilters", describe_parameters, describe_filters,
	       .steady = true),
	ACTION("ModifyTrafficMirrorFilterNetworkServices", services_parameters, modify_services,
	       .changes = true),
};

const struct action_table filter_actions = {actions, ARRAY_SIZE(actions)};

static int create_filter(struct call *call, struct refusal *why)
{
	_cleanup_(filter_record_fini) struct filter_record record = {};
	struct filter_wish wish = {
		.description = call_get_text(call, "Description"),
		.once = call_get_once(call),
	};
	int r;

	r = call_get_tags(call, RESOURCE_FILTER, &wish.tags, &wish.tag_count, why);
	if (r != 0)
		return r;
	r = control_create_filter(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_filter(call, "trafficMirrorFilter", &record);
	call_write_token(call);
	return 0;
}

static int delete_filter(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "TrafficMirrorFilterId");
	int r;

	r = control_delete_filter(call->control, call->caller, id, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "trafficMirrorFilterId", id);
	return 0;
}

static int describe_filters(struct call *call, struct refusal *why)
{
	_cleanup_(filter_page_fini) struct filter_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorFilterId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_filters(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorFilterSet");
	for (size_t i = 0; i < page.count; i++)
		write_filter(call, "item", &page.items[i]);
	xml_close(call->xml, "trafficMirrorFilterSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int modify_services(struct call *call, struct refusal *why)
{
	_cleanup_(filter_record_fini) struct filter_record record = {};
	struct services_change change = {.filter = call_get_text(call, "TrafficMirrorFilterId")};
	int r;

	change.add =
		arguments_get_texts(&call->arguments, "AddNetworkService.N", &change.add_count);
	change.remove = arguments_get_texts(&call->arguments, "RemoveNetworkService.N",
					    &change.remove_count);
	r = control_modify_services(call->control, call->caller, &change, &record, why);
	if (r != 0)
		return r;
	write_filter(call, "trafficMirrorFilter", &record);
	return 0;
}

static void write_filter(struct call *call, const char *element, const struct filter_record *record)
{
	const struct filter *filter = &record->filter;

	xml_open(call->xml, element);
	xml_text(call->xml, "trafficMirrorFilterId", filter->id.text);
	write_rules(call, "ingressFilterRuleSet", filter, DIRECTION_INGRESS);
	write_rules(call, "egressFilterRuleSet", filter, DIRECTION_EGRESS);
	write_services(call, filter->services);
	xml_text_if_set(call->xml, "description", filter->description);
	call_write_tags(call, &record->tags);
	xml_close(call->xml, element);
}

/* A rule's own tags are shown by DescribeTrafficMirrorFilterRules. */
static void write_rules(struct call *call, const char *element, const struct filter *filter,
			enum direction direction)
{
	xml_open(call->xml, element);
	for (size_t i = 0; i < filter->rule_count; i++)
		if (filter->rules[i].direction == direction)
			rule_write(call, "item", &filter->rules[i], NULL);
	xml_close(call->xml, element);
}

static void write_services(struct call *call, unsigned int services)
{
	xml_open(call->xml, "networkServiceSet");
	if (services & SERVICE_AMAZON_DNS)
		xml_text(call->xml, "item", "amazon-dns");
	xml_close(call->xml, "networkServiceSet");
}
