// SPDX-License-Identifier: Apache-2.0
/* The attributes of groups; group.h declares them.
 *
 * AWS has many that speak of what does not exist here: name servers, several zones, connections that end at the load
 * balancer.  They keep AWS's keys and defaults, since clients read and write them all, and any other value is refused. */
#include "mirror/group.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_IDLE 120 /* Seconds, as AWS has it for all but TCP. */

/* Whose attributes they are. */
enum side { BOTH, NETWORK, GATEWAY };

static const struct row {
	const char *key;
	enum side side;
	const char *fallback;
	const char *words;   /* Values, with '|' between them; NULL: none but numbers. */
	const char *gateway; /* The fallback and the words behind a gateway, if they differ. */
	const char *gateway_words;
	unsigned int minimum, maximum; /* Of numbers; maximum 0: none but words. */
} rows[] = {
	[GROUP_DEREGISTRATION_DELAY] = {"deregistration_delay.timeout_seconds", BOTH, "300",
					.maximum = 3600},
	[GROUP_CONNECTION_TERMINATION] = {"deregistration_delay.connection_termination.enabled",
					  NETWORK, "true", "true|false"},
	[GROUP_PRESERVE_CLIENT_IP] = {"preserve_client_ip.enabled", NETWORK, "true", "true"},
	[GROUP_PROXY_PROTOCOL] = {"proxy_protocol_v2.enabled", NETWORK, "false", "false"},
	[GROUP_STICKINESS] = {"stickiness.enabled", BOTH, "false", "true|false"},
	[GROUP_STICKINESS_TYPE] = {"stickiness.type", BOTH, "source_ip", "source_ip",
				   "source_ip_dest_ip_proto",
				   "source_ip_dest_ip_proto|source_ip_dest_ip"},
	[GROUP_CROSS_ZONE] = {"load_balancing.cross_zone.enabled", NETWORK,
			      "use_load_balancer_configuration",
			      "use_load_balancer_configuration|true|false"},
	[GROUP_DNS_COUNT] = {"target_group_health.dns_failover.minimum_healthy_targets.count",
			     NETWORK, "1", "1"},
	[GROUP_DNS_PERCENTAGE] =
		{"target_group_health.dns_failover.minimum_healthy_targets.percentage", NETWORK,
		 "off", "off"},
	[GROUP_ROUTING_COUNT] =
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
		 NETWORK, "1", .minimum = 1, .maximum = FLEET_MEMBERS_MAX},
	[GROUP_ROUTING_PERCENTAGE] =
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
		 NETWORK, "off", "off", .minimum = 1, .maximum = 100},
	[GROUP_UNHEALTHY_TERMINATION] =
		{"target_health_state.unhealthy.connection_termination.enabled", NETWORK, "true",
		 "true|false"},
	[GROUP_UNHEALTHY_DRAINING] = {"target_health_state.unhealthy.draining_interval_seconds",
				      NETWORK, "0", "0"},
	[GROUP_FAILOVER_DEREGISTRATION] = {"target_failover.on_deregistration", GATEWAY,
					   "no_rebalance", "no_rebalance|rebalance"},
	[GROUP_FAILOVER_UNHEALTHY] = {"target_failover.on_unhealthy", GATEWAY, "no_rebalance",
				      "no_rebalance|rebalance"},
};

_Static_assert(ARRAY_SIZE(rows) == GROUP_ATTRIBUTE_COUNT, "every attribute has a row");

static const char *row_words(const struct row *row, enum group_protocol protocol);
static bool value_valid(const struct row *row, const char *words, const char *value);
static bool word_listed(const char *words, const char *word);
static bool attribute_is(const struct group *group, enum group_attribute attribute,
			 const char *value);
static unsigned int attribute_number(const struct group *group, enum group_attribute attribute);
static enum fleet_stickiness group_stickiness(const struct group *group);

const char *group_attribute_key(enum group_attribute attribute, enum group_protocol protocol)
{
	const struct row *row = &rows[attribute];

	if (row->side != BOTH && (row->side == GATEWAY) != (protocol == GROUP_GENEVE))
		return NULL;
	return row->key;
}

bool group_attribute_parse(const char *key, enum group_attribute *ret_attribute)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		*ret_attribute = (enum group_attribute)i;
		return true;
	}
	return false;
}

const char *group_get_attribute(const struct group *group, enum group_attribute attribute)
{
	const struct row *row = &rows[attribute];

	if (group->attributes[attribute][0] != '\0')
		return group->attributes[attribute];
	return group->protocol == GROUP_GENEVE && row->gateway ? row->gateway : row->fallback;
}

int group_set_attribute(struct group *group, enum group_attribute attribute, const char *value,
			struct refusal *why)
{
	const struct row *row = &rows[attribute];
	const char *words = row_words(row, group->protocol);
	char numbers[32] = "";

	if (!group_attribute_key(attribute, group->protocol))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Target group attribute key '%s' is not supported by target groups "
			      "with protocol '%s'",
			      row->key, group_protocol_name(group->protocol));
	if (value_valid(row, words, value)) {
		(void)string_copy(group->attributes[attribute], GROUP_ATTRIBUTE_SIZE, value);
		return 0;
	}
	if (row->maximum > 0)
		(void)snprintf(numbers, sizeof(numbers), "%s%u to %u", words ? "|" : "",
			       row->minimum, row->maximum);
	return refuse(
		why, REFUSE_PARAMETER_VALUE,
		"Target group attribute value '%.64s' for key '%s' is not valid: only '%s%s' is "
		"possible here",
		value, row->key, words ? words : "", numbers);
}

int group_check_attributes(const struct group *group, struct refusal *why)
{
	const char *deregistered = group_get_attribute(group, GROUP_FAILOVER_DEREGISTRATION);
	const char *unhealthy = group_get_attribute(group, GROUP_FAILOVER_UNHEALTHY);

	if (group->protocol != GROUP_GENEVE || strcmp(deregistered, unhealthy) == 0)
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The target group attributes '%s' ('%s') and '%s' ('%s') must have the same "
		      "value",
		      rows[GROUP_FAILOVER_DEREGISTRATION].key, deregistered,
		      rows[GROUP_FAILOVER_UNHEALTHY].key, unhealthy);
}

uint32_t group_get_delay(const struct group *group)
{
	return attribute_number(group, GROUP_DEREGISTRATION_DELAY);
}

bool group_ends_flows(const struct group *group)
{
	if (group->protocol == GROUP_GENEVE)
		return attribute_is(group, GROUP_FAILOVER_DEREGISTRATION, "rebalance");
	return attribute_is(group, GROUP_CONNECTION_TERMINATION, "true");
}

void group_fill_fleet(const struct group *group, struct fleet *ret_fleet)
{
	const bool gateway = group->protocol == GROUP_GENEVE;

	(void)string_copy(ret_fleet->id, sizeof(ret_fleet->id), group->arn.text);
	ret_fleet->stickiness = group_stickiness(group);
	ret_fleet->rebalance = gateway ? attribute_is(group, GROUP_FAILOVER_UNHEALTHY, "rebalance")
				       : attribute_is(group, GROUP_UNHEALTHY_TERMINATION, "true");
	ret_fleet->other_idle = OTHER_IDLE;
	/* A gateway sends to unhealthy ones only when nobody is healthy. */
	ret_fleet->healthy_count = gateway ? 1 : attribute_number(group, GROUP_ROUTING_COUNT);
	ret_fleet->healthy_percent = gateway ? 0
					     : attribute_number(group, GROUP_ROUTING_PERCENTAGE);
	ret_fleet->check = group->check;
}

static const char *row_words(const struct row *row, enum group_protocol protocol)
{
	return protocol == GROUP_GENEVE && row->gateway_words ? row->gateway_words : row->words;
}

static bool value_valid(const struct row *row, const char *words, const char *value)
{
	unsigned long long number;

	if (words && word_listed(words, value))
		return true;
	/* Without a leading zero, so that it is stored as it is read back. */
	return row->maximum > 0 && (value[0] != '0' || value[1] == '\0') &&
	       string_to_unsigned(value, row->maximum, &number) && number >= row->minimum;
}

static bool word_listed(const char *words, const char *word)
{
	const size_t length = strlen(word);

	for (const char *p = words; length > 0; p += strcspn(p, "|") + 1) {
		const size_t end = strcspn(p, "|");

		if (end == length && memcmp(p, word, length) == 0)
			return true;
		if (p[end] == '\0')
			return false;
	}
	return false;
}

static bool attribute_is(const struct group *group, enum group_attribute attribute,
			 const char *value)
{
	return strcmp(group_get_attribute(group, attribute), value) == 0;
}

/* 0 for "off". */
static unsigned int attribute_number(const struct group *group, enum group_attribute attribute)
{
	return (unsigned int)strtoul(group_get_attribute(group, attribute), NULL, 10);
}

/* AWS keeps a client on a target by the client's address; to keep both directions together, it takes both addresses. */
static enum fleet_stickiness group_stickiness(const struct group *group)
{
	if (!attribute_is(group, GROUP_STICKINESS, "true"))
		return FLEET_5_TUPLE;
	return attribute_is(group, GROUP_STICKINESS_TYPE, "source_ip_dest_ip_proto")
		       ? FLEET_3_TUPLE
		       : FLEET_2_TUPLE;
}
