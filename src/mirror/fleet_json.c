// SPDX-License-Identifier: Apache-2.0
/* A fleet as it travels:
 *
 *	{"id": "arn:…:targetgroup/…", "stickiness": "5-tuple", "rebalance": true, "tcp_idle": 350, "other_idle": 120,
 *	 "healthy_count": 1, "healthy_percent": 0,
 *	 "check": {"protocol": "http", "path": "/", "codes": "200-399", "interval": 30, "timeout": 10,
 *	           "healthy_threshold": 5, "unhealthy_threshold": 2},
 *	 "members": [{"id": "192.0.2.9", "port": 4789, "address": "192.0.2.9", "check_port": 80, "weight": 1,
 *	              "draining": true}]}
 *
 * Path and codes are left out where the protocol has none, and so is "draining" while it is false. */
#include "mirror/fleet_json.h"

#include "mirror/fleet.h"
#include "mirror/refusals.h"

#include <string.h>

static const char *stickiness_text(unsigned int value);
static const char *protocol_text(unsigned int value);
static int check_check(const struct fleet *fleet, struct refusal *why);
static int members_check(const struct fleet *fleet, struct refusal *why);

static const struct record_field check_fields[] = {
	FIELD(health_check, protocol, record_name, .name = protocol_text, .maximum = CHECK_NONE),
	FIELD(health_check, path, record_text, .sparse = true),
	FIELD(health_check, codes, record_text, .sparse = true),
	FIELD(health_check, interval, record_number, .minimum = 1, .maximum = CHECK_INTERVAL_MAX),
	FIELD(health_check, timeout, record_number, .minimum = 1, .maximum = CHECK_TIMEOUT_MAX),
	FIELD(health_check, healthy_threshold, record_number, .minimum = 1,
	      .maximum = CHECK_COUNT_MAX),
	FIELD(health_check, unhealthy_threshold, record_number, .minimum = 1,
	      .maximum = CHECK_COUNT_MAX),
};

static const struct record_field member_fields[] = {
	FIELD(fleet_member, id, record_text),
	FIELD(fleet_member, port, record_number, .minimum = 1, .maximum = UINT16_MAX),
	FIELD(fleet_member, address, record_address),
	FIELD(fleet_member, check_port, record_number, .minimum = 1, .maximum = UINT16_MAX),
	FIELD(fleet_member, weight, record_number, .minimum = 1, .maximum = FLEET_WEIGHT_MAX),
	FIELD(fleet_member, draining, record_flag, .sparse = true),
};
static const struct record_field member_item = OBJECT(member_fields);

static const struct record_field fleet_fields[] = {
	FIELD(fleet, id, record_text),
	FIELD(fleet, stickiness, record_name, .name = stickiness_text, .maximum = FLEET_2_TUPLE),
	FIELD(fleet, rebalance, record_flag),
	FIELD(fleet, tcp_idle, record_number, .minimum = 1, .maximum = FLEET_IDLE_MAX),
	FIELD(fleet, other_idle, record_number, .minimum = 1, .maximum = FLEET_IDLE_MAX),
	FIELD(fleet, healthy_count, record_number, .maximum = FLEET_MEMBERS_MAX),
	FIELD(fleet, healthy_percent, record_number, .maximum = 100),
	FIELD(fleet, check, record_object, .fields = check_fields,
	      .field_count = ARRAY_SIZE(check_fields)),
	FIELD_LIST(fleet, members, member, member_item, FLEET_MEMBERS_MAX),
};
const struct record_field fleet_item = OBJECT(fleet_fields);

int fleets_check(const struct fleet *fleets, size_t count, struct refusal *why)
{
	for (size_t i = 0; i < count; i++) {
		const struct fleet *fleet = &fleets[i];
		int r;

		if (fleet->id[0] == '\0')
			return refuse(why, REFUSE_PARAMETER_VALUE, "A fleet has no id");
		if (i > 0 && strcmp(fleets[i - 1].id, fleet->id) == 0)
			return refuse(why, REFUSE_PARAMETER_VALUE, "Fleet '%s' occurs twice",
				      fleet->id);
		r = check_check(fleet, why);
		if (r == 0)
			r = members_check(fleet, why);
		if (r != 0)
			return r;
	}
	return 0;
}

static const char *stickiness_text(unsigned int value)
{
	return fleet_stickiness_name((enum fleet_stickiness)value);
}

static const char *protocol_text(unsigned int value)
{
	return check_protocol_name((enum check_protocol)value);
}

/* A path becomes part of a request's first line, where a blank would end it. */
static int check_check(const struct fleet *fleet, struct refusal *why)
{
	const struct health_check *check = &fleet->check;

	if (check->protocol != CHECK_HTTP && check->protocol != CHECK_HTTPS)
		return 0;
	if (check->path[0] != '/' || strchr(check->path, ' '))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Fleet '%s' is checked by HTTP, and '%s' is not a path", fleet->id,
			      check->path);
	if (check->codes[0] == '\0' || strspn(check->codes, "0123456789,-") != strlen(check->codes))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Fleet '%s' is checked by HTTP, and '%s' is not a list of statuses",
			      fleet->id, check->codes);
	return 0;
}

static int members_check(const struct fleet *fleet, struct refusal *why)
{
	for (size_t i = 0; i < fleet->member_count; i++) {
		const struct fleet_member *member = &fleet->members[i];

		if (member->id[0] == '\0')
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "A member of fleet '%s' has no id", fleet->id);
		if (i > 0 && fleet_member_compare(member - 1, member) == 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Fleet '%s' has two members '%s' with port %u", fleet->id,
				      member->id, member->port);
	}
	return 0;
}
