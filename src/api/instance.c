// SPDX-License-Identifier: Apache-2.0
/* Hosts and their guests, as the API shows them: instances, each in a reservation of its own. */
#include "api/call.h"
#include "api/source.h"
#include "control/site.h"
#include "control/source.h"

#include <stdio.h>
#include <string.h>

static const struct parameter describe_parameters[] = {
	{"InstanceId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int describe_instances(struct call *call, struct refusal *why);
static void write_reservation(struct call *call, const struct instance_record *record);
static void write_instance(struct call *call, const struct instance_record *record);
static void write_state(struct call *call, const struct instance_record *record);
static const struct address *find_address(const struct instance_record *record);

static const struct action actions[] = {
	ACTION("DescribeInstances", describe_parameters, describe_instances),
};

const struct action_table instance_actions = {actions, ARRAY_SIZE(actions)};

static int describe_instances(struct call *call, struct refusal *why)
{
	_cleanup_(instance_page_fini) struct instance_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "InstanceId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_instances(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "reservationSet");
	for (size_t i = 0; i < page.count; i++)
		write_reservation(call, &page.items[i]);
	xml_close(call->xml, "reservationSet");
	call_write_next(call, page.next_token);
	return 0;
}

static void write_reservation(struct call *call, const struct instance_record *record)
{
	const char *digits = strchr(record->id.text, '-');
	char id[RESOURCE_ID_SIZE + 2];

	(void)snprintf(id, sizeof(id), "r%s", digits ? digits : "");
	xml_open(call->xml, "item");
	xml_text(call->xml, "reservationId", id);
	xml_text(call->xml, "ownerId", record->owner.text);
	xml_open(call->xml, "groupSet");
	xml_close(call->xml, "groupSet");
	xml_open(call->xml, "instancesSet");
	write_instance(call, record);
	xml_close(call->xml, "instancesSet");
	xml_close(call->xml, "item");
}

static void write_instance(struct call *call, const struct instance_record *record)
{
	const struct site site = control_get_site(call->control, call->caller);
	const struct address *address = find_address(record);
	char text[ADDRESS_TEXT_SIZE], name[PRIVATE_NAME_SIZE];

	xml_open(call->xml, "item");
	xml_text(call->xml, "instanceId", record->id.text);
	write_state(call, record);
	xml_text(call->xml, "instanceType", INSTANCE_TYPE);
	xml_time(call->xml, "launchTime", record->created);
	xml_open(call->xml, "placement");
	xml_text(call->xml, "availabilityZone", site.zone);
	xml_close(call->xml, "placement");
	xml_text(call->xml, "subnetId", record->subnet.text);
	xml_text(call->xml, "vpcId", record->vpc.text);
	if (address) {
		address_format(address, text);
		site_name_address(&site, address, name);
		xml_text(call->xml, "privateDnsName", name);
		xml_text(call->xml, "privateIpAddress", text);
	}
	xml_open(call->xml, "groupSet");
	xml_close(call->xml, "groupSet");
	call_write_tags(call, &record->tags);
	xml_open(call->xml, "networkInterfaceSet");
	for (size_t i = 0; i < record->interface_count; i++) {
		xml_open(call->xml, "item");
		source_write(call, &record->interfaces[i]);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "networkInterfaceSet");
	xml_close(call->xml, "item");
}

/* The codes are EC2's. */
static void write_state(struct call *call, const struct instance_record *record)
{
	xml_open(call->xml, "instanceState");
	xml_number(call->xml, "code", record->running ? 16 : 80);
	xml_text(call->xml, "name", record->running ? "running" : "stopped");
	xml_close(call->xml, "instanceState");
}

static const struct address *find_address(const struct instance_record *record)
{
	for (size_t i = 0; i < record->interface_count; i++) {
		const struct address *address = source_get_address(&record->interfaces[i], 4);

		if (address)
			return address;
	}
	return NULL;
}
