// SPDX-License-Identifier: Apache-2.0
/* What would become of a packet.  An extension action. */
#include "control/explain.h"

#include "api/call.h"
#include "api/resource.h"
#include "mirror/header_words.h"

#include <string.h>

static const struct parameter explain_parameters[] = {
	{"NetworkInterfaceId", PARAMETER_TEXT, .required = true, .names = &interface_resource},
	{"TrafficDirection", PARAMETER_TEXT, .required = true, .words = "ingress|egress"},
	{"Protocol", PARAMETER_NUMBER, .required = true, .minimum = 0, .maximum = 255},
	{"SourceAddress", PARAMETER_TEXT, .required = true},
	{"DestinationAddress", PARAMETER_TEXT, .required = true},
	{"SourcePort", PARAMETER_NUMBER, .minimum = 0, .maximum = 65535},
	{"DestinationPort", PARAMETER_NUMBER, .minimum = 0, .maximum = 65535},
	{"TcpFlags", PARAMETER_TEXT},
	{"Dscp", PARAMETER_TEXT},
	DRY_RUN_PARAMETER,
};

static int explain_packet(struct call *call, struct refusal *why);
static int get_key(const struct call *call, struct packet_key *ret_key, struct refusal *why);
static int get_address(const struct call *call, const char *name, struct address *ret_address,
		       struct refusal *why);
static int get_ports(const struct call *call, struct packet_key *key, struct refusal *why);
static int get_flags(const struct call *call, struct packet_key *key, struct refusal *why);
static int get_dscp(const struct call *call, struct packet_key *key, struct refusal *why);

static const struct action actions[] = {
	ACTION("ExplainTrafficMirrorPacket", explain_parameters, explain_packet),
};

const struct action_table explain_actions = {actions, ARRAY_SIZE(actions)};

static int explain_packet(struct call *call, struct refusal *why)
{
	struct explain_result result = {};
	enum direction direction = DIRECTION_INGRESS;
	struct packet_key key;
	int r;

	(void)direction_parse(call_get_text(call, "TrafficDirection"), &direction);
	r = get_key(call, &key, why);
	if (r != 0)
		return r;
	r = control_explain(call->control, call->caller, call_get_text(call, "NetworkInterfaceId"),
			    direction, &key, &result, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "verdict", verdict_name(result.verdict));
	xml_text(call->xml, "explanation", result.sentence);
	if (resource_id_set(&result.session)) {
		xml_text(call->xml, "trafficMirrorSessionId", result.session.text);
		xml_number(call->xml, "sessionNumber", result.session_number);
	}
	if (resource_id_set(&result.rule)) {
		xml_text(call->xml, "trafficMirrorFilterRuleId", result.rule.text);
		xml_number(call->xml, "ruleNumber", result.rule_number);
	}
	return 0;
}

static int get_key(const struct call *call, struct packet_key *ret_key, struct refusal *why)
{
	struct packet_key key = {.protocol = (uint8_t)call_get_number(call, "Protocol").value};
	int r;

	r = get_address(call, "SourceAddress", &key.source, why);
	if (r != 0)
		return r;
	r = get_address(call, "DestinationAddress", &key.destination, why);
	if (r != 0)
		return r;
	if (key.source.family != key.destination.family)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "SourceAddress and DestinationAddress must be of one address family");
	r = get_ports(call, &key, why);
	if (r == 0)
		r = get_flags(call, &key, why);
	if (r == 0)
		r = get_dscp(call, &key, why);
	if (r != 0)
		return r;
	*ret_key = key;
	return 0;
}

static int get_address(const struct call *call, const char *name, struct address *ret_address,
		       struct refusal *why)
{
	const char *text = call_get_text(call, name);

	if (!address_parse(text, ret_address))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%.100s) for parameter %s is invalid. Expecting an IP address",
			      text, name);
	return 0;
}

/* TCP or UDP without ports is a later fragment. */
static int get_ports(const struct call *call, struct packet_key *key, struct refusal *why)
{
	const struct optional_number source = call_get_number(call, "SourcePort");
	const struct optional_number destination = call_get_number(call, "DestinationPort");

	if (source.set != destination.set)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter %s",
			      source.set ? "DestinationPort" : "SourcePort");
	if (source.set && key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Packets of protocol %u have no ports", key->protocol);
	key->has_ports = source.set;
	key->source_port = (uint16_t)source.value;
	key->destination_port = (uint16_t)destination.value;
	return 0;
}

/* The flags that are set; not given, they are not known, and no rule that asks for some matches. */
static int get_flags(const struct call *call, struct packet_key *key, struct refusal *why)
{
	const char *text = call_get_text(call, "TcpFlags");
	struct tcp_flags_match flags;

	if (!text)
		return 0;
	if (key->protocol != IPPROTO_TCP || !key->has_ports)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "TcpFlags needs protocol 6 (TCP) and ports");
	if (!tcp_flags_parse(text, &flags) || flags.mask != flags.value || strcmp(text, "any") == 0)
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%.100s) for parameter TcpFlags is invalid. Expecting the names "
			"of those that are set, as in syn,ack",
			text);
	key->has_tcp_flags = true;
	key->tcp_flags = flags.value;
	return 0;
}

static int get_dscp(const struct call *call, struct packet_key *key, struct refusal *why)
{
	const char *text = call_get_text(call, "Dscp");

	if (!text || dscp_parse(text, &key->dscp))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.100s) for parameter Dscp is invalid. Expecting a number from 0 to "
		      "63, or a name such as cs1, af41, ef",
		      text);
}
