// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>

const struct thing thing_interface = {
	.resource_type = "network-interface",
	.create = "CreateNetworkInterface",
	.object = "networkInterface",
	.id_element = "networkInterfaceId",
	.delete = "DeleteNetworkInterface",
	.id_parameter = "NetworkInterfaceId",
};

const struct thing thing_target = {
	.resource_type = "traffic-mirror-target",
	.create = "CreateTrafficMirrorTarget",
	.object = "trafficMirrorTarget",
	.id_element = "trafficMirrorTargetId",
	.delete = "DeleteTrafficMirrorTarget",
	.id_parameter = "TrafficMirrorTargetId",
};

const struct thing thing_filter = {
	.resource_type = "traffic-mirror-filter",
	.create = "CreateTrafficMirrorFilter",
	.object = "trafficMirrorFilter",
	.id_element = "trafficMirrorFilterId",
	.delete = "DeleteTrafficMirrorFilter",
	.id_parameter = "TrafficMirrorFilterId",
};

const struct thing thing_rule = {
	.resource_type = "traffic-mirror-filter-rule",
	.create = "CreateTrafficMirrorFilterRule",
	.object = "trafficMirrorFilterRule",
	.id_element = "trafficMirrorFilterRuleId",
	.delete = "DeleteTrafficMirrorFilterRule",
	.id_parameter = "TrafficMirrorFilterRuleId",
};

const struct thing thing_session = {
	.resource_type = "traffic-mirror-session",
	.create = "CreateTrafficMirrorSession",
	.object = "trafficMirrorSession",
	.id_element = "trafficMirrorSessionId",
	.delete = "DeleteTrafficMirrorSession",
	.id_parameter = "TrafficMirrorSessionId",
};

const struct thing thing_selector = {
	.resource_type = "traffic-mirror-selector",
	.create = "CreateTrafficMirrorSelector",
	.object = "trafficMirrorSelector",
	.id_element = "trafficMirrorSelectorId",
	.delete = "DeleteTrafficMirrorSelector",
	.id_parameter = "TrafficMirrorSelectorId",
};

static int add_tags(struct tmirror_request *request, const struct thing *thing, const char *name);

int ledger_create(struct ledger *ledger, const struct thing *thing, struct tmirror_request *request,
		  const char *name, char ret_id[THING_ID_SIZE],
		  struct tmirror_response **ret_response)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const struct tmirror_node *object;
	const char *id;
	int r;

	if (ledger->count >= LEDGER_ENTRIES)
		return -E2BIG;
	r = add_tags(request, thing, name);
	if (r == 0)
		r = invocation_call(ledger->invocation, request, &response);
	if (r != 0)
		return r;
	object = tmirror_node_find(tmirror_response_root(response), thing->object);
	id = tmirror_node_text(object, thing->id_element);
	if (!id || !string_copy(ret_id, THING_ID_SIZE, id))
		return -EPROTO;
	ledger->entries[ledger->count].thing = thing;
	(void)string_copy(ledger->entries[ledger->count++].id, THING_ID_SIZE, id);
	if (ret_response)
		*ret_response = TAKE_PTR(response);
	return 0;
}

void ledger_undo(struct ledger *ledger)
{
	while (ledger->count > 0) {
		const char *id = ledger->entries[--ledger->count].id;
		struct tmirror_error error = {};

		if (thing_delete(ledger->invocation, ledger->entries[ledger->count].thing, id,
				 &error) != 0)
			(void)fprintf(stderr, "tmirror: %s stays behind: %s\n", id, error.message);
	}
}

int thing_delete(struct invocation *invocation, const struct thing *thing, const char *id,
		 struct tmirror_error *ret_error)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(thing->delete, &request);
	if (r == 0)
		r = tmirror_request_set(request, thing->id_parameter, id);
	return r == 0 ? tmirror_call(invocation->client, request, &response, ret_error) : r;
}

/* A failure to set sticks to the request. */
static int add_tags(struct tmirror_request *request, const struct thing *thing, const char *name)
{
	(void)tmirror_request_set(request, "TagSpecification.1.ResourceType", thing->resource_type);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Key", TAG_MADE_BY);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Value", TAG_MADE_BY_US);
	if (!name)
		return 0;
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.2.Key", "Name");
	return tmirror_request_set(request, "TagSpecification.1.Tag.2.Value", name);
}
