// SPDX-License-Identifier: Apache-2.0
/* Filter rules, as the API shows them. */
#include "api/rule.h"

#include "api/call.h"
#include "api/extension.h"
#include "api/resource.h"
#include "control/filter.h"

/* clang-format off */
#define PORT_PARAMETERS \
	{"DestinationPortRange.FromPort", PARAMETER_NUMBER}, \
	{"DestinationPortRange.ToPort", PARAMETER_NUMBER}, \
	{"SourcePortRange.FromPort", PARAMETER_NUMBER}, \
	{"SourcePortRange.ToPort", PARAMETER_NUMBER}, \
	{"Protocol", PARAMETER_NUMBER}
/* clang-format on */

static const struct parameter create_parameters[] = {
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .required = true, .names = &filter_resource},
	{"TrafficDirection", PARAMETER_TEXT, .required = true, .words = "ingress|egress"},
	{"RuleNumber", PARAMETER_NUMBER, .required = true},
	{"RuleAction", PARAMETER_TEXT, .required = true, .words = "accept|reject"},
	{"DestinationCidrBlock", PARAMETER_TEXT, .required = true},
	{"SourceCidrBlock", PARAMETER_TEXT, .required = true},
	PORT_PARAMETERS,
	DESCRIPTION_PARAMETER,
	RULE_EXTENSION_PARAMETERS,
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter modify_parameters[] = {
	{"TrafficMirrorFilterRuleId", PARAMETER_TEXT, .required = true, .names = &rule_resource},
	{"TrafficDirection", PARAMETER_TEXT, .words = "ingress|egress"},
	{"RuleNumber", PARAMETER_NUMBER},
	{"RuleAction", PARAMETER_TEXT, .words = "accept|reject"},
	{"DestinationCidrBlock", PARAMETER_TEXT},
	{"SourceCidrBlock", PARAMETER_TEXT},
	PORT_PARAMETERS,
	DESCRIPTION_PARAMETER,
	RULE_EXTENSION_PARAMETERS,
	{"RemoveField.N", PARAMETER_TEXT,
	 .words = "destination-port-range|source-port-range|protocol|description"},
	DRY_RUN_PARAMETER,
};

static const struct removable_field removable[] = {
	{"destination-port-range", RULE_FIELD_DESTINATION_PORTS},
	{"source-port-range", RULE_FIELD_SOURCE_PORTS},
	{"protocol", RULE_FIELD_PROTOCOL},
	{"description", RULE_FIELD_DESCRIPTION},
};

static const struct parameter delete_parameters[] = {
	{"TrafficMirrorFilterRuleId", PARAMETER_TEXT, .required = true, .names = &rule_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"TrafficMirrorFilterRuleId.N", PARAMETER_TEXT},
	{"TrafficMirrorFilterId", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	EXTENSION_SHOW_PARAMETER,
	DRY_RUN_PARAMETER,
};

static int create_rule(struct call *call, struct refusal *why);
static int modify_rule(struct call *call, struct refusal *why);
static int delete_rule(struct call *call, struct refusal *why);
static int describe_rules(struct call *call, struct refusal *why);
static struct rule_fields get_fields(const struct call *call);
static void write_ports(struct call *call, const char *element, const struct port_range *ports);

static const struct action actions[] = {
	ACTION("CreateTrafficMirrorFilterRule", create_parameters, create_rule,
	       .creates = &rule_resource),
	ACTION("ModifyTrafficMirrorFilterRule", modify_parameters, modify_rule, .changes = true),
	ACTION("DeleteTrafficMirrorFilterRule", delete_parameters, delete_rule),
	ACTION("DescribeTrafficMirrorFilterRules", describe_parameters, describe_rules,
	       .steady = true),
};

const struct action_table rule_actions = {actions, ARRAY_SIZE(actions)};

void rule_write(struct call *call, const char *element, const struct filter_rule *rule,
		const struct tags *tags)
{
	char source[CIDR_TEXT_SIZE], destination[CIDR_TEXT_SIZE];

	cidr_format(&rule->source, source);
	cidr_format(&rule->destination, destination);
	xml_open(call->xml, element);
	xml_text(call->xml, "trafficMirrorFilterRuleId", rule->id.text);
	xml_text(call->xml, "trafficMirrorFilterId", rule->filter.text);
	xml_text(call->xml, "trafficDirection", direction_name(rule->direction));
	xml_number(call->xml, "ruleNumber", rule->number);
	xml_text(call->xml, "ruleAction", rule_action_name(rule->action));
	if (rule->protocol != PROTOCOL_ANY)
		xml_number(call->xml, "protocol", rule->protocol);
	write_ports(call, "destinationPortRange", &rule->destination_ports);
	write_ports(call, "sourcePortRange", &rule->source_ports);
	xml_text(call->xml, "destinationCidrBlock", destination);
	xml_text(call->xml, "sourceCidrBlock", source);
	xml_text_if_set(call->xml, "description", rule->description);
	if (tags)
		call_write_tags(call, tags);
	extension_write_rule(call, rule);
	xml_close(call->xml, element);
}

static int create_rule(struct call *call, struct refusal *why)
{
	_cleanup_(rule_record_fini) struct rule_record record = {};
	struct rule_wish wish = {
		.filter = call_get_text(call, "TrafficMirrorFilterId"),
		.fields = get_fields(call),
		.once = call_get_once(call),
	};
	int r;

	r = call_get_tags(call, RESOURCE_FILTER_RULE, &wish.tags, &wish.tag_count, why);
	if (r != 0)
		return r;
	r = control_create_rule(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	rule_write(call, "trafficMirrorFilterRule", &record.rule, &record.tags);
	call_write_token(call);
	return 0;
}

static int modify_rule(struct call *call, struct refusal *why)
{
	_cleanup_(rule_record_fini) struct rule_record record = {};
	const struct rule_change change = {
		.rule = call_get_text(call, "TrafficMirrorFilterRuleId"),
		.fields = get_fields(call),
		.remove = call_get_removed(call, removable, ARRAY_SIZE(removable)),
	};
	int r;

	r = control_modify_rule(call->control, call->caller, &change, &record, why);
	if (r != 0)
		return r;
	rule_write(call, "trafficMirrorFilterRule", &record.rule, NULL);
	return 0;
}

static int delete_rule(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "TrafficMirrorFilterRuleId");
	int r;

	r = control_delete_rule(call->control, call->caller, id, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "trafficMirrorFilterRuleId", id);
	return 0;
}

static int describe_rules(struct call *call, struct refusal *why)
{
	_cleanup_(rule_page_fini) struct rule_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorFilterRuleId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_rules(call->control, call->caller,
				   call_get_text(call, "TrafficMirrorFilterId"), &query, &page,
				   why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorFilterRuleSet");
	for (size_t i = 0; i < page.count; i++)
		rule_write(call, "item", &page.items[i].rule, &page.items[i].tags);
	xml_close(call->xml, "trafficMirrorFilterRuleSet");
	call_write_next(call, page.next_token);
	return 0;
}

static struct rule_fields get_fields(const struct call *call)
{
	return (struct rule_fields){
		.direction = call_get_text(call, "TrafficDirection"),
		.number = call_get_number(call, "RuleNumber"),
		.action = call_get_text(call, "RuleAction"),
		.protocol = call_get_number(call, "Protocol"),
		.source = call_get_text(call, "SourceCidrBlock"),
		.destination = call_get_text(call, "DestinationCidrBlock"),
		.source_ports = {call_get_number(call, "SourcePortRange.FromPort"),
				 call_get_number(call, "SourcePortRange.ToPort")},
		.destination_ports = {call_get_number(call, "DestinationPortRange.FromPort"),
				      call_get_number(call, "DestinationPortRange.ToPort")},
		.tcp_flags = call_get_text(call, "Extension.TcpFlags"),
		.dscp = call_get_text(call, "Extension.Dscp"),
		.description = call_get_text(call, "Description"),
	};
}

static void write_ports(struct call *call, const char *element, const struct port_range *ports)
{
	if (!ports->set)
		return;
	xml_open(call->xml, element);
	xml_number(call->xml, "fromPort", ports->from);
	xml_number(call->xml, "toPort", ports->to);
	xml_close(call->xml, element);
}
