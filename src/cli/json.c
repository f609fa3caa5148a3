// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

#include "base/count.h"
#include "base/text.h"
#include "sdk/tmirror.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The wire does not tell a number from a string of digits. */
static const char *const numbers[] = {
	"ruleNumber",
	"protocol",
	"fromPort",
	"toPort",
	"packetLength",
	"sessionNumber",
	"sessionCount",
	"refusalCount",
	"deviceIndex",
	"virtualNetworkId",
	"networkCardIndex",
	"packets",
	"bytes",
	"wantedRevision",
	"appliedRevision",
	"packetSampling",
	"flowSampling",
	"maxBitsPerSecond",
	"maxPacketsPerSecond",
	"priority",
	"outerDscp",
	"outerDestinationPort",
	"Port",
	"HealthCheckIntervalSeconds",
	"HealthCheckTimeoutSeconds",
	"HealthyThresholdCount",
	"UnhealthyThresholdCount",
	"Weight",
	"Hosts",
	"Flows",
	"MovedFlows",
	"EvictedFlows",
	"number",
	"seconds",
	"nanoseconds",
	"length",
	"skipped",
};

static const char *const truths[] = {
	"primary",
	"deleteOnTermination",
	"requesterManaged",
	"sourceDestCheck",
	"connected",
	"paused",
	"continue",
	"HealthCheckEnabled",
	"acceptanceRequired",
	"managesVpcEndpoints",
	"privateDnsEnabled",
	"remoteAccessEnabled",
	"vpcEndpointPolicySupported",
};

/* Of load balancing, whose lists are told by their elements, if they have any. */
static const char *const lists[] = {
	"AvailabilityZones", "LoadBalancerArns", "LoadBalancerAddresses", "SecurityGroups", "Tags",
};

static bool node_is_list(const struct tmirror_node *node);
static json_t *leaf_to_json(const struct tmirror_node *node);
static json_t *list_to_json(const struct tmirror_node *node);
static json_t *object_to_json(const struct tmirror_node *node);

json_t *json_from_node(const struct tmirror_node *node)
{
	if (node_is_list(node))
		return list_to_json(node);
	if (tmirror_node_first(node))
		return object_to_json(node);
	return leaf_to_json(node);
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool ends_with(const char *string, const char *end)
{
	size_t length = strlen(string), end_length = strlen(end);

	return length > end_length && strcmp(string + length - end_length, end) == 0;
}

static bool node_is_list(const struct tmirror_node *node)
{
	const struct tmirror_node *first = tmirror_node_first(node);

	if (first && (strcmp(tmirror_node_name(first), "item") == 0 ||
		      strcmp(tmirror_node_name(first), "member") == 0))
		return true;
	return ends_with(tmirror_node_name(node), "Set") ||
	       is_one_of(tmirror_node_name(node), lists, ARRAY_SIZE(lists));
}

static json_t *leaf_to_json(const struct tmirror_node *node)
{
	const char *name = tmirror_node_name(node), *text = tmirror_node_text(node, "");

	if (is_one_of(name, numbers, ARRAY_SIZE(numbers)))
		return json_integer(strtoll(text, NULL, 10));
	if (is_one_of(name, truths, ARRAY_SIZE(truths)))
		return json_boolean(strcmp(text, "true") == 0);
	return json_string(text);
}

static json_t *list_to_json(const struct tmirror_node *node)
{
	json_t *list = json_array();

	for (node = tmirror_node_first(node); node && list; node = tmirror_node_next(node)) {
		if (json_array_append_new(list, json_from_node(node)) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

/* EC2's models call a list by the plural of its wire name, but for the tags of an interface; ours for what is lost. */
static void key_append(struct text *key, const struct tmirror_node *parent,
		       const struct tmirror_node *node)
{
	const char *name = tmirror_node_name(node);
	bool kept = strcmp(name, "tagSet") == 0 && tmirror_node_find(parent, "macAddress");
	bool list = !kept && ends_with(name, "Set");
	bool plural = list && strcmp(name, "lostSet") != 0;
	size_t length = strlen(name) - (list ? strlen("Set") : 0);

	text_append_char(key,
			 name[0] >= 'a' && name[0] <= 'z' ? (char)(name[0] - 'a' + 'A') : name[0]);
	text_append_bytes(key, name + 1, length - 1);
	if (plural && name[length - 1] != 's')
		text_append_char(key, 's');
}

static json_t *object_to_json(const struct tmirror_node *node)
{
	json_t *object = json_object();

	for (const struct tmirror_node *child = tmirror_node_first(node); child && object;
	     child = tmirror_node_next(child)) {
		_cleanup_text_ struct text key = {};

		if (strcmp(tmirror_node_name(child), "requestId") == 0)
			continue;
		key_append(&key, node, child);
		if (key.failed ||
		    json_object_set_new(object, key.data, json_from_node(child)) < 0) {
			json_decref(object);
			object = NULL;
		}
	}
	return object;
}
