// SPDX-License-Identifier: Apache-2.0
#include "mirror/filter.h"

#include "base/array.h"
#include "base/count.h"
#include "mirror/refusals.h"
#include "mirror/tag.h"

#include <netinet/in.h>
#include <string.h>

static const char *const direction_names[DIRECTION_COUNT] = {
	[DIRECTION_INGRESS] = "ingress",
	[DIRECTION_EGRESS] = "egress",
};

static const char *const action_names[] = {
	[RULE_ACCEPT] = "accept",
	[RULE_REJECT] = "reject",
};

static int name_find(const char *const *names, size_t count, const char *name);
static int ports_validate(const struct filter_rule *rule, const struct port_range *ports,
			  const char *what, struct refusal *why);
static int extensions_validate(const struct filter_rule *rule, struct refusal *why);
static bool ports_match(const struct port_range *range, const struct packet_key *key,
			uint16_t port);
static bool tcp_flags_match(const struct tcp_flags_match *flags, const struct packet_key *key);

void filter_fini(struct filter *filter)
{
	free(filter->rules);
	*filter = (struct filter){};
}

int filter_add_rule(struct filter *filter, const struct filter_rule *rule)
{
	void *rules = filter->rules;
	size_t place = filter->rule_count;
	int r;

	r = array_reserve(&rules, filter->rule_count, &filter->rule_capacity, sizeof(*rule));
	if (r < 0)
		return r;
	filter->rules = rules;
	while (place > 0 && filter_rule_compare(rule, &filter->rules[place - 1]) < 0)
		place--;
	memmove(filter->rules + place + 1, filter->rules + place,
		(filter->rule_count - place) * sizeof(*rule));
	filter->rules[place] = *rule;
	filter->rule_count++;
	return 0;
}

int filter_rule_compare(const struct filter_rule *a, const struct filter_rule *b)
{
	if (a->direction != b->direction)
		return a->direction < b->direction ? -1 : 1;
	return (int)a->number - (int)b->number;
}

const char *direction_name(enum direction direction)
{
	return direction_names[direction];
}

bool direction_parse(const char *name, enum direction *ret_direction)
{
	int found = name_find(direction_names, ARRAY_SIZE(direction_names), name);

	if (found < 0)
		return false;
	*ret_direction = (enum direction)found;
	return true;
}

const char *rule_action_name(enum rule_action action)
{
	return action_names[action];
}

bool rule_action_parse(const char *name, enum rule_action *ret_action)
{
	int found = name_find(action_names, ARRAY_SIZE(action_names), name);

	if (found < 0)
		return false;
	*ret_action = (enum rule_action)found;
	return true;
}

int filter_rule_validate(const struct filter_rule *rule, struct refusal *why)
{
	char source[CIDR_TEXT_SIZE], destination[CIDR_TEXT_SIZE];
	int r;

	if (rule->number < 1 || rule->number > RULE_NUMBER_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The rule number %u is not between 1 and %d", rule->number,
			      RULE_NUMBER_MAX);
	if (rule->protocol < PROTOCOL_ANY || rule->protocol > UINT8_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The protocol %d is not between 0 and 255", rule->protocol);
	cidr_format(&rule->source, source);
	cidr_format(&rule->destination, destination);
	if (rule->source.address.family == 0 || rule->destination.address.family == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "A rule needs a source and a destination CIDR block");
	if (rule->source.address.family != rule->destination.address.family)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The CIDR blocks '%s' and '%s' are not of one address family", source,
			      destination);
	r = ports_validate(rule, &rule->source_ports, "source", why);
	if (r == 0)
		r = ports_validate(rule, &rule->destination_ports, "destination", why);
	if (r == 0)
		r = extensions_validate(rule, why);
	if (r == 0 && !text_is_presentable(rule->description, DESCRIPTION_LENGTH_MAX))
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "The description is longer than %d characters, or not plain text",
			   DESCRIPTION_LENGTH_MAX);
	return r;
}

const struct filter_rule *filter_match(const struct filter *filter, enum direction direction,
				       const struct packet_key *key)
{
	for (size_t i = 0; i < filter->rule_count; i++)
		if (filter->rules[i].direction == direction &&
		    filter_rule_matches(&filter->rules[i], key))
			return &filter->rules[i];
	return NULL;
}

bool filter_rule_matches(const struct filter_rule *rule, const struct packet_key *key)
{
	return (rule->protocol == PROTOCOL_ANY || rule->protocol == key->protocol) &&
	       cidr_contains(&rule->source, &key->source) &&
	       cidr_contains(&rule->destination, &key->destination) &&
	       ports_match(&rule->source_ports, key, key->source_port) &&
	       ports_match(&rule->destination_ports, key, key->destination_port) &&
	       tcp_flags_match(&rule->tcp_flags, key) &&
	       (!rule->dscp.set || rule->dscp.value == key->dscp);
}

/* The index of 'name' among 'names', or -1. */
static int name_find(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static int ports_validate(const struct filter_rule *rule, const struct port_range *ports,
			  const char *what, struct refusal *why)
{
	if (!ports->set)
		return 0;
	if (rule->protocol != IPPROTO_TCP && rule->protocol != IPPROTO_UDP)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "A %s port range needs protocol 6 (TCP) or 17 (UDP)", what);
	if (ports->from > ports->to)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The %s port range %u-%u ends before it starts", what, ports->from,
			      ports->to);
	return 0;
}

/* What AWS's rules do not have. */
static int extensions_validate(const struct filter_rule *rule, struct refusal *why)
{
	const struct tcp_flags_match *flags = &rule->tcp_flags;

	if (flags->value & ~flags->mask)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The TCP flags 0x%02x are not all among those that are looked at, "
			      "0x%02x",
			      flags->value, flags->mask);
	if (flags->mask && rule->protocol != IPPROTO_TCP)
		return refuse(why, REFUSE_PARAMETER_COMBINATION, "TCP flags need protocol 6 (TCP)");
	if (rule->dscp.set && rule->dscp.value > DSCP_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE, "The DSCP %u is not between 0 and %d",
			      rule->dscp.value, DSCP_MAX);
	return 0;
}

/* A later fragment carries no ports, so a rule that asks for some cannot match it. */
static bool ports_match(const struct port_range *range, const struct packet_key *key, uint16_t port)
{
	return !range->set || (key->has_ports && port >= range->from && port <= range->to);
}

static bool tcp_flags_match(const struct tcp_flags_match *flags, const struct packet_key *key)
{
	return !flags->mask ||
	       (key->has_tcp_flags && (key->tcp_flags & flags->mask) == flags->value);
}
