// SPDX-License-Identifier: Apache-2.0
#include "control/rule_fields.h"

#include "base/count.h"
#include "control/values.h"
#include "mirror/header_words.h"

#include <stdio.h>
#include <string.h>

static int numbers_take(const struct rule_fields *fields, struct filter_rule *rule,
			struct refusal *why);
static int block_take(const char *text, const char *what, struct cidr *ret_block,
		      struct refusal *why);
static int ports_take(const struct port_range_wish *wish, const char *what,
		      struct port_range *ret_ports, struct refusal *why);
static int header_take(const struct rule_fields *fields, struct filter_rule *rule,
		       struct refusal *why);

int rule_fields_require(const struct rule_fields *fields, struct refusal *why)
{
	const struct {
		const char *text, *name;
	} rows[] = {
		{fields->direction, "TrafficDirection"},
		{fields->action, "RuleAction"},
		{fields->source, "SourceCidrBlock"},
		{fields->destination, "DestinationCidrBlock"},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = text_require(rows[i].text, rows[i].name, why);
	if (r == 0 && !fields->number.set)
		r = text_require(NULL, "RuleNumber", why);
	return r;
}

int rule_fields_take(const struct rule_fields *fields, struct filter_rule *rule,
		     struct refusal *why)
{
	int r;

	if (fields->direction && !direction_parse(fields->direction, &rule->direction))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The traffic direction '%.32s' is neither 'ingress' nor 'egress'",
			      fields->direction);
	if (fields->action && !rule_action_parse(fields->action, &rule->action))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The rule action '%.32s' is neither 'accept' nor 'reject'",
			      fields->action);
	r = numbers_take(fields, rule, why);
	if (r == 0)
		r = block_take(fields->source, "SourceCidrBlock", &rule->source, why);
	if (r == 0)
		r = block_take(fields->destination, "DestinationCidrBlock", &rule->destination,
			       why);
	if (r == 0)
		r = ports_take(&fields->source_ports, "SourcePortRange", &rule->source_ports, why);
	if (r == 0)
		r = ports_take(&fields->destination_ports, "DestinationPortRange",
			       &rule->destination_ports, why);
	if (r == 0)
		r = header_take(fields, rule, why);
	if (r == 0 && fields->description) {
		memset(rule->description, 0, sizeof(rule->description));
		r = description_take(fields->description, rule->description, why);
	}
	return r != 0 ? r : filter_rule_validate(rule, why);
}

/* Protocol 0 is what clients send for "all": a rule for the IPv6 hop-by-hop option would match nothing anyway. */
static int numbers_take(const struct rule_fields *fields, struct filter_rule *rule,
			struct refusal *why)
{
	int64_t number = rule->number, protocol = rule->protocol;
	int r = 0;

	if (fields->number.set)
		r = number_take(&fields->number, "RuleNumber", 1, RULE_NUMBER_MAX, &number, why);
	if (r == 0 && fields->protocol.set)
		r = number_take(&fields->protocol, "Protocol", 0, UINT8_MAX, &protocol, why);
	rule->number = (uint16_t)number;
	rule->protocol = (int16_t)(protocol == 0 ? PROTOCOL_ANY : protocol);
	return r;
}

static int block_take(const char *text, const char *what, struct cidr *ret_block,
		      struct refusal *why)
{
	if (!text || cidr_parse(text, ret_block))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.64s) for parameter %s is invalid: this is not a valid CIDR block",
		      text, what);
}

static int ports_take(const struct port_range_wish *wish, const char *what,
		      struct port_range *ret_ports, struct refusal *why)
{
	char name[64];
	int64_t from, to;
	int r;

	if (!wish->from.set && !wish->to.set)
		return 0;
	(void)snprintf(name, sizeof(name), "%s.FromPort", what);
	r = number_take(&wish->from, name, 0, UINT16_MAX, &from, why);
	(void)snprintf(name, sizeof(name), "%s.ToPort", what);
	if (r == 0)
		r = number_take(&wish->to, name, 0, UINT16_MAX, &to, why);
	if (r == 0)
		*ret_ports = (struct port_range){true, (uint16_t)from, (uint16_t)to};
	return r;
}

static int header_take(const struct rule_fields *fields, struct filter_rule *rule,
		       struct refusal *why)
{
	const char *dscp = fields->dscp;

	if (fields->tcp_flags && !tcp_flags_parse(fields->tcp_flags, &rule->tcp_flags))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%.64s) for parameter Extension.TcpFlags is invalid. Expecting "
			"names of flags that must be set, or with ! clear, as in syn,!ack",
			fields->tcp_flags);
	if (!dscp)
		return 0;
	rule->dscp = (struct dscp_match){};
	if (dscp[0] == '\0' || strcmp(dscp, "any") == 0)
		return 0;
	rule->dscp.set = true;
	if (dscp_parse(dscp, &rule->dscp.value))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.64s) for parameter Extension.Dscp is invalid. Expecting a number "
		      "from 0 to 63, a name such as cs1, af41, ef, or any",
		      dscp);
}
