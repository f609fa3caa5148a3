// SPDX-License-Identifier: Apache-2.0
/* Selectors, which mirror by tag.  Extension actions: AWS leaves that to whoever watches its events. */
#include "control/selector.h"

#include "api/call.h"
#include "api/extension.h"
#include "api/resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define TAG_FILTER_PARAMETERS(is_required) \
	{"TagFilter.N.Key", PARAMETER_TEXT, .required = (is_required), .minimum = 1, \
	 .maximum = TAG_KEY_LENGTH_MAX, .elements = SELECTOR_FILTERS_MAX}, \
	{"TagFilter.N.Value.N", PARAMETER_TEXT, .maximum = TAG_VALUE_LENGTH_MAX, \
	 .elements = SELECTOR_FILTERS_MAX * SELECTOR_VALUES_MAX}
/* clang-format on */

static const struct parameter create_parameters[] = {
	TAG_FILTER_PARAMETERS(true),
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .required = true, .names = &target_resource},
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .required = true, .names = &filter_resource},
	{"SessionNumber", PARAMETER_NUMBER, .required = true},
	{"PacketLength", PARAMETER_NUMBER},
	{"VirtualNetworkId", PARAMETER_NUMBER},
	DESCRIPTION_PARAMETER,
	SESSION_EXTENSION_PARAMETERS,
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter modify_parameters[] = {
	{"TrafficMirrorSelectorId", PARAMETER_TEXT, .required = true, .names = &selector_resource},
	TAG_FILTER_PARAMETERS(false),
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .names = &target_resource},
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .names = &filter_resource},
	{"SessionNumber", PARAMETER_NUMBER},
	{"PacketLength", PARAMETER_NUMBER},
	{"VirtualNetworkId", PARAMETER_NUMBER},
	DESCRIPTION_PARAMETER,
	SESSION_EXTENSION_PARAMETERS,
	{"RemoveField.N", PARAMETER_TEXT, .words = "packet-length|description|virtual-network-id"},
	DRY_RUN_PARAMETER,
};

static const struct removable_field removable[] = {
	{"packet-length", SESSION_FIELD_PACKET_LENGTH},
	{"description", SESSION_FIELD_DESCRIPTION},
	{"virtual-network-id", SESSION_FIELD_VNI},
};

static const struct parameter delete_parameters[] = {
	{"TrafficMirrorSelectorId", PARAMETER_TEXT, .required = true, .names = &selector_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"TrafficMirrorSelectorId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter refusals_parameters[] = {
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int create_selector(struct call *call, struct refusal *why);
static int modify_selector(struct call *call, struct refusal *why);
static int delete_selector(struct call *call, struct refusal *why);
static int describe_selectors(struct call *call, struct refusal *why);
static int describe_refusals(struct call *call, struct refusal *why);
static int get_filters(const struct call *call, struct tag_filter **ret_filters, size_t *ret_count,
		       struct refusal *why);
static void write_selector(struct call *call, const char *element,
			   const struct selector_record *record);
static void write_filters(struct call *call, const struct selector *selector);

static const struct action actions[] = {
	ACTION("CreateTrafficMirrorSelector", create_parameters, create_selector,
	       .creates = &selector_resource),
	ACTION("ModifyTrafficMirrorSelector", modify_parameters, modify_selector, .changes = true),
	ACTION("DeleteTrafficMirrorSelector", delete_parameters, delete_selector),
	ACTION("DescribeTrafficMirrorSelectors", describe_parameters, describe_selectors),
	ACTION("DescribeTrafficMirrorSelectorRefusals", refusals_parameters, describe_refusals),
};

const struct action_table selector_actions = {actions, ARRAY_SIZE(actions)};

static int create_selector(struct call *call, struct refusal *why)
{
	_cleanup_(selector_record_fini) struct selector_record record = {};
	_cleanup_free_ struct tag_filter *filters = NULL;
	struct selector_wish wish = {
		.target = call_get_text(call, "TrafficMirrorTargetId"),
		.filter = call_get_text(call, "TrafficMirrorFilterId"),
		.number = call_get_number(call, "SessionNumber"),
		.packet_length = call_get_number(call, "PacketLength"),
		.vni = call_get_number(call, "VirtualNetworkId"),
		.description = call_get_text(call, "Description"),
		.options = extension_get_options(call),
		.once = call_get_once(call),
	};
	int r;

	r = call_get_tags(call, RESOURCE_SELECTOR, &wish.tags, &wish.tag_count, why);
	if (r == 0)
		r = get_filters(call, &filters, &wish.filter_count, why);
	wish.filters = filters;
	if (r == 0)
		r = control_create_selector(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_selector(call, "trafficMirrorSelector", &record);
	call_write_token(call);
	return 0;
}

static int modify_selector(struct call *call, struct refusal *why)
{
	_cleanup_(selector_record_fini) struct selector_record record = {};
	_cleanup_free_ struct tag_filter *filters = NULL;
	struct selector_change change = {
		.selector = call_get_text(call, "TrafficMirrorSelectorId"),
		.target = call_get_text(call, "TrafficMirrorTargetId"),
		.filter = call_get_text(call, "TrafficMirrorFilterId"),
		.number = call_get_number(call, "SessionNumber"),
		.packet_length = call_get_number(call, "PacketLength"),
		.vni = call_get_number(call, "VirtualNetworkId"),
		.description = call_get_text(call, "Description"),
		.options = extension_get_options(call),
		.remove = call_get_removed(call, removable, ARRAY_SIZE(removable)),
	};
	int r;

	r = get_filters(call, &filters, &change.filter_count, why);
	change.filters = filters;
	if (r == 0)
		r = control_modify_selector(call->control, call->caller, &change, &record, why);
	if (r != 0)
		return r;
	write_selector(call, "trafficMirrorSelector", &record);
	return 0;
}

static int delete_selector(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "TrafficMirrorSelectorId");
	int r;

	r = control_delete_selector(call->control, call->caller, id, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "trafficMirrorSelectorId", id);
	return 0;
}

static int describe_selectors(struct call *call, struct refusal *why)
{
	_cleanup_(selector_page_fini) struct selector_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorSelectorId.N", &query, why);
	if (r == 0)
		r = control_describe_selectors(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorSelectorSet");
	for (size_t i = 0; i < page.count; i++)
		write_selector(call, "item", &page.items[i]);
	xml_close(call->xml, "trafficMirrorSelectorSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int describe_refusals(struct call *call, struct refusal *why)
{
	_cleanup_(selector_refusal_page_fini) struct selector_refusal_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_selector_refusals(call->control, call->caller, &query, &page,
						       why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorSelectorRefusalSet");
	for (size_t i = 0; i < page.count; i++) {
		const struct selector_refusal *refusal = &page.items[i];

		xml_open(call->xml, "item");
		xml_text(call->xml, "trafficMirrorSelectorId", refusal->selector.text);
		xml_text(call->xml, "networkInterfaceId", refusal->source.text);
		xml_text(call->xml, "reason", refusal->reason);
		xml_time(call->xml, "since", refusal->since);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "trafficMirrorSelectorRefusalSet");
	call_write_next(call, page.next_token);
	return 0;
}

/* A filter without values is true of any value. */
static int get_filters(const struct call *call, struct tag_filter **ret_filters, size_t *ret_count,
		       struct refusal *why)
{
	_cleanup_free_ struct tag_filter *filters = NULL;
	const struct argument *keys;
	size_t count;
	int r;

	r = call_check_values(call, "TagFilter.N.Value.N", "TagFilter.N.Key", why);
	if (r != 0)
		return r;
	keys = arguments_get_list(&call->arguments, "TagFilter.N.Key", &count);
	filters = calloc(count + 1, sizeof(*filters));
	if (!filters)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		filters[i].key = keys[i].value;
		filters[i].values = call_get_values(call, "TagFilter.N.Value.N", keys[i].index[0],
						    &filters[i].value_count);
	}
	*ret_filters = TAKE_PTR(filters);
	*ret_count = count;
	return 0;
}

static void write_selector(struct call *call, const char *element,
			   const struct selector_record *record)
{
	const struct selector *selector = &record->selector;
	const struct session *model = &selector->model;
	struct text *xml = call->xml;

	xml_open(xml, element);
	xml_text(xml, "trafficMirrorSelectorId", selector->id.text);
	xml_text(xml, "ownerId", model->owner.text);
	write_filters(call, selector);
	xml_text(xml, "trafficMirrorTargetId", model->target.text);
	xml_text(xml, "trafficMirrorFilterId", model->filter.text);
	if (model->packet_length != 0)
		xml_number(xml, "packetLength", model->packet_length);
	xml_number(xml, "sessionNumber", model->number);
	if (!selector->own_vnis)
		xml_number(xml, "virtualNetworkId", model->vni);
	xml_text_if_set(xml, "description", model->description);
	xml_text(xml, "state", selector_state_name(record->state));
	xml_number(xml, "sessionCount", record->sessions);
	xml_number(xml, "refusalCount", record->refusals);
	xml_time(xml, "createTime", model->created);
	call_write_tags(call, &record->tags);
	extension_write_options(call, &model->options, &(struct resource_id){});
	xml_close(xml, element);
}

static void write_filters(struct call *call, const struct selector *selector)
{
	const struct selector_term *terms = selector->terms;
	size_t i = 0;

	xml_open(call->xml, "tagFilterSet");
	while (i < selector->term_count) {
		const unsigned int filter = terms[i].filter;

		xml_open(call->xml, "item");
		xml_text(call->xml, "key", terms[i].key);
		xml_open(call->xml, "valueSet");
		for (; i < selector->term_count && terms[i].filter == filter; i++)
			if (terms[i].value)
				xml_text(call->xml, "item", terms[i].value);
		xml_close(call->xml, "valueSet");
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "tagFilterSet");
}
