// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_field.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/apply_spelling.h"
#include "sdk/tmirror.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char *tags_of_node(const struct tmirror_node *set);
static int tags_set(struct tmirror_request *request, const char *name, const char *value);
static int tag_set(struct tmirror_request *request, const char *name, unsigned int number,
		   const char *filter, size_t length);
static int number_set(struct tmirror_request *request, const char *name, unsigned int number);

static const struct field appliance_fields[] = {
	[APPLIANCE_IPV4] = {"address", "PrivateIpAddress", "privateIpAddress", &spelling_address,
			    .usual = "", .fixed = true},
	[APPLIANCE_IPV6] = {"address", "Ipv6Addresses.1.Ipv6Address",
			    "ipv6AddressesSet/item/ipv6Address", &spelling_address, .usual = "",
			    .fixed = true},
};

static const struct field target_fields[] = {
	[TARGET_INTERFACE] = {"interface", "NetworkInterfaceId", "networkInterfaceId",
			      &spelling_text, .usual = "", .fixed = true},
	[TARGET_BALANCER] = {"load-balancer", "NetworkLoadBalancerArn", "networkLoadBalancerArn",
			     &spelling_text, .usual = "", .fixed = true},
	[TARGET_ENDPOINT] = {"endpoint", "GatewayLoadBalancerEndpointId",
			     "gatewayLoadBalancerEndpointId", &spelling_text, .usual = "",
			     .fixed = true},
};

static const struct field filter_fields[] = {
	{"description", "Description", "description", &spelling_description, .usual = "",
	 .fixed = true},
	{"network-services", "NetworkService", "networkServiceSet/item", &spelling_word,
	 .words = "amazon-dns", .usual = "", .apart = true, .list = true},
};

static const struct field rule_fields[] = {
	[RULE_DIRECTION] = {"direction", "TrafficDirection", "trafficDirection", &spelling_text,
			    .fixed = true, .implied = true},
	[RULE_NUMBER] = {"number", "RuleNumber", "ruleNumber", &spelling_number, .minimum = 1,
			 .maximum = 32766, .fixed = true, .required = true},
	{"action", "RuleAction", "ruleAction", &spelling_word, .words = "accept|reject",
	 .required = true},
	{"protocol", "Protocol", "protocol", &spelling_protocol, .usual = "", .remove = "protocol"},
	{"source", "SourceCidrBlock", "sourceCidrBlock", &spelling_block, .required = true},
	{"source-ports", "SourcePortRange", "sourcePortRange", &spelling_ports, .usual = "",
	 .remove = "source-port-range"},
	{"destination", "DestinationCidrBlock", "destinationCidrBlock", &spelling_block,
	 .required = true},
	{"destination-ports", "DestinationPortRange", "destinationPortRange", &spelling_ports,
	 .usual = "", .remove = "destination-port-range"},
	{"tcp-flags", "Extension.TcpFlags", "extension/tcpFlags", &spelling_flags, .usual = "any"},
	{"dscp", "Extension.Dscp", "extension/dscp", &spelling_dscp_or_any, .usual = "any"},
	{"description", "Description", "description", &spelling_description, .usual = "",
	 .remove = "description"},
};

#define NUMBER_FIELD(key, name, path, lowest, highest)                       \
	{                                                                    \
		key, "Extension." name, "extension/" path, &spelling_number, \
			.minimum = lowest, .maximum = highest, .usual = "0", \
	}
#define RATE_FIELD(key, name, path, lowest, highest)                         \
	{                                                                    \
		key, "Extension." name, "extension/" path, &spelling_rate,   \
			.minimum = lowest, .maximum = highest, .usual = "0", \
	}
#define SWITCH_FIELD(key, name, path)                                                          \
	{                                                                                      \
		key, "Extension." name, "extension/" path, &spelling_switch, .usual = "false", \
	}

/* What sessions and selectors say alike. */
/* clang-format off */
#define SESSION_PLACE_FIELDS \
	[SESSION_FILTER] = {"filter", "TrafficMirrorFilterId", "trafficMirrorFilterId", \
			    &spelling_text, .required = true}, \
	[SESSION_TARGET] = {"target", "TrafficMirrorTargetId", "trafficMirrorTargetId", \
			    &spelling_text, .required = true}, \
	[SESSION_NUMBER] = {"number", "SessionNumber", "sessionNumber", &spelling_number, \
			    .minimum = 1, .maximum = 32766, .required = true}, \
	[SESSION_EXPIRES] = {"expires", "Extension.ExpirationTime", "extension/expirationTime", \
			     &spelling_time, .usual = "never"}, \
	{"packet-length", "PacketLength", "packetLength", &spelling_number, .minimum = 1, \
	 .maximum = 8500, .usual = "", .remove = "packet-length"}
#define SESSION_OPTION_FIELDS \
	{"description", "Description", "description", &spelling_description, .usual = "", \
	 .remove = "description"}, \
	NUMBER_FIELD("packet-sampling", "PacketSampling", "packetSampling", 0, 1000000), \
	NUMBER_FIELD("flow-sampling", "FlowSampling", "flowSampling", 0, 1000000), \
	RATE_FIELD("max-bits-per-second", "MaxBitsPerSecond", "maxBitsPerSecond", 8000, \
		   1000000000000), \
	RATE_FIELD("max-packets-per-second", "MaxPacketsPerSecond", "maxPacketsPerSecond", 0, \
		   1000000000), \
	NUMBER_FIELD("priority", "Priority", "priority", 0, 3), \
	SWITCH_FIELD("paused", "Paused", "paused"), \
	SWITCH_FIELD("continue", "Continue", "continue"), \
	{"encapsulation", "Extension.Encapsulation", "extension/encapsulation", &spelling_word, \
	 .words = "vxlan|geneve", .usual = "vxlan"}, \
	{"outer-dscp", "Extension.OuterDscp", "extension/outerDscp", &spelling_dscp, .usual = "0"}, \
	NUMBER_FIELD("outer-port", "OuterDestinationPort", "outerDestinationPort", 0, 65535), \
	{"outer-source", "Extension.OuterSourceAddress", "extension/outerSourceAddress", \
	 &spelling_address, .usual = ""}
/* clang-format on */

static const struct field session_fields[] = {
	[SESSION_SOURCE] = {"source", "NetworkInterfaceId", "networkInterfaceId", &spelling_text,
			    .fixed = true, .required = true},
	SESSION_PLACE_FIELDS,
	{"virtual-network-id", "VirtualNetworkId", "virtualNetworkId", &spelling_number,
	 .maximum = 0xffffff},
	SESSION_OPTION_FIELDS,
};

/* Of a selector, not to say the network id means one for each session. */
static const struct field selector_fields[] = {
	[SELECTOR_TAGS] = {"tags", "TagFilter", "tagFilterSet", &spelling_tag_filter,
			   .required = true, .list = true},
	SESSION_PLACE_FIELDS,
	{"virtual-network-id", "VirtualNetworkId", "virtualNetworkId", &spelling_number,
	 .maximum = 0xffffff, .usual = "", .remove = "virtual-network-id"},
	SESSION_OPTION_FIELDS,
};

#define FIELDS(array) .fields = array, .count = ARRAY_SIZE(array)

const struct kind apply_kinds[APPLY_KIND_COUNT] = {
	[APPLY_APPLIANCE] = {"appliance", &thing_interface, "DescribeNetworkInterfaces",
			     "networkInterfaceSet", FIELDS(appliance_fields), .named = true,
			     .renamed = true},
	[APPLY_TARGET] = {"target", &thing_target, "DescribeTrafficMirrorTargets",
			  "trafficMirrorTargetSet", FIELDS(target_fields), .named = true,
			  .renamed = true},
	[APPLY_FILTER] = {"filter", &thing_filter, "DescribeTrafficMirrorFilters",
			  "trafficMirrorFilterSet", FIELDS(filter_fields),
			  .modify = "ModifyTrafficMirrorFilterNetworkServices", .named = true,
			  .extended = true},
	[APPLY_RULE] = {"rule", &thing_rule, NULL, NULL, FIELDS(rule_fields),
			.modify = "ModifyTrafficMirrorFilterRule"},
	[APPLY_SESSION] = {"session", &thing_session, "DescribeTrafficMirrorSessions",
			   "trafficMirrorSessionSet", FIELDS(session_fields),
			   .modify = "ModifyTrafficMirrorSession", .named = true, .extended = true},
	[APPLY_SELECTOR] = {"selector", &thing_selector, "DescribeTrafficMirrorSelectors",
			    "trafficMirrorSelectorSet", FIELDS(selector_fields),
			    .modify = "ModifyTrafficMirrorSelector", .named = true},
};

char *field_spell(const struct field *field, const char *value, bool *ret_failed)
{
	struct text text = {};
	bool right = field->spelling->write(field, value, &text);

	*ret_failed = text.failed;
	if (right && !text.failed)
		return text_steal(&text);
	text_fini(&text);
	return NULL;
}

char *field_of_node(const struct field *field, const struct tmirror_node *node)
{
	const struct tmirror_node *element = field->path ? tmirror_node_find(node, field->path)
							 : NULL;
	const char *from = tmirror_node_text(element, "fromPort");
	const char *to = tmirror_node_text(element, "toPort");
	_cleanup_text_ struct text range = {};
	const char *value;
	bool failed;
	char *spelled;

	if (field->spelling == &spelling_tag_filter)
		return tags_of_node(element);
	if (from && to)
		text_printf(&range, "%s-%s", from, to);
	value = range.data ? range.data : tmirror_node_text(element, "");
	if (!value || *value == '\0')
		return strdup(field->usual ? field->usual : "");
	spelled = field_spell(field, value, &failed);
	return spelled || failed ? spelled : strdup(value);
}

int field_set(const struct field *field, struct tmirror_request *request, const char *value,
	      const char *before)
{
	char name[64];
	unsigned int from, to;
	int r;

	if (field->apart) {
		(void)snprintf(name, sizeof(name), "%s%s.1", *value ? "Add" : "Remove",
			       field->parameter);
		return tmirror_request_set(request, name, *value ? value : before);
	}
	if (*value == '\0' && field->remove)
		return before ? tmirror_request_append(request, "RemoveField", field->remove) : 0;
	if (field->spelling == &spelling_tag_filter)
		return tags_set(request, field->parameter, value);
	if (field->spelling != &spelling_ports)
		return tmirror_request_set(request, field->parameter, value);
	if (!ports_read(value, &from, &to))
		return -EINVAL;
	(void)snprintf(name, sizeof(name), "%s.FromPort", field->parameter);
	r = number_set(request, name, from);
	(void)snprintf(name, sizeof(name), "%s.ToPort", field->parameter);
	return r == 0 ? number_set(request, name, to) : r;
}

/* As in "app=web,db; tier". */
static char *tags_of_node(const struct tmirror_node *set)
{
	const struct tmirror_node *filter = tmirror_node_first(set);
	struct text text = {};

	for (; filter; filter = tmirror_node_next(filter)) {
		const struct tmirror_node *value = tmirror_node_find(filter, "valueSet/item");
		const char *key = tmirror_node_text(filter, "key"), *before = "=";

		text_printf(&text, "%s%s", text.length ? TAGS_BETWEEN : "", key ? key : "");
		for (; value; value = tmirror_node_next(value)) {
			text_printf(&text, "%s%s", before, tmirror_node_text(value, ""));
			before = ",";
		}
	}
	return text_steal(&text);
}

static int tags_set(struct tmirror_request *request, const char *name, const char *value)
{
	unsigned int number = 0;
	int r = 0;

	while (r == 0 && value) {
		const char *next = strstr(value, TAGS_BETWEEN);
		size_t length = next ? (size_t)(next - value) : strlen(value);

		r = tag_set(request, name, ++number, value, length);
		value = next ? next + strlen(TAGS_BETWEEN) : NULL;
	}
	return r;
}

static int tag_set(struct tmirror_request *request, const char *name, unsigned int number,
		   const char *filter, size_t length)
{
	_cleanup_free_ char *copy = strndup(filter, length);
	char *rest = copy, *word = strsep(&rest, "=");
	char parameter[64];
	int r;

	if (!copy)
		return -ENOMEM;
	(void)snprintf(parameter, sizeof(parameter), "%s.%u.Key", name, number);
	r = tmirror_request_set(request, parameter, word);
	for (unsigned int i = 1; r == 0 && (word = strsep(&rest, ",")); i++) {
		(void)snprintf(parameter, sizeof(parameter), "%s.%u.Value.%u", name, number, i);
		r = tmirror_request_set(request, parameter, word);
	}
	return r;
}

static int number_set(struct tmirror_request *request, const char *name, unsigned int number)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", number);
	return tmirror_request_set(request, name, text);
}
